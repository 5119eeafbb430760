"""Which simulations came to the same, bit by bit, when they ran alone: `run_alone_<fp>.csv`."""

import csv
from collections.abc import Iterable
from pathlib import Path

from spikesweep.products.atomic import written
from spikesweep.recording.results import Result

HEADER = ("index", "key", "same_alone", "message")


def difference(stored: Result, alone: Result) -> str:
    """Return what differs of two results of one simulation, '' where no bit does.

    Traces are told by their trajectory, the digest of all final states, and their extremes: the
    store may hold more of a trace than is asked for.
    """
    if (stored.status, stored.message) != (alone.status, alone.message):
        return f"{stored.status}, but alone {alone.status}: {alone.message}".rstrip(": ")
    if stored.trajectory != alone.trajectory:
        return "the final states differ"
    for site, times in alone.spikes.items():
        if times.tobytes() != stored.spikes[site].tobytes():
            return f"spike times differ: {stored.spikes[site].size}, alone {times.size}"
    for kind in ("extremes", "features"):
        ours, others = getattr(stored, kind), getattr(alone, kind)
        for name, value in others.items():
            if repr(ours[name]) != repr(value):
                return f"{kind} differ: {ours[name]}, alone {value}"
    return ""


def write_alone(rows: Iterable[tuple[int, str, str]], output: Path) -> None:
    """Write the table: index and key of each, and what differs."""
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        table.writerows((i, key, "no" if what else "yes", what) for i, key, what in rows)
