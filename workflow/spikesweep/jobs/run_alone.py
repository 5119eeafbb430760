"""The job that runs some simulations again, each alone in a process of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spikesweep.execution.child import in_child
from spikesweep.execution.packs import read_morphologies
from spikesweep.execution.together import run_alone
from spikesweep.jobs.batch import start_simulator
from spikesweep.jobs.task import begin
from spikesweep.products.plan_file import PlanFile, Row
from spikesweep.store.store import Store
from spikesweep.tables.alone import difference, write_alone


def make(plan_path: Path, output: Path) -> None:
    """Write whether they come to what the store has of them, bit by bit; say it where not."""
    task = begin(plan_path, output)
    asked = task.recipe["alone"]
    wanted = set(asked["simulations"])
    rows = [row for row in task.plan.rows() if row.index in wanted]
    limits = {name: task.recipe[name] for name in ("timeout", "memory")}
    compared = list(_compared(task.plan, rows, limits))
    for index, key, what in compared:
        if what:
            print(
                f"spikesweep: {task.plan['sweep']}: simulation {index} is NOT THE SAME alone: "
                f"{what} (key {key})",
                file=sys.stderr,
            )
    write_alone(compared, task.output)
    task.describe()


def _compared(
    plan: PlanFile, rows: list[Row], limits: dict[str, Any]
) -> Iterator[tuple[int, str, str]]:
    """Yield index, key and what differs; of one that the machine ended, nothing is known."""
    simulator, store = start_simulator(plan), Store()
    read_morphologies((plan.document(row) for row in rows), simulator)
    for row in rows:
        asked = (bytes.fromhex(row.key), plan.items(row).addresses)
        if store.lacking([asked]):
            continue  # it failed by the machine's limits, not by its own
        [stored] = store.read([row.key], plan.items(row).addresses)
        member = plan.member(row)
        ended = in_child(
            lambda member=member, stored=stored: difference(stored, run_alone(member, simulator)),
            **limits,
        )
        if ended.status == "ok":
            yield row.index, row.key, ended.value
        elif ended.status in ("crashed", "ended", "error"):
            yield row.index, row.key, f"{stored.status}, but alone {ended.status}: {ended.message}"
