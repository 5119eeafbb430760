"""Snakemake's own options, and a Snakefile of the user's own: one run works at a time."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

import rerunning
from project import SHIPPED, Project
from rerunning import append
from small import small_sweep

METADATA = ".snakemake/metadata/*"
TABLES = ("statistics.csv", "isi.csv", "dataset.nc", "failures.csv")


@pytest.fixture(scope="module")
def ran(shared_project):
    """The small sweep, run; its figures are blank. Its results are not to be changed: copy it."""
    shared_project.write_sweep("small", small_sweep())
    rerunning.leave_figures_blank(shared_project)
    shared_project.configure("small")
    shared_project.snakemake("small")
    return shared_project


@pytest.fixture
def done(ran, tmp_path):
    """A copy of the project that has run."""
    return Project(tmp_path / "copy", of=ran)


@contextmanager
def another_run(project):
    """Hold the lock of a project, as a run in another process does."""
    path = project.root / "results/.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("process 17 on elsewhere\n")
        file.flush()
        yield


def refused(finished):
    """See that a run was refused with one message, before anything was decided."""
    said = finished.stdout + finished.stderr
    assert finished.returncode == 1
    assert (
        "spikesweep: results: another run works on it (process 17 on elsewhere); "
        "wait until it has ended, or stop it"
    ) in said
    assert "Traceback" not in said
    assert "Job stats" not in said


def bytes_of(project):
    paths = [project.root / "results/small" / name for name in TABLES]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def made(project):
    """Return every file of a project's results but the lock, and what jobs said: Snakemake makes
    their log files when it touches."""
    files = (path for path in (project.root / "results").rglob("*") if not path.is_dir())
    names = {str(path.relative_to(project.root)) for path in files} - {"results/.lock"}
    return {name for name in names if not name.startswith("results/logs/")}


@pytest.mark.parametrize("words", ["-Fc2 small", "-Fj2 small", "--forceall", "-R collect"])
def test_forced_jobs_run_in_their_order(done, words):
    before = bytes_of(done)
    done.snakemake(*words.split())
    rules = rerunning.finished(done)
    order = [rules.index(rule) for rule in ("collect", "statistics", "stamp_small")]
    assert order == sorted(order)
    assert ("simulate" in rules) == ("collect" not in words)
    assert bytes_of(done) == before


def test_two_runs_at_once(project):
    project.write_sweep("small", small_sweep())
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "small"]
    first = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        lock = project.root / "results/.lock"
        while first.poll() is None and not (lock.exists() and lock.read_text()):
            time.sleep(0.01)
        finished = project.snakemake("small", check=False)
        assert first.poll() is None, "the first ended too early to tell"
        assert finished.returncode == 1
        assert f"another run works on it (process {first.pid} on " in finished.stderr
    finally:
        assert first.wait() == 0
    assert "Nothing to be done" in project.snakemake("small").stderr


@pytest.mark.parametrize(
    "words", ["small", "small --no-hooks", "small --touch", "--delete-all-output", "-Fc1"]
)
def test_another_run_is_not_disturbed(ran, words):
    with another_run(ran):
        refused(ran.snakemake(*words.split(), check=False))


@pytest.mark.parametrize("words", ["-np", "-nF", "--summary", "--dag", "--list-rules"])
def test_to_look_needs_no_lock(ran, words):
    with another_run(ran):
        ran.snakemake(words)


def test_a_users_own_onstart_takes_nothing_away(done):
    """Snakemake has one `onstart` for the whole workflow: the last one."""
    (done.root / "Snakefile").write_text(
        'include: "workflow/Snakefile"\n\nonstart:\n    print("mine")\n'
    )
    with another_run(done):
        refused(done.snakemake("small", check=False))
    (done.root / "results/small/statistics.csv").unlink()
    assert "mine" in done.snakemake("small").stdout


def test_touch_makes_nothing_up(project):
    project.write_sweep("small", small_sweep())
    project.snakemake("small", "--touch")
    assert made(project) == set()


def test_touch_leaves_results_as_they_are(done):
    before = made(done), bytes_of(done)
    done.snakemake("small", "--touch", "--forceall")
    assert (made(done), bytes_of(done)) == before
    assert "Nothing to be done" in done.snakemake("small").stderr


def test_delete_all_output_leaves_the_store(done):
    before = bytes_of(done)
    done.snakemake("small", "--delete-all-output")
    left = {path.split("/")[1] for path in made(done)}
    assert left <= {"store", "provenance", "made"}
    assert not list((done.root / "results/made/small").glob("*"))
    assert "6: 0 run, 6 found in the store" in done.snakemake("small").stdout
    assert bytes_of(done) == before


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            "results/made/small/dataset_0123456789ab.nc",
            "dataset_0123456789ab.nc: the current sweep small makes no such file",
        ),
        (
            "results/published/small_01234567.zip",
            "results/published/small_01234567.zip: the git label is nogit; expected results/",
        ),
    ],
)
def test_a_mistake_in_a_target_is_one_message(ran, target, said):
    finished = ran.snakemake(target, check=False)
    assert finished.returncode == 1
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_sweep_of_a_name_that_none_may_have_spoils_no_other(ran):
    for name in ("all", "stamp_small", "a b"):
        (ran.root / f"config/sweeps/{name}.yaml").write_text("title: none\n")
    try:
        assert "Nothing to be done" in ran.snakemake("small").stderr
    finally:
        for name in ("all", "stamp_small", "a b"):
            (ran.root / f"config/sweeps/{name}.yaml").unlink()


MODULE = """\
config["sweeps"] = ["small"]

