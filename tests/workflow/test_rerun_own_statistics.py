"""What runs again where a statistic is the user's own function, and what does not."""

import csv

import pytest

from project import Project
from rerunning import AFTER_STATISTICS, SWEEP_FILE, append, edit, only, run, same_on_cores

OWN = '''
from widths import WIDTH

def own(simulation, factor=1.0):
    """The last spike, late (ms)."""
    late = simulation.trace("v")[-1] * 0
    return simulation.train[-1] * factor + WIDTH + late if simulation.train.size else None
'''
ASKED = "statistics: {own: {python: 'measures/own.py:own', unit: ms, options: {factor: 2}}, window"
OF_OWN = {"own_statistics", *AFTER_STATISTICS}


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of a project that has run, which asks for a statistic of its own; run."""
    project = Project(tmp_path / "project", of=rerun_project)
    (project.root / "measures").mkdir()
    (project.root / "measures/own.py").write_text(OWN)
    (project.root / "measures/widths.py").write_text("WIDTH = 5\n")
    edit(
        project,
        SWEEP_FILE,
        ("statistics: {window", ASKED),
        ("figures:\n", "derived: {gain: {formula: own_soma / dose, unit: ms}}\nfigures:\n"),
        ("of: rate,", "of: own,"),
    )
    ran = run(project)
    assert (ran.what, ran.simulations) == (OF_OWN, 0)
    return project


def rows(project):
    with (project.root / "results/small/statistics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def last_spikes(project):
    """From the table of intervals, which knows nothing of own functions."""
    with (project.root / "results/small/isi.csv").open(newline="") as file:
        return {row["index"]: float(row["time"]) for row in csv.DictReader(file)}


def test_only_what_changed_runs_again(project):
    last = last_spikes(project)
    assert last
    for row in rows(project):
        if row["index"] in last:
            assert float(row["own"]) == 2 * last[row["index"]] + 5
            assert float(row["gain"]) == float(row["own"]) / float(row["dose"])
    assert run(project).what == set()
    append(project, "measures/own.py", "\n# a comment\n")
    assert run(project).what == set()
    edit(project, "measures/own.py", ("late (ms)", "late, in ms"))
    assert run(project).what == AFTER_STATISTICS  # its definition is beside the table
    edit(project, "measures/widths.py", ("WIDTH = 5", "WIDTH = 7"))
    assert run(project).what == OF_OWN
    edit(project, SWEEP_FILE, ("factor: 2", "factor: 3"))
    assert run(project).what == OF_OWN
    edit(project, SWEEP_FILE, ("28 ms]", "27 ms]"))
    assert run(project).what == OF_OWN
    edit(project, SWEEP_FILE, ("dur: 26 ms", "dur: 25 ms"))
    ran = run(project)
    assert ran.simulations == 4
    assert ran.what >= OF_OWN
    edit(project, "measures/own.py", ("return simulation", "return oops"))
    failed = run(project, check=False)
    assert "statistics.own: measures/own.py, line 7: NameError: name 'oops'" in failed.said


def test_the_bytes_are_the_same_on_one_core_and_on_eight(project):
    linked = (project.root / "results/small/statistics.csv").resolve()
    tables = [only(project, "own_statistics_*.csv"), linked]
    same_on_cores(project, tables)
