"""What runs again where a sweep asks for a population, and what does not."""

import csv

import pytest

from project import Project
from rerunning import AFTER_SIMULATIONS, LEAVES, PACKAGE, SWEEP_FILE, append, edit, only, run

DESIGN = """\
design: {grid: [{sobol: 8, of: {dose: [1, 60]}, seed: 1}, celsius]}
accept:
  fires: {of: rate, at_least: 60 Hz, at: {celsius: 6.3}}
  high: {of: v_max, at_least: 43 mV}
"""
JUDGED = {"judge_candidates", "rates", *LEAVES}


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of a project that has run, which asks for a sample and its population; run."""
    project = Project(tmp_path / "project", of=rerun_project)
    edit(
        project,
        SWEEP_FILE,
        ("values: [1, 10], ", ""),
        ("{kind: heatmap, of: rate, x: dose, y: celsius,", "{kind: candidates, of: [dose, fires],"),
        ("  - {kind: raster, by: dose, at: {celsius: 10}, name: spikes}\n", ""),
        ("simulations_per_job: 1", "simulations_per_job: 16"),
    )
    append(project, SWEEP_FILE, DESIGN)
    ran = run(project)
    made = {"simulate", "judge_candidates", *AFTER_SIMULATIONS} - {"spikes"}
    assert ran.what - {"structure"} == made
    assert ran.simulations == 16
    return project


def test_only_what_changed_runs_again(project):
    with only(project, "population_*.csv").open() as file:
        verdicts = [row["verdict"] for row in csv.DictReader(file)]
    assert len(verdicts) == 8
    assert set(verdicts) == {"accepted", "rejected"}
    assert run(project).what == set()
    edit(project, SWEEP_FILE, ("at_least: 43 mV", "at_least: 42 mV"))
    assert run(project).what == JUDGED
    edit(project, SWEEP_FILE, ("at_least: 42 mV", "at_least: 0.042 V"))
    assert run(project).what <= LEAVES  # the same criterion; the sweep file has another label
    append(project, f"{PACKAGE}/tables/population.py", "\nMORE = 1\n")
    assert run(project).what == JUDGED
    append(project, f"{PACKAGE}/figures/candidates.py", "\nMORE = 1\n")
    assert run(project).what == {"rates", *LEAVES}
    edit(project, SWEEP_FILE, ("28 ms]", "27 ms]"))
    assert run(project).what == {"statistics", "explorer", *JUDGED}
    edit(project, SWEEP_FILE, ("sobol: 8", "sobol: 16"))
    ran = run(project)
    assert ran.simulations == 16  # of 32
    assert ran.what >= JUDGED


def test_the_bytes_are_the_same_on_one_core_and_on_eight(project):
    names = ("population", "acceptance", "correlations")
    tables = [only(project, f"{name}_*.csv") for name in names]
    found = []
    for cores in ("1", "8"):
        for table in tables:
            table.unlink()
        project.snakemake("--cores", cores, "--", f"results/made/small/{tables[0].name}")
        found.append([table.read_bytes() for table in tables])
    assert found[0] == found[1]
