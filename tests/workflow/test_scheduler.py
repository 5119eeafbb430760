"""The profile for other schedulers, tried with one that stands in: what it kills is run again."""

import os
import subprocess
import sys

import pytest
import yaml

from project import Project

# Runs what it is given at once, on nodes without a compiler; the first job dies if `kill` is there.
QSUB = """\
#!/bin/sh
for script in "$@"; do :; done
[ -e kill ] && rm kill && script=/bin/false
setsid env PATH={nodes} HOME=/nowhere sh "$script" > {folder}/said 2>&1 < /dev/null &
echo $!
echo "$@" >> {folder}/asked
"""
QSTAT = """\
#!/bin/sh
kill -0 "$2" 2> /dev/null && ! grep -q '^State:.Z' /proc/$2/status
"""
SWEEP = """
title: A channel that is compiled
model:
  mechanisms: default
  cells:
    cell:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: soma, insert: {hh: {}, kdr: {gkbar: 0.001}}}]
protocol:
  tstop: 20
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 2, dur: 16, amp: 0.2}}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
axes: {celsius: {values: [6.3, 16], sets: protocol.celsius}}
simulations_per_job: 1
explorer: {"off": true}
"""


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """The commands qsub, qstat and qdel, first on the PATH; `asked` holds what qsub was told."""
    folder, nodes = tmp_path / "scheduler", tmp_path / "nodes"
    for made in (folder, nodes):
        made.mkdir()
    for program in ("sh", "bash", "env", "touch", "cat", "mkdir", "true", "which"):
        (nodes / program).symlink_to(f"/bin/{program}")
    commands = {
        "qsub": QSUB.format(folder=folder, nodes=nodes),
        "qstat": QSTAT,
        "qdel": "#!/bin/sh\nkill $@\n",
    }
    for name, text in commands.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def submit(project: Project, *words: str) -> subprocess.CompletedProcess:
    profile = ["--profile", "profiles/generic", "--latency-wait", "3"]
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *profile, *words],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(project.root / "workflow")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.workflow
def test_a_stand_in_for_sge(project, scheduler):
    project.write_sweep("channel", yaml.safe_load(SWEEP))
    (project.root / "kill").touch()
    done = submit(project, "--retries", "0", "--keep-going", "--until", "simulate", "--", "channel")
    assert done.returncode != 0, done.stdout
    batches = sorted(project.root.glob("results/made/channel/batch_*.csv"))
    assert len(batches) == 1, done.stdout  # the other was killed
    before = batches[0].stat().st_mtime_ns

    done = submit(project, "channel")
    assert done.returncode == 0, done.stdout
    assert batches[0].stat().st_mtime_ns == before
    asked = (scheduler / "asked").read_text().splitlines()
    assert len(asked) == 5, asked  # two, then: the one killed, the structure, all that is gathered
    assert all("-pe smp 1 -l h_rt=0:60:0 -l h_vmem=2000M " in line for line in asked[:4]), asked
    assert "h_rt=0:180:0 -l h_vmem=2001M " in asked[4]  # three tables, one after another
    table = (project.root / "results/channel/statistics.csv").read_text().splitlines()
    assert len(table) == 3
