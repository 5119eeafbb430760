"""The job that lets the stable names in `results/<sweep>/` lead to what is current."""

from pathlib import Path

from spikesweep.jobs.mark import marked
from spikesweep.jobs.task import check_file
from spikesweep.products.atomic import removed
from spikesweep.products.plan_file import read_plan
from spikesweep.products.stable_names import link
from spikesweep.products.table import CURRENT, LINKED

RESULTS = Path("results")


def make(plan_path: Path, mark: Path) -> None:
    """Let the stable names in `results/<sweep>/` lead to the products of the current plan.

    Raises:
        UserError: a product is missing, or not as it was made; nothing was changed then.
    """
    plan = read_plan(plan_path)
    folder = RESULTS / plan["sweep"]
    for product in plan.links.values():
        check_file(plan, product)
    with marked(mark, f"{CURRENT.files[0].name}_", folder, plan.path):
        for name, product in plan.links.items():
            link(folder / name, product)
        for file in LINKED:
            if file.name not in plan.links:  # of a product that the sweep makes no longer
                removed(folder / file.name)
