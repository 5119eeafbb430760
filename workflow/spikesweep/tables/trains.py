"""Spike trains of a dataset, an array of times a simulation, as notebooks and figures read them."""

import json
from typing import TYPE_CHECKING

import numpy as np

from spikesweep.errors import UserError, suggest

if TYPE_CHECKING:
    import xarray


def trains(dataset: "xarray.Dataset", site: str) -> "xarray.DataArray":
    """Return the spike trains of a site over the axes: each element an array of times (ms).

    Raises:
        UserError: no such site; or simulations were selected before: select from what this
            returns.
    """
    import xarray

    if f"n_spikes_{site}" not in dataset:
        sites = json.loads(dataset.attrs["spikesweep_sites"])
        raise UserError(f'site "{site}" is not recorded{suggest(site, sites)}; known: {sites}')
    counts, times = dataset[f"n_spikes_{site}"], dataset[f"spike_times_{site}"].values
    if (total := int(counts.sum())) != len(times):
        raise UserError(
            f"{counts.name} counts {total} of {len(times)} spikes: simulations were selected "
            f'before; call trains(dataset, "{site}") first and select from its result'
        )
    split = np.empty(counts.size, object)  # filled one by one: equal lengths would make a matrix
    for simulation, train in enumerate(np.split(times, counts.values.cumsum()[:-1])):
        split[simulation] = train
    return xarray.DataArray(
        split.reshape(counts.shape),
        counts.coords,
        counts.dims,
        f"spike_times_{site}",
        dataset[f"spike_times_{site}"].attrs,
    )
