"""Statistics by the user's own functions: what such a function gets, and the table of what it says.

own_statistics.csv   a row a simulation and spike site, as in the table of statistics: index,
                     site, and a column a function; empty where it is undefined
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import h5py
import numpy as np

from spikesweep.errors import UserError, cut
from spikesweep.modelcode.own_function import own_function
from spikesweep.products.atomic import written
from spikesweep.tables.names import STEP_TIMES, STEPS
from spikesweep.tables.simulations import open_dataset
from spikesweep.tables.spiketrain import Floats, Window
from spikesweep.tables.statistics import (
    Simulations,
    Trains,
    blocks,
    gather,
    read_trains,
    simulated,
)


class Simulation:
    """One simulation, as an own statistic gets it. All arrays are read-only.

    index: its number in the sweep. axes: name -> value. site: name of the spike site whose
    statistic is asked for, "" where the sweep has none. train: the spike times there (ms), in
    the window. trains: those of every site. window: from and to (ms), the simulated part of the
    window of the statistics. tstop: when it ends (ms).
    """

    def __init__(
        self, file: h5py.File, known: Simulations, place: int, site: str,
        trains: Mapping[str, Floats], window: tuple[float, float],
    ) -> None:  # fmt: skip
        self.index = int(known.identity[0][place])
        values = (_value(column[place]) for column in known.identity[1:])
        self.axes = MappingProxyType(dict(zip(known.axes, values, strict=True)))
        self.site = site
        self.trains = MappingProxyType({name: _fixed(train) for name, train in trains.items()})
        self.train = self.trains.get(site, _fixed(np.empty(0)))
        self.window = window
        self.tstop = float(known.tstop[place])
        self._file, self._place = file, place
        self._lengths: dict[str, int] = {}  # of traces, in samples

    def trace(self, name: str) -> Floats:
        """Return the samples of a trace of the whole run, (time,); units as in the dataset."""
        return self._samples(name, self._variable(name))

    def time(self, name: str) -> Floats:
        """Return the times (ms) of a trace's samples, (time,)."""
        variable = self._variable(name)
        last = variable.dims[variable.ndim - 1][0].name.strip("/")
        if last == STEPS:
            return self._samples(name, self._file[STEP_TIMES])
        return _fixed(self._file[last][: self._length(name)])

    def _variable(self, name: str) -> h5py.Dataset:
        status = self._file["status"]
        variable = self._file.get(name)
        if not isinstance(variable, h5py.Dataset) or variable.ndim != status.ndim + 1:
            raise KeyError(f'no trace is named "{name}"; expected one of record.traces')
        return variable

    def _samples(self, name: str, variable: h5py.Dataset) -> Floats:
        return _fixed(self._row(variable)[: self._length(name)])

    def _length(self, name: str) -> int:
        """Where runs differ in length, the dataset fills shorter ones up with NaN."""
        if name not in self._lengths:
            there = np.flatnonzero(~np.isnan(self._row(self._variable(name))))
            self._lengths[name] = int(there[-1]) + 1 if there.size else 0
        return self._lengths[name]

    def _row(self, variable: h5py.Dataset) -> Floats:
        shape = self._file["status"].shape
        place = np.unravel_index(self._place, shape) if shape else ()
        return np.asarray(variable[place])


def measure(
    dataset: Path,
    simulations: Path,
    window: Window | None,
    statistic: Mapping[str, Any],
    folder: Path,
    backwards: bool = False,
) -> Floats:
    """Return what a function says of each row of the table of statistics, (rows,): NaN where it is
    undefined, and where nothing in the window was simulated.

    Args:
        statistic: `python`, the function; its `options`; `each`, "site" or "simulation".
        folder: holds copies of the function's file and of all that this reads.
        backwards: call it for the last simulation first.

    Raises:
        UserError: what it raised, with file, line and simulation; or it returned no number.
    """
    dataset, simulations = dataset.absolute(), simulations.absolute()
    with (
        own_function(str(folder), statistic["python"]) as function,
        open_dataset(dataset) as file,
    ):
        known = gather(file, simulations)
        per = max(len(known.sites), 1)
        values = np.full(len(known.status) * per, np.nan)
        for row, one in _each(file, known, window, statistic["each"], backwards):
            try:
                value = _number(function(one, **statistic["options"]), statistic["python"])
            except Exception as error:
                site = f" at {one.site}" if one.site else ""
                error.add_note(f" (simulation {one.index}{site})")
                raise
            values[row : row + (1 if statistic["each"] == "site" else per)] = value
        return values


