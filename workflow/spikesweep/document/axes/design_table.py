"""A CSV file that lists simulations: a column an axis, a row a simulation; further columns are
labels."""

import csv
import math
import re
from collections.abc import Mapping
from pathlib import Path

from spikesweep.document.axes.axis_values import Form, Value, all_of_a_kind, axis_value
from spikesweep.errors import UserError
from spikesweep.language.names import NAME

_NAME = re.compile(NAME)
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
Columns = dict[str, list[Value]]


def read_table(path: Path, axes: Mapping[str, Form], place: str) -> tuple[Columns, Columns]:
    """Return the columns of a CSV design that are axes, in their units, and its labels.

    Labels are whole numbers where all cells of a column are, numbers where all or none of a cell
    are, and else text: 007 is text.

    Args:
        path: CSV file with a header.
        axes: axis name -> what its values are.

    Raises:
        UserError: no such file, an empty or wrong cell, a column that stands twice or has no name.
    """
    header, rows = _cells(path, place)
    if len(header) == 1 and ";" in header[0]:
        raise UserError(f"{path}, line 1: columns are separated by ;, expected commas")
    for name in header:
        if not _NAME.fullmatch(name):
            raise UserError(
                f'{path}, line 1: "{name}" is no name of a column; expected a letter, then '
                "letters, digits and _"
            )
    if twice := [name for name in header if header.count(name) > 1]:
        raise UserError(f"{path}, line 1: the column {twice[0]} stands twice; expected it once")
    if not rows:
        raise UserError(f"{path}: no rows; expected a row a simulation")
    texts: dict[str, list[str]] = {name: [] for name in header}
    for line, row in rows:
        if len(row) != len(header):
            raise UserError(f"{path}, line {line}: {len(row)} cells; expected {len(header)}")
        for name, cell in zip(header, map(str.strip, row), strict=True):
            where = f"{path}, line {line}, column {name}"
            if name in axes and not cell:
                raise UserError(f"{where}: an empty cell; expected a value")
            if _CONTROL.search(cell):
                raise UserError(f"{where}: a line break, or another character that has no print")
            texts[name].append(cell)
    lines = [line for line, _ in rows]
    columns = {}
    for name in (name for name in header if name in axes):
        form, cells = axes[name], zip(lines, texts[name], strict=True)
        values = [axis_value(c, form, f"{path}, line {line}, column {name}") for line, c in cells]
        columns[name] = all_of_a_kind(values, form)
    return columns, {name: _label(texts[name]) for name in header if name not in axes}


def _cells(path: Path, place: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and the rows with the lines on which they end."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            return header, [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except FileNotFoundError:
        raise UserError(f"{place}: {path}: no such file") from None
    except (UnicodeDecodeError, csv.Error, IsADirectoryError, PermissionError) as error:
        raise UserError(f"{place}: {path}: not a CSV table ({error})") from None


def _label(cells: list[str]) -> list[Value]:
    numbers = [cell for cell in cells if cell]
    if not numbers or not all(map(_NUMBER.fullmatch, numbers)):
        return [*cells]
    whole = all(re.fullmatch(r"[-+]?[0-9]{1,18}", cell) for cell in cells)
    values = [int(cell) if whole else float(cell or "nan") for cell in cells]
    return [*cells] if any(map(math.isinf, values)) else [*values]
