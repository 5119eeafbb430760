"""Waveforms from CSV files: two columns, time and value, read and checked before NEURON sees them.

The first line may be a header, in which a unit in brackets converts its column:

    t (s),current (pA)
    0,0
    0.1,300
"""

import hashlib
from array import array
from dataclasses import dataclass
from pathlib import Path

from spikesweep.document.table_file import finite_number, is_number, named_units, table_rows
from spikesweep.errors import UserError
from spikesweep.language.units import convert


@dataclass(frozen=True)
class Waveform:
    """Times (ms), never decreasing, and a value each in NEURON's unit of what it is played into.

    Where two times are equal, the value jumps.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def sha256(self) -> str:
        """The hash of the numbers."""
        return hashlib.sha256(array("d", self.times + self.values).tobytes()).hexdigest()


def read_waveform(path: Path, unit: str, place: str) -> Waveform:
    """Return the waveform that a CSV file holds.

    Args:
        unit: of the values, where the header names none, and of what is returned.
        place: file and key of the sweep, for messages.

    Raises:
        UserError: not such a table: which line is wrong, and what was expected there.
    """
    where = f"{place}: {path.name}"
    units, first = ["ms", unit], None
    times, values = [], []
    for line, cells in table_rows(path, where):
        at = f"{where}, line {line}"
        if len(cells) != 2:
            raise UserError(f"{at}: {len(cells)} cells; expected two, time and value")
        if first is None:
            first = line
            if not is_number(cells[0]):
                units = named_units(cells, units)
                continue
        time, value = (finite_number(cell, at) for cell in cells)
        times.append(convert(time, units[0], "ms", at))
        values.append(convert(value, units[1], unit, at))
        _check_order(times, at)
    if not times:
        raise UserError(f"{where}: no rows; expected a time and a value in each")
    return Waveform(tuple(times), tuple(values))


def _check_order(times: list[float], at: str) -> None:
    if times[0] < 0:
        raise UserError(f"{at}: {times[0]:g} ms is before the simulation; expected 0 or more")
    if times[-2:-1] and times[-1] < times[-2]:
        raise UserError(
            f"{at}: {times[-1]:g} ms after {times[-2]:g} ms; expected times that never decrease"
        )
    if len(times) > 2 and times[-3] == times[-1]:
        raise UserError(
            f"{at}: {times[-1]:g} ms for the third time; expected a time once, or twice for a jump"
        )
