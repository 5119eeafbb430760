"""The tables of sensitivity and uncertainty of traces over time, from a sampled sweep.

At each of some times, a trace is a number of each simulation, and its indices are those of any
number: see `sensitivity_table`. Resampled are the same simulations at all times, so that what lies
between two times is no noise of the bootstrap.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Quantity
from spikesweep.figures.sensitivity_table import indices_of, spread_of, write_rows
from spikesweep.tables.columns import SENSITIVITY_OVER_TIME, UNCERTAINTY_OVER_TIME

STEPS = 40  # from the start of a run to its end, where no interval is asked for
ROUNDING = 1e-9  # ms, by which a time may lie beyond the last sample


def write_over_time(data: FigureData, asked: Mapping[str, Any], outputs: Sequence[Path]) -> None:
    """Write a row a trace, time, method, index and axis; and one a trace and time, of its spread.

    A simulation that failed, or that has ended, is in no row of a time, as in `write_sensitivity`.

    Args:
        asked: of the recipe: `traces`, `every` (ms), and as there.
        outputs: the files.
    """
    sensitivity, uncertainty = outputs
    rows = data.select(asked["at"])
    x = rows[asked["axes"]].to_numpy(float)
    ok = rows.index[rows["status"] == OK]
    end = float(data.ends()[rows.index].max())
    every = asked["every"] or end / STEPS
    times = every * np.arange(int(end / every + ROUNDING) + 1)
    of_traces = {name: samples_at(data, name, ok, times) for name in asked["traces"]}

    def each() -> Iterator[tuple[Quantity, float, np.ndarray]]:
        for name, samples in of_traces.items():
            values = np.full((len(rows), len(times)), np.nan)
            values[rows.index.isin(ok)] = samples
            for time, y in zip(times.tolist(), values.T, strict=True):
                yield data.described(name), time, y

    write_rows(
        sensitivity,
        SENSITIVITY_OVER_TIME,
        (row | {"time": t} for q, t, y in each() for row in indices_of(q, x, y, asked)),
    )
    write_rows(
        uncertainty,
        UNCERTAINTY_OVER_TIME,
        (spread_of(q, y, asked["kind"]) | {"time": t} for q, t, y in each()),
    )


def samples_at(
    data: FigureData, trace: str, positions: Sequence[int], times: np.ndarray
) -> np.ndarray:
    """Return a trace at some times (ms), on straight lines between its samples; NaN beyond its
    end: (positions, times)."""
    found = np.full((len(positions), len(times)), np.nan)
    for row, position in enumerate(positions):
        known, samples = data.times(trace, position), data.samples(trace, position)
        there = np.isfinite(samples)
        known, samples = known[there], samples[there]
        if known.size:
            inside = (times >= known[0] - ROUNDING) & (times <= known[-1] + ROUNDING)
            found[row, inside] = np.interp(times[inside], known, samples)
    return found
