"""The profile for other schedulers, tried with one that stands in: what it kills is run again.

Its nodes see the project and the Python environment, and nothing else that users write to, where
this user may make mount namespaces.
"""

import os
import subprocess
import sys

import pytest
import yaml

from node import LOOK, can_be_entered, write_node
from paper import write_paper
from planning import PULSED
from project import Project
from spikesweep.plan.measured import Measured, keep

# Runs what it is given at once, on a node; the first job dies if `kill` is there, and waits until
# all is done that `meanwhile` says.
QSUB = """\
#!/bin/sh
for script in "$@"; do :; done
[ -e meanwhile ] && sh meanwhile && rm meanwhile
[ -e kill ] && rm kill && script=/bin/false
setsid {node} env PATH={nodes} {home} sh "$script" > {folder}/said 2>&1 < /dev/null &
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
    node, home = "", "HOME=/nowhere"
    if can_be_entered():
        node, home = folder / "node", ""  # there, nothing can be written to the home that is
        write_node(node, [tmp_path / "project", nodes])
    commands = {
        "qsub": QSUB.format(folder=folder, node=node, nodes=nodes, home=home),
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
    profile += ["--seconds-between-status-checks", "1"]  # of jobs that are short
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

    keep(project.root, "channel", Measured(seconds=60.0, stored=1000.0, memory=1e8))
    done = submit(project, "channel")
    assert done.returncode == 0, done.stdout
    assert batches[0].stat().st_mtime_ns == before
    asked = (scheduler / "asked").read_text().splitlines()
    assert len(asked) == 5, asked  # two, then: the one killed, the structure, all that is gathered
    assert all("-pe smp 1 -l h_rt=0:60:0 -l h_vmem=2001M " in line for line in asked[:2]), asked
    # The one that was killed, by what was measured since: 10 minutes and three times one.
    again = [line for line in asked[2:4] if "h_rt=0:13:0 " in line]
    assert len(again) == 1, asked
    assert all("h_vmem=2001M " in line for line in asked[2:4]), asked
    assert "h_rt=0:180:0 -l h_vmem=2001M " in asked[4]  # three tables, one after another
    table = (project.root / "results/channel/statistics.csv").read_text().splitlines()
    assert len(table) == 3


OWN = """\
def own(simulation):
    "A number."
    return 1.0
"""
# After the first job was submitted, and before it starts.
MEANWHILE = """\
sed -i 's/tstop: 20/tstop: 5/' config/sweeps/*.yaml
find mod -name kdr.mod -exec sed -i 's/STATE/ : edited\\n STATE/' {} +
sed -i 's/1.0/2.0/' measures/own.py
echo '{"seconds": 1000, "stored": 1000, "memory": 1000}' > results/made/channel/measured.json
"""


@pytest.mark.workflow
def test_what_is_edited_while_jobs_wait(project, scheduler, tmp_path):
    """Jobs make what was submitted; one that can not says so, and keeps no other from its end."""
    here = Project(tmp_path / "here")
    channel = yaml.safe_load(SWEEP)
    for one in (project, here):
        one.write_sweep("channel", channel)
    own = {"own": {"python": "measures/own.py:own", "unit": "1", "label": "Own"}}
    project.write_sweep("measures", channel | {"statistics": own})
    (project.root / "measures").mkdir()
    (project.root / "measures/own.py").write_text(OWN)
    (project.root / "meanwhile").write_text(MEANWHILE)

    done = submit(project, "--retries", "0", "--keep-going", "--", "channel", "measures")
    assert done.returncode != 0
    assert not (project.root / "meanwhile").exists()
    assert "edited" in next(project.root.glob("mod/**/kdr.mod")).read_text()
    assert "measures/own.py: changed while this run was going on" in done.stdout, done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    here.snakemake("channel")
    for table in TABLES:
        theirs = (here.root / "results/channel" / table).read_bytes()
        assert (project.root / "results/channel" / table).read_bytes() == theirs, table


