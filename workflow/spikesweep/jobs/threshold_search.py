"""The job that tells of the thresholds that a design searched for."""

from pathlib import Path

from spikesweep.jobs.task import Task, begin
from spikesweep.products.column import Column
from spikesweep.tables.by_simulation import values_of_each
from spikesweep.tables.simulations import read_simulations
from spikesweep.tables.thresholds import COLUMNS, Tried, write_thresholds


def make(plan_path: Path, output: Path) -> None:
    """Write the thresholds of a sweep, each with its bracket."""
    task = begin(plan_path, output)
    asked = task.recipe["threshold"]
    searches = _searches(task, asked["axis"], asked["of"], asked["site"])
    others = [axis["name"] for axis in task.plan["axes"] if axis["name"] != asked["axis"]]
    write_thresholds(searches, others, asked["at"], asked["width"], task.output)
    task.describe(thresholds=_columns(task, asked["axis"], asked["of"]))


def _searches(task: Task, axis: str, of: str, site: str | None) -> dict[tuple, list[Tried]]:
    found = values_of_each(task.reads, of, site, task.window)
    names, rows = read_simulations(task.reads["simulations"])
    place = names.index(axis) + 1  # behind the index
    searches: dict[tuple, list[Tried]] = {}
    for (point, _, _), value in zip(rows, found, strict=True):
        others = (*point[1:place], *point[place + 1 :])
        searches.setdefault(others, []).append(Tried(int(point[0]), float(point[place]), value))
    return searches


def _columns(task: Task, axis: str, of: str) -> dict[str, Column]:
    """Return what the columns hold that depends on the sweep."""
    [searched] = (one for one in task.plan["axes"] if one["name"] == axis)
    ends = ("threshold_lower", "threshold_upper")
    return {
        **{n: COLUMNS[n]._replace(unit=searched["unit"], definition=f"of {axis}") for n in ends},
        **{n: COLUMNS[n]._replace(definition=of) for n in ("found_lower", "found_upper")},
    }
