"""Means over replicates, simulations that differ in an axis that is not shown, and how well they
are known."""

from typing import NamedTuple

import numpy as np

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
