"""The table of the simulations that failed: `results/<sweep>/failures.csv`.

A row a simulation, in the order of the sweep: index, <axes>, status, message, command. Without
failures it has no row.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from spikesweep.products.atomic import written
from spikesweep.store.batch_file import command_alone
from spikesweep.tables.bounds import UNPHYSICAL, Bounds, unphysical
from spikesweep.tables.statistics import open_dataset, read_simulations


class Failure(NamedTuple):
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


def write_failures(dataset: Path, output: Path, sweep: str, bounds: Bounds) -> None:
    """Write the table of the simulations of a dataset that failed or are unphysical.

    Raises:
        UserError: no such dataset or a damaged one.
    """
    with (
        open_dataset(dataset) as file,
        written(output) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as table,
    ):
        simulations = read_simulations(file)
        axes = [column.tolist() for column in simulations.axes.values()]
        judged = unphysical(file, bounds)
        messages = file["message"].asstr()[...].ravel()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["index", *simulations.axes, "status", "message", "command"])
        for position, status in enumerate(simulations.status.tolist()):
            message = messages[position]
            if status == "ok" and position in judged:
                status, message = UNPHYSICAL, judged[position]
            if status != "ok":
                index = simulations.index[position]
                point = (column[position] for column in axes)
                command = command_alone(sweep, index)
                writer.writerow([index, *point, status, message, command])


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
