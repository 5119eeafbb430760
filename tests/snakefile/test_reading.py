"""The Snakefile is read at every start and in every job of a cluster: it must stay cheap."""

import os
import subprocess
import sys
import textwrap

import pytest

from project import ROOT
from rerunning import SWEEP, write_small_sweep
from spikesweep.errors import UserError
from spikesweep.snakefile.naming import check_names

HEAVY = {"numpy", "pandas", "xarray", "matplotlib", "seaborn", "neuron", "h5py", "scipy"}


def python(script: str, *arguments: str, cwd=ROOT) -> str:
    environment = os.environ | {"PYTHONPATH": str(cwd / "workflow")}
    command = [sys.executable, "-P", "-c", textwrap.dedent(script), *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module",
    [
        *("spikesweep.plan.making", "spikesweep.snakefile.project", "spikesweep.cli"),
        *("spikesweep.snakefile.summary", "spikesweep.jobs.stamp", "spikesweep.jobs.current"),
    ],
)
def test_planning_and_linking_import_nothing_heavy(module):
    imported = python(f"import {module}, sys; print(*sys.modules)").split()
    assert "spikesweep" in imported
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in imported)


def test_a_sweep_in_units_of_neuron_is_planned_without_the_registry_of_units():
    plan = "from pathlib import Path; from spikesweep.plan.making import make_plan; import sys; "
    imported = python(f"{plan} make_plan(Path(), 'potassium_block'); print(*sys.modules)").split()
    assert "spikesweep.plan.implausible" in imported
    assert {"pint", *HEAVY}.isdisjoint(name.partition(".")[0] for name in imported)


@pytest.mark.parametrize("option", ["--cores", "--report", "--dryrun", "--forceall", "-n", "-j"])
def test_an_option_is_no_misspelt_sweep(option):
    near = [option.strip("-"), option.strip("-")[::-1], f"{option.strip('-')}s", "coarse"]
    check_names([option, "2", near[0]], [near[0]], near, [])


def test_a_misspelt_sweep_is_refused():
    with pytest.raises(UserError, match='no sweep is named "smal", did you mean "small"'):
        check_names(["--cores", "2", "smal"], [], ["small"], [])


READ = """
    import sys, time
    from pathlib import Path
    from spikesweep.snakefile.project import open_project
    start = time.process_time()
    from spikesweep.snakefile.run import Run
    project = open_project({"sweeps": [sys.argv[1]]}, Run(None, []))
    project.targets()
    inputs = [path for paths in project.plan(sys.argv[1]).inputs.values() for path in paths]
    print(time.process_time() - start)
"""


def test_ten_thousand_simulations_cost_little_more_to_read_than_ten(project):
    """At most 1.5 s more; of the process's own time, for the machine may be busy."""
    write_small_sweep(project)
    for name, number in (("ten", 5), ("many", 5000)):
        values = f"values: {{linspace: [1, 10, {number}]}}"
        text = SWEEP.replace("values: [1, 10]", values).replace("per_job: 1", "per_job: auto")
        project.write_sweep(name, text)
    few, many = (
        min(float(python(READ, name, cwd=project.root)) for _ in range(2))
        for name in ("ten", "many")
    )
    assert many - few < 1.5
