"""The job that lets the stable names in `results/<sweep>/` lead to what is current."""

import os
import shutil
from pathlib import Path

from spikesweep.errors import cut
from spikesweep.jobs.mark import marked
from spikesweep.jobs.task import check_file
from spikesweep.products.atomic import removed, written
from spikesweep.products.fingerprint import file_hash
from spikesweep.products.plan_file import read_plan
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


def link(link: Path, target: Path) -> None:
    """Make a relative symbolic link, so that the project can be moved; copy where none can be."""
    with written(link) as temporary:
        try:
            temporary.symlink_to(leads_to(link, target))
        except OSError:
            shutil.copyfile(target, temporary)


def leads_to(link: Path, target: Path) -> str:
    """Return what a stable name leads to, as the link has it."""
    return os.path.relpath(target, link.parent)


def astray(link: Path, target: Path) -> str:
    """Return what is found under a stable name, where it is neither the link that it should be nor
    a copy of the same bytes; '' where all is well."""
    if link.is_symlink():
        found = os.readlink(link)
        return "" if found == leads_to(link, target) else f"leads to {cut(ascii(found))}"
    if not link.exists():
        return "is missing"
    same = link.is_file() and target.is_file() and link.stat().st_size == target.stat().st_size
    return "" if same and file_hash(link) == file_hash(target) else "is no link, but something else"
