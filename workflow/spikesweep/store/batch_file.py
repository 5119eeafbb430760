"""The file of a batch: what each of its simulations came to.

A row a simulation: its key; whether it was run or found in the store; and, where it was run, its
status and message. The file promises that the results of its keys are in the store, but for those
whose end depends on the machine, or was told by the end of a process: these stand here alone.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Outcome(NamedTuple):
    """A row of the file; source: "run" or "store", where the result is; or ALONE."""

    key: str
    source: str
    status: str = ""
    message: str = ""


ALONE = "not stored"  # how it ended stands in this file alone


def command_alone(sweep: str, index: int) -> str:
    """Return the command that runs one simulation alone, with all that it prints."""
    return f"spikesweep run {sweep} --index {index}"


def write_outcomes(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write the file of a batch."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(Outcome._fields)
        rows.writerows(outcomes)


def read_outcomes(path: Path) -> Iterator[Outcome]:
    """Yield the rows of the file of a batch."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        yield from map(Outcome._make, rows)


def machine_failures(batches: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """Return the status and message of the simulations whose end the store does not know."""
    return {
        outcome.key: (outcome.status, outcome.message)
        for path in batches
        for outcome in read_outcomes(path)
        if outcome.source == ALONE
    }


def remove_broken_promises(batches: Iterable[Path], lost: Iterable[str]) -> list[Path]:
    """Remove the files of batches that say that lost results are in the store; return them."""
    lost = set(lost)
    broken = []
    for batch in batches:
        if batch.exists() and any(line[:64] in lost for line in batch.read_text().splitlines()):
            batch.unlink()
            broken.append(batch)
    return broken
