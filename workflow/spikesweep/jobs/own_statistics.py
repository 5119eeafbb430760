"""The job that calls the user's own statistics."""

from pathlib import Path
from typing import Any

import numpy as np

from spikesweep.errors import UserError
from spikesweep.jobs.own_code import in_own_child
from spikesweep.jobs.task import Task, begin
from spikesweep.modelcode.closure import copy_files, copy_imported
from spikesweep.tables.own_statistics import measure, write_own_statistics
from spikesweep.tables.spiketrain import Floats


def make(plan_path: Path, output: Path) -> None:
    """Write the table of what each function says of each simulation."""
    task = begin(plan_path, output)
    statistics = task.recipe["own_code"]
    columns = {name: _measured(task, name, one) for name, one in statistics.items()}
    reads = task.reads["dataset"], task.reads["simulations"]
    write_own_statistics(*reads, columns, task.output)
    task.describe()


def _measured(task: Task, name: str, statistic: dict[str, Any]) -> Floats:
    """Return what a function says, called in a child from the first simulation to the last, and in
    another from the last to the first, which must be the same to the last bit."""

    def called(folder: Path, backwards: bool) -> Floats:
        return measure(
            task.reads["dataset"], task.reads["simulations"], task.window, statistic, folder,
            backwards,
        )  # fmt: skip

    def copy(folder: Path) -> None:
        copy_files(Path(), statistic["sources"], folder)
        copy_imported(statistic["imported"], folder)

    place = f"statistics.{name}"
    forwards, backwards = (
        in_own_child(
            lambda folder, b=b: called(folder, b), copy, [*task.reads.values()], 1 + b, place
        )
        for b in (False, True)
    )
    differ = np.flatnonzero((forwards != backwards) & ~(np.isnan(forwards) & np.isnan(backwards)))
    if differ.size:
        one, other = forwards[differ[0]], backwards[differ[0]]
        raise UserError(
            f"{place}: {statistic['python']} says {one:g} and then {other:g} of the same "
            f"simulation, and differs in {len(differ)} of {len(forwards)} rows; expected a number "
            "that follows from spikes and traces alone: seed what is random, and keep nothing "
            "from one call to the next"
        )
    return forwards
