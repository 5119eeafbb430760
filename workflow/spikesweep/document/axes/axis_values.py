"""The values of an axis: as the sweep file or a table writes them, in one unit, told apart."""

import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from spikesweep.errors import UserError
from spikesweep.language.units import rounded, to_number
from spikesweep.sweepfile.axes import Axis, Linspace, Logspace

Value = float | int | str

DIGITS_SHOWN = 12  # of values, by which tables and figures name simulations
_WHOLE = re.compile(r"\s*[-+]?[0-9]+\s*")


class Form(NamedTuple):
    """What the values of an axis are.

    unit: of numbers, else ''. is_number: false for names of files and mechanisms, and other text.
    whole: whether whole numbers stay such: "each" that is written so; only where "all" are; or
        '', none.
    """

    unit: str
    is_number: bool = True
    whole: str = ""


def written_values(axis: Axis, form: Form, place: str) -> list[Value]:
    """Return the values of an axis, one after the other.

    Raises:
        UserError: a wrong unit, a logspace through zero.
    """
    values = axis.values
    if isinstance(values, Linspace):
        return _between(linspace, values.linspace, form, f"{place}.linspace")
    if isinstance(values, Logspace):
        return _between(logspace, values.logspace, form, f"{place}.logspace")
    return all_of_a_kind([axis_value(value, form, place) for value in values or ()], form)


def axis_value(value: Value, form: Form, place: str) -> Value:
    """Return one value, a number or a text with or without a unit; see `all_of_a_kind`."""
    if not form.is_number:
        return str(value)
    number = to_number(value, form.unit, place)
    return int(value) if form.whole and _is_written_whole(value) else number


def all_of_a_kind(values: list[Value], form: Form) -> list[Value]:
    """Return values that are whole numbers all, or none, where it is not for each to say."""
    if form.whole == "each" or not any(isinstance(value, float) for value in values):
        return values
    return [float(value) if isinstance(value, int) else value for value in values]


def _is_written_whole(value: Value) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and bool(_WHOLE.fullmatch(value)))


def _between(
    space: Callable[[float, float, int], list[float]],
    written: tuple[Value, Value, int],
    form: Form,
    place: str,
) -> list[Value]:
    *ends, n = written
    first, last = (to_number(end, form.unit, place) for end in ends)
    if space is logspace and min(first, last) <= 0:
        raise UserError(f"{place}: {min(first, last):g}: expected first and last above 0")
    numbers = space(first, last, n)
    if form.whole and all(map(_is_written_whole, ends)) and all(x.is_integer() for x in numbers):
        return [*map(int, numbers)]
    return [*numbers]


def linspace(first: float, last: float, n: int) -> list[float]:
    """Return n values at equal distances, both ends exact, to 15 significant digits."""
    inner = [rounded(first + (last - first) * i / (n - 1)) for i in range(1, n - 1)]
    return [first, *inner, last]


def logspace(first: float, last: float, n: int) -> list[float]:
    """Return n values at equal ratios, both ends exact, to 12 significant digits.

    Twelve, because the last digits of exp and log differ between machines.
    """
    step = math.log(last / first) / (n - 1)
    inner = [float(f"{first * math.exp(step * i):.12g}") for i in range(1, n - 1)]
    return [first, *inner, last]


def told_apart(values: Iterable[Value], place: str) -> tuple[Value, ...]:
    """Return values that differ, and do so where they are shown.

    Raises:
        UserError: one stands twice, or two are shown alike, such as 0.3 and 0.30000000000000004.
    """
    seen: dict[str, Value] = {}
    for value in values:
        shown = value if isinstance(value, str) else f"{value:.{DIGITS_SHOWN}g}"
        if shown in seen and seen[shown] == value:
            raise UserError(f"{place}: the value {value} stands twice; expected each value once")
        if shown in seen:
            raise UserError(
                f"{place}: {seen[shown]!r} and {value!r} are both shown as {shown}; expected "
                "values that can be told apart"
            )
        seen[shown] = value
    return tuple(seen.values())
