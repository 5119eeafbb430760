"""The job that makes the page to look around in all simulations of a sweep."""

import json
from pathlib import Path
from typing import Any

from spikesweep.explorer.content import gather
from spikesweep.explorer.page import page
from spikesweep.jobs.task import begin, check_file
from spikesweep.products.atomic import written
from spikesweep.products.sidecar import beside


def make(plan_path: Path, output: Path) -> None:
    """Write the page of a sweep, with what made it inside."""
    task = begin(plan_path, output)
    flags = task.plan.file("flags")  # of one product with the simulations
    check_file(task.plan, flags)
    content = gather(
        **task.reads,
        flags=flags,
        options=task.recipe["explorer"],
        units={name: one["unit"] for name, one in _described(task.reads["structure"]).items()},
    )
    columns = content.about["columns"]
    columns |= {
        name: {field: one[field] for field in ("unit", "long_name", "definition")}
        for name, one in _described(task.reads["statistics"]).items()
        if name in columns
    }
    content.about["windows"] = task.plan["windows"]
    lineage = task.plan.origin(output)
    lineage = {name: lineage[name] for name in ("fingerprint", "recipe")}
    with written(output) as temporary:
        temporary.write_text(page(content, lineage), encoding="utf-8", newline="")
    task.describe()


def _described(table: Path) -> dict[str, Any]:
    """Return what the columns of a table mean, as it stands beside it."""
    columns: dict[str, Any] = json.loads(beside(table).read_text(encoding="utf-8"))["columns"]
    return columns
