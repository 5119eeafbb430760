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
    (windows, _), potential = data.windows(), potential_of(data, site)
    trains, ends = data.spike_trains(site, lower), data.ends()
    found = {}
    for position in rows.index[rows["status"] == OK]:
        start, end = windows[position]
        window = start, min(end, ends[position])
        held = np.nan
        spikes = trains[position]
        within = (spikes >= window[0]) & (spikes <= window[1])
        if potential is not None and np.sum(within) < 2:  # else not asked
            samples = data.times(potential, position), data.samples(potential, position)
            held = held_potential(*samples, window)
        found[position] = firing_class(trains[position], window, held)
    return pd.Series(found, dtype=object)


def potential_of(data: FigureData, site: str) -> str | None:
    """The trace of the membrane potential at a spike site, or None."""
    names = json.loads(data.arrays.attrs.get("spikesweep_traces", "[]"))
    traces = {name: data.arrays[name].attrs for name in names}
    return potential_at(data.arrays[f"spike_times_{site}"].attrs, traces)
