"""Bands: how several simulations are spread, at each time of a trace or each value of an axis."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from spikesweep.figures.data import FigureData

PERCENTILES = (5.0, 50.0, 95.0)
LINES = {"percentiles": "median", "sd": "mean"}
BANDS = {"percentiles": "5 to 95%", "sd": "± SD"}
MOST = 2_000  # times; of more samples every so many


class Band(NamedTuple):
    """At each of some times (ms): the line, and the ends of the band; NaN where nothing runs.

    number: how many simulations it is of, at most at one time.
    """

    time: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    number: int


def band_of(
    data: FigureData, trace: str, positions: Sequence[int], window: Sequence[float], kind: str
) -> Band:
    """Return how a trace is spread over simulations, within a window (ms).

    A simulation that has ended counts no more. With samples at every step, which each simulation
    has at times of its own, traces are taken as straight between them.

    Args:
        kind: "percentiles": median, and percentiles 5 and 95 (between neighbours, linear); "sd":
            mean, and the standard deviation on both sides (ddof 1), NaN of a single simulation.
    """
    time, samples = _sampled(data, trace, positions, window)
    known = np.isfinite(samples)
    counts = known.sum(axis=0)
    inside = counts > 0
    low, middle, high = spread_of(samples[:, inside], kind)
    return Band(time[inside], middle, low, high, int(counts.max(initial=0)))


def spread_of(values: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower end, line and upper end of a band at each place.

    Args:
        values: (simulations, places), one at least that is no NaN at each place; NaN counts not.
        kind: as `band_of` has it.
    """
    if kind == "percentiles":
        low, middle, high = np.nanpercentile(values, PERCENTILES, axis=0)
        return low, middle, high
    counts = np.isfinite(values).sum(axis=0)
    middle = np.nanmean(values, axis=0)
    squares = np.nansum((values - middle) ** 2, axis=0)
    sd = np.sqrt(np.where(counts > 1, squares / np.maximum(counts - 1, 1), np.nan))
    return middle - sd, middle, middle + sd


def band_text(kind: str, place: str, numbers: Collection[int], over: str) -> str:
    """Say what a line and a band are at each "time", of how many simulations, over which axes."""
    number = f"n = {span_text(numbers)}" + (f", over {over}" if over else "")
    return f"line: {LINES[kind]}, band: {BANDS[kind]} of simulations at each {place} ({number})"


def span_text(numbers: Collection[int]) -> str:
    """Return numbers of simulations as they are told: "3", "3 to 4"; "0" without any."""
    ends = sorted({min(numbers), max(numbers)}) if numbers else [0]
    return " to ".join(map(str, ends))


def _sampled(
    data: FigureData, trace: str, positions: Sequence[int], window: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return times, and the samples of each simulation there: (simulations, times)."""
    if data.has_steps(trace):
        time = np.linspace(*window, MOST)
        rows = []
        for position in positions:
            known, samples = data.times(trace, position), data.samples(trace, position)
            there = np.isfinite(samples)
            right = {"left": np.nan, "right": np.nan}
            rows.append(np.interp(time, known[there], samples[there].astype(float), **right))
        return time, np.array(rows)
    time = data.times(trace, positions[0])
    shown = np.flatnonzero((time >= window[0]) & (time <= window[1]))
    shown = shown[:: max(-(-shown.size // MOST), 1)]
    rows = [data.samples(trace, position)[shown].astype(float) for position in positions]
    return time[shown], np.array(rows)
