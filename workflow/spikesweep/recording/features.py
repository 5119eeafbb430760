"""Features of waveforms, by eFEL. Only a simulation that asks for some imports this module."""

from collections.abc import Sequence
from math import isfinite

import efel
import numpy as np


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
    efel.reset()
    efel.set_setting("Threshold", float(wanted["threshold"]))
    efel.set_setting("interp_step", float(wanted["every"]))
    for name, value in wanted.get("settings", {}).items():
        efel.set_setting(name, value)
    start, end = window or (times[0], times[-1])
    if not start < end:
        return {}
    trace = {"T": times, "V": values, "stim_start": [start], "stim_end": [end]}
    return {
        name: float(value)
        for name, value in _found(trace, wanted["names"]).items()
        if value is not None and isfinite(value)
    }


def _found(trace: dict, names: Sequence[str]) -> dict[str, float | None]:
    """Return what eFEL finds. Some features raise where they are undefined, such as the impedance
    of a trace without a peak: these are left out, and take no other with them."""
    try:
        return efel.get_mean_feature_values([trace], names, raise_warnings=False)[0]
    except (ArithmeticError, LookupError, TypeError, ValueError):
        if len(names) == 1:
            return {}
    return {name: value for one in names for name, value in _found(trace, [one]).items()}
