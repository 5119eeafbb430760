"""Which simulations lie near a change of count or class of firing: there a small error of the
integration makes another count, see `trust.sample: boundaries`.

Along an axis of numbers, two simulations that are neighbours and alike in all other axes make a
change where they differ; near it are those within a hundredth of the axis's values, one at least on
each side. In a sample of several axes nobody has such neighbours: there near a change are those
that differ from one of their 4 d nearest, in ranks of the d axes. Simulations that failed make no
change. Of 1,000 Hodgkin-Huxley simulations of which 45 have another count at an eighth of the step,
these are 187, with 44 of the 45.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import AxisValues, Combination
from spikesweep.document.axes.searching import FAILED
from spikesweep.plan.late import Finding, LatePlan, late_plan
from spikesweep.plan.products import Plan
from spikesweep.plan.trust import companion_combination, refinements, sampled
from spikesweep.plan.windows import window_of
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.sweepfile.trust import Trust

REACH = 0.01  # of the values of an axis
READING = "spikesweep.tables.by_simulation"
READS = ("statistics", "dataset", "simulations")
Row = tuple[int, ...]


def near_changes(
    axes: Sequence[AxisValues],
    rows: Sequence[Row],
    values: Sequence[Hashable | None],
    seeds: Collection[str] = (),
) -> list[int]:
    """Return the simulations near a change, ascending.

    Args:
        rows: the place of each simulation's value on each axis.
        values: of each simulation, which may change; None where it failed.
        seeds: axes whose values are seeds. Neighbours have the same, unless each simulation has
            seeds of its own.
    """
    of_seeds = [i for i, axis in enumerate(axes) if axis.name in seeds]
    if all(len(line) == 1 for line in _lines(rows, of_seeds)):
        rows = [tuple(0 if i in of_seeds else at for i, at in enumerate(row)) for row in rows]
    ranks = [None if i in of_seeds else _ranks(axis) for i, axis in enumerate(axes)]
    numbers = [i for i, of in enumerate(ranks) if of is not None]
    found: set[int] = set()
    alone = []
    for i in numbers:
        lines = _lines(rows, [i])
        if all(len(line) == 1 for line in lines):
            alone.append(i)
        reach = max(1, round(REACH * (len(axes[i].values) - 1)))
        rank = ranks[i] or {}
        for line in lines:
            _, ordered = zip(*sorted((rank[rows[at][i]], at) for at in line), strict=True)
            found.update(_along(ordered, values, reach))
    if len(alone) > 1:
        found.update(_among(rows, [(i, ranks[i] or {}) for i in alone], values))
    return sorted(found)


def _along(line: Sequence[int], values: Sequence[Hashable | None], reach: int) -> set[int]:
    """Return the simulations of an ordered line that are near a change."""
    known = [at for at in line if values[at] is not None]
    changes = [i for i in range(1, len(known)) if values[known[i]] != values[known[i - 1]]]
    return {known[j] for i in changes for j in range(max(0, i - reach), min(len(known), i + reach))}


def _among(
    rows: Sequence[Row],
    axes: Sequence[tuple[int, Mapping[int, int]]],
    values: Sequence[Hashable | None],
) -> set[int]:
    """Return the simulations that differ from one of their nearest, those with the same values of
    all other axes."""
    from scipy.spatial import KDTree  # costs a second: only the job that finds them pays it

    found: set[int] = set()
    for group in _lines(rows, [i for i, _ in axes]):
        known = [at for at in group if values[at] is not None]
        number = min(4 * len(axes) + 1, len(known))
        if number < 2:
            continue
        points = [[rank[rows[at][i]] / max(len(rank) - 1, 1) for i, rank in axes] for at in known]
        _, nearest = KDTree(points).query(points, k=number)
        for at, others in zip(known, nearest.tolist(), strict=True):
            if any(values[known[other]] != values[at] for other in others):
                found.add(at)
    return found


def _lines(rows: Sequence[Row], along: Sequence[int]) -> list[list[int]]:
    """Return the simulations that are alike in all axes but these, together."""
    lines: dict[Row, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        lines[tuple(place for i, place in enumerate(row) if i not in along)].append(at)
    return list(lines.values())


def _ranks(axis: AxisValues) -> dict[int, int] | None:
    """Return the rank of each place on an axis of numbers; None of one of names."""
    if any(isinstance(value, str) for value in axis.values):
        return None
    order = sorted(range(len(axis.values)), key=lambda place: float(axis.values[place]))
    return {place: rank for rank, place in enumerate(order)}


def seed_axes(sweep: Sweep) -> set[str]:
    """Return the axes that set nothing but seeds."""
    return {
        name
        for name, axis in sweep.axes.items()
        if axis.targets and all(target.rpartition(".")[2] == "seed" for target in axis.targets)
    }


def late(plan: Plan, trust: Trust, companion: Plan) -> LatePlan:
    """Return the companion of a sweep whose trust is asked near changes.

    Args:
        companion: with a sample, which stands for those until they are known.
    """
    known = {file.stem: table for table in plan.tables for file in table.kind.files}
    sites = list(plan.template.document["record"]["spikes"])
    most = len(plan.keys) * len(refinements(trust))

    def points(earlier: Plan | None, files: Mapping[str, Path]) -> Combination:
        combination = plan.combination
        values = _values(files, sites, window_of(plan.windows))
        chosen = near_changes(combination.axes, combination.rows, values, seed_axes(plan.sweep))
        return companion_combination(trust, combination, chosen or sampled(trust, plan.keys))

    return late_plan(
        companion,
        Finding(
            words="which simulations lie near a change of count or class",
            options={"sample": trust.sample, "sites": sites, "seed": trust.seed},
            maker=(__name__, READING),
            reads={name: known[name] for name in READS},
            new=most,
            most=most,
            points=points,
        ),
    )


def _values(files: Mapping[str, Path], sites: Sequence[str], window: Any) -> list[Hashable | None]:
    """Return counts and classes at all sites, of each simulation; None where it failed."""
    from spikesweep.tables.by_simulation import class_of_each, statistic_of_each

    columns = []
    for site in sites:
        columns.append(statistic_of_each(files["statistics"], "n_spikes", site))
        columns.append(class_of_each(files["dataset"], files["simulations"], site, window))
    return [None if FAILED in of else of for of in zip(*columns, strict=True)]
