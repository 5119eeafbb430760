"""Designs that grow by their own results, round by round: `refine` and `threshold`.

The first round is an ordinary plan, the others are late plans (see `plan.late`). Each has all
points of the rounds before it, and so is a valid result of its own: with dataset and statistics,
from which the next one finds its points. The last one is the sweep's plan.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from spikesweep.document.axes import refining, searching
from spikesweep.document.axes.design import Combination
from spikesweep.language.units import to_number
from spikesweep.plan.late import Finding, LatePlan, late_plan
from spikesweep.plan.products import Plan
from spikesweep.plan.trust import companion_sweep
from spikesweep.plan.windows import window_of
from spikesweep.sweepfile.about import About
from spikesweep.sweepfile.design import Design, Refine, Threshold
from spikesweep.sweepfile.sweep import Sweep

READING = "spikesweep.tables.by_simulation"
Row = tuple[int, ...]  # of a combination: the place of a value on each axis


def grown(plan: Plan) -> LatePlan:
    """Return the plan of a sweep whose design grows, by that of its first round."""
    design = plan.sweep.design
    assert design
    round_of = _map_round if design.refine else _search_round
    of_round = replace(plan, sweep=_of_round(plan.sweep), is_companion=True, criteria={})
    earlier: Plan = of_round
    count = rounds(plan)
    for number in range(1, count):
        is_last = number == count - 1
        finding = round_of(design, earlier, f"round {number + 1} of {count}")
        earlier = late_plan(plan if is_last else of_round, finding, earlier)
    assert isinstance(earlier, LatePlan)
    return earlier


def rounds(plan: Plan) -> int:
    """Return how many rounds the design of a sweep has, the first among them; two at least."""
    design = plan.sweep.design
    assert design
    if design.refine:
        return 1 + design.refine.number_of_rounds
    assert design.threshold
    return 1 + max(1, searching.rounds(_searched(plan, design.threshold), width_of(plan)))


def _of_round(sweep: Sweep) -> Sweep:
    """Return a sweep of which nothing is asked but what finds the next points; what only the last
    round says is not in its names."""
    none = About.model_validate({})
    return companion_sweep(sweep).model_copy(update={"title": "a round", "about": none})


def _reads(earlier: Plan, names: Sequence[str]) -> dict[str, Any]:
    known = {file.stem: table for table in earlier.tables for file in table.kind.files}
    return {name: known[name] for name in names}


# ---- refine --------------------------------------------------------------------------------------


def _map_round(design: Design, earlier: Plan, words: str) -> Finding:
    refine = design.refine
    assert refine
    lattice = math.prod(len(axis.values) for axis in earlier.combination.axes)
    return Finding(
        words=words,
        options=refine.model_dump(mode="json", exclude={"rounds"}),
        maker=(refining.__name__, READING),
        reads=_reads(earlier, design.reads),
        new=lattice - len(earlier.keys),
        most=lattice,
        points=partial(_refined, refine),
    )


def _refined(refine: Refine, earlier: Plan | None, files: Mapping[str, Path]) -> Combination:
    """Return the points of a round before, and those between neighbours that differ."""
    assert earlier
    combination = earlier.combination
    rows = list(combination.rows)
    for rest, known in maps(refine, combination, values_of(refine, earlier, files)).items():
        new = refining.next_points(
            known, refine.beginning, refine.to, len(refine.axes), refine.tolerance
        )
        rows += [_put_together(refine, combination, point, rest) for point in new]
    return replace(combination, rows=rows)


def maps(
    refine: Refine, combination: Combination, values: Sequence[refining.Value]
) -> dict[Row, dict[refining.Point, refining.Value]]:
    """Return the known points of each map with their values, by the places of the other axes."""
    inside = [axis.name in refine.axes for axis in combination.axes]
    found: dict[Row, dict[refining.Point, refining.Value]] = {}
    for row, value in zip(combination.rows, values, strict=True):
        point = tuple(place for place, is_in in zip(row, inside, strict=True) if is_in)
        rest = tuple(place for place, is_in in zip(row, inside, strict=True) if not is_in)
        found.setdefault(rest, {})[point] = value
    return found


def _put_together(
    refine: Refine, combination: Combination, point: refining.Point, rest: Row
) -> Row:
    of_point, of_rest = iter(point), iter(rest)
    return tuple(
        next(of_point if axis.name in refine.axes else of_rest) for axis in combination.axes
    )


def values_of(
    asked: Refine | Threshold, plan: Plan, files: Mapping[str, Path]
) -> list[refining.Value]:
    """Return what a design looks at of each simulation of a round."""
    from spikesweep.tables.by_simulation import values_of_each  # with numpy

    return values_of_each(files, asked.of, asked.site, window_of(plan.windows))


# ---- threshold -----------------------------------------------------------------------------------


def _searched(plan: Plan, threshold: Threshold) -> list[float]:
    [axis] = (axis for axis in plan.combination.axes if axis.name == threshold.axis)
    return [float(value) for value in axis.values]


def width_of(plan: Plan) -> float:
    """Return the width, in the axis's unit, down to which a threshold is searched."""
    threshold = plan.sweep.design.threshold if plan.sweep.design else None
    assert threshold
    [axis] = (axis for axis in plan.combination.axes if axis.name == threshold.axis)
    return to_number(threshold.to, axis.unit, "")


