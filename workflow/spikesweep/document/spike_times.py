"""Times of events that a sweep file gives, of a VecStim or a PatternStim: a list or a CSV file.

VecStim is no mechanism of NEURON's own, and PatternStim plays into gids, which cells here have none
of. What both do, an IntFire1 without a refractory period can: it makes an event when it gets one.
Their documents are of that type, so that the two share keys.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from spikesweep.document.files import inside
from spikesweep.document.known import KnownModel
from spikesweep.document.table_file import read_numbers
from spikesweep.errors import UserError
from spikesweep.language import document as doc
from spikesweep.language.units import to_number
from spikesweep.sweepfile.model import Process

TIMED = ("VecStim", "PatternStim")
MOST_TIMES = 1_000_000


def times_document(process: Process, model: KnownModel, place: str) -> doc.Process:
    """Return the document of a process whose type is one of TIMED.

    Raises:
        UserError: it stands somewhere or has parameters or pointers; no times, or times that do
            not rise.
    """
    if process.at is not None:
        raise UserError(
            f"{place}.at: {process.type} is an artificial cell, which stands nowhere; leave it out"
        )
    pointers = ["pointers"] if process.pointers else []
    for name in [*process.__pydantic_extra__, *pointers]:
        raise UserError(
            f'{place}: "{name}" is no parameter of {process.type} here; it takes times alone'
        )
    if process.times is None and process.spikes is None:
        raise UserError(
            f"{place}.times: this key is required: a list of times, or a CSV file; or `spikes` of "
            "another sweep"
        )
    if process.times is not None and process.spikes is not None:
        raise UserError(f"{place}.spikes: times are given as well; expected one of them")
    count = process.count or 1
    document: doc.Process = {
        "type": "IntFire1",
        "parameters": {"refrac": 0.0, "tau": 1e9},
        # Those of another sweep are filled in once they are known, see `plan.spikes`.
        "times": [[] for _ in range(count)]
        if process.times is None
        else _times(process.times, count, model, f"{place}.times"),
    }
    if process.count is not None:
        document["count"] = process.count
    return document


def _times(given: Any, count: int, model: KnownModel, place: str) -> list[list[float]]:
    """Return the times of each copy (ms)."""
    if isinstance(given, list):
        every = [to_number(time, "ms", f"{place}[{i}]") for i, time in enumerate(given)]
        _check(every, place)
        return [every] * count
    trains = _read(given, count, model, place)
    for train in trains:
        _check(train, place)
    return trains


def _read(path: str, count: int, model: KnownModel, place: str) -> list[list[float]]:
    """Return the times that a file has: a column of times, and one of the copies that they are of
    where there is one; else all copies have all of them."""
    model.files.times.add(path)
    rows = read_numbers(inside(model.files.root, path, place), ("ms", ""), place)
    if len(rows[0]) == 1:
        return [sorted(time for (time,) in rows)] * count
    trains: list[list[float]] = [[] for _ in range(count)]
    for time, copy in rows:
        if copy not in range(count):
            raise UserError(
                f"{place}: {path}: a time of copy {copy:g}; expected one of 0 to {count - 1}, "
                "by the process's count"
            )
        trains[int(copy)].append(time)
    return list(map(sorted, trains))


def _check(times: Sequence[float], place: str) -> None:
    if len(times) > MOST_TIMES:
        raise UserError(f"{place}: {len(times):,} times; expected at most {MOST_TIMES:,}")
    for time in times:
        if not math.isfinite(time) or time < 0:
            raise UserError(f"{place}: {time:g} ms; expected 0 ms or more")
    for before, after in pairwise(times):
        if not before < after:
            raise UserError(
                f"{place}: {after:g} ms after {before:g} ms; expected times that rise, each once"
            )
