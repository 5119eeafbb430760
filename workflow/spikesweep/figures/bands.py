"""Bands: how several simulations are spread, at each time of a trace or each value of an axis."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import span_text

PERCENTILES = (5.0, 50.0, 95.0)
LINES = {"percentiles": "median", "sd": "mean"}
BANDS = {"percentiles": "5 to 95%", "sd": "± SD"}
MOST = 2_000  # points of a line; of more those that look like all of them
FINEST = 20_000  # times, of traces that each have times of their own
BLOCK = 8_000_000  # samples in memory at a time


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
    has at times of its own, traces are taken as straight between them. The spread is that at all
    times; where these are many, those are returned that look like all of them.

    Args:
        kind: "percentiles": median, and percentiles 5 and 95 (between neighbours, linear); "sd":
            mean, and the standard deviation on both sides (ddof 1), NaN of a single simulation.
    """
    time = _times(data, trace, positions, window)
    parts = np.array_split(time, max(-(-time.size * len(positions) // BLOCK), 1))
    spreads, numbers = [], []
    for part in parts:
        samples = _samples(data, trace, positions, part)
        counts = np.isfinite(samples).sum(axis=0)
        inside = counts > 0
        spreads.append(np.array([part[inside], *spread_of(samples[:, inside], kind)]))
        numbers.append(int(counts.max(initial=0)))
    whole = np.concatenate(spreads, axis=1)
    shown = np.unique(np.concatenate([extremes(line, MOST) for line in whole[1:]]))
    times, low, middle, high = whole[:, shown]
    return Band(times, middle, low, high, max(numbers))


def spread_of(values: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower end, line and upper end of a band at each place.

    Args:
        values: (simulations, places), one at least that is no NaN at each place; NaN counts not.
        kind: as `band_of` has it.
    """
    if kind == "percentiles":
        # nanpercentile goes through the places one by one.
        percentile = np.percentile if np.isfinite(values).all() else np.nanpercentile
        low, middle, high = percentile(values, PERCENTILES, axis=0)
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


def extremes(samples: np.ndarray, most: int) -> np.ndarray:
    """Return the places of about `most` samples that look like all of them, ascending.

    They are the lowest and the highest of each of most / 2 equal stretches: a peak is never lost,
    as it is where every n-th sample is taken.
    """
    if samples.size <= most:
        return np.arange(samples.size)
    length = -(-samples.size // (most // 2))
    padded = np.pad(samples, (0, -samples.size % length), mode="edge").reshape(-1, length)
    unknown = np.isnan(padded)
    lowest = np.where(unknown, np.inf, padded).argmin(axis=1)
    highest = np.where(unknown, -np.inf, padded).argmax(axis=1)
    starts = np.arange(0, padded.size, length)
    places = np.sort(np.concatenate([starts + lowest, starts + highest]))
    return np.unique(np.minimum(places, samples.size - 1))


def _times(
    data: FigureData, trace: str, positions: Sequence[int], window: Sequence[float]
) -> np.ndarray:
    """Return the times within a window (ms) at which a band is known."""
    if data.has_steps(trace):
        return np.linspace(*window, FINEST)
    time = data.times(trace, positions[0])
    return time[(time >= window[0]) & (time <= window[1])]


def _samples(
    data: FigureData, trace: str, positions: Sequence[int], time: np.ndarray
) -> np.ndarray:
    """Return the samples of each simulation at some of these times: (simulations, times)."""
    if not data.has_steps(trace):
        shown = np.isin(data.times(trace, positions[0]), time)
        return np.array([data.samples(trace, one)[shown].astype(float) for one in positions])
    rows = []
    for position in positions:
        known, samples = data.times(trace, position), data.samples(trace, position)
        there = np.isfinite(samples)
        right = {"left": np.nan, "right": np.nan}
        rows.append(np.interp(time, known[there], samples[there].astype(float), **right))
    return np.array(rows)