def middles(plan: Plan) -> Combination | None:
    """Return the simulations of the first round of a search, and at those values that it may try
    which tell whether all can be: see `searching.may_try`; None where it tries no more."""
    design, combination = plan.sweep.design, plan.combination
    if not design or not design.threshold:
        return None
    first = _searched(plan, design.threshold)
    between = searching.may_try(first, width_of(plan))
    if not between:
        return None
    values = sorted({*first, *between})
    names = [axis.name for axis in combination.axes]
    place = names.index(design.threshold.axis)
    axes = [*combination.axes]
    axes[place] = replace(axes[place], values=tuple(values))
    others = dict.fromkeys((*row[:place], *row[place + 1 :]) for row in combination.rows)
    rows = [(*r[:place], i, *r[place:]) for r in others for i in range(len(values))]
    return replace(combination, axes=tuple(axes), rows=rows)


def _search_round(design: Design, earlier: Plan, words: str) -> Finding:
    threshold = design.threshold
    assert threshold
    axes = earlier.combination.axes
    searches = math.prod(len(axis.values) for axis in axes if axis.name != threshold.axis)
    return Finding(
        words=words,
        options=threshold.model_dump(mode="json"),
        maker=(searching.__name__, READING),
        reads=_reads(earlier, design.reads),
        new=searches,
        most=earlier.most + searches,
        points=partial(_searched_further, threshold, width_of(earlier)),
    )


def _searched_further(
    threshold: Threshold, width: float, earlier: Plan | None, files: Mapping[str, Path]
) -> Combination:
    """Return the points of a round before, and the middles of all brackets."""
    assert earlier
    combination = earlier.combination
    place = [axis.name for axis in combination.axes].index(threshold.axis)
    values = combination.axes[place].values
    searches: dict[Row, dict[float, bool | None]] = {}
    for row, value in zip(combination.rows, values_of(threshold, earlier, files), strict=True):
        rest = (*row[:place], *row[place + 1 :])
        searches.setdefault(rest, {})[float(values[row[place]])] = searching.reaches(
            value, threshold.at
        )
    found = {rest: searching.next_value(reached, width) for rest, reached in searches.items()}
    new = {rest: value for rest, value in found.items() if value is not None}
    every = tuple(sorted({*map(float, values), *new.values()}))
    at = {value: i for i, value in enumerate(every)}
    before = [
        (*row[:place], at[float(values[row[place]])], *row[place + 1 :]) for row in combination.rows
    ]
    after = [(*rest[:place], at[value], *rest[place:]) for rest, value in new.items()]
    axes = [*combination.axes]
    axes[place] = replace(axes[place], values=every)
    return replace(combination, axes=tuple(axes), rows=[*before, *after])
