"""Features of waveforms, by eFEL. Only a simulation that asks for some imports this module."""

from math import isfinite

import efel
import numpy as np


def mean_features(times: np.ndarray, values: np.ndarray, wanted: dict) -> dict[str, float]:
    """Return the features of a trace by name; one with several values, such as one a spike, by
    their mean. Those that are undefined, as without spikes, are left out.

    Args:
        times: (samples,) ms, `every` apart. values: (samples,) mV.
        wanted: names; threshold of spikes (mV); every (ms); window, from and to (ms), eFEL's
            stim_start and stim_end, or none for the whole trace.
    """
    efel.reset()
    efel.set_setting("Threshold", float(wanted["threshold"]))
    efel.set_setting("interp_step", float(wanted["every"]))
    start, end = wanted.get("window", (times[0], times[-1]))
    trace = {"T": times, "V": values, "stim_start": [start], "stim_end": [end]}
    [found] = efel.get_mean_feature_values([trace], wanted["names"], raise_warnings=False)
    return {
        name: float(value) for name, value in found.items() if value is not None and isfinite(value)
    }
