"""Thresholds that a design has searched for: `results/<sweep>/thresholds.csv`.

A row a combination of the other axes: between which neighbours the quantity crosses, what each of
them gave, and how far that can be believed. Never a number without its bracket.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spikesweep.document.axes.searching import TOLERANCE, Value, bracket, reaches
from spikesweep.products.atomic import written
from spikesweep.products.column import Column

COLUMNS = {
    "threshold_lower": Column("", "highest value below the threshold", "of the searched axis"),
    "threshold_upper": Column("", "lowest value that reaches it", "of the searched axis"),
    "found_lower": Column("", "what the lower end gave", "the quantity that is looked at"),
    "found_upper": Column("", "what the upper end gave", "the quantity that is looked at"),
    "index_lower": Column("", "simulation of the lower end", "its number in the sweep"),
    "index_upper": Column("", "simulation of the upper end", "its number in the sweep"),
    "bracketed": Column(
        "",
        "bracketed",
        "yes: no wider than asked; wide: wider, since simulations between failed; or no: "
        "never reached, always reached, only from above, all failed",
    ),
    "monotonic": Column(
        "",
        "monotonic as far as seen",
        "yes: once reached, it is at every higher value that was tried; no: crossed again; "
        "empty, where all failed",
    ),
    "tried": Column("", "simulations", "along the axis, for this threshold"),
    "tried_failed": Column("", "failed simulations", "of these, of which nothing is known"),
}
NEVER, ALWAYS, FALLING = "never reached", "always reached", "only from above"
WIDE, FAILED_ALL = "wide", "all failed"
OUTCOMES = {frozenset([False]): NEVER, frozenset([True]): ALWAYS}  # of all that did not fail


class Tried(NamedTuple):
    """A simulation of a search: its number, its value of the searched axis, and what it gave."""

    number: int
    at: float
    found: Value


def write_thresholds(
    searches: Mapping[tuple[Any, ...], Sequence[Tried]],
    others: Sequence[str],
    at: float | list[str],
    width: float,
    output: Path,
) -> None:
    """Write the table.

    Args:
        searches: simulations by their values of the other axes.
        others: names of these axes. at: what is to be reached. width: of the widest bracket.
    """
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*others, *COLUMNS])
        for point, tried in searches.items():
            table.writerow([*point, *judged(tried, at, width)])


def judged(tried: Sequence[Tried], at: float | list[str], width: float) -> list[Any]:
    """Return what is known of one threshold, in the order of COLUMNS; None where nothing is."""
    reached = {one.at: reaches(one.found, at) for one in tried}
    by_value = {one.at: one for one in tried}
    lower, upper, crossings = bracket(reached)
    failed = sum(is_up is None for is_up in reached.values())
    if lower is None or upper is None:
        known = {is_up for is_up in reached.values() if is_up is not None}
        why = FALLING if crossings else OUTCOMES.get(frozenset(known), FAILED_ALL)
        nothing = [None] * 6
        monotonic = _monotonic(crossings, rising=False) if known else None
        return [*nothing, why, monotonic, len(tried), failed]
    ends = by_value[lower], by_value[upper]
    is_narrow = upper - lower <= width * (1 + TOLERANCE)
    return [
        *(lower, upper),
        *(end.found for end in ends),
        *(end.number for end in ends),
        *("yes" if is_narrow else WIDE, _monotonic(crossings, rising=True)),
        *(len(tried), failed),
    ]


def _monotonic(crossings: int, rising: bool) -> str:
    return "yes" if crossings == int(rising) else "no"


def told(table: Path, of: str) -> list[str]:
    """Return what is to be said of a table of thresholds, in sentences."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    words = (NEVER, ALWAYS, FALLING, FAILED_ALL, WIDE)
    counts = {word: sum(row["bracketed"] == word for row in rows) for word in words}
    found = sum(row["bracketed"] == "yes" for row in rows)
    sentence = f"{of}: {found:,} of {len(rows):,} thresholds bracketed"
    sentence += "".join(f", {number:,} {word}" for word, number in counts.items() if number)
    again = sum(row["bracketed"] in ("yes", WIDE) and row["monotonic"] == "no" for row in rows)
    return [f"{sentence}; {again:,} crossed more than once" if again else sentence]
