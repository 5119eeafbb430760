"""The value of an axis that a sweep file means where it looks at one: `at: {celsius: 6.3 degC}`."""

from collections.abc import Iterable, Mapping
from typing import Any

from spikesweep.document.axes.axis_values import Value
from spikesweep.document.axes.design import AxisValues, no_axis
from spikesweep.errors import UserError
from spikesweep.language.units import to_number

MOST_LISTED = 20  # values of an axis, in a message


def level(name: str, written: Any, axes: Mapping[str, AxisValues], place: str) -> Value:
    """Return the value of an axis that is meant, in the axis's unit.

    Raises:
        UserError: no such axis, no such value, or a wrong unit.
    """
    if name not in axes:
        raise UserError(no_axis(name, axes, place))
    axis = axes[name]
    is_name = isinstance(axis.values[0], str)
    value = str(written) if is_name else to_number(written, axis.unit, f"{place}.{name}")
    if value not in axis.values:
        raise UserError(no_value(name, written, axis.values, f"{place}.{name}"))
    return axis.values[axis.values.index(value)]


def no_value(name: str, written: Any, values: Iterable[Value], place: str) -> str:
    """Return the words for a value that an axis does not have."""
    listed = ", ".join(map(value_words, list(values)[:MOST_LISTED]))
    return f"{place}: {value_words(written)} is no value of {name}; expected one of: {listed}"


def value_words(value: Any) -> str:
    """Return a value of an axis as words: a whole number without a point, 0 for 0.0."""
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
