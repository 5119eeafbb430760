"""Populations of cells in one figure: their spike sites and colours, and their rates over time."""

from collections.abc import Sequence

import numpy as np

from spikesweep.figures import style
from spikesweep.figures.data import FigureData

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
    return np.where(edges[1:] <= end + ROUNDING * np.diff(edges), rate, np.nan)
