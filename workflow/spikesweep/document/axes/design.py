"""How the axes combine: from their values to the table of simulations."""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spikesweep.document.axes.axis_values import Value
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.sweepfile.design import Design, DesignPart

MOST_SIMULATIONS = 2_000_000
LARGE = 100_000  # simulations; more are probably a slip, and are asked about


@dataclass(frozen=True)
class AxisValues:
    """The values of one axis, in its own unit; text where it sets files or names.

    values: each once. order: the places in them of what a zip writes, where values may come again.
    """

    name: str
    unit: str
    long_name: str
    values: tuple[Value, ...]
    order: tuple[int, ...] = ()


@dataclass(frozen=True)
class Label:
    """What a table says of simulations beside their axes: a value each. It is in no key."""

    name: str
    values: tuple[Value, ...]

    @property
    def kind(self) -> str:
        """What its values are: whole numbers ("int"), numbers ("float") or text ("str")."""
        return type(self.values[0]).__name__


@dataclass(frozen=True)
class Combination:
    """The table of simulations: for each, the position of its value on every axis.

    A grid has one dimension an axis and its rows in C order; every other design has one
    dimension, the simulations.
    """

    kind: str
    axes: tuple[AxisValues, ...]
    rows: Sequence[tuple[int, ...]]
    labels: tuple[Label, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        if self.kind == "grid":
            return tuple(len(axis.values) for axis in self.axes)
        return (len(self.rows),)


class Points(NamedTuple):
    """Some axes, combined: a row a point, with the position of its value on each; and what labels
    say of each point, in as many rows."""

    axes: tuple[AxisValues, ...]
    rows: Sequence[tuple[int, ...]]
    labels: tuple[str, ...] = ()
    said: Sequence[tuple[Value, ...]] = ()


def points_of(
    axes: Sequence[AxisValues],
    columns: Sequence[Sequence[Value]],
    labels: Mapping[str, Sequence[Value]],
) -> Points:
    """Return the points that columns of values list, one column an axis."""
    places = [{value: place for place, value in enumerate(axis.values)} for axis in axes]
    positions = (
        map(known.__getitem__, column) for known, column in zip(places, columns, strict=True)
    )
    rows = list(zip(*positions, strict=True))
    return Points(tuple(axes), rows, tuple(labels), list(zip(*labels.values(), strict=True)))


def check_number(n: int, most: int, place: str) -> None:
    """Refuse more simulations than `most`.

    Raises:
        UserError: with what allows them, if they are meant.
    """
    if n > MOST_SIMULATIONS:
        raise UserError(f"{place}: {n:,} simulations; expected at most {MOST_SIMULATIONS:,}")
    if n > most:
        raise UserError(
            f"{place}: {n:,} simulations; expected at most {most:,}. If so many are meant: "
            "spikesweep plan <sweep> --allow-large, snakemake --config allow_large=true"
        )


Read = Callable[[DesignPart, str], Points]


def combine(
    design: Design | None,
    axes: Mapping[str, AxisValues],
    place: str,
    most: int = MOST_SIMULATIONS,
    read: Read | None = None,
    without_values: Collection[str] = (),
) -> Combination:
    """Return the table of simulations.

    Args:
        axes: those that have values of their own.
        read: returns the points of a table or a sample.
        without_values: the other axes, to which a table or a sample gives values.

    Raises:
        UserError: an unknown or forgotten axis, unequal lengths in a zip, too many simulations, a
            condition that none of them meets.
    """
    every = [*axes, *without_values]
    if design is None or not design.model_fields_set - {"where", "replicates", "order"}:
        design = _of_all(every, design) if every else None
    if design is None:
        return Combination("table", (), [()])
    before = most if design.where is None else MOST_SIMULATIONS  # simulations are left out
    made = _Combiner(axes, without_values, read, before).points(design, place)
    where = f"{place}.{design.kind}" + (f": {design.table}, line 1" if design.table else "")
    check_axis_names([axis.name for axis in made.axes], every, where, made.labels)
    if twice := [name for name in made.labels if made.labels.count(name) > 1]:
        raise UserError(f"{place}: two tables have a column {twice[0]}; expected other names")
    kind = design.kind if all(isinstance(part, str) for part in design.parts) else "combined"
    if design.where is not None:
        made, kind = _filtered(made, design.where, f"{place}.where"), f"filtered {kind}"
    check_number(len(made.rows), most, f"{place}.{design.kind}")
    labels = zip(made.labels, zip(*made.said, strict=True), strict=True) if made.labels else ()
    return Combination(kind, made.axes, made.rows, tuple(Label(*label) for label in labels))


def _of_all(axes: list[str], conditions: Design | None) -> Design:
    """Return the grid of all axes."""
    more = conditions.model_dump(exclude_unset=True) if conditions else {}
    return Design.model_validate({"grid": axes, **more})


@dataclass(frozen=True)
class _Combiner:
    """Combines the parts of a design."""

    axes: Mapping[str, AxisValues]
    without_values: Collection[str]
    read: Read | None
    most: int

    def points(self, part: DesignPart, place: str) -> Points:
        """Return the points of a part."""
        where = f"{place}.{part.kind}"
        if not part.parts:
            if self.read is None:
                raise ValueError(f"nothing reads {where}")
            return self.read(part, where)
        inner = [
            self._axis(one, where) if isinstance(one, str) else self.points(one, f"{where}[{i}]")
            for i, one in enumerate(part.parts)
        ]
        if part.zip:
            ordered = [
                _in_order(points, self.axes.get(one) if isinstance(one, str) else None)
                for one, points in zip(part.parts, inner, strict=True)
            ]
            return self._zipped(ordered, where)
        check_number(math.prod(len(points.rows) for points in inner), self.most, where)
        return _put_together(inner, itertools.product)

    def _axis(self, name: str, place: str) -> Points:
        if name in self.without_values:
            raise UserError(
                f"{place}: the axis {name} has no values; expected some in axes.{name}.values, or "
                "a table or a sample that gives them"
            )
        if name not in self.axes:
            known = [*self.axes, *self.without_values]
            raise UserError(no_axis(name, known, place))
        axis = self.axes[name]
        return Points((axis,), [(i,) for i in range(len(axis.values))])

    def _zipped(self, inner: list[Points], place: str) -> Points:
        check_number(max(len(points.rows) for points in inner), self.most, place)
        if len({len(points.rows) for points in inner}) > 1:
            lengths = ", ".join(f"{_name(points)} has {len(points.rows)}" for points in inner)
            raise UserError(f"{place}: {lengths} values; expected as many on each axis")
        made = _put_together(inner, zip)
        if not made.labels:
            check_rows(made.rows, place)
        return made


def _name(points: Points) -> str:
    return " and ".join(axis.name for axis in points.axes)


def _in_order(points: Points, axis: AxisValues | None) -> Points:
    """Return the points of an axis as a zip writes them, where values may come again."""
    if axis is None or not axis.order:
        return points
    return points._replace(rows=[(place,) for place in axis.order])


def _put_together(
    parts: Sequence[Points], way: Callable[..., Iterable[tuple[tuple[int, ...], ...]]]
) -> Points:
    """Return points whose axes and labels are those of all parts: by `product`, or by `zip`."""

    def together(rows: Iterable[Sequence[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
        return [tuple(itertools.chain.from_iterable(row)) for row in way(*rows)]

    labels = tuple(name for part in parts for name in part.labels)
    said = together(part.said or [()] * len(part.rows) for part in parts) if labels else ()
    axes = tuple(axis for part in parts for axis in part.axes)
    return Points(axes, together(part.rows for part in parts), labels, said)


def _filtered(points: Points, text: str, place: str) -> Points:
    """Return the points for which a condition holds; axes lose the values that none has then."""
    said = list(points.said) or [()] * len(points.rows)
    numbers = {axis.name: i for i, axis in enumerate(points.axes) if _are_numbers(axis.values)}
    columns = (
        dict(zip(points.labels, zip(*said, strict=True), strict=True)) if points.labels else {}
    )
    labels = {name: i for i, name in enumerate(points.labels) if _are_numbers(columns[name])}
    try:
        condition = compile_expression(text, [*numbers, *labels])
        axes = [(name, i) for name, i in numbers.items() if name in condition.names]
        marks = [(name, i) for name, i in labels.items() if name in condition.names]
        kept = [
            (row, words)
            for row, words in zip(points.rows, said, strict=True)
            if condition.evaluate(
                **{name: float(points.axes[i].values[row[i]]) for name, i in axes},
                **{name: float(words[i]) for name, i in marks},
            )
        ]
    except ExpressionError as error:
        raise UserError(f'{place}: "{text}" is no condition on the axes: {error}') from None
    if not kept:
        raise UserError(f'{place}: "{text}" holds for none of {len(points.rows)} simulations')
    rows, words_kept = zip(*kept, strict=True)
    return _without_unused(points._replace(rows=rows, said=words_kept if points.labels else ()))


def _without_unused(points: Points) -> Points:
    """Return points whose axes have only values that come."""
    axes, columns = [], []
    for axis, column in zip(points.axes, zip(*points.rows, strict=True), strict=True):
        used = sorted(set(column))
        place_of = {old: new for new, old in enumerate(used)}
        axes.append(
            AxisValues(axis.name, axis.unit, axis.long_name, tuple(axis.values[i] for i in used))
        )
        columns.append([place_of[i] for i in column])
    return points._replace(axes=tuple(axes), rows=list(zip(*columns, strict=True)))


def _are_numbers(values: Iterable[Value]) -> bool:
    return not any(isinstance(value, str) for value in values)


def check_rows(rows: Sequence[tuple[int, ...]], place: str) -> None:
    """Refuse a simulation that is another one.

    Raises:
        UserError: naming both rows.
    """
    seen: dict[tuple[int, ...], int] = {}
    for number, row in enumerate(rows, start=1):
        if row in seen:
            raise UserError(
                f"{place}: row {number} repeats row {seen[row]}; expected each row once"
            )
        seen[row] = number


def no_axis(name: str, known: Iterable[str], place: str) -> str:
    """Return the message about a name that no axis has."""
    axes = listing(known) or "none"
    return f'{place}: no axis is named "{name}"{suggest(name, known)} (axes: {axes})'


def check_axis_names(
    names: Sequence[str], axes: Collection[str], place: str, labels: Sequence[str] = ()
) -> None:
    """Refuse axes that are left out, and names that stand twice.

    Args:
        labels: columns of tables that are no axes, one of which may have been meant.
    """
    forgotten = [name for name in axes if name not in names]
    if forgotten:
        others = f" (columns that are no axis: {listing(labels)})" if labels else ""
        raise UserError(
            f"{place}: the axis {forgotten[0]} is left out{suggest(forgotten[0], labels)}; "
            f"expected every axis once{others}"
        )
    if len(set(names)) < len(names):
        raise UserError(f"{place}: an axis stands twice; expected every axis once")
