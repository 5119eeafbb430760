"""Samples: points of a sequence in the unit cube, and the values that distributions make of them.

The first points of a larger sample are those of a smaller one, but in a Latin hypercube: so
`sobol: 1024` runs half of its simulations where those of `sobol: 512` are in the store.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from spikesweep.document.axes.axis_values import DIGITS_SHOWN, Form, Value
from spikesweep.errors import UserError
from spikesweep.language.units import to_number
from spikesweep.sweepfile.design import DesignPart, distribution

Unit = np.ndarray  # numbers between 0 and 1
MOST_WHOLE = 2**53
_EDGE = 2.0**-40  # quantiles beyond are not drawn: a normal distribution has none at 0


def sample(part: DesignPart, forms: Mapping[str, Form], place: str) -> dict[str, list[Value]]:
    """Return the columns of a sample, one an axis, in their units.

    Values have 12 significant digits, because the last ones of quantiles differ between machines.

    Args:
        forms: axis name -> what its values are.

    Raises:
        UserError: an axis that takes names, or numbers that make no distribution.
    """
    sampler, of = part.kind, part.of or {}
    for name, written in of.items():
        if sampler == "morris" and distribution(written)[0] == "normal":
            raise UserError(
                f"{place}: of.{name}.normal: Morris's steps go from end to end; expected a "
                "distribution with ends, such as truncated"
            )
    cube = SAMPLERS[sampler](len(of), getattr(part, sampler), part.seed)
    return {
        name: _values(cube[:, i], *distribution(written), forms[name], f"{place}: of.{name}")
        for i, (name, written) in enumerate(of.items())
    }


def _sobol(dimensions: int, n: int, seed: int) -> Unit:
    from scipy.stats import qmc  # costs a second: only samples pay it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of n that is no power of 2
        return np.asarray(qmc.Sobol(dimensions, scramble=True, bits=30, rng=seed).random(n))


def _halton(dimensions: int, n: int, seed: int) -> Unit:
    from scipy.stats import qmc

    return np.asarray(qmc.Halton(dimensions, scramble=True, rng=seed).random(n))


def _lhs(dimensions: int, n: int, seed: int) -> Unit:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(dimensions, rng=seed).random(n))


def _random(dimensions: int, n: int, seed: int) -> Unit:
    return np.random.default_rng(seed).random((n, dimensions))


def _saltelli(dimensions: int, n: int, seed: int) -> Unit:
    """Return, of each base point, A, A with each coordinate of B in turn, and B (Saltelli et al.
    2010); in SALib's order, without what second-order indices need."""
    both = _sobol(2 * dimensions, n, seed)
    first, second = both[:, :dimensions], both[:, dimensions:]
    blocks = np.repeat(first[:, np.newaxis], dimensions + 2, axis=1)
    for i in range(dimensions):
        blocks[:, i + 1, i] = second[:, i]
    blocks[:, -1] = second
    return blocks.reshape(-1, dimensions)


def _morris(dimensions: int, n: int, seed: int) -> Unit:
    """Return trajectories on four levels, each of which moves every coordinate once, by two levels
    up or down (Morris 1991)."""
    rng = np.random.default_rng(seed)
    paths = np.empty((n, dimensions + 1, dimensions), int)
    for path in paths:  # one after the other: more of them begin with the same ones
        low, goes_up = rng.integers(2, size=(2, dimensions))
        path[:] = low + 2 * (1 - goes_up)
        for step, i in enumerate(rng.permutation(dimensions), start=1):
            path[step:, i] += 4 * goes_up[i] - 2
    return paths.reshape(-1, dimensions) / 3


SAMPLERS: dict[str, Callable[[int, int, int], Unit]] = {
    "sobol": _sobol,
    "halton": _halton,
    "lhs": _lhs,
    "random": _random,
    "saltelli": _saltelli,
    "morris": _morris,
}


def _values(
    u: Unit, kind: str, written: Sequence[float | str], form: Form, place: str
) -> list[Value]:
    if not form.is_number:
        raise UserError(f"{place}: the axis takes names; expected an axis of numbers in a sample")
    numbers = [to_number(one, form.unit, place) for one in written]
    low, high = numbers[-2:]
    if kind not in ("normal", "integers") and low >= high:
        raise UserError(f"{place}: {low:g} is not below {high:g}; expected [lowest, highest]")
    if kind in ("normal", "truncated") and numbers[1] <= 0:
        raise UserError(f"{place}: a standard deviation of {numbers[1]:g}; expected one above 0")
    if kind == "loguniform" and low <= 0:
        raise UserError(f"{place}: {low:g}; expected lowest and highest above 0")
    if kind == "integers":
        if low > high:
            raise UserError(f"{place}: {low:g} is above {high:g}; expected [first, last]")
        if max(abs(low), abs(high)) > MOST_WHOLE:
            raise UserError(f"{place}: beyond 2^53; expected whole numbers that doubles hold")
        steps = np.minimum(np.floor(u * (high - low + 1)), high - low)  # Morris's u reaches 1
        return [int(low + step) for step in steps.tolist()]
    with np.errstate(all="ignore"):  # what leaves the range of numbers is told below
        drawn = _QUANTILES[kind](np.clip(u, _EDGE, 1 - _EDGE), *numbers)
    rounded = [float(f"{value:.{DIGITS_SHOWN}g}") + 0.0 for value in drawn.tolist()]
    if kind != "normal":
        rounded = [min(max(value, low), high) for value in rounded]
    differ = set(rounded)
    if len(differ) == 1 < len(set(u.tolist())) or not np.isfinite([*differ, high - low]).all():
        raise UserError(
            f"{place}: its values cannot be told apart in {DIGITS_SHOWN} digits; expected a wider "
            "distribution, within the range of doubles"
        )
    return [*rounded]


def _uniform(u: Unit, low: float, high: float) -> Unit:
    return low + u * (high - low)


def _loguniform(u: Unit, low: float, high: float) -> Unit:
    from scipy import stats

    return np.asarray(stats.loguniform(low, high).ppf(u))


def _normal(u: Unit, mean: float, sd: float) -> Unit:
    from scipy import stats

    return np.asarray(stats.norm(mean, sd).ppf(u))


def _truncated(u: Unit, mean: float, sd: float, low: float, high: float) -> Unit:
    from scipy import stats

    within = stats.truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd).ppf(u)
    return np.asarray(np.clip(within, low, high))


_QUANTILES: dict[str, Callable[..., Unit]] = {
    "uniform": _uniform,
    "loguniform": _loguniform,
    "normal": _normal,
    "truncated": _truncated,
}
