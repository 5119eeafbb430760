"""A real Slurm on this machine: the same bytes as here, whatever ends the jobs."""

import os
import subprocess
import sys

import h5py
import pytest
import yaml

from project import Project
from slurm import PATIENCE, is_installed, running_slurm

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(
        not is_installed() and "CI" not in os.environ,
        reason="needs slurmctld, slurmd, slurm-client and munge",
    ),
]

HH = """
title: Short simulations of one compartment, of which the spikes are kept
model:
  cells:
    cell:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: soma, insert: {hh: {}}}]
protocol:
  tstop: 20
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 2, dur: 16, amp: 0.2}}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
explorer: {"off": true}
"""
RESULTS = ("dataset.nc", "simulations.csv", "statistics.csv", "isi.csv", "plan.csv")
# Jobs of tests are short: the queue is looked at after 1 s, and not ten seconds later each time
# that no job has ended.
SOON = ("--slurm-init-seconds-before-status-checks", "1")
SNAKEMAKE = """
from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
waits = RemoteExecutor.next_seconds_between_status_checks
RemoteExecutor.next_seconds_between_status_checks = waits.setter(
    lambda executor, seconds: waits.fset(executor, min(seconds, 2))
)
main()
"""


def sweep(celsius: int, gkbar: int, per_job: int) -> dict:
    axes = {
        "celsius": {"values": {"linspace": [6, 16, celsius]}, "sets": "protocol.celsius"},
        "gkbar": {"values": {"linspace": [0.02, 0.05, gkbar]}, "sets": "cell.soma.hh.gkbar"},
    }
    return yaml.safe_load(HH) | {"axes": axes, "simulations_per_job": per_job}


@pytest.fixture(scope="module")
def slurm():
    with running_slurm() as slurm:
        yield slurm


def submit(project: Project, slurm, *words: str) -> subprocess.Popen:
    """Start snakemake with the profile."""
    return subprocess.Popen(
        [sys.executable, "-c", SNAKEMAKE, "--profile", "profiles/slurm", *SOON, *words],
        cwd=project.root,
        env=slurm.environment | {"PYTHONPATH": str(project.root / "workflow")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(run: subprocess.Popen) -> tuple[int, str]:
    try:
        said, _ = run.communicate(timeout=5 * PATIENCE)
    except subprocess.TimeoutExpired:
        run.kill()
        return -1, f"never ended: {run.communicate()[0]}"
    return run.returncode, said


def project_with(tmp_path_factory, name: str, asked: dict) -> Project:
    project = Project(tmp_path_factory.mktemp(name) / "project")
    project.write_sweep(name, asked)
    return project


@pytest.fixture(scope="module")
def struck(slurm, tmp_path_factory):
    """A run of four jobs: one ends well, one is cancelled, the node of one fails, and one has as
    much time as Slurm gives at least, a minute, and never comes to its end."""
    project = project_with(tmp_path_factory, "struck", sweep(2, 2, 1))
    (project.root / "hold").touch()
    limits = ["--retries", "0", "--keep-going", "--set-resources", "simulate:runtime=1"]
    run = submit(project, slurm, *limits, "--until", "simulate", "--", "struck")
    slurm.wait_for(
        lambda: (
            run.poll() is not None
            or (len(slurm.jobs("completed")), len(slurm.jobs("running"))) == (1, 3)
        )
    )
    assert run.poll() is None, ended(run)
    held = slurm.jobs("running")
    late, failing = next((a, b) for a in held for b in held if held[a] != held[b])
    [cancelled] = held.keys() - {late, failing}
    slurm.run("scancel", cancelled)
    node = held[failing]
    slurm.run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    slurm.resume(node)
    yield project, run
    run.kill()


def test_the_bytes_are_those_of_a_run_without_a_cluster(struck, slurm, tmp_path_factory):
    """2,000 simulations: first without the memory that any job takes; then, on two cores a job,
    with one node drained and the controller killed while they run."""
    project = project_with(tmp_path_factory, "many", sweep(40, 50, 500))
    little = ["--retries", "0", "--set-resources", "simulate:mem_mb=40", "--until", "simulate"]
    code, said = ended(submit(project, slurm, *little, "--", "many"))
    assert code != 0, said
    assert "exceeded memory limit" in said, said
    assert not any(project.root.glob("results/made/many/batch_*.csv"))

    # No job ends while the controller is down: the crashed one may have taken note of an end
    # without saving it, and for the next such a job runs on until its time is over.
    (project.root / "hold").touch()
    (project.root / "first").mkdir()
    before = slurm.jobs("running", "pending")
    run = submit(project, slurm, "--set-threads", "simulate=2", "--", "many")
    slurm.wait_for(
        lambda: (
            run.poll() is not None
            or (
                len(slurm.jobs("running", "pending").keys() - before) == 5  # one of structure
                and slurm.jobs("running").keys() - before
            )
        )
    )
    slurm.run("scontrol", "update", "nodename=n1", "state=drain", "reason=test")
    slurm.kill_controller()
    slurm.restart_controller()
    assert slurm.run("sinfo", "-h", "-n", "n1", "-o", "%T").strip() in ("drained", "draining")
    (project.root / "hold").unlink()
    code, said = ended(run)
    assert code == 0, said
    slurm.resume("n1")

    here = project_with(tmp_path_factory, "here", {})
    (here.root / "config/sweeps/here.yaml").unlink()
    here.write_sweep("many", sweep(40, 50, 500))
    here.snakemake("many")
    for name in RESULTS:
        ours, theirs = (p.root / "results/many" / name for p in (project, here))
        assert ours.read_bytes() == theirs.read_bytes(), name


def test_a_plain_run_finishes_what_the_cluster_ended(struck, slurm):
    project, run = struck
    code, said = ended(run)
    assert code != 0, said
    assert said.count("struck: simulate failed") == 3, said
    results = project.root / "results"
    finished = {
        path: path.stat().st_mtime_ns
        for path in [*results.glob("made/struck/batch_*"), *results.glob("store/*")]
    }
    assert len(finished) == 4, sorted(finished)  # of one job: its file, a sidecar, segment and keys

    (project.root / "hold").unlink()
    code, said = ended(submit(project, slurm, "struck"))
    assert code == 0, said
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    with h5py.File(results / "struck/dataset.nc") as file:
        assert file["n_spikes_soma"].shape == (2, 2)
    # One segment a simulation: none of them ran twice.
    assert len([*results.glob("store/*.h5")]) == 4