module spikesweep:
    snakefile: {snakefile!r}
    config: config

use rule * from spikesweep as study_*

rule mine:
    input: "results/small/statistics.csv"
    output: "mine.csv"
    shell: "cp {{input}} {{output}}"
"""


@pytest.fixture
def of_module(project, tmp_path):
    """A project of config, mod and morphologies alone, which has the workflow as a module."""
    project.write_sweep("small", small_sweep())
    rerunning.leave_figures_blank(project)
    engine = tmp_path / "engine"
    engine.mkdir()
    for name in SHIPPED:
        if name not in ("mod", "morphologies", "profiles"):
            shutil.move(project.root / name, engine / name)
    snakefile = str(engine / "workflow/Snakefile")
    (project.root / "Snakefile").write_text(MODULE.format(snakefile=snakefile))
    (project.root / "config/config.yaml").unlink()
    return project


def test_as_a_module_of_a_users_workflow(of_module):
    with another_run(of_module):
        refused(of_module.snakemake("mine", check=False))
    of_module.snakemake("mine")
    assert (of_module.root / "mine.csv").read_text().startswith("index,")
    finished = of_module.snakemake("study_small")  # the figures, which nothing asked for
    assert "localrules" not in finished.stderr
    assert "small  stamp 1/1 done" in finished.stderr
    assert "simulate" not in finished.stdout + finished.stderr
    assert list((of_module.root / "results/small/figures").glob("*.pdf"))


def test_the_project_may_lie_beside_the_engine(of_module):
    """Nothing of the project's is looked for, or made, where the package lies."""
    of_module.snakemake("-n", "study_small")
    engine = of_module.root.parent / "engine"
    assert sorted(os.listdir(engine)) == ["Snakefile", "requirements.lock", "workflow"]
    assert not (of_module.root / "results").exists()


# Appended to a job's code, which is in no hash: what the job is told, and whether its command began
# in the environment of simulations.
TELLS = """

def make(plan_path, output, cores="1", make=make):
    entered = "SPIKESWEEP_ENVIRONMENT" not in os.environ  # which one has that was started again
    with open("told", "a") as file:
        file.write(f"{cores} {'in its environment' if entered else 'started again'}\\n")
    make(plan_path, output, cores)
"""


def test_the_threads_of_a_rule_run_simulations_side_by_side_and_change_no_byte(project):
    """Not packed, since CVode chooses their steps: so each is a child of its own."""
    sweep = small_sweep()
    sweep["protocol"]["cvode"] = {"atol": 1e-3}
    project.write_sweep("small", sweep)
    tables = [f"results/small/{name}" for name in TABLES]
    project.snakemake("--cores", "1", *tables)
    made = [hashlib.sha256((project.root / table).read_bytes()).digest() for table in tables]
    shutil.rmtree(project.root / "results")
    shutil.rmtree(project.root / ".snakemake")
    append(project, "workflow/spikesweep/jobs/batch.py", TELLS)
    project.snakemake(*tables, "--cores", "8", "--set-threads", "simulate=4")
    assert {*(project.root / "told").read_text().splitlines()} == {"4 in its environment"}
    records = [json.loads(path.read_text()) for path in project.root.glob(METADATA)]
    [told] = {record["shellcmd"] for record in records if record["rule"] == "simulate"}
    assert ".csv 4 > " in told
    again = [hashlib.sha256((project.root / table).read_bytes()).digest() for table in tables]
    assert again == made
