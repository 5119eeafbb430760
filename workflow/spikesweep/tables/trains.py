"""Spike trains of a dataset, an array of times a simulation, as notebooks and figures read them."""

import json
from typing import TYPE_CHECKING

import numpy as np

from spikesweep.errors import UserError, suggest
from spikesweep.tables.names import value_names

if TYPE_CHECKING:
    import xarray


def trains(dataset: "xarray.Dataset", site: str) -> "xarray.DataArray":
    """Return the spike trains of a site over the axes: each element an array of times (ms).

    Of a site with copies, as a population is, those of all: the last dimension is `cell`.

    Raises:
        UserError: no such site; or simulations were selected before: select from what this
            returns.
    """
    if f"n_spikes_{site}" not in dataset:
        sites = json.loads(dataset.attrs["spikesweep_sites"])
        if copies := [one for one in sites if one.startswith(f"{site}[")]:
            return _side_by_side([trains(dataset, copy) for copy in copies], site)
        raise UserError(f'site "{site}" is not recorded{suggest(site, sites)}; known: {sites}')
    return _split(dataset, f"n_spikes_{site}", f"spike_times_{site}", f'trains(dataset, "{site}")')


def values(dataset: "xarray.Dataset", feature: str) -> "xarray.DataArray":
    """Return all values of a feature with `values: true` over the axes: each element an array.

    Raises:
        UserError: of no such feature all values are kept; or as `trains` does.
    """
    number, name, _ = value_names(feature)
    if number not in dataset:
        known = [
            str(n).removeprefix("n_values_") for n in dataset if str(n).startswith("n_values_")
        ]
        raise UserError(
            f'not all values are kept of "{feature}"{suggest(feature, known)}; known: {known}. '
            "Expected `values: true` in its features"
        )
    return _split(dataset, number, name, f'values(dataset, "{feature}")')


def _side_by_side(of_cells: "list[xarray.DataArray]", site: str) -> "xarray.DataArray":
    """Return the trains of all cells of a population; the dimension `cell` has their numbers."""
    import xarray

    together = xarray.concat(of_cells, "cell", coords="minimal", compat="override")
    together = together.assign_coords(cell=range(len(of_cells))).transpose(..., "cell")
    of_first = of_cells[0].attrs.items()
    attrs = {name: text.replace("[0]", "", 1) for name, text in of_first}
    return together.rename(f"spike_times_{site}").assign_attrs(attrs)


def _split(dataset: "xarray.Dataset", number: str, name: str, call: str) -> "xarray.DataArray":
    """Return ragged rows, of which one variable has the lengths, one an element."""
    import xarray

    counts, every = dataset[number], dataset[name].values
    if (total := int(counts.sum())) != len(every):
        raise UserError(
            f"{counts.name} counts {total} of {len(every)}: simulations were selected before; call "
            f"{call} first and select from its result"
        )
    split = np.empty(counts.size, object)  # filled one by one: equal lengths would make a matrix
    for simulation, row in enumerate(np.split(every, counts.values.cumsum()[:-1])):
        split[simulation] = row
    return xarray.DataArray(
        split.reshape(counts.shape),
        counts.coords,
        counts.dims,
        name,
        dataset[name].attrs,
    )
