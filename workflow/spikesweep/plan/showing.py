"""Which designs a kind of figure can show, and over what it takes means."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from spikesweep.document.axes.axis_values import Value
from spikesweep.document.axes.design import AxisValues, Combination
from spikesweep.errors import UserError
from spikesweep.language.units import to_number
from spikesweep.sweepfile.figures import (
    Curve,
    DoseResponse,
    FigureOptions,
    FiringMap,
    Heatmap,
    IsiDistribution,
    PopulationRate,
    Profile,
    Traces,
)

Row = dict[str, Value]  # a simulation: the value of each axis

MOST_SERIES = 40  # curves or distributions in one figure
MOST_PANELS = 12  # above each other, of population rates
MOST_JOINED = 20  # points of a series that a line may join although other axes jump beside it
FEW_CELLS = 400  # of a heat map; with so few, gaps are seen as what they are
LEAST_FILLED = 0.2  # of a larger heat map


def check_design(combination: Combination, figure: FigureOptions, where: str) -> None:
    """Refuse a figure that would show nothing of this design that can be read.

    Raises:
        UserError: what it would be, and which kind of figure shows it.
    """
    axes = {axis.name: axis for axis in combination.axes}
    if by := figure.axis_names.get("by"):
        _check_series(axes[by], figure, where)
    if combination.kind == "grid":
        return
    rows = rows_at(combination, figure)
    if isinstance(figure, Heatmap | FiringMap):
        _check_cells(rows, figure, where)
    if isinstance(figure, Curve | DoseResponse):
        _check_joined(rows, axes, figure, where)


def rows_at(combination: Combination, figure: FigureOptions) -> list[Row]:
    """Return the simulations at which a figure looks: the value of each axis."""
    units = {axis.name: axis.unit for axis in combination.axes}
    numbers = {axis.name for axis in combination.axes if not isinstance(axis.values[0], str)}
    fixed = {
        name: to_number(level, units[name], "") if name in numbers else str(level)
        for name, level in getattr(figure, "at", {}).items()
    }
    return [row for row in _values(combination) if all(row[n] == fixed[n] for n in fixed)]


def means_over(combination: Combination, figure: FigureOptions) -> tuple[str, list[str]]:
    """Return what a figure takes, "mean" or "median", and the axes over which it does: those that
    vary where all that it shows is the same."""
    middle = "median" if getattr(figure, "band", None) == "percentiles" else "mean"
    is_band = isinstance(figure, Traces) and figure.band is not None
    averages = Heatmap | Curve | DoseResponse | Profile | PopulationRate
    if not is_band and not isinstance(figure, averages):
        return middle, []
    shown = list(figure.axis_names.values())
    fixed = set(getattr(figure, "at", {}))
    others = [
        axis.name
        for axis in combination.axes
        if axis.name not in (*shown, *fixed) and len(axis.values) > 1
    ]
    if combination.kind == "grid":
        return middle, others
    seen: dict[tuple[Value, ...], dict[str, set[Value]]] = defaultdict(lambda: defaultdict(set))
    for row in rows_at(combination, figure):
        for name in others:
            seen[tuple(row[axis] for axis in shown)][name].add(row[name])
    return middle, [name for name in others if any(len(one[name]) > 1 for one in seen.values())]


def _check_series(by: AxisValues, figure: FigureOptions, where: str) -> None:
    """Traces thin their lines, and rasters have rows."""
    fixed = getattr(figure, "at", {}).get(by.name)
    several = len(by.values) if fixed is None else 1
    are_series = isinstance(figure, Curve | DoseResponse | IsiDistribution)
    if are_series and several > MOST_SERIES:
        raise UserError(
            f"{where}.by: {by.name} has {several} values, each a series; expected at most "
            f"{MOST_SERIES}. A heat map shows more (kind: heatmap), or some of them: "
            f"`at: {{{by.name}: [...]}}`"
        )
    if isinstance(figure, PopulationRate) and several > MOST_PANELS:
        raise UserError(
            f"{where}.by: {by.name} has {several} values, each a panel; expected at most "
            f"{MOST_PANELS}, chosen by `at: {{{by.name}: [...]}}`"
        )


def _check_cells(rows: list[Row], figure: Heatmap | FiringMap, where: str) -> None:
    x, y, of = figure.x, figure.y, getattr(figure, "of", "rate")
    cells = len({row[x] for row in rows}) * len({row[y] for row in rows})
    filled = len({(row[x], row[y]) for row in rows})
    if cells > FEW_CELLS and filled < LEAST_FILLED * cells:
        raise UserError(
            f"{where}: of the {cells} cells over {x} and {y} only {filled} have a simulation, "
            "since the axes make no grid; expected `kind: scatter`, which shows each simulation "
            f"where it lies: {{kind: scatter, of: {y}, x: {x}, by: {of}}}"
        )


def _check_joined(
    rows: list[Row], axes: Iterable[str], figure: Curve | DoseResponse, where: str
) -> None:
    """A line through points between which other axes jump to and fro shows these, not x."""
    x, by = figure.x, figure.by
    series: dict[Value | None, dict[Value, Row]] = defaultdict(dict)
    for row in rows:
        series[row[by] if by else None].setdefault(row[x], row)
    for points in series.values():
        if len(points) <= MOST_JOINED:
            continue
        ordered = [points[value] for value in sorted(points)]
        for name in axes:
            if name not in (x, by) and _turns([row[name] for row in ordered]) > len(ordered) / 4:
                raise UserError(
                    f"{where}: a line would join {len(points)} simulations in the order of {x}, "
                    f"between which {name} jumps to and fro; expected `kind: scatter`, which "
                    f"shows each where it lies: {{kind: scatter, of: {figure.of}, x: {x}}}"
                )


def _turns(values: list[Any]) -> int:
    """How often values that follow each other turn from rising to falling or back."""
    steps = [after > before for before, after in pairwise(values) if after != before]
    return sum(one != other for one, other in pairwise(steps))


def _values(combination: Combination) -> Iterator[Row]:
    axes: Iterable[AxisValues] = combination.axes
    for row in combination.rows:
        yield {axis.name: axis.values[i] for axis, i in zip(axes, row, strict=True)}
