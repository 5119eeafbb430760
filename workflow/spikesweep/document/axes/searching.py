"""Which values a search for a threshold tries next: the middle of its bracket.

A search goes along one axis. The first round tries the values that the axis has in the sweep file.
From then on each round tries the middle between the highest value below the threshold and the next
one, which is above it: bisection. Where values are crossed more than once, the first crossing from
below is followed, and the others are told.

Pure: the same values give the same points.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

Value = float | str | None  # of a simulation: None where it is undefined
FAILED = "failed"  # in place of the value of a simulation that failed
DIGITS = 15  # of a number in the axis's unit, as everywhere
FINEST = 1e-12  # of the largest value: the width of a bracket that still has a middle
TOLERANCE = 1e-9  # of a width, which rounding may have made larger


class Bracket(NamedTuple):
    """Between which neighbours a quantity crosses, and how often it does.

    lower, upper: values of the axis, None where nothing is crossed. crossings: of all neighbours
    that are known, up or down.
    """

    lower: float | None
    upper: float | None
    crossings: int


def reaches(value: Value, at: float | list[str]) -> bool | None:
    """Return whether a value reaches a threshold: numbers from `at` on, or the classes in it.

    What is undefined, as a latency without spikes, does not; of what failed it is not known: None.
    """
    if value == FAILED:
        return None
    if isinstance(at, list):
        return value in at
    return isinstance(value, int | float) and value >= at


def rounds(values: list[float], to: float) -> int:
    """Return how many times the widest gap must be halved until none is wider than `to`."""
    widest = max(after - before for before, after in pairwise(values))
    return max(0, math.ceil(math.log2(widest / to) - TOLERANCE))


def may_try(values: list[float], to: float) -> list[float]:
    """Return the lowest value in each gap that each round may try. Where all of them are whole
    numbers, so is whatever a search tries; and so with multiples of a step."""
    return [
        float(f"{before + (after - before) / 2**halvings:.{DIGITS}g}")
        for before, after in pairwise(values)
        for halvings in range(1, rounds([before, after], to) + 1)
    ]


def bracket(reached: Mapping[float, bool | None]) -> Bracket:
    """Return the first neighbours of which the lower does not reach the threshold and the upper
    does.

    Args:
        reached: whether it is reached, by value; None where that is not known.
    """
    known = [(value, is_up) for value, is_up in sorted(reached.items()) if is_up is not None]
    crossed = [pair for pair in pairwise(known) if pair[0][1] != pair[1][1]]
    for (lower, _), (upper, is_up) in crossed:
        if is_up:
            return Bracket(lower, upper, len(crossed))
    return Bracket(None, None, len(crossed))


def next_value(reached: Mapping[float, bool | None], to: float) -> float | None:
    """Return the value that the next round tries; None where the bracket is narrow enough, there is
    none, or its middle was tried and failed."""
    lower, upper, _ = bracket(reached)
    if lower is None or upper is None or upper - lower <= to * (1 + TOLERANCE):
        return None
    middle = float(f"{(lower + upper) / 2:.{DIGITS}g}")
    return None if middle in reached or not lower < middle < upper else middle
