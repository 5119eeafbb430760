"""How far each statistic moved between the simulations of two plans."""

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from spikesweep.comparing.simulations import Pair
from spikesweep.products.sidecar import beside
from spikesweep.tables.columns import COLUMNS

Rows = dict[tuple[int, str], dict[str, str]]  # by simulation and site


class Moved(NamedTuple):
    """How one statistic moved at one site.

    compared: in how many simulations both have a value. differ: in how many of them it is
    another. appeared, vanished: in how many only the new, only the old has one. mean, largest:
    of new minus old over all compared, and where it is largest; `pair` is that simulation.
    """

    site: str
    column: str
    unit: str
    compared: int
    differ: int
    appeared: int
    vanished: int
    mean: float
    largest: float
    old: float
    new: float
    pair: Pair | None


class Movement(NamedTuple):
    """What became of the statistics; statuses count simulations: "ok -> error"."""

    columns: list[Moved]
    statuses: dict[str, int]
    compared: int


def movement(old: Path, new: Path, pairs: Iterable[Pair]) -> Movement:
    """Return how far each statistic moved, over the pairs of simulations that both plans have."""
    pairs = list(pairs)
    before, after = _read(old), _read(new)
    sites = sorted({site for _, site in before} & {site for _, site in after})
    columns = [
        moved
        for site in sites
        for column in _shared_columns(before, after)
        if (moved := _moved(site, column, _units(new).get(column, ""), before, after, pairs))
    ]
    return Movement(columns, dict(_statuses(before, after, pairs, sites)), len(pairs))


def _read(table: Path) -> Rows:
    with table.open(newline="", encoding="utf-8") as file:
        return {(int(row["index"]), row["site"]): row for row in csv.DictReader(file)}


def _shared_columns(before: Rows, after: Rows) -> list[str]:
    """Return the columns of statistics that both tables have: those behind the site."""
    names = [list(next(iter(rows.values()), {})) for rows in (before, after)]
    statistics = [own[own.index("site") + 1 :] if own else [] for own in names]
    return [column for column in statistics[0] if column in statistics[1]]


def _units(table: Path) -> dict[str, str]:
    """Return the units of the columns, as the table's description has them."""
    units = {name: column.unit for name, column in COLUMNS.items()}
    try:
        described = json.loads(beside(table).read_text(encoding="utf-8"))["columns"]
    except (OSError, ValueError, KeyError):
        return units
    return units | {name: column["unit"] for name, column in described.items()}


def _moved(
    site: str, column: str, unit: str, before: Rows, after: Rows, pairs: list[Pair]
) -> Moved | None:
    """Return how a statistic moved; None where it did not."""
    counts: Counter[str] = Counter()
    total, largest = 0.0, (0.0, math.nan, math.nan, None)
    for pair in pairs:
        old = _number(before, pair.old.index, site, column)
        new = _number(after, pair.new.index, site, column)
        if math.isnan(old) or math.isnan(new):
            counts["appeared"] += math.isnan(old) and not math.isnan(new)
            counts["vanished"] += math.isnan(new) and not math.isnan(old)
            continue
        counts["compared"] += 1
        counts["differ"] += old != new
        total += new - old
        if abs(new - old) > abs(largest[0]):
            largest = (new - old, old, new, pair)
    if not (counts["differ"] or counts["appeared"] or counts["vanished"]):
        return None
    mean = total / counts["compared"] if counts["compared"] else math.nan
    numbers = [counts[name] for name in ("compared", "differ", "appeared", "vanished")]
    return Moved(site, column, unit, *numbers, mean, *largest)


def _number(rows: Rows, index: int, site: str, column: str) -> float:
    """Return the value of a statistic; NaN where there is none."""
    text = rows.get((index, site), {}).get(column, "")
    return float(text) if text else math.nan


def _statuses(
    before: Rows, after: Rows, pairs: list[Pair], sites: list[str]
) -> Iterator[tuple[str, int]]:
    changes: Counter[str] = Counter()
    for pair in pairs if sites else ():
        old = before.get((pair.old.index, sites[0]), {}).get("status", "none")
        new = after.get((pair.new.index, sites[0]), {}).get("status", "none")
        if old != new:
            changes[f"{old} -> {new}"] += 1
    yield from sorted(changes.items())
