"""The job that lets the stable names in `results/<sweep>/` lead to what is current."""

import os
import shutil
from pathlib import Path

from spikesweep.jobs.mark import leave_mark
from spikesweep.products.atomic import written
from spikesweep.products.plan_file import read_plan
from spikesweep.products.table import CURRENT

RESULTS = Path("results")


def make(plan_path: Path, mark: Path) -> None:
    """Let the stable names in `results/<sweep>/` lead to the products of the current plan."""
    plan = read_plan(plan_path)
    folder = RESULTS / plan["sweep"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, product in plan.links.items():
        _link(folder / name, product)
    leave_mark(mark, f"{CURRENT.files[0].name}_", f"{plan.path}\n")


def _link(link: Path, target: Path) -> None:
    """Make a relative symbolic link, so that the project can be moved; copy where none can be."""
    with written(link) as temporary:
        try:
            temporary.symlink_to(os.path.relpath(target, link.parent))
        except OSError:
            shutil.copyfile(target, temporary)
