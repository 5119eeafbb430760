"""The points that designs begin with that grow by their own results: `refine` and `threshold`."""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from spikesweep.document.axes import searching
from spikesweep.document.axes.axis_values import Form, linspace
from spikesweep.document.axes.design import AxisValues, Combination, check_number, no_axis
from spikesweep.errors import UserError
from spikesweep.language.units import to_number
from spikesweep.sweepfile.design import Design, Refine, Threshold

Axes = Mapping[str, AxisValues]
Forms = Mapping[str, Form]


def first_round(design: Design, axes: Axes, forms: Forms, place: str, most: int) -> Combination:
    """Return the points that a design that grows begins with.

    Args:
        axes: with the values that the sweep file gives. forms: of their values.

    Raises:
        UserError: an axis that cannot be refined or searched; or too many simulations.
    """
    if design.refine:
        return _first_of_map(design.refine, axes, forms, f"{place}.refine", most)
    assert design.threshold
    return _first_of_search(design.threshold, axes, forms, f"{place}.threshold", most)


def _first_of_map(
    refine: Refine,
    axes: Axes,
    forms: Forms,
    place: str,
    most: int,
) -> Combination:
    for name in refine.axes:
        _check_axis(name, axes, forms, f"{place}.axes")
    lattices = [
        _lattice(axis, refine.to, f"{place}.to") if axis.name in refine.axes else axis
        for axis in axes.values()
    ]
    check_number(math.prod(len(axis.values) for axis in lattices), most, place)
    step = refine.to // refine.beginning
    places = [
        range(0, refine.to + 1, step) if axis.name in refine.axes else range(len(axis.values))
        for axis in lattices
    ]
    return Combination("refine", tuple(lattices), list(product(*places)))


def _lattice(axis: AxisValues, to: int, place: str) -> AxisValues:
    """Return an axis with a value a point of the lattice.

    Raises:
        UserError: it has neither two values, between which the others are, nor all of them.
    """
    if len(axis.values) == 2:
        low, high = map(float, axis.values)
        return replace(axis, values=tuple(linspace(low, high, to + 1)))
    if len(axis.values) != to + 1:
        raise UserError(
            f"{place}: {to} steps have {to + 1} points, and the axis {axis.name} has "
            f"{len(axis.values)} values; expected [lowest, highest], which are divided evenly, or "
            f"all points, such as {{logspace: [0.1, 100, {to + 1}]}}"
        )
    return axis


def _first_of_search(
    threshold: Threshold,
    axes: Axes,
    forms: Forms,
    place: str,
    most: int,
) -> Combination:
    name = threshold.axis
    _check_axis(name, axes, forms, f"{place}.axis")
    if len(axes[name].values) < 2:
        raise UserError(
            f"{place}.axis: {name} has one value; expected [lowest, highest], or more, which are "
            "tried first"
        )
    width = to_number(threshold.to, axes[name].unit, f"{place}.to")
    if width <= 0:
        raise UserError(f"{place}.to: {width:g}; expected a width above 0")
    values = tuple(sorted(map(float, axes[name].values)))
    if width < (finest := max(map(abs, values)) * searching.FINEST):
        raise UserError(
            f"{place}.to: {width:g} is finer than numbers of {values[0]:g} to {values[-1]:g} are "
            f"told apart; expected {finest:.3g} at least"
        )
    every = [replace(axis, values=values) if axis.name == name else axis for axis in axes.values()]
    others = math.prod(len(axis.values) for axis in every if axis.name != name)
    tried = len(values) + searching.rounds(list(values), width)
    check_number(others * tried, most, place)
    places = [range(len(axis.values)) for axis in every]
    return Combination("threshold", tuple(every), list(product(*places)))


def _check_axis(name: str, axes: Axes, forms: Forms, place: str) -> None:
    if name not in axes:
        raise UserError(no_axis(name, axes, place))
    form = forms[name]
    if not form.is_number or form.whole == "each":
        what = "whole numbers" if form.is_number else "names"
        raise UserError(
            f"{place}: the axis {name} takes {what}, between which nothing lies; expected an axis "
            "of numbers"
        )
