"""Sensitivity indices of a quantity to the axes of a sample, with intervals by bootstrap.

Arrays hold what is resampled along their first dimension: simulations, or the blocks and the
trajectories that Saltelli's and Morris's designs consist of, `x` (units, [points,] axes) and
`y` (units, [points]). The estimators are SALib's (Iwanaga, Usher and Herman 2022), or give what its
give, but for HDMR's.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre
from SALib.analyze import delta, rbd_fast, sobol
from scipy.stats import norm, rankdata

Floats = np.ndarray[Any, np.dtype[np.float64]]

HARMONICS = 10  # M of RBD-FAST
DEGREE, EACH = 6, 3  # of HDMR's polynomials at most, and simulations a coefficient at least
SLICES = 10  # of an axis, in PAWN
STEP = 2 / 3  # of Morris's trajectories, in quantiles of the axis
LEAST_VALUES = 20  # of a quantity that has a density


class Estimate(NamedTuple):
    """An index of each axis: `value`, `low` and `high`, (axes,)."""

    value: Floats
    low: Floats
    high: Floats


class Method(NamedTuple):
    """A method: what it resamples and how many it needs, and the values of its indices.

    values: of x and y, index -> (axes,).
    """

    unit: str
    least: int
    values: Callable[[Floats, Floats], dict[str, Floats]]


def _pawn(x: Floats, y: Floats) -> dict[str, Floats]:
    """Median over slices of an axis of the Kolmogorov-Smirnov distance between y in the slice and
    all of y (Pianosi and Wagener 2018). Not SALib's, which spends its time on p-values."""
    order = np.argsort(y)
    last = np.append(np.diff(y[order]) > 0, True)  # of each value of y
    of_all = (np.flatnonzero(last) + 1) / len(y)
    medians = []
    for column in x[order].T:
        edges = np.quantile(column, np.linspace(0, 1, SLICES + 1))
        inside = (column >= edges[:-1, np.newaxis]) & (column < edges[1:, np.newaxis])
        inside = inside[inside.any(axis=1)]  # ties may leave a slice empty
        of_slices = np.cumsum(inside, axis=1)[:, last] / inside.sum(axis=1, keepdims=True)
        medians.append(np.median(np.abs(of_slices - of_all).max(axis=1)))
    return {"median": np.array(medians)}


def _rbd_fast(x: Floats, y: Floats) -> dict[str, Floats]:
    """S1 from the first harmonics of y in the order of an axis (Plischke 2010), without bias
    (Tissot and Prieur 2012)."""
    ordered = [rbd_fast.permute_outputs(column, y) for column in x.T]
    raw = [rbd_fast.compute_first_order(one, HARMONICS) for one in ordered]
    return {"S1": np.array([rbd_fast.unskew_S1(one, HARMONICS, len(y)) for one in raw])}


