"""From the design of a sweep to its table of simulations: axes, tables and samples are read, and
combined."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from spikesweep.document.axes.axis_values import (
    Value,
    all_of_a_kind,
    axis_value,
    told_apart,
    written_values,
)
from spikesweep.document.axes.design import (
    AxisValues,
    Combination,
    Points,
    check_number,
    check_rows,
    combine,
    no_axis,
    points_of,
)
from spikesweep.document.axes.design_table import read_table
from spikesweep.document.axes.template import Template
from spikesweep.document.files import inside
from spikesweep.errors import UserError, listing, suggest
from spikesweep.plan.first_rounds import first_round
from spikesweep.sweepfile.axes import Axis
from spikesweep.sweepfile.design import GROWING, Design, DesignPart
from spikesweep.sweepfile.sweep import Sweep

SEED = "seed"  # the axis of replicates


class Candidates(NamedTuple):
    """Candidates of a sweep: their values of each axis, whose units these are, and the number of
    the first simulation of each."""

    sweep: str
    columns: Mapping[str, list[Value]]
    units: Mapping[str, str]
    numbers: list[int]


def with_replicates(sweep: Sweep, place: str) -> Sweep:
    """Return a sweep with an axis of seeds, where its design asks for replicates.

    Raises:
        UserError: an axis has its name, or sets the seed.
    """
    design = sweep.design
    if design is None or design.replicates is None:
        return sweep
    for name, axis in sweep.axes.items():
        if name == SEED or "protocol.seed" in axis.targets:
            raise UserError(
                f"{place}: design.replicates: the axis {name} is there already; expected one of "
                "them: replicates are an axis `seed` that sets protocol.seed"
            )
    first = sweep.protocol.seed
    values = [first + i for i in range(design.replicates)]
    axes = {**sweep.axes, SEED: Axis.model_validate({"values": values, "sets": "protocol.seed"})}
    written = design.model_dump(exclude_unset=True, exclude={"replicates"})
    conditions = {key: written.pop(key) for key in ("where", "order") if key in written}
    is_grid = design.kind == "grid" and all(isinstance(part, str) for part in design.parts)
    # A grid of axes stays one, of which the seeds are a dimension.
    crossed = [*(design.grid or sweep.axes), SEED] if is_grid else [written, SEED]
    return sweep.model_copy(
        update={"axes": axes, "design": Design.model_validate({"grid": crossed, **conditions})}
    )


def combination_of(
    sweep: Sweep,
    template: Template,
    root: Path,
    place: str,
    most: int,
    candidates: Mapping[str, Candidates],
) -> Combination:
    """Return the table of simulations of a sweep.

    Args:
        most: simulations that it may have.
        candidates: of other sweeps, by these, where the design takes some.

    Raises:
        UserError: whatever in axes, tables, samples and their design cannot be.
    """
    reader = _Reader(template, root, place, most, candidates)
    parts = list(sweep.design.every) if sweep.design else []
    zipped = {name for part in parts if part.zip for name in part.parts if isinstance(name, str)}
    axes = {
        name: reader.axis(name, name in zipped)
        for name, axis in sweep.axes.items()
        if axis.values is not None
    }
    others = sweep.axes.keys() - axes.keys()
    without = [name for name in sweep.axes if name in others]
    if without and all(part.kind in ("grid", "zip", *GROWING) for part in parts):
        raise UserError(
            f"{place}: axes.{without[0]}.values: this key is required, unless a table or a sample "
            "gives the values"
        )
    design = f"{place}: design"
    if sweep.design and sweep.design.grows:
        forms = {name: known.form for name, known in template.axes.items()}
        return first_round(sweep.design, axes, forms, design, most)
    return combine(sweep.design, axes, design, most, reader.points, without)


def tables_of(sweep: Sweep) -> list[str]:
    """Return the tables that a design reads, as it names them."""
    parts = sweep.design.every if sweep.design else ()
    return [part.table for part in parts if part.table is not None]


class _Reader:
    """Reads what axes, tables, samples and populations of a sweep say."""

    def __init__(
        self,
        template: Template,
        root: Path,
        place: str,
        most: int,
        candidates: Mapping[str, Candidates],
    ):
        self._candidates = candidates
        self._known, self._notes = template.axes, template.files.notes
        self._root, self._place, self._most = root, place, most

    def axis(self, name: str, may_repeat: bool) -> AxisValues:
        """Return the values that an axis has itself."""
        known, where = self._known[name], f"{self._place}: axes.{name}.values"
        written = written_values(known.axis, known.form, where)
        order: tuple[int, ...] = ()
        if may_repeat:
            values = told_apart(dict.fromkeys(written), where)
            places = {value: place for place, value in enumerate(values)}
            order = tuple(places[value] for value in written)
        else:
            values = told_apart(written, where)
        return AxisValues(name, known.unit, known.long_name, values, order)

    def points(self, part: DesignPart, place: str) -> Points:
        """Return the points of a table, a sample or a population."""
        if part.accepted:
            return self._population(self._candidates[part.accepted], place)
        return self._table(part.table, place) if part.table else self._sample(part, place)

    def _population(self, candidates: Candidates, place: str) -> Points:
        """Return the points of candidates, labelled with their numbers."""
        columns: dict[str, list[Value]] = {}
        self._check_no_values(
            [name for name in candidates.columns if name in self._known],
            f"the population {candidates.sweep}",
        )
        for name, column in candidates.columns.items():
            if name not in self._known:
                raise UserError(
                    f"{place}: the candidates of {candidates.sweep} differ in {name}, which is no "
                    f"axis here{suggest(name, self._known)}; expected axes.{name}, without values"
                )
            form, unit = self._known[name].form, candidates.units[name]
            values = column if unit == form.unit else [f"{value!r} {unit}" for value in column]
            where = f"{place}: {name}"
            columns[name] = all_of_a_kind([axis_value(v, form, where) for v in values], form)
        axes = [self._axis_of(name, column, place) for name, column in columns.items()]
        label = f"{candidates.sweep}_candidate"
        return points_of(axes, list(columns.values()), {label: [*candidates.numbers]})

    def _table(self, name: str, place: str) -> Points:
        path = inside(self._root, name, place)
        forms = {axis: known.form for axis, known in self._known.items()}
        columns, labels = read_table(path, forms, place)
        if not columns:
            raise UserError(
                f"{path}, line 1: no column is an axis (columns: {listing(labels)}; "
                f"axes: {listing(forms) or 'none'})"
            )
        self._check_no_values(columns, f"the table {name}")
        check_number(max(map(len, [*columns.values(), *labels.values()])), self._most, place)
        axes = [self._axis_of(axis, column, place) for axis, column in columns.items()]
        points = points_of(axes, list(columns.values()), labels)
        if not labels:
            check_rows(points.rows, str(path))
        return points

    def _sample(self, part: DesignPart, place: str) -> Points:
        from spikesweep.document.axes.samples import sample  # with numpy: only samples pay it

        of = part.of or {}
        for name in of:
            if name not in self._known:
                raise UserError(no_axis(name, self._known, f"{place}: of"))
        self._check_no_values(of, "the sample")
        check_number(part.number, self._most, place)
        n = part.sobol or part.saltelli or 0
        if n & (n - 1):
            self._notes.append(
                f"{part.kind}: {n} is no power of 2, so its points are not balanced; "
                f"{1 << n.bit_length()} are"
            )
        forms = {axis: known.form for axis, known in self._known.items()}
        columns = sample(part, forms, place)
        axes = [self._axis_of(axis, column, place) for axis, column in columns.items()]
        return points_of(axes, list(columns.values()), {})

    def _axis_of(self, name: str, column: list[Value], place: str) -> AxisValues:
        known = self._known[name]
        values = told_apart(dict.fromkeys(column), f"{place}: {name}")
        return AxisValues(name, known.unit, known.long_name, values)

    def _check_no_values(self, names: Iterable[str], what: str) -> None:
        for name in names:
            if self._known[name].axis.values is not None:
                raise UserError(
                    f"{self._place}: axes.{name}.values: {what} gives the values; "
                    "expected them in one place only"
                )
