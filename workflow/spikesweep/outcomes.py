"""The file of a batch: what each of its simulations came to.

A row a simulation: its key; whether it was run or found in the store; and, where it was run, its
status and message. The file promises that the results of its keys are in the store, but for those
whose end depends on the machine: these stand here alone.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

COLUMNS = ("key", "source", "status", "message")
# How a simulation ends on one machine and not on another: never in the store.
MACHINE_STATUSES = frozenset(["timeout", "memory", "crashed"])


def command_alone(sweep: str, index: int) -> str:
    """Return the command that runs one simulation alone, with all that it prints."""
    return f"spikesweep run {sweep} --index {index}"


def machine_failures(batches: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """Return the status and message of the simulations whose end the store does not know."""
    failures = {}
    for path in batches:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["status"] in MACHINE_STATUSES:
                    failures[row["key"]] = (row["status"], row["message"])
    return failures


def remove_broken_promises(batches: Iterable[Path], lost: Iterable[str]) -> list[Path]:
    """Remove the files of batches that say that lost results are in the store; return them."""
    lost = set(lost)
    broken = []
    for batch in batches:
        if batch.exists() and any(line[:64] in lost for line in batch.read_text().splitlines()):
            batch.unlink()
            broken.append(batch)
    return broken
