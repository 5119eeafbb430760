"""Spikes of one sweep as the input of another, which becomes a late plan by it.

The other sweep's dataset is named by its recipe; the job that writes the plan reads it, and puts
the times into the plan. So a simulation's key covers the times themselves, and the plan's name what
they come from: nothing is stale, and where the times turn out the same, nothing is simulated anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import Combination
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.names import copy_names
from spikesweep.language.units import to_number
from spikesweep.plan.late import Finding, LatePlan, late_plan
from spikesweep.plan.levels import no_value
from spikesweep.plan.options import bounds
from spikesweep.plan.products import Plan
from spikesweep.sweepfile.model import Process, SpikesOf

READING = "spikesweep.tables.spikes_of"
Trains = dict[str, list[list[float]]]  # process -> times (ms) of each of its copies


def asked(plan: Plan) -> dict[str, Process]:
    """Return the processes of a sweep whose events are spikes of another."""
    processes = plan.sweep.protocol.processes
    return {name: process for name, process in processes.items() if process.spikes is not None}


def with_spikes(plan: Plan, make: Callable[[str], Plan], place: str) -> LatePlan:
    """Return a plan as one that reads spikes of others.

    Args:
        make: returns the plan of another sweep.

    Raises:
        UserError: no such sweep, site or simulation; or a plan that is late or refined already.
    """
    where = f"{place}: protocol.processes"
    design = plan.sweep.design
    if plan.sweep.trust or plan.populations or (design and design.grows):
        raise UserError(
            f"{where}: spikes of another sweep, and `trust` or a design that follows from results; "
            "expected one of them"
        )
    wanted, others = {}, {}
    for name, process in asked(plan).items():
        spikes = process.spikes
        assert spikes
        other = others[spikes.sweep] = make(spikes.sweep)
        at = _point(spikes, other, f"{where}.{name}.spikes")
        wanted[name] = spikes.sweep, at, _sites(process, other, f"{where}.{name}.spikes")
    sweeps = listing(others)
    judged = {name: bounds(other.sweep, other.template) for name, other in others.items()}
    finding = Finding(
        words=f"the input from {sweeps}, which runs first,",
        options={"spikes": {name: list(one) for name, one in wanted.items()}, "bounds": judged},
        maker=(__name__, READING),
        reads={name: _dataset(other) for name, other in others.items()},
        new=len(plan.keys),
        most=len(plan.keys),
        points=lambda _, files: plan.combination,
        fills=partial(_read, wanted, judged),
    )
    plan.template.files.notes.extend(
        f"{name}: its events are spikes of the sweep {sweep}, at {', '.join(sites)}"
        for name, (sweep, _, sites) in wanted.items()
    )
    sources = {*plan.sources, *(path for other in others.values() for path in other.sources)}
    return late_plan(replace(plan, sources=tuple(sorted(sources))), finding)


def _dataset(plan: Plan) -> Any:
    return next(table for table in plan.tables if table.kind.name == "dataset")


def _point(spikes: SpikesOf, other: Plan, place: str) -> dict[str, float | str]:
    """Return the values of the other sweep's axes, in their units, that choose a simulation."""
    axes = {axis.name: axis for axis in other.combination.axes}
    at: dict[str, float | str] = {}
    for name, value in spikes.at.items():
        if name not in axes:
            raise UserError(
                f'{place}.at: {spikes.sweep} has no axis "{name}"{suggest(name, axes)} '
                f"(it has: {listing(axes) or 'none'})"
            )
        axis = axes[name]
        is_number = not isinstance(axis.values[0], str)
        known = to_number(value, axis.unit, f"{place}.at.{name}") if is_number else str(value)
        if not other.unknown and known not in axis.values:
            raise UserError(no_value(name, value, axis.values, f"{place}.at.{name}"))
        at[name] = known
    if not other.unknown and (count := _chosen(at, other.combination)) != 1:
        left = [name for name in axes if name not in at]
        raise UserError(
            f"{place}.at: {count} simulations of {spikes.sweep} are meant; expected one: a value "
            f"of {listing(left or axes)}"
        )
    return at


def _chosen(at: Mapping[str, float | str], combination: Combination) -> int:
    """Return how many simulations have these values."""
    points = (
        {axis.name: axis.values[p] for axis, p in zip(combination.axes, row, strict=True)}
        for row in combination.rows
    )
    return sum(all(point[name] == value for name, value in at.items()) for point in points)


def _sites(process: Process, other: Plan, place: str) -> list[str]:
    """Return the sites of all copies of a process: one, or one of each copy."""
    spikes = process.spikes
    assert spikes
    known = list(other.template.document["record"]["spikes"])
    if spikes.of in known:
        return [spikes.of] * (process.count or 1)
    copies = [site for site in known if site.startswith(f"{spikes.of}[")]
    if not copies:
        raise UserError(
            f'{place}.of: {spikes.sweep} has no spike site "{spikes.of}"'
            f"{suggest(spikes.of, known)} (it has: {listing(known) or 'none'})"
        )
    expected = copy_names(spikes.of, process.count)
    if process.count is None or expected != copies:
        raise UserError(
            f"{place}.of: {spikes.of} has {len(copies)} copies in {spikes.sweep}; expected "
            f"`count: {len(copies)}` of this process, or one of them, such as {copies[0]}"
        )
    return copies


def _read(
    wanted: Mapping[str, tuple[Any, ...]],
    judged: Mapping[str, Mapping[str, list[float]]],
    files: Mapping[str, Path],
) -> Trains:
    """Return the times that datasets have, of simulations within the bounds of their sweep."""
    from spikesweep.tables.spikes_of import trains_at  # with numpy

    return {
        name: trains_at(files[sweep], at, sites, judged[sweep])
        for name, (sweep, at, sites) in wanted.items()
    }
