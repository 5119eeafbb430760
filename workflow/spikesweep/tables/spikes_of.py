"""The spikes of one simulation of a sweep, as the input of another sweep."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from spikesweep.errors import UserError
from spikesweep.language.names import STATUSES
from spikesweep.tables.bounds import UNPHYSICAL, Bounds, unphysical
from spikesweep.tables.simulations import open_dataset, over_simulations


def trains_at(
    dataset: Path, at: Mapping[str, float | str], sites: Sequence[str], bounds: Bounds
) -> list[list[float]]:
    """Return the spike times (ms) at some sites in the one simulation that has these values.

    Args:
        bounds: of membrane potentials; a simulation that ran, and left them, is unphysical.

    Raises:
        UserError: no simulation, several, or one that failed or is unphysical.
    """
    with open_dataset(dataset) as file:
        place = _place(file, at, dataset)
        if failed := _failed(file, place, bounds):
            index = over_simulations(file, "index")[place]
            raise UserError(
                f"{dataset}: simulation {index} {failed}, so that its spikes cannot be an input; "
                "expected one that is ok"
            )
        return [_train(file, site, place) for site in sites]


def _failed(file: h5py.File, place: int, bounds: Bounds) -> str:
    """Return why a simulation is no source of spikes; empty where it is one."""
    if status := over_simulations(file, "status")[place]:
        return f"ended as {STATUSES[status]}"
    found = unphysical(file, bounds).get(place)
    return f"is {UNPHYSICAL} ({found})" if found else ""


def _place(file: h5py.File, at: Mapping[str, float | str], dataset: Path) -> int:
    axes, shape = json.loads(file.attrs["spikesweep_axes"]), file["status"].shape
    is_grid = "simulation" not in file and bool(axes)
    chosen = np.ones(shape, bool)
    for i, axis in enumerate(axes):
        if axis["name"] in at:
            values = file[axis["name"]]
            is_text = h5py.check_string_dtype(values.dtype) is not None
            own = values.asstr()[()] if is_text else values[()]
            if is_grid:
                own = own.reshape([-1 if k == i else 1 for k in range(len(shape))])
            chosen &= own == at[axis["name"]]
    places = np.flatnonzero(chosen.ravel())
    if len(places) != 1:
        said = ", ".join(f"{name} = {value}" for name, value in at.items())
        raise UserError(f"{dataset}: {len(places)} simulations at {said}; expected one")
    return int(places[0])


def _train(file: h5py.File, site: str, place: int) -> list[float]:
    ends = over_simulations(file, f"n_spikes_{site}").cumsum()
    start = ends[place - 1] if place else 0
    times: list[float] = file[f"spike_times_{site}"][start : ends[place]].tolist()
    return sorted(set(times))
