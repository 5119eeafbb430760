"""Which simulations of two plans are the same, changed, new or gone, and why.

A simulation is the same where its key is. Otherwise it is told by its place: the values of the
axes, by their names.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from spikesweep.comparing.changes import (
    ABSENT,
    difference,
    differences,
    kind_of_change,
    renamed_axes,
)
from spikesweep.comparing.plans import engine_changes
from spikesweep.products.plan_file import PlanFile, Row
from spikesweep.products.slots import SlotPath

Place = tuple[tuple[str, str], ...]  # (axis, value) of each axis, by name


class Reason(NamedTuple):
    """Why a simulation is not the one that it was.

    kind: mechanism, morphology, model (a file of a model that is code), code (spikesweep's own),
        version, seed, parameter, axis or design.
    """

    kind: str
    what: str


class Pair(NamedTuple):
    """The same simulation, or two at the same place, in the old plan and in the new one."""

    old: Row
    new: Row
    reasons: tuple[Reason, ...] = ()


@dataclass
class Simulations:
    """What became of the simulations of the old plan, and which are in the new one only."""

    same: list[Pair] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)
    new: list[tuple[Row, tuple[Reason, ...]]] = field(default_factory=list)
    gone: list[tuple[Row, tuple[Reason, ...]]] = field(default_factory=list)

    @property
    def pairs(self) -> list[Pair]:
        """All that can be compared."""
        return [*self.same, *self.changed]


def compare_simulations(old: PlanFile, new: PlanFile) -> Simulations:
    """Return what became of each simulation."""
    renamed = renamed_axes(old["axes"], new["axes"])
    before = _by_place(old, lambda axis: renamed.get(axis, axis))
    after = _by_place(new, str)
    keys_before = {row.key: row for row in before.values()}
    keys_after = {row.key for row in after.values()}
    why = _Why(old, new)
    only_before, only_after = _WhyOnly(after), _WhyOnly(before)
    found = Simulations()
    for place, row in after.items():
        if place in before and before[place].key != row.key:
            found.changed.append(Pair(before[place], row, why.changed(before[place], row)))
        elif place in before or row.key in keys_before:
            found.same.append(Pair(before.get(place) or keys_before[row.key], row))
        else:
            found.new.append((row, only_after.reasons(place)))
    for place, row in before.items():
        if place not in after and row.key not in keys_after:
            found.gone.append((row, only_before.reasons(place)))
    return found


def _by_place(plan: PlanFile, axis_name: Callable[[str], str]) -> dict[tuple, Row]:
    """Return the simulations by their place; of several at one place, each has a number of it."""
    names = [axis_name(axis["name"]) for axis in plan["axes"]]
    numbers: Counter[Place] = Counter()
    rows = {}
    for row in plan.rows():
        place = tuple(sorted(zip(names, row.axes, strict=True)))
        rows[(*place, ("", str(numbers[place])))] = row
        numbers[place] += 1
    return rows


class _WhyOnly:
    """Finds why a place is in one plan only: axes and values that the other plan has not."""

    def __init__(self, others: Iterable[tuple]):
        self._known = {pair for other in others for pair in other}
        self._axes = {axis for axis, _ in self._known if axis}

    def reasons(self, place: tuple) -> tuple[Reason, ...]:
        own = {axis: value for axis, value in place if axis}
        lacking = [f"axis {axis}" for axis in own if axis not in self._axes]
        lacking += [
            f"{axis} = {value}"
            for axis, value in own.items()
            if axis in self._axes and (axis, value) not in self._known
        ]
        lacking += [f"no axis {axis}" for axis in sorted(self._axes - own.keys())]
        reasons = tuple(Reason("axis", what) for what in lacking)
        return reasons or (Reason("design", "the axes are combined otherwise"),)


@dataclass
class _Why:
    """Finds what differs between two simulations' documents.

    What all simulations share is compared once; of each, what the axes put into its slots.
    """

    old: PlanFile
    new: PlanFile

    def changed(self, old: Row, new: Row) -> tuple[Reason, ...]:
        """Return the reasons why a simulation has another key."""
        reasons = list(self._shared)
        values = self._values(self.old, old), self._values(self.new, new)
        for path in self._slots:
            before, after = values[0][path], values[1][path]
            if before != after:
                reasons.append(_reason(path, before, after))
        return tuple(reasons)

    @cached_property
    def _slots(self) -> list[SlotPath]:
        every = [tuple(path) for plan in (self.old, self.new) for path in plan["slots"]]
        return list(dict.fromkeys(every))

    @cached_property
    def _shared(self) -> tuple[Reason, ...]:
        code = [Reason("code", what) for what in engine_changes(*self._contents)]
        reasons: list[Reason] = []
        for path, before, after in differences(self.old["document"], self.new["document"]):
            if any(path[: len(slot)] == slot for slot in self._slots):
                continue
            is_code = kind_of_change(path) == "code"
            reasons += code if is_code else [_reason(path, before, after)]
        return tuple(dict.fromkeys(reasons))

    @property
    def _contents(self) -> tuple[dict, dict]:
        return self.old.contents, self.new.contents

    def _values(self, plan: PlanFile, row: Row) -> dict[SlotPath, Any]:
        """Return what stands in each slot of either plan."""
        filled = {
            tuple(path): json.loads(text)
            for path, text in zip(plan["slots"], row.slots, strict=True)
        }
        return {
            path: filled[path] if path in filled else _there(plan["document"], path)
            for path in self._slots
        }


def _reason(path: tuple, before: Any, after: Any) -> Reason:
    return Reason(kind_of_change(path), difference(path, before, after))


def _there(tree: Any, path: SlotPath) -> Any:
    for part in path:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return tree
