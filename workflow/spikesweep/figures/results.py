"""The results of a sweep as numbers: what Python figures and notebooks get."""

import json
from collections.abc import Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spikesweep.errors import UserError
from spikesweep.figures.data import FigureData

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


# What a sweep that has no such table lacks.
_ASKED_FOR = {
    "replicates": "no axis sets the seed alone, and statistics.replicates names none",
    "population": "the sweep file has no criteria in `accept`",
    "acceptance": "the sweep file has no criteria in `accept`",
    "correlations": "the sweep file has no criteria in `accept`",
    "fits": "none of its figures is a dose_response with a fit",
    "firing_classes": "none of its figures is a firing_map",
    "population_rates": "none of its figures is a population_rate",
}


class Numbers:
    """The results of a sweep, read as they are asked for.

    sweep, title: of the sweep file; shown: what built-in kinds draw from; axes: by name, their
    unit, long_name and values. Every table is the caller's own copy, of which changes change no
    file.
    """

    def __init__(
        self,
        sweep: str,
        title: str,
        axes: list[dict[str, Any]],
        data: FigureData,
        files: Mapping[str, Path],
    ) -> None:
        self.sweep, self.title = sweep, title
        self.axes: dict[str, dict[str, Any]] = {
            axis["name"]: {key: axis[key] for key in ("unit", "long_name", "values")}
            for axis in axes
        }
        self.shown, self._files = data, dict(files)
        self._at: dict[str, Any] = {}

    @cached_property
    def dataset(self) -> "xr.Dataset":
        """The labelled dataset; traces are read as they are used."""
        dataset = self.shown.dataset
        if not self._at:
            return dataset
        positions = self._rows.index.to_numpy()
        if "simulation" in dataset["status"].dims:
            return dataset.isel(simulation=positions)
        chosen = {name: sorted(set(self._rows[name])) for name in self._at}
        return dataset.sel({name: v[0] if len(v) == 1 else v for name, v in chosen.items()})

    @cached_property
    def statistics(self) -> "pd.DataFrame":
        """A row a simulation and spike site: the statistics of spikes, with the axes as index."""
        return self._table("statistics")

    @cached_property
    def isi(self) -> "pd.DataFrame":
        """A row an interspike interval, with the axes as index."""
        return self._table("isi")

    @cached_property
    def simulations(self) -> "pd.DataFrame":
        """A row a simulation: its status and message, with the axes as index."""
        return self._table("simulations")

    @cached_property
    def failures(self) -> "pd.DataFrame":
        """The simulations that failed, or were judged unphysical."""
        return self._table("failures")

    @cached_property
    def replicates(self) -> "pd.DataFrame":
        """Mean, SD and n of each statistic over the replicates, of all simulations."""
        return self._table("replicates", of_simulations=False)

    @cached_property
    def fits(self) -> "pd.DataFrame":
        """A row a Hill curve of the dose_response figures, of all simulations."""
        return self._table("fits", of_simulations=False)

    @cached_property
    def firing_classes(self) -> "pd.DataFrame":
        """A row a simulation and spike site of firing maps: its class, with the axes as index."""
        return self._table("firing_classes")

    @cached_property
    def population_rates(self) -> "pd.DataFrame":
        """A row a bin of the population_rate figures, and one a window, of all simulations."""
        return self._table("population_rates", of_simulations=False)

    @cached_property
    def population(self) -> "pd.DataFrame":
        """A row a candidate: its axes, verdict, reasons, and the quantities it is judged by."""
        return self._table("population", of_simulations=False)

    @cached_property
    def acceptance(self) -> "pd.DataFrame":
        """How many candidates meet all criteria, and a row a criterion."""
        return self._table("acceptance", of_simulations=False)

    @cached_property
    def correlations(self) -> "pd.DataFrame":
        """A row a pair of axes and criteria: how they go together in the accepted candidates."""
        return self._table("correlations", of_simulations=False)

    @cached_property
    def structure(self) -> "pd.DataFrame":
        """A row a segment of the cells, in the sweep's first simulation."""
        return self._table("structure", of_simulations=False)

    @cached_property
    def parameters(self) -> "pd.DataFrame":
        """A row a simulation: the value of each axis; units in `attrs`."""
        table = self._rows[["index", *self.axes]].set_index("index")
        table.attrs["units"] = {name: axis["unit"] for name, axis in self.axes.items()}
        return table

    def trains(self, site: str | None = None) -> "xr.DataArray":
        """Return the spike times (ms) at a site, by default the first: an array a simulation.

        Of all cells of a population, named without a number, the last dimension is `cell`.
        """
        from spikesweep.tables.trains import trains

        copies = self.shown.copies(site)  # says which sites there are
        every = trains(self.shown.dataset, site or copies[0])
        if not self._at:
            return every
        if "simulation" in every.dims:
            return every.isel(simulation=self._rows.index.to_numpy())
        chosen = {name: sorted(set(self._rows[name])) for name in self._at}
        return every.sel({name: v[0] if len(v) == 1 else v for name, v in chosen.items()})

    def colours(self, axis: str) -> "dict[Any, str]":
        """Return the colour (#rrggbb) that each value of an axis has in the built-in kinds.

        In a figure set whose panels share the colours of this axis, it is the shared one.

        Raises:
            UserError: there is no such axis.
        """
        from matplotlib.colors import to_hex

        from spikesweep.figures.style import colours_of

        levels = self.shown.levels(axis, self._rows)
        return dict(
            zip(levels, map(to_hex, colours_of(self.shown.axis(axis), levels)), strict=True)
        )

    def select(self, **at: Any) -> Self:
        """Return the results at a value, or one of several values, of some axes.

        Raises:
            UserError: an axis has no such value, or no simulation is there.
        """
        chosen = copy(self)
        for name, member in vars(Numbers).items():
            if isinstance(member, cached_property):
                vars(chosen).pop(name, None)
        chosen._at = {**self._at, **at}
        chosen._rows  # noqa: B018, asks whether there are any
        return chosen

    @cached_property
    def _rows(self) -> "pd.DataFrame":
        return self.shown.select(self._at)

    def _table(self, name: str, of_simulations: bool = True) -> "pd.DataFrame":
        import pandas as pd

        path = self._files.get(name)
        if path is None:
            why = _ASKED_FOR.get(name, "expected it in `reads` of the figure")
            raise UserError(f"{self.sweep}: there is no table {name}: {why}")
        if not path.is_file():
            raise UserError(f"{self.sweep}: the table {name} is gone; run snakemake again")
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
        described = path.with_suffix(".json")
        columns = json.loads(described.read_text("utf-8")).get("columns", {}) if (
            described.is_file()
        ) else {}  # fmt: skip
        if of_simulations:
            table = table[table["index"].isin(self._rows["index"])]
            table = table.set_index([axis for axis in self.axes if axis in table])
        table.attrs["units"] = {name: column["unit"] for name, column in columns.items()}
        table.attrs["long_names"] = {name: column["long_name"] for name, column in columns.items()}
        return table
