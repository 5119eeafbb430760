"""The job that collects the results of all simulations into the dataset."""

import json
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.jobs.task import begin
from spikesweep.products.plan_file import PlanFile, Row
from spikesweep.products.sidecar import check_origin
from spikesweep.store.batch_file import machine_failures, remove_broken_promises
from spikesweep.store.store import DamagedSegment, LostSimulations, Store
from spikesweep.tables.collect import collect

_KINDS = {"int": int, "float": float, "str": str}  # of labels


def make(plan_path: Path, output: Path) -> None:
    """Collect the results of all simulations into the dataset.

    Raises:
        UserError: a result is lost or damaged; the batches that promised it are removed first,
            so that the next run simulates it again.
    """
    task = begin(plan_path, output)
    plan = task.plan
    batches = [plan.folder / name for name in plan["batches"]]
    for batch in batches:
        check_origin(batch, plan.fingerprint(batch))
    planned = list(plan.rows())
    rows = ((row.index, row.key, row.axes) for row in planned)
    store = Store()
    try:
        collect(
            _contents(plan, planned),
            rows,
            list(map(plan.items, planned)),
            machine_failures(batches),
            store,
            output,
            plan.fingerprint(output),
        )
    except LostSimulations as error:
        keys = [row.key for row in planned]
        raise _healed(error, store.damaged(keys), batches, store) from None
    task.describe()


def _contents(plan: PlanFile, planned: list[Row]) -> dict[str, Any]:
    return {
        **{name: plan[name] for name in ("sweep", "title", "axes", "design", "quantities")},
        "record": plan["document"]["record"],
        "specification": plan.specification,
        "tstop": _stop_times(plan),
        "labels": {
            label["name"]: [_KINDS[label["kind"]](row.labels[i]) for row in planned]
            for i, label in enumerate(plan.labels)
        },
    }


def _stop_times(plan: PlanFile) -> float | list[float]:
    path = ["protocol", "tstop"]
    if path not in plan["slots"]:
        return plan["document"]["protocol"]["tstop"]
    position = plan["slots"].index(path)
    return [json.loads(row.slots[position]) for row in plan.rows()]


def _healed(
    error: LostSimulations, damaged: list[DamagedSegment], batches: list[Path], store: Store
) -> UserError:
    """Take back what promised lost results, so that the next run simulates them; return why."""
    lost = set(error.keys).union(*(segment.keys for segment in damaged))
    for segment in damaged:
        store.set_aside(segment.path)
    broken = remove_broken_promises(batches, lost)
    what = _several(damaged or [error], "\n")
    return UserError(
        f"{what}\nRemoved what promised them: {_several([p.name for p in broken], ', ')}"
    )


def _several(items: list[Any], between: str) -> str:
    more = [f"... and {len(items) - 3} more"] if len(items) > 3 else []
    return between.join([*map(str, items[:3]), *more])
