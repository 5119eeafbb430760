"""How a cell fires: the class of a train of spikes."""

import numpy as np

CLASSES = ("silent", "single spike", "tonic", "bursting", "block")
APART = 2.5  # ratio of long to short intervals, from which on they are of two kinds
SILENCE = 5.0  # longest intervals without a spike, after which firing has ended
LEAST_SILENCE = 0.2  # of the window


def firing_class(spikes: np.ndarray, window: tuple[float, float]) -> str:
    """Return the class of the spikes (ms, ascending) in a window (ms): one of `CLASSES`.

    silent: no spike. single spike: one. block: firing ends, as it does under depolarisation
    block: after the last of two or more spikes comes a silence of at least 5 times the longest
    interval and a fifth of the window. bursting: the intervals are of two kinds, since sorted by
    length, one is at least 2.5 times as long as the one before, and they take turns: a short one
    follows a long one. tonic: all others, adapting ones among them.

    Of the voltage nothing is known here: a cell whose stimulus ends within the window is called
    "block" as well. Give the statistics the window of the stimulus.
    """
    spikes = spikes[(spikes >= window[0]) & (spikes <= window[1])]
    if spikes.size < 2:
        return CLASSES[spikes.size]
    intervals = np.diff(spikes)
    silence = window[1] - spikes[-1]
    if silence >= max(SILENCE * intervals.max(), LEAST_SILENCE * (window[1] - window[0])):
        return "block"
    return "bursting" if _take_turns(intervals) else "tonic"


def _take_turns(intervals: np.ndarray) -> bool:
    """Whether short intervals follow long ones, where there are these two kinds."""
    ascending = np.sort(intervals)
    if ascending.size < 2 or (ratios := ascending[1:] / ascending[:-1]).max() < APART:
        return False
    is_long = intervals > ascending[np.argmax(ratios)]
    return bool(np.any(is_long[:-1] & ~is_long[1:]))
