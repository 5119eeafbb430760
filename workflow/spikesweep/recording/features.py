"""Features of waveforms, by eFEL. Only a simulation that asks for some imports this module."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import efel
import numpy as np

Extract = Callable[..., Any]  # eFEL's, of means or of all values


def mean_features(
    times: np.ndarray, values: np.ndarray, wanted: dict, window: Sequence[float] | None = None
) -> dict[str, float]:
    """Return the features of a trace by name; one with several values, such as one a spike, by
    their mean. Those that are undefined, as without spikes, are left out; so are all of a window
    that is empty.

    Args:
        times: (samples,) ms, `every` apart. values: (samples,) mV.
        wanted: names; threshold of spikes (mV); every (ms); settings of eFEL, by name.
        window: from and to (ms), eFEL's stim_start and stim_end, or none for the whole trace.
    """
    found = _features(efel.get_mean_feature_values, times, values, wanted, window)
    return {
        name: float(value) for name, value in found.items() if value is not None and isfinite(value)
    }


def feature_values(
    times: np.ndarray, values: np.ndarray, wanted: dict, window: Sequence[float] | None = None
) -> dict[str, np.ndarray]:
    """Return all values of the features of a trace by name, (values,) each, as eFEL has them; of
    those that are undefined none. Arguments are those of `mean_features`.
    """
    found = _features(efel.get_feature_values, times, values, wanted, window)
    return {
        name: np.asarray(values, np.float64).ravel()
        for name, values in found.items()
        if values is not None
    }


def _features(
    extract: Extract,
    times: np.ndarray,
    values: np.ndarray,
    wanted: dict,
    window: Sequence[float] | None,
) -> dict[str, Any]:
    """Return what a function of eFEL finds in a trace, and nothing of an empty window."""
    efel.reset()
    efel.set_setting("Threshold", float(wanted["threshold"]))
    efel.set_setting("interp_step", float(wanted["every"]))
    for name, value in wanted.get("settings", {}).items():
        efel.set_setting(name, value)
    start, end = window or (times[0], times[-1])
    if not start < end:
        return {}
    trace = {"T": times, "V": values, "stim_start": [start], "stim_end": [end]}
    return _found(extract, trace, wanted["names"])


def _found(extract: Extract, trace: dict, names: Sequence[str]) -> dict[str, Any]:
    """Return what eFEL finds. Some features raise where they are undefined, such as the impedance
    of a trace without a peak: these are left out, and take no other with them."""
    try:
        found: dict[str, Any] = extract([trace], names, raise_warnings=False)[0]
        return found
    except (ArithmeticError, LookupError, TypeError, ValueError):
        if len(names) == 1:
            return {}
    return {name: value for one in names for name, value in _found(extract, trace, [one]).items()}
