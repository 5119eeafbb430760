"""How far numbers hang on steps and segments: `results/<sweep>/trust.csv`.

A row a simulation that ran again, site, statistic and what was refined: the value as the sweep has
it, those with finer steps, and what follows of these. Of continuous values an order of convergence
p and a value at the limit are estimated by Richardson's extrapolation, f(h) = f(0) + C h^p
(Richardson 1911), and the error with the safety factors of the grid convergence index, 1.25 where
p is observed and 3 where it is assumed (Roache 1994, doi:10.1115/1.2910291). Whole numbers, such as
counts, have no order: their error is the largest difference.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spikesweep.products.atomic import written
from spikesweep.products.column import Column

COLUMNS = {
    "index": Column("", "simulation", "number of the simulation in its sweep"),
    "site": Column("", "spike site", "where spikes were detected"),
    "statistic": Column("", "statistic", "column of the statistics"),
    "refined": Column("", "what is refined", "dt: the time step; nseg: the segments"),
    "unrefined": Column("", "value", "as statistics.csv has it"),
    "refined_values": Column(
        "",
        "refined values",
        "dt/2=...: with half the step; nseg*3=...: with three times as many "
        "segments; the coarsest first",
    ),
    "extrapolated": Column("", "value at the limit", "by Richardson's extrapolation"),
    "numerical_error": Column(
        "",
        "estimated numerical error",
        "of the value, without sign: its distance from the limit, times 1.25 where the order was "
        "observed and 3 where assumed (Roache 1994); of whole numbers the largest difference",
    ),
    "convergence_order": Column(
        "",
        "observed order of convergence",
        "p of f(h) = f(0) + C h^p; empty where it cannot be told",
    ),
    "robust": Column(
        "",
        "robust",
        "yes: whole numbers stay the same, other values are off by no more than the tolerance, and "
        "what is undefined stays so; no; or empty, where a simulation failed",
    ),
    "same_alone": Column(
        "",
        "same alone",
        "yes: all bits are equal when it runs alone, in a process of its own; no; "
        "or empty, where it did not run alone",
    ),
}
REFINED_INDEX = "refined_index"  # the column of refined simulations that says which each is
OBSERVED, ASSUMED = 1.25, 3.0  # safety factors of Roache (1994)
ORDERS = (0.5, 4.0)  # an observed order beyond these says that the steps are not fine enough
EQUAL = 1e-12  # of a value: what rounding makes of equal numbers
UNDEFINED = math.nan


class Judged(NamedTuple):
    """What a value comes to at finer steps: see COLUMNS."""

    limit: float
    error: float
    order: float
    is_robust: bool


def judge(
    value: float, refined: Sequence[tuple[float, float]], assumed: float, tolerance: float
) -> Judged:
    """Return what is to be thought of a value, from those at finer steps.

    Args:
        value: NaN where it is undefined, as a mean interval of one spike.
        refined: (relative step h < 1, value), the coarsest first; one at least.
        assumed: order of the method, used where none can be observed.
        tolerance: part of the value.
    """
    values = [value, *(other for _, other in refined)]
    if undefined := [other for other in values if math.isnan(other)]:
        return Judged(UNDEFINED, UNDEFINED, UNDEFINED, len(undefined) == len(values))
    spread = max(abs(other - value) for other in values)
    if spread <= EQUAL * max(map(abs, values)):
        return Judged(values[-1], spread, UNDEFINED, True)
    if all(other == round(other) for other in values):
        return Judged(UNDEFINED, spread, UNDEFINED, False)
    order, factor = UNDEFINED, ASSUMED
    if len(refined) > 1:
        (middle, at_middle), (fine, at_fine) = refined[-2:]
        order = observed_order((1.0, middle, fine), (value, at_middle, at_fine))
        factor = OBSERVED if ORDERS[0] <= order <= ORDERS[1] else ASSUMED
    p = order if factor == OBSERVED else assumed
    fine, at_fine = refined[-1]
    limit = at_fine + (at_fine - value) * fine**p / (1 - fine**p)
    error = max(factor * abs(value - limit), spread)
    if len(refined) > 1 and math.isnan(order):  # to and fro, as far as can be seen
        error = max(error, ASSUMED * (max(values) - min(values)))
    return Judged(limit, error, order, error <= tolerance * abs(limit))


def observed_order(steps: Sequence[float], values: Sequence[float]) -> float:
    """Return p of f(h) = f(0) + C h^p through three points; NaN where none goes through them.

    Args:
        steps: h, descending. values: f(h).
    """
    first, second = values[0] - values[1], values[1] - values[2]
    if first * second <= 0:
        return UNDEFINED
    wanted = first / second

    def ratio(p: float) -> float:
        return float((steps[0] ** p - steps[1] ** p) / (steps[1] ** p - steps[2] ** p))

    low, high = 1e-3, 20.0  # the ratio grows with p
    if not ratio(low) <= wanted <= ratio(high):
        return UNDEFINED
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if ratio(middle) < wanted else (low, middle)
    return (low + high) / 2


def write_trust(
    statistics: Path, refined: Path, alone: Path | None, asked: Mapping[str, Any], output: Path
) -> None:
    """Write the table.

    Args:
        statistics, refined: tables of the sweep, and of its refined simulations: those of one
            simulation behind each other, in the order of `refinements`.
        alone: of simulations that ran alone, None where none did.
        asked: `simulations` (indices; None: those that the refined ones say), `of`,
            `refinements` (name, what, h), `orders`, `tolerance`.
    """
    _, checks = _rows(refined)
    simulations = asked["simulations"]
    if simulations is None:
        simulations = list(dict.fromkeys(int(rows[0][REFINED_INDEX]) for rows in checks.values()))
    axes, chosen = _rows(statistics, simulations)
    same = _same(alone)
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        first, *others = COLUMNS
        table.writerow([first, *axes, *others])
        for place, index in enumerate(simulations):
            number = len(asked["refinements"])
            finer = [checks[str(place * number + i)] for i in range(number)]
            for site, row in enumerate(chosen[str(index)]):
                identity = [row["index"], *(row[axis] for axis in axes), row["site"]]
                for found in _compared(row, [rows[site] for rows in finer], asked):
                    table.writerow([*identity, *found, same.get(str(index), "")])


def _compared(
    row: Mapping[str, str], finer: Sequence[Mapping[str, str]], asked: Mapping[str, Any]
) -> Iterator[list[str]]:
    for statistic in asked["of"]:
        for what, assumed in asked["orders"].items():
            of_what = [
                (name, h, other)
                for (name, kind, h), other in zip(asked["refinements"], finer, strict=True)
                if kind == what
            ]
            values = ";".join(f"{name}={_shown(other, statistic)}" for name, _, other in of_what)
            known = [statistic, what, row[statistic], values]
            if any(one["status"] != "ok" for one in (row, *(other for *_, other in of_what))):
                yield [*known, "", "", "", ""]
                continue
            pairs = [(h, _number(other[statistic])) for _, h, other in of_what]
            found = judge(_number(row[statistic]), pairs, assumed, asked["tolerance"])
            numbers = [_text(number) for number in found[:3]]
            yield [*known, *numbers, "yes" if found.is_robust else "no"]


def _rows(
    table: Path, wanted: Sequence[int] | None = None
) -> tuple[list[str], dict[str, list[dict[str, str]]]]:
    """Return the axes of a table of statistics, and the rows of each simulation, a row a site."""
    known = None if wanted is None else set(map(str, wanted))
    rows: dict[str, list[dict[str, str]]] = {}
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.DictReader(file)
        names = list(lines.fieldnames or ())
        for row in lines:
            if known is None or row["index"] in known:
                rows.setdefault(row["index"], []).append(row)
    return names[1 : names.index("status")], rows


def _same(alone: Path | None) -> dict[str, str]:
    if alone is None:
        return {}
    with alone.open(newline="", encoding="utf-8") as file:
        return {row["index"]: row["same_alone"] for row in csv.DictReader(file)}


def _shown(row: Mapping[str, str], statistic: str) -> str:
    return row[statistic] if row["status"] == "ok" else row["status"]


def _number(text: str) -> float:
    return float(text) if text else UNDEFINED


def _text(number: float) -> str:
    return "" if math.isnan(number) else repr(number + 0.0)


def told(table: Path, asked: Mapping[str, Any]) -> list[str]:
    """Return what is to be said of a table of trust, a sentence a statistic and refinement."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    finest = {what: name for name, what, _ in asked["refinements"]}
    sentences = []
    for statistic in asked["of"]:
        for what, name in finest.items():
            of = [r for r in rows if r["statistic"] == statistic and r["refined"] == what]
            judged = [r for r in of if r["robust"]]
            values = [r["robust"] for r in judged if r["unrefined"] or r["robust"] == "no"]
            stand = values.count("yes")
            sentence = f"{statistic}: {stand:,} of {len(values):,} values stand at {name}"
            if len(values) < len(judged):
                sentence += f"; {len(judged) - len(values):,} are undefined at every step"
            if len(judged) < len(of):
                sentence += f"; of {len(of) - len(judged):,} a simulation failed"
            sentences.append(sentence)
    if others := sorted({int(r["index"]) for r in rows if r["same_alone"] == "no"}):
        shown = ", ".join(map(str, others[:8])) + (", ..." if others[8:] else "")
        sentences.append(f"NOT THE SAME ALONE, bit by bit: simulations {shown}")
    if sentences and not asked["is_all"]:
        again = len({row["index"] for row in rows})
        sentences[0] += f" ({again:,} simulations, {asked['sample']})"
    return sentences
