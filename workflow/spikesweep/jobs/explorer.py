"""The job that makes the page to look around in all simulations of a sweep."""

import json
from pathlib import Path

from spikesweep.explorer.content import gather
from spikesweep.explorer.page import page
from spikesweep.jobs.task import begin
from spikesweep.products.atomic import written
from spikesweep.products.sidecar import beside


def make(plan_path: Path, output: Path) -> None:
    """Write the page of a sweep, with what made it inside."""
    task = begin(plan_path, output)
    described = json.loads(beside(task.reads["structure"]).read_text(encoding="utf-8"))["columns"]
    content = gather(
        **task.reads,
        options=task.recipe["explorer"],
        units={name: column["unit"] for name, column in described.items()},
    )
    content.about["window"] = task.recipe["window"]
    lineage = task.plan.origin(output)
    lineage = {name: lineage[name] for name in ("fingerprint", "recipe")}
    with written(output) as temporary:
        temporary.write_text(page(content, lineage), encoding="utf-8", newline="")
    task.describe()
