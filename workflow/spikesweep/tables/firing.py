"""How a cell fires: the class of a train of spikes, and of the potential that it leaves behind."""

from collections.abc import Mapping
from typing import Any

import numpy as np

DEFINITIONS = {
    "silent": "no spike",
    "single spike": "one spike",
    "tonic": "two spikes or more, and none of the others; adapting trains too",
    "bursting": "the intervals are of two kinds, the shortest long one at least 2.5 times the "
    "longest short one, and a short one follows a long one",
    "block": "two spikes or more, then a silence of at least 5 longest intervals and a fifth of "
    "the window; or fewer than two, none in the last fifth of the window, and there a mean "
    "potential of -40 mV or more at the spike site, if a trace records it (at -40 mV 95% of the "
    "sodium channels of Hodgkin & Huxley 1952 are inactivated)",
}
CLASSES = tuple(DEFINITIONS)
APART = 2.5  # ratio of long to short intervals, from which on they are of two kinds
SILENCE = 5.0  # longest intervals without a spike, after which firing has ended
LEAST_SILENCE = 0.2  # of the window
# mV: held there, 95% of the sodium channels of Hodgkin & Huxley (1952) are inactivated.
DEPOLARISED = -40.0


def firing_class(spikes: np.ndarray, window: tuple[float, float], held: float = np.nan) -> str:
    """Return the class of the spikes (ms, ascending) in a window (ms): one of `CLASSES`.

    silent: no spike. single spike: one. block: firing ends, as it does under depolarisation
    block: after the last of two or more spikes comes a silence of at least 5 times the longest
    interval and a fifth of the window; or it never begins, or ends at the first spike, since the
    last fifth of the window has no spike and the membrane is held at -40 mV or above. bursting:
    the intervals are of two kinds, since sorted by length, one is at least 2.5 times as long as
    the one before, and they take turns: a short one follows a long one. tonic: all others,
    adapting ones among them.

    After two spikes the potential is not asked: a cell whose stimulus ends within the window is
    called "block" as well. Give the statistics the window of the stimulus.

    Args:
        held: mean potential in the last fifth of the window (mV), see `held_potential`; NaN where
            it is not recorded: block is then seen after two spikes alone.
    """
    spikes = spikes[(spikes >= window[0]) & (spikes <= window[1])]
    silence = window[1] - (spikes[-1] if spikes.size else window[0])
    is_long = silence >= LEAST_SILENCE * (window[1] - window[0])
    if spikes.size < 2:
        return "block" if is_long and held >= DEPOLARISED else CLASSES[spikes.size]
    intervals = np.diff(spikes)
    if is_long and silence >= SILENCE * intervals.max():
        return "block"
    return "bursting" if _take_turns(intervals) else "tonic"


def held_potential(times: np.ndarray, v: np.ndarray, window: tuple[float, float]) -> float:
    """Return the mean of the samples of a potential (mV) in the last fifth of a window (ms); NaN
    where there are none."""
    start = window[1] - LEAST_SILENCE * (window[1] - window[0])
    within = v[(times >= start) & (times <= window[1])]
    return float(np.mean(within, dtype=float)) if within.size else np.nan


def potential_at(site: Mapping[str, Any], traces: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the trace of the membrane potential at a spike site, or None.

    Args:
        site, traces: attributes of the variables of a dataset, of traces by their name.
    """
    at = site.get("at")
    for name, trace in traces.items():
        if at and trace.get("at") == at and trace.get("long_name") == "membrane potential":
            return name
    return None


def _take_turns(intervals: np.ndarray) -> bool:
    """Whether short intervals follow long ones, where there are these two kinds."""
    ascending = np.sort(intervals)
    if ascending.size < 2 or (ratios := ascending[1:] / ascending[:-1]).max() < APART:
        return False
    is_long = intervals > ascending[np.argmax(ratios)]
    return bool(np.any(is_long[:-1] & ~is_long[1:]))
