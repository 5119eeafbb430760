"""Means over replicates, simulations that differ in an axis that is not shown, and how well they
are known."""

import csv
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spikesweep.products.atomic import written
from spikesweep.tables.columns import REPLICATES

RESAMPLES = 2000


class Replicates(NamedTuple):
    """Of the values at each place (m,): `mean`, number `n`, and how far below and above the mean
    the spread reaches, 0 where there is one value."""

    mean: np.ndarray
    n: np.ndarray
    below: np.ndarray
    above: np.ndarray


def summarise(groups: list[np.ndarray], spread: str) -> Replicates:
    """Return the mean of each group of values and its spread.

    Args:
        spread: "sd", the standard deviation (ddof 1); "sem", that over the root of n; "ci", the
            95% bootstrap interval of the mean (percentiles of 2000 resamples, Efron 1979, drawn
            by the group's size alone, so that equal values give equal intervals); or "none".
    """
    of_group = _SPREADS[spread]
    spreads = [of_group(values) if values.size > 1 else (0.0, 0.0) for values in groups]
    below, above = np.array(spreads, float).reshape(-1, 2).T
    return Replicates(
        np.array([values.mean() for values in groups]),
        np.array([values.size for values in groups], int),
        below,
        above,
    )


def write_replicates(
    statistics: Path, axes: Sequence[str], replicates: Collection[str], output: Path
) -> None:
    """Write a row a point of the other axes, site and statistic: n, mean and SD over replicates.

    Simulations that failed, and values that are undefined, are in no mean. Without any the mean is
    empty, with one the SD is.

    Args:
        statistics: the table of them.
        replicates: the axes in which replicates differ.
    """
    others = [axis for axis in axes if axis not in replicates]
    with statistics.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        columns = list(rows.fieldnames or ())
        names = columns[columns.index("site") + 1 :]
        groups: dict[tuple[str, ...], dict[str, list[float]]] = defaultdict(
            lambda: {name: [] for name in names}
        )
        for row in rows:
            group = groups[(*(row[axis] for axis in others), row["site"])]
            for name in names:
                if row[name]:
                    group[name].append(float(row[name]))
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*others, *REPLICATES])
        for point, group in groups.items():
            writer.writerows([*point, name, *_told(values)] for name, values in group.items())


def _told(values: list[float]) -> tuple[int, str, str]:
    n = len(values)
    mean = repr(float(np.mean(values))) if n else ""
    return n, mean, repr(float(np.std(values, ddof=1))) if n > 1 else ""


def _sd(values: np.ndarray) -> tuple[float, float]:
    sd = values.std(ddof=1)
    return sd, sd


def _sem(values: np.ndarray) -> tuple[float, float]:
    sem = values.std(ddof=1) / np.sqrt(values.size)
    return sem, sem


def _bootstrap(values: np.ndarray) -> tuple[float, float]:
    rng = np.random.default_rng(values.size)
    means = values[rng.integers(values.size, size=(RESAMPLES, values.size))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return values.mean() - low, high - values.mean()


def _none(values: np.ndarray) -> tuple[float, float]:
    return 0.0, 0.0


_SPREADS = {"sd": _sd, "sem": _sem, "ci": _bootstrap, "none": _none}
