"""The table of the rates of populations: the numbers that figures of kind population_rate draw."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spikesweep.figures.bands import spread_of
from spikesweep.figures.data import FigureData
from spikesweep.figures.populations import Rates, rates_of
from spikesweep.products.atomic import written
from spikesweep.tables.population_rates import COLUMNS, MS_PER_S


def write_rates(data: FigureData, figures: Iterable[Mapping[str, Any]], output: Path) -> None:
    """Write of each figure, population and value of `by` a row a bin, and one of the window.

    Args:
        figures: `figure`, its name, and its options.
    """
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*COLUMNS], restval="", lineterminator="\n")
        writer.writeheader()
        for figure in figures:
            for row in _rows(data, Rates.asked(data, figure)):
                writer.writerow({"figure": figure["figure"], "by": figure["by"], **row})


def _rows(data: FigureData, rates: Rates) -> Iterator[dict[str, Any]]:
    for level, (population, sites) in product(rates.levels, rates.of.items()):
        rows = rates.at(level)
        named = {"population": population, "cells": len(sites)}
        named |= {} if level is None else {"value": level}
        of_cells = _rates_of_cells(data, rows, sites, rates.window)
        yield {
            **named,
            **{"span": "window", **_edges(*rates.window), **_spread(of_cells.mean(axis=1))},
            "rate_sd_cells": _sd_of_cells(of_cells),
        }
        every = rates_of(data, rows, sites, rates.edges)
        for start, end, values in zip(rates.edges[:-1], rates.edges[1:], every.T, strict=True):
            yield {**named, "span": "bin", **_edges(start, end), **_spread(values)}


def _rates_of_cells(
    data: FigureData, rows: pd.DataFrame, sites: Sequence[str], window: tuple[float, float]
) -> np.ndarray:
    """Return the rate (Hz) of each cell in the part of a window (ms, both ends included) that its
    simulation has: (simulations, cells); NaN where it ends before the window."""
    start = window[0]
    ends = np.minimum(data.ends()[rows.index], window[1])
    counts = np.zeros((len(rows), len(sites)))
    for column, site in enumerate(sites):
        trains = data.spike_trains(site)
        for row, (position, end) in enumerate(zip(rows.index, ends, strict=True)):
            spikes = trains[position]
            counts[row, column] = np.sum((spikes >= start) & (spikes <= end))
    length = np.where(ends > start, ends - start, np.nan)
    return MS_PER_S * counts / length[:, np.newaxis]


def _sd_of_cells(rates: np.ndarray) -> str:
    """Return the SD over cells (ddof 1), as the mean over simulations; nothing of one cell."""
    known = rates[np.isfinite(rates).all(axis=1)]
    if not len(known) or known.shape[1] < 2:
        return ""
    return repr(float(known.std(axis=1, ddof=1).mean()))


def _edges(start: float, end: float) -> dict[str, str]:
    return {"start": repr(float(start)), "end": repr(float(end))}


def _spread(values: np.ndarray) -> dict[str, Any]:
    """Return mean and SD over simulations, and their number; nothing where none is known."""
    known = values[np.isfinite(values)]
    if not known.size:
        return {"n": 0}
    low, mean, _ = (float(ends[0]) for ends in spread_of(known[:, np.newaxis], "sd"))
    sd = repr(mean - low) if known.size > 1 else ""
    return {"rate_mean": repr(mean), "rate_sd": sd, "n": known.size}
