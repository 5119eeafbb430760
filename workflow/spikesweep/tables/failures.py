"""The table of the simulations that failed: `results/<sweep>/failures.csv`.

The rows of `simulations.csv` whose status is not ok, each with the command that runs it alone:
index, <axes>, status, message, command. Without failures it has no row.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spikesweep.products.atomic import written
from spikesweep.store.batch_file import command_alone
from spikesweep.tables.bounds import UNPHYSICAL
from spikesweep.tables.simulations import read_simulations


@dataclass(frozen=True)
class Failure:
    """One row of the table, without the axes."""

    index: int
    status: str
    message: str

    @property
    def reason(self) -> str:
        """What it has in common with others: the status, and what the message begins with."""
        words = self.message.partition("\n")[0]
        # Every unphysical simulation has extremes of its own.
        return self.status if self.status == UNPHYSICAL or not words else f"{self.status}: {words}"


def write_failures(simulations: Path, output: Path, sweep: str) -> None:
    """Write the table of the simulations that failed or are unphysical.

    Args:
        simulations: the table of all.
    """
    axes, rows = read_simulations(simulations)
    with (
        written(output) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as table,
    ):
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["index", *axes, "status", "message", "command"])
        for point, status, message in rows:
            if status != "ok":
                command = command_alone(sweep, int(point[0]))
                writer.writerow([*point, status, message, command])


def read_failures(table: Path) -> Iterator[Failure]:
    """Yield the rows of the table."""
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Failure(int(row["index"]), row["status"], row["message"])


def by_reason(failures: Iterable[Failure]) -> dict[str, list[Failure]]:
    """Return the failures by reason, the commonest first."""
    groups: dict[str, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(failure.reason, []).append(failure)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))
