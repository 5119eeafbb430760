"""Columns of numbers from a CSV file, whose first line may be a header with units in brackets."""

import csv
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.language.units import convert

MOST_ROWS = 1_000_000
_UNIT = re.compile(r"\(([^()]*)\)\s*$")


def read_numbers(path: Path, units: Sequence[str], place: str) -> list[list[float]]:
    """Return the rows of a file: numbers, in these units where the header names none.

    Args:
        units: of the columns, and of what is returned; a file may have fewer columns.

    Raises:
        UserError: not such a table: which line is wrong, and what was expected there.
    """
    where = f"{place}: {path.name}"
    own, width = list(units), None
    found = []
    for line, cells in table_rows(path, where):
        at = f"{where}, line {line}"
        if width is None:
            width = len(cells)
            if width > len(units):
                raise UserError(f"{at}: {width} cells; expected {len(units)} at most")
            if not is_number(cells[0]):
                own = named_units(cells, units)
                continue
        if len(cells) != width:
            raise UserError(f"{at}: {len(cells)} cells; expected {width}, as in the first line")
        numbers = [finite_number(cell, at) for cell in cells]
        found.append([convert(n, a, b, at) for n, a, b in zip(numbers, own, units, strict=False)])
    if not found:
        raise UserError(f"{where}: no rows; expected a number in each")
    return found


def named_units(header: Sequence[str], units: Sequence[str]) -> list[str]:
    """Return the unit in brackets of each column of a header, or else the one that is given."""
    named = [_UNIT.search(cell) for cell in header]
    return [match[1] if match else unit for match, unit in zip(named, units, strict=False)]


def table_rows(path: Path, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not empty, and its cells."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file, strict=True)
            for cells in rows:
                if rows.line_num > MOST_ROWS:
                    raise UserError(f"{where}: more than {MOST_ROWS:,} lines")
                if any(cell.strip() for cell in cells):
                    yield rows.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{where}: not a CSV table ({error})") from None


def is_number(text: str) -> bool:
    """Return whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def finite_number(text: str, at: str) -> float:
    """Return the number that a text is; refuses one that is not finite."""
    number = float(text) if is_number(text) and "_" not in text else math.nan
    if not math.isfinite(number):
        raise UserError(f'{at}: "{text[:60]}" is not a finite number')
    return number
