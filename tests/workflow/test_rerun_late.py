"""Designs that grow by their own results: what runs again, killed runs, and cores."""

import csv
import random
import shutil
import time

import pytest

from killing import alive, find, kill, start
from planning import PULSED
from project import Project
from rerunning import LEAVES, PACKAGE, append, edit, leave_figures_blank, run

SWEEP_FILE = "config/sweeps/small.yaml"
SWEEP = (
    PULSED
    + """\
axes:
  dur: {values: [0.5, 1], unit: ms, sets: step.dur}
  amp: {values: [0, 1], unit: nA, sets: step.amp}
design: {threshold: {of: n_spikes, at: 1, axis: amp, to: 0.25 nA}}
explorer: {off: true}
simulations_per_job: 1
"""
)
MAP = (
    PULSED
    + """\
axes:
  amp: {values: [0, 2], unit: nA, sets: step.amp}
  gk: {values: [5, 100], unit: mS/cm2, sets: cell.all.hh.gkbar}
design: {refine: {by: n_spikes, axes: [amp, gk], to: 8, first: 2, rounds: 2}}
explorer: {off: true}
figures: [{kind: heatmap, of: n_spikes, x: amp, y: gk, name: counts}]
"""
)
TABLES = (
    "dataset.nc",
    "simulations.csv",
    "statistics.csv",
    "isi.csv",
    "thresholds.csv",
    "plan.csv",
)
ROUND = {"plan", "simulate", "collect", "simulations", "statistics"}
LAST = {"structure", "threshold_search"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A project that has run on one core."""
    project = Project(tmp_path_factory.mktemp("done") / "project")
    project.write_sweep("small", SWEEP)
    project.configure("small")
    ran = run(project, "--cores", "1")
    assert (ran.what, ran.simulations) == ({*ROUND, *LAST, *LEAVES}, 8)
    assert "n_spikes: 2 of 2 thresholds bracketed" in ran.said
    return project


@pytest.fixture
def project(done, tmp_path):
    return Project(tmp_path / "project", of=done)


@pytest.fixture
def mapped(tmp_path):
    """A project with a refined map, whose figure is blank; run."""
    project = Project(tmp_path / "project")
    leave_figures_blank(project)
    project.write_sweep("small", MAP)
    project.configure("small")
    assert run(project).what == {*ROUND, "structure", "counts", *LEAVES}
    return project


def points(project):
    with (project.root / "results/small/simulations.csv").open(newline="") as file:
        return {(row["amp"], row["gk"]) for row in csv.DictReader(file)}


def test_of_a_refined_map_only_what_changed_runs_again(mapped):
    coarse = points(mapped)
    assert run(mapped).what == set()
    edit(mapped, SWEEP_FILE, ("name: counts", "name: counts, log: true"))
    ran = run(mapped)
    assert (ran.what, ran.simulations) == ({"counts", *LEAVES}, 0)
    append(mapped, f"{PACKAGE}/figures/inferring.py", "\nMORE = 1\n")
    assert run(mapped).what == {"counts", *LEAVES}
    # Twice the steps: the store has all points of before.
    edit(mapped, SWEEP_FILE, ("to: 8", "to: 16"), ("rounds: 2", "rounds: 3"))
    ran = run(mapped)
    fine = points(mapped)
    assert coarse < fine
    assert ran.simulations == len(fine - coarse) > 0
    assert run(mapped).what == set()
    # The statistic that it is refined by, which others follow from: the points are found anew.
    edit(mapped, SWEEP_FILE, ("by: n_spikes", "by: latency, tolerance: 1"))
    ran = run(mapped)
    assert ran.what >= {*ROUND, "counts"}
    assert ran.simulations <= len(points(mapped) - fine)
    # The model: everything.
    edit(mapped, SWEEP_FILE, ("diam: 20", "diam: 21"))
    assert run(mapped).simulations == len(points(mapped))


def contents(project):
    return {name: (project.root / "results/small" / name).read_bytes() for name in TABLES}


def test_only_what_changed_runs_again(project):
    assert run(project).what == set()
    # What is no part of a round: none runs again.
    edit(project, SWEEP_FILE, ("title: A search", "title: Another"))
    ran = run(project)
    assert (ran.what, ran.simulations) == ({"collect", "simulations", "statistics", "plan",
                                            "threshold_search", "stamp", "current"}, 0)  # fmt: skip
    append(project, f"{PACKAGE}/tables/thresholds.py", "\nMORE = 1\n")
    assert run(project).what == {"threshold_search", *LEAVES}
    # The code that finds the points names all late rounds anew; the store has what they ask for.
    append(project, f"{PACKAGE}/document/axes/searching.py", "\nMORE = 1\n")
    ran = run(project)
    assert (ran.what >= ROUND, ran.simulations) == (True, 0)
    # One round more asks for its own points alone.
    edit(project, SWEEP_FILE, ("0.25 nA", "0.125 nA"))
    assert "is not known yet" in project.spikesweep("plan", "small").stdout
    assert "is not known yet" in project.spikesweep("gc", "--dry-run").stdout
    assert run(project).simulations == 2
    with (project.root / "results/small/thresholds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {float(row["threshold_upper"]) - float(row["threshold_lower"]) for row in rows} == {
        0.125
    }


def test_killed_in_the_middle_it_goes_on_to_the_same_bytes_on_more_cores(done, project):
    """Made anew from nothing but the sweep, killed when a job of some round runs, then on 8."""
    shutil.rmtree(project.root / "results")
    (project.root / "results").mkdir()
    dice = random.Random(3)
    kills = 0
    for _ in range(2):
        going = start(project)
        if find(going, "job", dice):
            time.sleep(dice.uniform(0, 0.3))
            kills += kill(going.pid)
        going.wait()
        while alive(going.pid):
            time.sleep(0.02)
    assert kills
    project.snakemake("--cores", "8")
    assert contents(project) == contents(done)
    assert run(project).what == set()


def test_lost_results_are_simulated_again(done, project):
    """All of the store is lost, and the tables of all rounds: the same points are found again."""
    shutil.rmtree(project.root / "results/store")
    for path in (project.root / "results/made/small").iterdir():
        if not path.name.startswith("plan"):
            path.unlink()
    assert run(project).simulations == 8
    assert contents(project) == contents(done)
