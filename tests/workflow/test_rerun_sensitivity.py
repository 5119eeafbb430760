"""What runs again where a sweep asks for sensitivity, and what does not."""

import pytest

from project import Project
from rerunning import (
    AFTER_SIMULATIONS,
    LEAVES,
    PACKAGE,
    SWEEP_FILE,
    append,
    edit,
    only,
    run,
    same_on_cores,
)

DESIGN = """\
design: {saltelli: 8, of: {dose: [1, 30], celsius: [6.3, 10]}, seed: 1}
sensitivity: {of: [rate, v_max], resamples: 50, seed: 1}
"""
INDICES = {"sensitivity_indices", "rates", *LEAVES}


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of a project that has run, which asks for a sample and its sensitivity; run."""
    project = Project(tmp_path / "project", of=rerun_project)
    edit(
        project,
        SWEEP_FILE,
        ("values: [1, 10], ", ""),
        ("values: [6.3, 10], ", ""),
        ("{kind: heatmap, of: rate, x: dose, y: celsius,", "{kind: sensitivity, of: rate,"),
        ("  - {kind: raster, by: dose, at: {celsius: 10}, name: spikes}\n", ""),
        ("simulations_per_job: 1", "simulations_per_job: 16"),
    )
    append(project, SWEEP_FILE, DESIGN)
    ran = run(project)
    made = {"simulate", "structure", "sensitivity_indices", *AFTER_SIMULATIONS} - {"spikes"}
    assert (ran.what, ran.simulations) == (made, 32)
    return project


def test_only_what_changed_runs_again(project):
    assert run(project).what == set()
    edit(project, SWEEP_FILE, ("resamples: 50", "resamples: 60"))
    assert run(project).what == INDICES
    append(project, f"{PACKAGE}/tables/sensitivity.py", "\nMORE = 1\n")
    assert run(project).what == INDICES
    append(project, f"{PACKAGE}/figures/sensitivity.py", "\nMORE = 1\n")
    assert run(project).what == {"rates", *LEAVES}
    edit(project, SWEEP_FILE, ("28 ms]", "27 ms]"))
    assert run(project).what == {"statistics", "explorer", *INDICES}
    edit(project, SWEEP_FILE, ("saltelli: 8", "saltelli: 16"))
    ran = run(project)
    assert ran.simulations == 32  # of 64
    assert ran.what >= INDICES


def test_a_trace_is_told_over_time(project):
    """It reads the dataset alone, and what is said of numbers stays."""
    edit(project, SWEEP_FILE, ("v_max], resamples", "v_max], traces: [v], every: 10 ms, resamples"))
    assert run(project).what == {"sensitivity_over_time", *LEAVES}
    names = ("sensitivity_over_time", "uncertainty_over_time")
    same_on_cores(project, [only(project, f"{name}_*.csv") for name in names])
    edit(project, SWEEP_FILE, ("every: 10 ms", "every: 5 ms"), ("28 ms]", "27 ms]"))
    assert run(project).what == {"sensitivity_over_time", "statistics", "explorer", *INDICES}
    append(project, f"{PACKAGE}/figures/over_time_table.py", "\nMORE = 1\n")
    assert run(project).what == {"sensitivity_over_time", *LEAVES}


def test_the_bytes_are_the_same_on_one_core_and_on_eight(project):
    tables = [only(project, f"{name}_*.csv") for name in ("sensitivity", "uncertainty")]
    same_on_cores(project, tables)
