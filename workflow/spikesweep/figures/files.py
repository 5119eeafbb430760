"""The files that a figure is drawn from, each read where a figure asks for it."""

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from spikesweep.figures.arrays import Arrays
from spikesweep.figures.labels import Quantity

if TYPE_CHECKING:
    import xarray as xr


class Files:
    """The dataset and the tables of a sweep, as far as a figure was given them.

    `dataset` is the NetCDF file; the others are CSV tables, of which `statistics`, `isi` and
    `structure` have a sidecar of the same name ending in .json whose "columns" give unit and
    long_name.
    """

    def __init__(
        self,
        dataset: Path | None = None,
        statistics: Path | None = None,
        isi: Path | None = None,
        structure: Path | None = None,
        simulations: Path | None = None,
        sensitivity: Path | None = None,
        trust: Path | None = None,
        population: Path | None = None,
        acceptance: Path | None = None,
        thresholds: Path | None = None,
        sensitivity_over_time: Path | None = None,
        uncertainty_over_time: Path | None = None,
    ) -> None:
        self._paths = {
            "dataset": dataset, "statistics": statistics, "isi": isi, "structure": structure,
            "simulations": simulations, "sensitivity": sensitivity, "trust": trust,
            "population": population, "acceptance": acceptance, "thresholds": thresholds,
            "sensitivity_over_time": sensitivity_over_time,
            "uncertainty_over_time": uncertainty_over_time,
        }  # fmt: skip

    @cached_property
    def arrays(self) -> Arrays:
        """The dataset, as all that follows reads it."""
        return Arrays(self._path("dataset"))

    @cached_property
    def dataset(self) -> "xr.Dataset":
        """The labelled dataset, as users get it; arrays are read as they are used."""
        import xarray as xr

        # Times in ms are numbers here, not timedelta64. Many shared file systems refuse locks.
        return xr.open_dataset(
            self._path("dataset"), engine="h5netcdf", decode_times=False,
            driver_kwds={"locking": False},
        )  # fmt: skip

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """The table of spike train statistics: a row a simulation and site."""
        return read_table(self._path("statistics"))

    @cached_property
    def isi(self) -> pd.DataFrame:
        """The table of interspike intervals: a row an interval."""
        return read_table(self._path("isi"))

    @cached_property
    def structure(self) -> pd.DataFrame:
        """The table of the cells' segments: a row a segment."""
        return read_table(self._path("structure"))

    @cached_property
    def sensitivity(self) -> pd.DataFrame:
        """The table of sensitivity: a row a quantity, method, index and axis."""
        return read_table(self._path("sensitivity"))

    @cached_property
    def sensitivity_over_time(self) -> pd.DataFrame:
        """The table of sensitivity of traces: a row a trace, time, method, index and axis."""
        return read_table(self._path("sensitivity_over_time"))

    @cached_property
    def uncertainty_over_time(self) -> pd.DataFrame:
        """The table of how traces are spread over a sample: a row a trace and time."""
        return read_table(self._path("uncertainty_over_time"))

    @cached_property
    def population(self) -> pd.DataFrame:
        """The table of the population: a row a candidate."""
        return read_table(self._path("population"))

    @cached_property
    def acceptance(self) -> pd.DataFrame:
        """The table of acceptance: all criteria together, then a row a criterion."""
        return read_table(self._path("acceptance"))

    @cached_property
    def thresholds(self) -> pd.DataFrame:
        """The table of thresholds: a row a search, along one axis."""
        return read_table(self._path("thresholds"))

    @cached_property
    def trust(self) -> pd.DataFrame | None:
        """The table of trust: a row a simulation that ran again, site, statistic and what was
        refined; None where the figure shows nothing that was."""
        if self._paths["trust"] is None:
            return None
        return pd.read_csv(self._paths["trust"], keep_default_na=False, dtype={"robust": str})

    def column(self, table: str, name: str) -> Quantity:
        """What a column of "statistics", "isi" or "structure" holds, by the table's sidecar."""
        described = self._sidecars(table).get(name, {})
        return Quantity(name, described.get("unit", ""), described.get("long_name", ""))

    def _sidecars(self, table: str) -> dict:
        path = self._path(table).with_suffix(".json")
        if not path.exists():
            return {}
        return json.loads(path.read_text(encoding="utf-8")).get("columns", {})

    def _path(self, name: str) -> Path:
        path = self._paths[name]
        if path is None:
            raise ValueError(f"this figure reads {name}, which it was not given")
        return path


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table, in which only empty cells are missing: "NA" may be a name."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])
