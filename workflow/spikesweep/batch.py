"""The simulations that one Snakemake job runs: those of its batch that the store lacks."""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spikesweep.files import written
from spikesweep.planfile import PlanFile, Row, read_plan
from spikesweep.store import Store

if TYPE_CHECKING:
    from spikesweep.simulation.packs import Summary

STORE = Path("results/store")
COLUMNS = ("key", "source", "status", "message")


def simulate(plan_path: Path, output: Path) -> None:
    """Run the simulations of a batch that the store lacks; write what each came to.

    Results enter the store as packs finish. The output has a row a simulation: its key, whether
    it was run or found in the store, and, where it was run, its status and message.

    Raises:
        UserError: the plan or the sources changed, or a mechanism library is missing.
    """
    plan = read_plan(plan_path)
    plan.recipe(output)
    batch = output.stem.rpartition("_")[2]
    rows = [row for row in plan.rows() if row.batch == batch]
    store = Store(STORE)
    known = store.index()
    missing = [row for row in rows if bytes.fromhex(row.key) not in known]
    ended = _run(plan, missing, store) if missing else {}
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            end = ended.get(row.key)
            writer.writerow(
                [row.key, "run", end.status, end.message] if end else [row.key, "store", "", ""]
            )
