"""Measures of a trace within a window: mean, extremes, values at its edges, slope."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], float]


def mean(times: np.ndarray, values: np.ndarray) -> float:
    """Return the mean over time, by the trapezoidal rule."""
    return float(np.trapezoid(values, times) / (times[-1] - times[0]))


def slope(times: np.ndarray, values: np.ndarray) -> float:
    """Return the slope of the line of least squares over time, in the trace's unit per ms.

    Not over the samples, of which CVode makes more where a trace is steep: with t from the middle
    of the window, the integral of t v over that of t^2, v straight from sample to sample.
    """
    away = times - (times[0] + times[-1]) / 2
    squares = (times[-1] - times[0]) ** 3 / 12
    at_ends = away[:-1] * values[:-1] + away[1:] * values[1:]
    across = away[:-1] * values[1:] + away[1:] * values[:-1]
    return float(np.diff(times) @ (2 * at_ends + across) / 6 / squares)


MEASURES: Mapping[str, Measure] = {
    "mean": mean,
    "min": lambda times, values: float(values.min()),
    "max": lambda times, values: float(values.max()),
    "start": lambda times, values: float(values[0]),
    "end": lambda times, values: float(values[-1]),
    "slope": slope,
}


def measures(
    times: np.ndarray,
    values: np.ndarray,
    names: Sequence[str],
    window: Sequence[float] | None = None,
) -> dict[str, float]:
    """Return measures of a trace by name. Of a window of which nothing was recorded, none.

    Args:
        times: (samples,) ms, rising. values: (samples,).
        names: of MEASURES.
        window: from, to (ms), or none for the whole run. At its edges, values lie on straight
            lines between the samples; where the run ends before, that is the edge.
    """
    start, end = window or (times[0], times[-1])
    start, end = max(start, times[0]), min(end, times[-1])
    if not start < end:
        return {}
    inside = (start < times) & (times < end)
    edges = np.interp([start, end], times, values)
    times = np.concatenate([[start], times[inside], [end]])
    values = np.concatenate([edges[:1], values[inside], edges[1:]])
    return {name: MEASURES[name](times, values) for name in names}
