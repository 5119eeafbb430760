"""Populations of cells in one figure: their spike sites and colours, and their rates over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Axis

ROUNDING = 1e-9  # of a bin: 100 ms hold ten of 10 ms


def populations(data: FigureData, asked: str | Sequence[str] | None) -> dict[str, list[str]]:
    """Return the spike sites of the cells of each population, by its name.

    Args:
        asked: a site or several, each with all its copies; None is the first of the sweep.

    Raises:
        UserError: a site is not recorded.
    """
    names = [asked] if asked is None or isinstance(asked, str) else asked
    named = {name: data.copies(name) for name in names}
    return {name or sites[0].partition("[")[0]: sites for name, sites in named.items()}


def colours(names: Sequence[str]) -> dict[str, str]:
    """Return the colour of each population: the same in all figures with the same ones."""
    return dict(zip(names, style.colours(len(names), ordered=False), strict=True))


def entry(name: str, sites: Sequence[str]) -> str:
    """Return how a legend names a population: "exc (16 cells)"."""
    return f"{name} ({len(sites)} cell{'s' if len(sites) > 1 else ''})"


def bin_edges(window: tuple[float, float], width: float) -> np.ndarray:
    """Return the edges (ms) of the whole bins that a window holds; one edge where it holds none."""
    start, end = window
    return start + width * np.arange(int((end - start) / width + ROUNDING) + 1)


@dataclass(frozen=True)
class Rates:
    """What a figure of population rates shows: populations with their sites, a panel a level of
    `by` (None: of all), and the edges (ms) of the bins of its window."""

    rows: pd.DataFrame
    by: Axis | None
    levels: tuple
    of: dict[str, list[str]]
    window: tuple[float, float]
    edges: np.ndarray

    @classmethod
    def asked(cls, data: FigureData, options: Mapping[str, Any]) -> Self:
        """Raises UserError where the options name what the sweep does not have."""
        rows = data.select(options["at"])
        every = list(dict.fromkeys(site.partition("[")[0] for site in data.sites))
        by = data.axis(options["by"]) if options["by"] else None
        window = tuple(options["window"] or (0.0, data.end(rows)))
        edges = bin_edges(window, options["bin"])
        levels = data.levels(by.name, rows) if by else (None,)
        return cls(rows, by, levels, populations(data, options["site"] or every), window, edges)

    @property
    def finished(self) -> pd.DataFrame:
        """The simulations that did not fail."""
        return self.rows[self.rows["status"] == OK]

    def at(self, level: object) -> pd.DataFrame:
        """The simulations of a level that did not fail."""
        rows = self.finished
        return rows if self.by is None else rows[rows[self.by.name] == level]


def rates_of(
    data: FigureData, rows: pd.DataFrame, sites: Sequence[str], edges: np.ndarray
) -> np.ndarray:
    """Return the rates (Hz) of a population in each simulation: (simulations, bins)."""
    of_site = [data.spike_trains(site) for site in sites]
    ends = data.ends()
    found = [
        population_rate([trains[position] for trains in of_site], edges, ends[position])
        for position in rows.index
    ]
    return np.array(found).reshape(len(rows), len(edges) - 1)


def population_rate(trains: Sequence[np.ndarray], edges: np.ndarray, end: float) -> np.ndarray:
    """Return the rate (Hz) of a population in each bin: its spikes per cell and time.

    It is A(t) of Gerstner et al. (2014), Neuronal Dynamics, eq. 7.10, with bins [from, to).

    Args:
        trains: the spike times (ms) of each cell, ascending.
        edges: of bins of one width (ms), shape (bins + 1,).
        end: of the simulation (ms); bins that are not over by then are NaN.
    """
    spikes = np.sort(np.concatenate(trains))
    counts = np.diff(np.searchsorted(spikes, edges))
    rate = 1000 * counts / (len(trains) * np.diff(edges))
    return np.where(is_over(edges, end), rate, np.nan)


def is_over(edges: np.ndarray, end: float | np.ndarray) -> np.ndarray:
    """Return whether each bin is over when a simulation ends (ms), within rounding."""
    over: np.ndarray = edges[1:] <= end + ROUNDING * np.diff(edges)
    return over
