"""The job that makes the statistics table and the table of intervals."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikesweep.jobs.task import begin
from spikesweep.products.column import Column
from spikesweep.tables.columns import WINDOW_COLUMNS
from spikesweep.tables.names import feature_names
from spikesweep.tables.own_statistics import read_own_statistics
from spikesweep.tables.statistics import varies, write_tables

_EFEL = "of the waveform, by eFEL"
_MEASURED = "of what was recorded, in its window"


def make(plan_path: Path, output: Path) -> None:
    """Write the statistics table and the table of intervals."""
    task = begin(plan_path, output)
    derived = task.recipe["derived"]
    own = task.recipe["own"]
    write_tables(
        task.reads["dataset"],
        task.reads["simulations"],
        *task.files,
        window=task.window,
        refractory=task.recipe["refractory"],
        derived={name: one["formula"] for name, one in derived.items()},
        own=read_own_statistics(task.reads["own_statistics"]) if own else None,
    )
    quantities = task.plan["quantities"]
    record = task.plan["document"]["record"]
    features = {
        name: Column(**quantities[name], definition=definition)
        for group, wanted in record.get("features", {}).items()
        for definition in [_definition(wanted)]
        for name in feature_names({"features": {group: wanted}})
    }
    features |= own_columns(own)
    for name, one in derived.items():
        long_name = one["label"] or name.replace("_", " ")
        features[name] = Column(one["unit"], long_name, one["formula"])
    windows = WINDOW_COLUMNS if varies(task.window) else {}
    task.describe(statistics={**windows, **features})


def _definition(wanted: Mapping[str, Any]) -> str:
    if "gating" in wanted:
        state = "at 0 ms" if wanted["when"] == "start" else "at the end of the run"
        if wanted["gating"]:
            return f"linear response {state}, all states following (Koch 1984)"
        return f"by NEURON's Impedance class {state}; gates are frozen"
    if "variable" not in wanted:
        return "length of the way along sections, in the cell as it was built"
    return _EFEL if "threshold" in wanted else _MEASURED


def own_columns(own: dict[str, Any]) -> dict[str, Column]:
    """Return what the columns of own statistics hold, by what the plan says of them."""
    return {
        name: Column(one["unit"], one["label"] or name.replace("_", " "), one["definition"])
        for name, one in own.items()
    }