def _hdmr(x: Floats, y: Floats) -> dict[str, Floats]:
    """S1 as the variance of each axis's own component, of all components that are fitted to y at
    once (RS-HDMR: Li, Wang and Rabitz 2002): polynomials of the ranks of the axis. The bias is what
    residuals, taken as white, add to the variance of a component, as in an adjusted R squared.

    RBD-FAST takes the points as in random order along each axis. Those of Sobol's and Halton's
    sequences are not, so that the effect of one axis falls on harmonics of another.
    """
    n, axes = x.shape
    degree = min(DEGREE, n // (EACH * axes))
    quantiles = (rankdata(x, axis=0) - 0.5) / n
    terms = legendre.legvander(2 * quantiles - 1, degree)[..., 1:].reshape(n, -1)
    terms -= terms.mean(axis=0)
    z = (y - y.mean()) / y.std()
    inverse = np.linalg.pinv(terms.T @ terms)
    components = (terms * (inverse @ (terms.T @ z))).reshape(n, axes, degree).sum(axis=2)
    noise = np.sum((z - components.sum(axis=1)) ** 2) / (n - 1 - axes * degree)
    of_noise = np.diagonal((terms.T @ terms).reshape(axes, degree, axes, degree), axis1=0, axis2=2)
    errors = np.diagonal(inverse.reshape(axes, degree, axes, degree), axis1=0, axis2=2)
    return {"S1": components.var(axis=0) - noise / n * np.einsum("ija,jia->a", of_noise, errors)}


def _delta(x: Floats, y: Floats) -> dict[str, Floats]:
    """Half the mean distance between the density of y and that within a class of an axis
    (Borgonovo 2007; Plischke et al. 2013, eq. 26)."""
    n = len(y)
    exponent = 2 / (7 + np.tanh((1500 - n) / 500))
    classes = np.linspace(0, n, min(int(np.ceil(n**exponent)), 48) + 1)
    grid = np.linspace(y.min(), y.max(), 100)
    return {"delta": np.array([delta.calc_delta(y, grid, column, classes) for column in x.T])}


def _sobol(x: Floats, y: Floats) -> dict[str, Floats]:
    """S1 (Saltelli et al. 2010) and ST (Jansen 1999)."""
    a, *mixed, b = ((y - y.mean()) / y.std()).T
    return {
        "S1": np.array([sobol.first_order(a, one, b) for one in mixed]),
        "ST": np.array([sobol.total_order(a, one, b) for one in mixed]),
    }


def _morris(x: Floats, y: Floats) -> dict[str, Floats]:
    """Mean, mean size and SD of the elementary effects (Morris 1991; Campolongo et al. 2007), each
    the change of y over that of one axis, in quantiles of the axis."""
    effects = np.einsum("us,usa->ua", np.diff(y, axis=1), np.sign(np.diff(x, axis=1))) / STEP
    return {
        "mu_star": np.abs(effects).mean(axis=0),
        "mu": effects.mean(axis=0),
        "sigma": effects.std(axis=0, ddof=1),
    }


METHODS = {
    "pawn": Method("simulations", 64, _pawn),
    "rbd_fast": Method("simulations", 64, _rbd_fast),
    "delta": Method("simulations", 64, _delta),
    "hdmr": Method("simulations", 64, _hdmr),
    "sobol": Method("blocks", 8, _sobol),
    "morris": Method("trajectories", 4, _morris),
}


def indices(
    method: str, x: Floats, y: Floats, resamples: int, level: float, seed: int
) -> dict[str, Estimate]:
    """Return the indices of a method: each with its value, and the ends of the interval, so many
    standard deviations of the bootstrap's values from it as a normal distribution has.

    The bootstrap draws whole units with replacement (Efron 1979). Delta is twice its value less
    the mean of the bootstrap's, which has less bias (Plischke et al. 2013, eq. 30).
    """
    values = METHODS[method].values
    rng = np.random.default_rng(seed)
    found, drawn = values(x, y), []
    for _ in range(resamples):
        chosen = rng.integers(len(y), size=len(y))
        if np.ptp(y[chosen]) > 0:
            drawn.append(values(x[chosen], y[chosen]))
    made = {}
    for index, value in found.items():
        of_index = np.array([one[index] for one in drawn])
        if method == "delta":
            value = 2 * value - of_index.mean(axis=0)
        half = norm.ppf(0.5 + level / 2) * of_index.std(axis=0, ddof=1)
        made[index] = Estimate(value, value - half, value + half)
    return made


def why_none(method: str, y: Floats, axes: int) -> str:
    """Return why a method has nothing to say of a quantity; '' where it has.

    y: of whole units, without gaps.
    axes: their number, with the one of random numbers.
    """
    known = METHODS[method]
    least = max(known.least, EACH * axes) if method == "hdmr" else known.least
    if len(y) < least:
        return f"{len(y)} {known.unit}; {method} needs {least} at least"
    if np.ptp(y) <= 1e-12 * np.abs(y).max():
        return "the quantity does not change"
    if method == "delta" and (n := np.unique(y).size) < LEAST_VALUES:
        return f"the quantity takes {n} values; delta needs a density, {LEAST_VALUES} at least"
    return ""


def names_of(method: str) -> list[str]:
    """The indices of a method."""
    return {
        "pawn": ["median"],
        "rbd_fast": ["S1"],
        "delta": ["delta"],
        "hdmr": ["S1"],
        "sobol": ["S1", "ST"],
        "morris": ["mu_star", "mu", "sigma"],
    }[method]


def whole(places: np.ndarray, y: Floats, points: int) -> np.ndarray:
    """Return the rows of blocks (or trajectories) of which all points are there and have a value.

    Args:
        places: of each row in the whole sample, ascending.
        points: of a block.

    Returns:
        (blocks, points), positions of rows.
    """
    rows = np.flatnonzero(np.isfinite(y))
    blocks, first, counts = np.unique(places[rows] // points, return_index=True, return_counts=True)
    starts = first[counts == points]
    return (
        rows[starts[:, np.newaxis] + np.arange(points)] if blocks.size else rows.reshape(0, points)
    )
