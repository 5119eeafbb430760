"""How simulations fire, from what figures and tables read."""

import json

import numpy as np
import pandas as pd

from spikesweep.figures.data import OK, FigureData
from spikesweep.tables.firing import firing_class, held_potential, potential_at


def classes(data: FigureData, site: str, rows: pd.DataFrame, lower: bool = False) -> pd.Series:
    """Return how simulations fire at a site (see `tables.firing`), by position.

    Args:
        rows: of the simulations; those that did not finish are not among what is returned.
        lower: whether spikes are those that a threshold 10 mV lower counts.
    """
    trains, held = data.spike_trains(site, lower), held_potentials(data, site, rows, lower)
    found = {
        position: firing_class(trains[position], window, held[position])
        for position, window in _windows(data, rows).items()
    }
    return pd.Series(found, dtype=object)


def held_potentials(
    data: FigureData, site: str, rows: pd.DataFrame, lower: bool = False
) -> pd.Series:
    """Return the mean potential (mV) at the end of the window, as `classes` asks for it, by
    position: NaN where it does not, since there are two spikes, or cannot."""
    potential, trains = potential_of(data, site), data.spike_trains(site, lower)
    found = {}
    for position, window in _windows(data, rows).items():
        spikes = trains[position]
        within = (spikes >= window[0]) & (spikes <= window[1])
        found[position] = np.nan
        if potential is not None and np.sum(within) < 2:
            samples = data.times(potential, position), data.samples(potential, position)
            found[position] = held_potential(*samples, window)
    return pd.Series(found, dtype=float)


def _windows(data: FigureData, rows: pd.DataFrame) -> dict[int, tuple[float, float]]:
    """The window (ms) of each simulation that finished, up to its end, by position."""
    (windows, _), ends = data.windows(), data.ends()
    return {
        position: (windows[position][0], min(windows[position][1], ends[position]))
        for position in rows.index[rows["status"] == OK]
    }


def potential_of(data: FigureData, site: str) -> str | None:
    """The trace of the membrane potential at a spike site, or None."""
    names = json.loads(data.arrays.attrs.get("spikesweep_traces", "[]"))
    traces = {name: data.arrays[name].attrs for name in names}
    return potential_at(data.arrays[f"spike_times_{site}"].attrs, traces)
