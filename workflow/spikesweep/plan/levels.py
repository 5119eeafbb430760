"""The value of an axis that a sweep file means where it looks at one: `at: {celsius: 6.3 degC}`."""

from collections.abc import Mapping
from typing import Any

from spikesweep.document.axes.axis_values import Value
from spikesweep.document.axes.design import AxisValues, no_axis
from spikesweep.errors import UserError
from spikesweep.language.units import to_number


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
        listed = ", ".join(map(str, axis.values[:20]))
        raise UserError(
            f"{place}.{name}: {written} is no value of the axis; expected one of: {listed}"
        )
    return axis.values[axis.values.index(value)]