@pytest.mark.skipif(not can_be_entered(), reason="needs mount namespaces")
def test_what_a_node_sees(tmp_path):
    """Such nodes are what the other tests take them for."""
    folder, other = tmp_path / "shared", tmp_path / "other"
    for made in (folder, other):
        made.mkdir()
    write_node(tmp_path / "node", [folder])
    look = f"{LOOK}ls {other} || echo no other folder\necho wrote > inside; pwd"
    done = subprocess.run(
        [tmp_path / "node", "sh", "-c", look], cwd=folder, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        *("the home cannot be written to", "no git", "no compiler"),
        *("the system cannot be written to", "no other folder", str(folder)),
    ], done.stderr
    assert (folder / "inside").read_text() == "wrote\n"


LATE = PULSED + "simulations_per_job: 8\nexplorer: {'off': true}\n"
PULSE = {
    "dur": {"values": [0.5, 1], "unit": "ms", "sets": "step.dur"},
    "amp": {"values": [0, 1], "unit": "nA", "sets": "step.amp"},
}
BLOCKER = {"scales": "cell.soma.hh.gkbar", "ic50": 30}
DRUG = {"dose": {"values": [0, 30], "unit": "uM", "drug": BLOCKER}}
SWEEPS = {
    "search": {
        "axes": PULSE,
        "design": {"threshold": {"of": "n_spikes", "at": 1, "axis": "amp", "to": 0.25}},
    },
    "map": {
        "axes": PULSE,
        "design": {
            "refine": {"by": "n_spikes", "axes": ["dur", "amp"], "to": 4, "first": 2, "rounds": 2}
        },
    },
    "candidates": {
        "axes": {"amp": {"values": [0.1, 0.5, 1.0], "unit": "nA", "sets": "step.amp"}},
        "accept": {"fires": {"of": "n_spikes", "at_least": 1}},
    },
    "accepted": {
        "axes": {"amp": {"unit": "nA", "sets": "step.amp"}, **DRUG},
        "design": {"grid": [{"accepted": "candidates"}, "dose"]},
    },
}
PAPER = """\
title: Of several sweeps
figures:
  fig1:
    size: [120, 60]
    mosaic: AB
    panels:
      A: {kind: heatmap, sweep: map, of: n_spikes, x: amp, y: dur}
      B: {kind: threshold, sweep: search, x: dur}
"""
TABLES = ("dataset.nc", "simulations.csv", "statistics.csv", "isi.csv", "plan.csv")


def made(project: Project) -> dict[str, bytes]:
    """Return what was found, and the figures of the set as they were drawn."""
    results = project.root / "results"
    found = [results / name / table for name in SWEEPS for table in TABLES]
    found += [results / "search/thresholds.csv", results / "candidates/population.csv"]
    found += [*results.glob("made/figure_sets/paper/fig1_*")]
    return {str(path.relative_to(results)): path.read_bytes() for path in found}


@pytest.mark.workflow
def test_what_is_found_late_is_that_of_a_run_here(project, scheduler, tmp_path):
    """Rounds of a search and of a map, the accepted of a population, and a figure set."""
    here = Project(tmp_path / "here")
    for one in (project, here):
        for name, sweep in SWEEPS.items():
            one.write_sweep(name, yaml.safe_load(LATE) | sweep)
        write_paper(one, PAPER)
    done = submit(project, "paper", "candidates", "accepted")
    assert done.returncode == 0, done.stdout
    here.snakemake("paper", "candidates", "accepted")
    ours, theirs = made(project), made(here)
    assert len(ours) == 4 * len(TABLES) + 2 + 4  # of the figure, three formats and their sidecar
    assert ours.keys() == theirs.keys()
    for name, content in ours.items():
        assert content == theirs[name], name

    again = submit(project, "paper", "candidates", "accepted")
    assert "Nothing to be done" in again.stdout, again.stdout
