"""What runs again where a sweep asks for trust, and what does not."""

import csv

import pytest

from project import Project
from rerunning import LEAVES, PACKAGE, SWEEP_FILE, append, edit, only, run, same_on_cores

TRUST = "trust: {dt: [0.5], of: [n_spikes, rate], sample: all, alone: 2}\n"
REFINED = {"simulate", "collect", "simulations", "statistics"}
COMPARED = {"numerical_trust", "rates", *LEAVES}  # the map marks what is not robust


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of a project that has run, which then asks for trust; run: nothing else is made."""
    project = Project(tmp_path / "project", of=rerun_project)
    append(project, SWEEP_FILE, TRUST)
    ran = run(project)
    assert (ran.what, ran.simulations) == ({*REFINED, "run_alone", *COMPARED}, 4)
    assert "n_spikes: 4 of 4 values stand at dt/2" in ran.said
    return project


def test_only_what_changed_runs_again(project):
    with only(project, "trust_*.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8  # simulations times statistics
    assert sorted(row["same_alone"] for row in rows) == ["", "", "", "", *["yes"] * 4]
    assert run(project).what == set()
    edit(project, SWEEP_FILE, ("[n_spikes, rate]", "[rate]"))
    assert run(project).what == COMPARED
    append(project, f"{PACKAGE}/tables/trust.py", "\nMORE = 1\n")
    assert run(project).what == COMPARED
    edit(project, SWEEP_FILE, ("alone: 2", "alone: 1"))
    assert run(project).what == {"run_alone", *COMPARED}
    edit(project, SWEEP_FILE, ("dt: [0.5]", "dt: [0.5, 0.25]"))
    ran = run(project)
    assert (ran.what, ran.simulations) == ({*REFINED, *COMPARED}, 4)  # of 8
    edit(project, SWEEP_FILE, ("28 ms]", "27 ms]"))
    assert run(project).what == {"statistics", "explorer", *COMPARED}
    # What asks no trust finds all as it was, and gc what is left.
    edit(project, SWEEP_FILE, ("trust: {dt: [0.5, 0.25], of: [rate], sample: all, alone: 1}\n", ""))
    assert run(project).what == {"rates", *LEAVES}
    assert "results of simulations" in project.spikesweep("gc", "--dry-run").stdout


def test_the_bytes_are_the_same_on_one_core_and_on_eight(project):
    tables = [only(project, f"{name}_*.csv") for name in ("run_alone", "trust")]
    same_on_cores(project, tables)


def test_near_changes_alone(rerun_project, tmp_path):
    """One run finds which simulations lie near a change, and refines these alone; of another
    refinement only what is new is simulated."""
    project = Project(tmp_path / "project", of=rerun_project)
    amps = "  amp: {values: {linspace: [0.02 nA, 0.2 nA, 10]}, sets: step.amp}\n"
    edit(project, SWEEP_FILE, ("axes:\n", f"axes:\n{amps}"), ("[1, 10]", "[1]"))
    edit(project, SWEEP_FILE, ("celsius: {values: [6.3, 10]", "celsius: {values: [10]"))
    edit(project, SWEEP_FILE, ("x: dose, y: celsius", "x: amp, y: celsius"))
    append(project, SWEEP_FILE, "trust: {dt: [0.5], alone: 0}\n")
    ran = run(project)
    with (project.root / "results/small/statistics.csv").open() as file:
        counts = [int(row["n_spikes"]) for row in csv.DictReader(file)]
    assert len(set(counts)) > 1
    changes = [i for i in range(1, 10) if counts[i] != counts[i - 1]]
    near = sorted({j for i in changes for j in (i - 1, i)})
    assert 0 < len(near) < 10
    with (project.root / "results/small/trust.csv").open() as file:
        assert [int(row["index"]) for row in csv.DictReader(file)] == near
    assert ran.simulations == 10 + len(near)
    assert f"({len(near)} simulations, those near a change of count or class)" in ran.said
    assert run(project).what == set()
    assert f"{len(near)} of them again, refined" in project.spikesweep("plan", "small").stdout
    edit(project, SWEEP_FILE, ("dt: [0.5]", "dt: [0.5, 0.25]"))
    assert run(project).simulations == len(near)
