"""One value of each simulation, as designs read it that grow by their own results."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from spikesweep.document.axes.searching import FAILED, Value
from spikesweep.tables.firing import firing_class, held_potential, potential_at
from spikesweep.tables.names import STEP_TIMES, STEPS
from spikesweep.tables.simulations import open_dataset
from spikesweep.tables.spiketrain import Window
from spikesweep.tables.statistics import blocks, gather, read_trains

CLASS = "class"  # of firing, in place of a column


def values_of_each(
    files: Mapping[str, Path], of: str, site: str | None, window: Window | None
) -> list[Value]:
    """Return what a design looks at, a value a simulation: a column of the statistics, or the class
    of firing; None where it is undefined, FAILED where the simulation failed.

    Args:
        files: `statistics`; of classes `dataset` and `simulations`.
        site: of the spikes; None for the first. window: of the statistics.
    """
    if of == CLASS:
        return class_of_each(files["dataset"], files["simulations"], site, window)
    return statistic_of_each(files["statistics"], of, site)


def statistic_of_each(statistics: Path, name: str, site: str | None) -> list[Value]:
    """Return a column of the statistics, a value a simulation: None where it is undefined, FAILED
    where the simulation failed.

    Args:
        site: of the spikes; None for the first.
    """
    values: dict[str, Value] = {}
    with statistics.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["site"] == site or (site is None and row["index"] not in values):
                found = float(row[name]) if row[name] else None
                values[row["index"]] = found if row["status"] == "ok" else FAILED
    return list(values.values())


def class_of_each(
    dataset: Path, simulations: Path, site: str | None, window: Window | None
) -> list[Value]:
    """Return how each simulation fires, as `tables.firing` names it; FAILED where it failed.

    Args:
        site: of the spikes; None for the first. window: of the statistics, as there.
    """
    found: list[Value] = []
    with open_dataset(dataset) as file:
        known = gather(file, simulations)
        wanted = known.sites[0] if site is None else site
        traces = {name: file[name].attrs for name in json.loads(file.attrs["spikesweep_traces"])}
        trace = potential_at(file[f"spike_times_{wanted}"].attrs, traces)
        for part in blocks(known):
            trains = read_trains(file, known, part, window)
            ends = trains.counts.cumsum()
            for train in (trains.site == wanted).nonzero()[0]:
                spikes = trains.spike_times[ends[train] - trains.counts[train] : ends[train]]
                start, end = (float(np.asarray(edge)[train]) for edge in trains.window)
                place = int(trains.simulation[train])
                if known.status[place] != "ok":
                    found.append(FAILED)
                    continue
                held = np.nan
                if trace is not None and spikes.size < 2:  # else it is not asked
                    held = held_potential(*_samples(file, trace, place), (start, end))
                found.append(firing_class(spikes, (start, end), held))
    return found


def _samples(file: h5py.File, trace: str, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and samples of a simulation's trace."""
    variable = file[trace]
    where = np.unravel_index(place, variable.shape[:-1]) if variable.ndim > 1 else ()
    along = variable.dims[variable.ndim - 1]
    name = along[0].name.strip("/")  # that of the dimension, and of its coordinate
    times = file[STEP_TIMES if name == STEPS else name]
    return times[where] if times.ndim == variable.ndim else times[()], variable[where]
