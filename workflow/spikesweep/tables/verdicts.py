"""What `results/<sweep>/population.csv` says of candidates; read without NumPy."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from spikesweep.products.column import Column

ACCEPTED, REJECTED, FAILED = "accepted", "rejected", "failed"
# Beside the axes of the candidates, and a column a criterion.
COLUMNS = {
    "candidate": Column("", "candidate", "number of its first simulation in the sweep"),
    "verdict": Column(
        "",
        "verdict",
        "accepted: it meets all criteria; rejected; failed: one of its simulations did, so that it "
        "is not judged",
    ),
    "reasons": Column("", "reasons", "which criteria it does not meet, and by how much"),
    "doubtful": Column(
        "",
        "doubtful criteria",
        "criteria that look at a count of spikes, or a class of firing, which is another one by a "
        "threshold 10 mV lower",
    ),
}


class Population(NamedTuple):
    """The table: the names of its axes, and its rows by the names of its columns."""

    axes: list[str]
    rows: list[dict[str, str]]

    @property
    def accepted(self) -> list[dict[str, str]]:
        """The rows of the candidates that were accepted."""
        return [row for row in self.rows if row["verdict"] == ACCEPTED]


def read_population(table: Path) -> Population:
    """Return the table of a population, as its text has it."""
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.DictReader(file)
        names = list(lines.fieldnames or ())
        return Population(names[1 : names.index("verdict")], list(lines))


def at_text(at: Mapping[str, Any]) -> str:
    """Return at which values of axes a criterion looks: "amp=0.3"."""
    return ", ".join(f"{axis}={_text(value)}" for axis, value in at.items())


def criterion_text(one: Mapping[str, Any]) -> str:
    """Return what a criterion asks of its quantity, in words, and where that comes from."""
    site = f" of {one['site']}" if one["site"] else ""
    site += f" (mean of {one['cells']} cells)" if "cells" in one else ""
    at = f" at {at_text(one['at'])}" if one["at"] else ""
    source = f" ({one['source']})" if one["source"] else ""
    return f"{one['of']}{site}{at} {_asked(one)}{source}"


def _asked(one: Mapping[str, Any]) -> str:
    if "classes" in one:
        return f"{' or '.join(one['classes'])}"
    low, high, unit = _text(one["low"]), _text(one["high"]), f" {one['unit']}".rstrip()
    if one["mean"] is not None:
        mean, sd, z = (_text(one[key]) for key in ("mean", "sd", "z"))
        return f"within {z} SD of the mean {mean}{unit}, SD {sd}{unit}"
    if one["low"] is None:
        return f"at most {high}{unit}"
    if low == high:
        return f"exactly {low}{unit}"
    return f"at least {low}{unit}" if one["high"] is None else f"from {low} to {high}{unit}"


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def told(population: Path, acceptance: Path) -> list[str]:
    """Return what is to be said of a population, in sentences."""
    counts = Counter(row["verdict"] for row in read_population(population).rows)
    with acceptance.open(newline="", encoding="utf-8") as file:
        first, *others = csv.DictReader(file)
    judged = counts[ACCEPTED] + counts[REJECTED]
    sentence = f"{counts[ACCEPTED]:,} of {judged:,} candidates accepted"
    if first["share"]:
        sentence += f" ({_percent(first['share'])}{_interval(first)})"
    if counts[FAILED]:
        sentence += f"; {counts[FAILED]:,} failed, and are not judged"
    worst = min(others, key=lambda row: int(row["met"]))
    if judged and int(worst["met"]) < judged:
        sentence += f"; {worst['criterion']} rejects most: {judged - int(worst['met']):,}"
    return [sentence]


def _interval(row: Mapping[str, Any]) -> str:
    if not row["share_low"]:
        return ""
    return f"; 95% interval {_percent(row['share_low'])} to {_percent(row['share_high'])}"


def _percent(share: str) -> str:
    return f"{100 * float(share):.3g}%"
