"""Which two sweeps a panel can show the difference of."""

from typing import Any

from spikesweep.errors import UserError
from spikesweep.language.names import base
from spikesweep.plan.checking import check_figure
from spikesweep.plan.products import Plan
from spikesweep.sweepfile.figures import Curve, Heatmap
from spikesweep.tables.columns import COLUMNS


def check_difference(figure: Any, plan: Plan, other: Plan, place: str) -> None:
    """Refuse a difference of sweeps that do not match: each simulation of the first needs one of
    the other at the same values of all axes that they share.

    Raises:
        UserError: naming what differs.
    """
    if not isinstance(figure, Curve | Heatmap):
        raise UserError(
            f"{place}.minus: a {figure.kind} shows no difference; expected kind curve or heatmap"
        )
    if figure.log:
        raise UserError(f"{place}.log: a difference may be below 0; leave log out")
    if other.name == plan.name:
        raise UserError(f"{place}.minus: {other.name} is the sweep itself; expected another")
    check_figure(other, figure, f"{place} (minus: {other.name})")
    _check_statistic(figure, plan, other, place)
    axes = {axis.name: axis for axis in plan.combination.axes}
    theirs = {axis.name: axis for axis in other.combination.axes}
    shared = [name for name in axes if name in theirs]
    for name in shared:
        units = axes[name].unit, theirs[name].unit
        if units[0] != units[1]:
            raise UserError(
                f"{place}.minus: {name} is in {units[0] or '1'} in {plan.name} and in "
                f"{units[1] or '1'} in {other.name}; expected one unit"
            )
        if odd := [value for value in axes[name].values if value not in theirs[name].values]:
            raise UserError(
                f"{place}.minus: {name} is {odd[0]} in {plan.name}, but never in {other.name}; "
                "expected the same values of the axes that they share"
            )
    points, known = _points(plan, shared), _points(other, shared)
    if missing := sorted(points - known, key=str):
        at = ", ".join(f"{n} = {v}" for n, v in zip(shared, missing[0], strict=True))
        raise UserError(
            f"{place}.minus: {other.name} has no simulation at {at}, as {plan.name} has"
        )


def _check_statistic(figure: Any, plan: Plan, other: Plan, place: str) -> None:
    """Refuse a statistic of spikes of other places, or of another time: it is another quantity."""
    own = {*plan.sweep.statistics.own, *plan.sweep.derived}
    if figure.of not in COLUMNS and figure.of not in own:
        return
    if not _same_window(plan, other):
        told = [_told(one) for one in (plan, other)]
        raise UserError(
            f"{place}.minus: {figure.of} is of {told[0]} in {plan.name} and of {told[1]} in "
            f"{other.name}; expected one window of the statistics"
        )
    sites = [next(iter(one.template.document["record"]["spikes"]), "") for one in (plan, other)]
    if figure.site is None and base(sites[0]) != base(sites[1]):
        raise UserError(
            f"{place}.minus: without a site, {figure.of} is that of {sites[0]} in {plan.name} and "
            f"of {sites[1]} in {other.name}; expected one that both have: site"
        )


def _same_window(plan: Plan, other: Plan) -> bool:
    """Return whether the window is the same, or follows a process of one name in both."""
    if isinstance(plan.windows, list) and isinstance(other.windows, list):
        return plan.sweep.statistics.window == other.sweep.statistics.window
    return plan.windows == other.windows


def _told(plan: Plan) -> str:
    during, window = plan.sweep.statistics.window, plan.windows
    if window is None:
        return "the whole run"
    if isinstance(window, list):
        return f"the time of {during}"
    return f"{window[0]:g} to {window[1]:g} ms"


def _points(plan: Plan, names: list[str]) -> set[tuple[Any, ...]]:
    """Return the points of a sweep, in some of its axes."""
    axes = plan.combination.axes
    chosen = [(i, axis) for name in names for i, axis in enumerate(axes) if axis.name == name]
    return {tuple(axis.values[row[i]] for i, axis in chosen) for row in plan.combination.rows}
