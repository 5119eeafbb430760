"""The tables of sensitivity and uncertainty, from the results of a sampled sweep."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spikesweep.figures.data import FigureData
from spikesweep.figures.index_names import NO_AXIS
from spikesweep.figures.labels import Quantity
from spikesweep.products.atomic import written
from spikesweep.sweepfile.sequences import SEQUENCES
from spikesweep.tables.columns import SENSITIVITY, UNCERTAINTY
from spikesweep.tables.sensitivity import METHODS, indices, names_of, whole, why_none

PERCENTILES = (5, 50, 95)
POINTS_BESIDE = {"sobol": 2, "morris": 1}  # of a block: so many more than axes


def write_sensitivity(data: FigureData, asked: Mapping[str, Any], outputs: Sequence[Path]) -> None:
    """Write a row a quantity, method, index and axis; and one a quantity, of how it is spread.

    Simulations that failed, or in which the quantity is undefined, are in no row: methods that take
    any sample leave them out, Sobol's and Morris's all blocks that they are part of.

    Args:
        asked: of the recipe: what the sweep file asks, `axes` of the sample, its `kind`, and the
            `places` of the simulations in the whole sample, None where all of it is there.
        outputs: the files.
    """
    sensitivity, uncertainty = outputs
    rows = data.select(asked["at"])
    measured = [data.quantity(name, asked["site"]) for name in asked["of"]]
    taken = [(quantity, values[rows.index].to_numpy(float)) for quantity, values in measured]
    x = rows[asked["axes"]].to_numpy(float)
    write_rows(sensitivity, SENSITIVITY, (r for q, y in taken for r in indices_of(q, x, y, asked)))
    write_rows(uncertainty, UNCERTAINTY, (spread_of(q, y, asked["kind"]) for q, y in taken))


def write_rows(output: Path, columns: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table whose rows have some of these columns each."""
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def indices_of(
    quantity: Quantity, x: np.ndarray, y: np.ndarray, asked: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a quantity: x (simulations, axes), y (simulations,), NaN where it has no
    value."""
    for method in asked["methods"]:
        axes = [*asked["axes"]]
        if method in POINTS_BESIDE:
            used, note = _whole(method, y, asked)
            of_x = x[used]
        else:
            used = np.flatnonzero(np.isfinite(y))
            note = _misread(asked["kind"]) if method == "rbd_fast" else ""
            none = np.random.default_rng([asked["seed"], 1]).permutation(len(used))
            axes.append(NO_AXIS)
            of_x = np.column_stack([x[used], none])
        row = {"quantity": quantity.name, "method": method, "used": used.size, "of": asked["n"]}
        of_quantity = {"unit": quantity.unit if method == "morris" else ""}
        if why := why_none(method, y[used], len(axes)):
            for name in names_of(method):
                for axis in axes:
                    told = "; ".join(filter(None, [f"undefined: {why}", note]))
                    yield row | of_quantity | {"axis": axis, "index": name, "note": told}
            continue
        found = indices(
            method, of_x, y[used], *(asked[name] for name in ("resamples", "level", "seed"))
        )
        for name, estimate in found.items():
            numbers = zip(axes, *estimate, strict=True)
            for axis, *values in numbers:
                value, low, high = (repr(float(one)) for one in values)
                yield (
                    row
                    | of_quantity
                    | {
                        **{"axis": axis, "index": name, "value": value, "low": low, "high": high},
                        **{"level": asked["level"], "note": note},
                    }
                )


def _misread(kind: str) -> str:
    """Return what is said of RBD-FAST where the order of the points is not random, as it takes it.

    Its S1 erred by 0.24 of 64 Sobol points and by 0.10 of 256, by 0.12 and 0.04 of random ones
    (root mean square over 12 seeds of four models whose S1 are known).
    """
    if kind not in SEQUENCES:
        return ""
    return (
        f"the points of a {kind} design are in no random order, as RBD-FAST takes them: of "
        "few, its S1 is off by tenths; see hdmr"
    )


def _whole(method: str, y: np.ndarray, asked: Mapping[str, Any]) -> tuple[np.ndarray, str]:
    """Return the rows of each whole block, and what is said of the others."""
    points = len(asked["axes"]) + POINTS_BESIDE[method]
    places = np.arange(len(y)) if asked["places"] is None else np.array(asked["places"], int)
    used = whole(places, y, points)
    blocks = asked["n"] // points
    unit = METHODS[method].unit
    return used, "" if len(used) == blocks else f"{len(used)} of {blocks} {unit} are whole"


def spread_of(quantity: Quantity, y: np.ndarray, kind: str) -> dict[str, Any]:
    """Return mean, SD and percentiles of a quantity over a sample."""
    known = y[np.isfinite(y)]
    row = {"quantity": quantity.name, "unit": quantity.unit, "used": known.size, "of": y.size}
    if kind == "morris":
        return row | {"note": "undefined: the points of Morris's design are no random sample"}
    if known.size < 2:
        return row | {"note": f"undefined: {known.size} values; expected 2 at least"}
    percentiles = np.percentile(known, PERCENTILES)
    return row | {
        "mean": repr(float(known.mean())),
        "sd": repr(float(known.std(ddof=1))),
        **{f"p{p}": repr(float(v)) for p, v in zip(PERCENTILES, percentiles, strict=True)},
    }
