"""How the axes combine: from their values to the table of simulations."""

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikesweep.document.axes.axis_values import Form, Value, all_of_a_kind, axis_value
from spikesweep.errors import UserError, listing, suggest
from spikesweep.sweepfile.axes import Design

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
class Combination:
    """The table of simulations: for each, the position of its value on every axis.

    A grid has one dimension an axis and its rows in C order; every other design has one
    dimension, the simulations.
    """

    kind: str
    axes: tuple[AxisValues, ...]
    rows: Sequence[tuple[int, ...]]

    @property
    def shape(self) -> tuple[int, ...]:
        if self.kind == "grid":
            return tuple(len(axis.values) for axis in self.axes)
        return (len(self.rows),)


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


def combine(
    design: Design | None, axes: dict[str, AxisValues], place: str, most: int = MOST_SIMULATIONS
) -> Combination:
    """Return the table of simulations of a grid or zip design (a table is read by `read_table`).

    Raises:
        UserError: an unknown or forgotten axis, unequal lengths in a zip, too many simulations.
    """
    names = list(axes) if design is None else (design.grid or design.zip or [])
    kind = "zip" if design is not None and design.zip else "grid"
    check_axis_names(names, axes, f"{place}.{kind}")
    chosen = tuple(axes[name] for name in names)
    if not chosen:
        return Combination("table", (), [()])
    if kind == "zip":
        return _combine_zip(chosen, f"{place}.zip", most)
    lengths = [len(axis.values) for axis in chosen]
    check_number(math.prod(lengths), most, f"{place}.grid")
    return Combination("grid", chosen, list(itertools.product(*map(range, lengths))))


def _combine_zip(axes: tuple[AxisValues, ...], place: str, most: int) -> Combination:
    orders = [axis.order or tuple(range(len(axis.values))) for axis in axes]
    check_number(max(map(len, orders)), most, place)
    if len(set(map(len, orders))) > 1:
        pairs = zip(axes, orders, strict=True)
        lengths = ", ".join(f"{axis.name} has {len(order)}" for axis, order in pairs)
        raise UserError(f"{place}: {lengths} values; expected as many on each axis")
    rows = list(zip(*orders, strict=True))
    _check_rows(rows, place)
    return Combination("zip", axes, rows)


def _check_rows(rows: Sequence[tuple[int, ...]], place: str) -> None:
    """Refuse a simulation that is another one."""
    seen: dict[tuple[int, ...], int] = {}
    for number, row in enumerate(rows, start=1):
        if row in seen:
            raise UserError(
                f"{place}: row {number} repeats row {seen[row]}; expected each row once"
            )
        seen[row] = number


def check_axis_names(names: Sequence[str], axes: Mapping[str, Any], place: str) -> None:
    """Refuse names that are no axes, axes that are left out, and names that stand twice."""
    for name in names:
        if name not in axes:
            raise UserError(
                f'{place}: no axis is named "{name}"{suggest(name, axes)} (axes: {listing(axes)})'
            )
    forgotten = [name for name in axes if name not in names]
    if forgotten:
        raise UserError(f"{place}: the axis {forgotten[0]} is left out; expected every axis once")
    if len(set(names)) < len(names):
        raise UserError(f"{place}: an axis stands twice; expected every axis once")


def read_table(path: Path, axes: dict[str, Form], place: str) -> dict[str, list[Value]]:
    """Return the columns of a CSV design, in axis units.

    Args:
        path: CSV file with a header; each column is an axis, each row a simulation.
        axes: axis name -> what its values are.

    Raises:
        UserError: no such file, other columns than the axes, an empty or wrong cell.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except FileNotFoundError:
        raise UserError(f"{place}: {path}: no such file") from None
    except (UnicodeDecodeError, csv.Error, IsADirectoryError, PermissionError) as error:
        raise UserError(f"{place}: {path}: not a CSV table ({error})") from None
    if len(header) == 1 and ";" in header[0]:
        raise UserError(f"{path}, line 1: columns are separated by ;, expected commas")
    check_axis_names(header, axes, f"{path}, line 1")
    if not rows:
        raise UserError(f"{path}: no rows; expected a row a simulation")
    columns: dict[str, list[Value]] = {name: [] for name in header}
    for line, row in rows:
        if len(row) != len(header):
            raise UserError(f"{path}, line {line}: {len(row)} cells; expected {len(header)}")
        for name, cell in zip(header, row, strict=True):
            where = f"{path}, line {line}, column {name}"
            if not cell.strip():
                raise UserError(f"{where}: an empty cell; expected a value")
            columns[name].append(axis_value(cell.strip(), axes[name], where))
    return {name: all_of_a_kind(column, axes[name]) for name, column in columns.items()}


def combine_table(
    columns: dict[str, list[Value]], axes: dict[str, AxisValues], path: Path
) -> Combination:
    """Return the table of simulations that a CSV lists; each row must differ from the others."""
    positions = {name: {value: i for i, value in enumerate(axes[name].values)} for name in columns}
    rows = list(
        zip(
            *([positions[name][v] for v in column] for name, column in columns.items()), strict=True
        )
    )
    _check_rows(rows, str(path))
    return Combination("table", tuple(axes[name] for name in columns), rows)
