"""The job that makes the table of the simulations that failed."""

from pathlib import Path

from spikesweep.products.plan_file import read_plan
from spikesweep.products.sidecar import check_dataset, write_origin
from spikesweep.tables.columns import FAILURE_COLUMNS, IDENTITY, Column
from spikesweep.tables.failures import write_failures


def make_failures(plan_path: Path, output: Path) -> None:
    """Write the table of the simulations that failed, and its origin."""
    plan = read_plan(plan_path)
    recipe = plan.recipe(output)
    dataset = plan.folder / plan["dataset"]
    check_dataset(dataset, plan.fingerprint(dataset))
    write_failures(dataset, output, recipe["sweep"], recipe["bounds"])
    axes = {axis["name"]: Column(axis["unit"], axis["long_name"], "axis") for axis in plan["axes"]}
    identity = {name: IDENTITY[name] for name in ("index", "status")}
    write_origin(output, plan.origin(output), columns={**identity, **axes, **FAILURE_COLUMNS})