def _each(
    file: h5py.File,
    known: Simulations,
    window: Window | None,
    each: str,
    backwards: bool,
) -> Iterator[tuple[int, Simulation]]:
    """Yield the rows that are asked for, each with its simulation."""
    turn: Callable[[Any], Iterator[Any]] = reversed if backwards else iter
    if not known.sites:
        start, end, ran = simulated(known, slice(0, len(known.status)), window)
        for place in turn(np.flatnonzero(ran).tolist()):
            of_run = float(start[place]), float(end[place])
            yield place, Simulation(file, known, place, "", {}, of_run)
        return
    for part in turn(list(blocks(known))):
        trains = read_trains(file, known, part, window)
        first = np.concatenate([[0], np.cumsum(trains.counts)])
        step = 1 if each == "site" else len(known.sites)
        for row in turn(range(0, len(trains.simulation), step)):
            if trains.ran[row]:
                yield part.start * len(known.sites) + row, _simulation(file, trains, first, row)


def _simulation(file: h5py.File, trains: Trains, first: np.ndarray, row: int) -> Simulation:
    known = trains.simulations
    top = row - row % len(known.sites)
    of_sites = {
        site: trains.spike_times[first[top + i] : first[top + i + 1]]
        for i, site in enumerate(known.sites)
    }
    place, site = int(trains.simulation[row]), str(trains.site[row])
    start, end = map(np.asarray, trains.window)
    window = (float(start[row]), float(end[row]))
    return Simulation(file, known, place, site, of_sites, window)


def write_own_statistics(
    dataset: Path, simulations: Path, columns: Mapping[str, Floats], output: Path
) -> None:
    """Write the table of what the functions say.

    Args:
        columns: by name, as `measure` gives them.
    """
    with open_dataset(dataset) as file:
        known = gather(file, simulations)
    sites = known.sites or [""]
    index = [index for index in known.identity[0].tolist() for _ in sites]
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["index", "site", *columns])
        cells = ([_cell(value) for value in column.tolist()] for column in columns.values())
        rows.writerows(zip(index, sites * len(known.status), *cells, strict=True))


def read_own_statistics(table: Path) -> dict[str, Floats]:
    """Return the columns of the table, (rows,): NaN where they are undefined."""
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        _, _, *names = next(lines)
        columns = [*zip(*(line[2:] for line in lines), strict=True)]
    return {
        name: np.array([float(cell) if cell else np.nan for cell in column])
        for name, column in zip(names, columns, strict=True)
    }


def _cell(value: float) -> str:
    return "" if value != value else repr(value + 0.0)  # -0.0 is written as 0.0


def _number(value: Any, function: str) -> float:
    """Return what a function returned as a number; of what has no value, or is infinite, NaN.

    Raises:
        UserError: it is no number.
    """
    if value is None or value is np.ma.masked:
        return np.nan
    number = np.asarray(value)
    if number.shape or number.dtype.kind not in "biuf":
        raise UserError(
            f"{function}: returned {cut(repr(value))}; expected one number, or None where it is "
            "undefined"
        )
    return float(number) if np.isfinite(number) else np.nan


def _value(text: Any) -> Any:
    """Return a value of an axis, as it is written in the table, as a number if it is one."""
    try:
        return float(text)
    except ValueError:
        return text


def _fixed(values: np.ndarray) -> Floats:
    """Return a copy that nobody can write to."""
    return np.frombuffer(values.tobytes(), values.dtype)
