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


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table, in which only empty cells are missing: "NA" may be a name."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def _table(name: str, words: str) -> "cached_property[pd.DataFrame]":
    """Return the attribute of `Files` that is a table, read when it is first asked for."""
    attribute = cached_property(lambda files: read_table(files._path(name)))
    attribute.__doc__ = f"The table of {words}."
    return attribute


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

    statistics = _table("statistics", "spike train statistics: a row a simulation and site")
    isi = _table("isi", "interspike intervals: a row an interval")
    structure = _table("structure", "the cells' segments: a row a segment")
    sensitivity = _table("sensitivity", "sensitivity: a row a quantity, method, index and axis")
    sensitivity_over_time = _table(
        "sensitivity_over_time",
        "sensitivity of traces: a row a trace, time, method, index and axis",
    )
    uncertainty_over_time = _table(
        "uncertainty_over_time", "how traces are spread over a sample: a row a trace and time"
    )
    population = _table("population", "the population: a row a candidate")
    acceptance = _table("acceptance", "acceptance: all criteria together, then a row a criterion")
    thresholds = _table("thresholds", "thresholds: a row a search, along one axis")

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

    def recipe(self, table: str) -> dict:
        """What decided a table, by its sidecar; nothing where it has none."""
        return self._sidecar(table).get("recipe", {})

    def _sidecars(self, table: str) -> dict:
        return self._sidecar(table).get("columns", {})

    def _sidecar(self, table: str) -> dict:
        path = self._path(table).with_suffix(".json")
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _path(self, name: str) -> Path:
        path = self._paths[name]
        if path is None:
            raise ValueError(f"this figure reads {name}, which it was not given")
        return path
