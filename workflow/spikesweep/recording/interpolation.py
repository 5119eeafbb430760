"""Values between the steps of a variable time step."""

import numpy as np

POINTS = 4  # of the polynomial, two on either side; more of them swing where steps grow fast
RESTART = (
    0.05  # of the step before: CVode shortens a step by a tenth at most, unless it starts anew
)


def interpolate(times: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return values at some times, by cubic polynomials through the steps around each.

    Where CVode starts anew, at an event, its steps begin tiny again. The curve may bend or jump
    there, so that no polynomial goes across; a sample at the event itself is of the state after
    it, as CVode gives it.

    Args:
        times: (steps,) ms, rising. values: (steps,). at: (samples,) ms, rising, within.
    """
    steps = np.diff(times)
    restarts = np.flatnonzero(steps[1:] < RESTART * steps[:-1]) + 1
    found = np.empty(len(at))
    first = 0
    for start, end in zip([0, *restarts + 1], [*restarts + 1, len(times)], strict=True):
        last = np.searchsorted(at, times[end - 1]) if end < len(times) else len(at)
        if last > first:
            found[first:last] = _smooth(times[start:end], values[start:end], at[first:last])
            first = last
    return found


def _smooth(times: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Interpolate by Newton's divided differences; with fewer steps, of a lower order."""
    count = min(POINTS, len(times))
    behind = np.searchsorted(times, at)
    starts = np.clip(behind - POINTS // 2, 0, len(times) - count)
    columns = starts[:, None] + np.arange(count)
    x, divided = times[columns], values[columns]
    for order in range(1, count):
        gaps = x[:, order:] - x[:, :-order]
        divided[:, order:] = np.diff(divided[:, order - 1 :]) / gaps
    result = divided[:, -1]
    for place in range(count - 2, -1, -1):
        result = result * (at - x[:, place]) + divided[:, place]
    return result
