"""The job that writes the plan of a figure set."""

from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.plan.figure_sets import plan_set
from spikesweep.plan.making import make_plan
from spikesweep.products.atomic import written
from spikesweep.products.seal import sealed_json


def make(name: str, output: Path) -> None:
    """Write the plan of a figure set."""
    plan = plan_set(Path(), name, lambda sweep: make_plan(Path(), sweep))
    if plan.path.name != output.name:
        raise UserError(
            f"{output}: the sources of the figure set {name} changed while this run was going on; "
            "nothing was made. Run snakemake again: it makes what the new sources ask for"
        )
    with written(output) as temporary:
        temporary.write_bytes(sealed_json(plan.contents))
