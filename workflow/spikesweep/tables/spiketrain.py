"""Statistics of spike trains: pure functions over many trains at once.

The trains of a sweep differ in length, so they come *ragged*: `spike_times` (ms, ascending within
each train, shape (spikes,)) holds all trains one after the other, and `counts` (shape (trains,))
says how many spikes each of them has. Interspike intervals (ISIs) come the same way: `isi` (ms)
and `counts`, the number of intervals of each train; see `intervals`. Every statistic returns one
value a train, NaN where the train has too few spikes or intervals to define it.

A window is a pair (start, stop) in ms, each one number for all trains or one a train.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Window = tuple[ArrayLike, ArrayLike]


# ---- spikes ------------------------------------------------------------------------------------


def within(spike_times: Floats, counts: Counts, window: Window) -> tuple[Floats, Counts]:
    """Return the trains cut to the window: the spikes with start <= t <= stop, and their counts.

    Both edges belong to the window, as in Elephant's `mean_firing_rate`. A window whose stop lies
    before its start holds no spike.
    """
    start, stop = (
        np.asarray(edge, float)
        if np.ndim(edge) == 0
        else np.repeat(np.asarray(edge, float), counts)
        for edge in window
    )
    inside = (start <= spike_times) & (spike_times <= stop)
    before = np.concatenate([[0], np.cumsum(inside)])  # spikes inside, up to each spike
    ends = np.cumsum(counts)
    return spike_times[inside], before[ends] - before[ends - counts]


def n_spikes(spike_times: Floats, counts: Counts, window: Window) -> Counts:
    """Return the number of spikes within the window; 0 for a silent train."""
    return within(spike_times, counts, window)[1]


def rate(counts: Counts, window: Window) -> Floats:
    """Return the mean firing rate in Hz: the number of spikes in the window over its length.

    `counts` are those within the window (`n_spikes`). The length is that of the window, not the
    time up to the last spike (eFEL's mean_frequency). A silent train has the rate 0; a window
    without length has none: NaN.
    """
    start, stop = (np.asarray(edge, float) for edge in window)
    return _ratio(counts, np.maximum(stop - start, 0) / 1000)


def latency(spike_times: Floats, counts: Counts, window: Window) -> Floats:
    """Return the time in ms from the start of the window to the first spike in it; NaN if none."""
    first = _reduce(np.minimum, *within(spike_times, counts, window))
    after: Floats = first - np.asarray(window[0], float)
    return after


# ---- interspike intervals ----------------------------------------------------------------------


def intervals(spike_times: Floats, counts: Counts) -> tuple[Floats, Counts]:
    """Return the ISIs in ms, t[i+1] - t[i], and how many each train has.

    A train of n spikes has n - 1 intervals; one of no spike or of one spike has none.
    """
    return _of_neighbours(np.subtract, spike_times, counts)


def isi_mean(isi: Floats, counts: Counts) -> Floats:
    """Return the mean ISI in ms; NaN without an interval."""
    return _mean(isi, counts)


def isi_median(isi: Floats, counts: Counts) -> Floats:
    """Return the median ISI in ms, the mean of the middle two if even; NaN without an interval."""
    # numpy sorts complex numbers by their real and then by their imaginary part, and so sorts
    # all trains at once, four times faster than np.lexsort.
    keyed = np.empty(len(isi), complex)
    keyed.real, keyed.imag = _train_of(counts), isi
    keyed.sort()

    filled = counts > 0
    n = counts[filled]
    starts = (np.cumsum(counts) - counts)[filled]
    median = np.full(len(counts), np.nan)
    median[filled] = (keyed.imag[starts + (n - 1) // 2] + keyed.imag[starts + n // 2]) / 2
    return median


def isi_sd(isi: Floats, counts: Counts) -> Floats:
    """Return the standard deviation of the ISIs in ms, divided by n (ddof 0).

    NaN below two intervals: one interval says nothing about spread (numpy would give 0).
    """
    deviations = isi - np.repeat(_mean(isi, counts), counts)
    return np.where(counts > 1, np.sqrt(_mean(deviations**2, counts)), np.nan)


def isi_min(isi: Floats, counts: Counts) -> Floats:
    """Return the shortest ISI in ms; NaN without an interval."""
    return _reduce(np.minimum, isi, counts)


def isi_max(isi: Floats, counts: Counts) -> Floats:
    """Return the longest ISI in ms; NaN without an interval."""
    return _reduce(np.maximum, isi, counts)


# ---- irregularity ------------------------------------------------------------------------------


def cv(isi: Floats, counts: Counts) -> Floats:
    """Return the coefficient of variation of the ISIs: standard deviation over mean, no unit.

    With ddof 0, as in Elephant and scipy.stats.variation; eFEL's ISI_CV differs, it has ddof 1
    and leaves out the first interval. NaN below two intervals.
    """
    return _ratio(isi_sd(isi, counts), isi_mean(isi, counts))


def cv2(isi: Floats, counts: Counts) -> Floats:
    """Return CV2: the mean of 2 |I[i+1] - I[i]| / (I[i+1] + I[i]), no unit.

    It compares neighbours only, so a slow drift of the rate does not count as irregularity; 1 for
    a Poisson process (Holt, Softky, Koch and Douglas 1996, J Neurophysiol 75:1806). NaN below two
    intervals.
    """
    contrast, counts = _contrast(isi, counts)
    return 2 * _mean(np.abs(contrast), counts)


def lv(isi: Floats, counts: Counts) -> Floats:
    """Return the local variation LV: the mean of 3 ((I[i] - I[i+1]) / (I[i] + I[i+1]))^2, no unit.

    0 for a regular train, 1 for a Poisson process (Shinomoto, Shima and Tanji 2003, Neural Comput
    15:2823). NaN below two intervals.
    """
    contrast, counts = _contrast(isi, counts)
    return 3 * _mean(contrast**2, counts)


def lvr(isi: Floats, counts: Counts, refractory: float = 5.0) -> Floats:
    """Return the revised local variation LvR, no unit: LV with each pair of intervals weighted.

    The mean of 3 (1 - 4 I[i] I[i+1] / (I[i] + I[i+1])^2) (1 + 4 R / (I[i] + I[i+1])), with the
    refractoriness constant R, `refractory`, in ms; the first bracket is the square in `lv`
    (Shinomoto et al. 2009, PLoS Comput Biol 5:e1000433). NaN below two intervals.

    Raises ValueError if `refractory` is negative.
    """
    if refractory < 0:
        raise ValueError(f"the refractoriness constant is {refractory} ms, expected 0 or more")
    contrast, pairs = _contrast(isi, counts)
    durations, _ = _of_neighbours(np.add, isi, counts)
    return 3 * _mean(contrast**2 * (1 + _ratio(4 * refractory, durations)), pairs)


def adaptation_index(isi: Floats, counts: Counts) -> Floats:
    """Return the adaptation index: the mean of (I[i+1] - I[i]) / (I[i+1] + I[i]), no unit.

    Between -1 and 1, above 0 where firing slows down. As in ipfx (Allen Institute; Gouwens et al.
    2019, Nat Neurosci 22:1182) over all intervals; eFEL's adaptation_index2 is the same without
    the first interval. NaN below two intervals.
    """
    return _mean(*_contrast(isi, counts))


# ---- ragged arithmetic -------------------------------------------------------------------------


def _train_of(counts: Counts) -> Counts:
    """Return the number of the train that each element belongs to."""
    return np.repeat(np.arange(len(counts)), counts)


def _of_neighbours(
    operation: Callable[[Floats, Floats], Floats], values: Floats, counts: Counts
) -> tuple[Floats, Counts]:
    """Return operation(x[i+1], x[i]) for neighbours of the same train, and the counts of pairs."""
    train = _train_of(counts)
    same = train[1:] == train[:-1]
    return operation(values[1:][same], values[:-1][same]), np.maximum(counts - 1, 0)


def _contrast(isi: Floats, counts: Counts) -> tuple[Floats, Counts]:
    """Return (I[i+1] - I[i]) / (I[i+1] + I[i]), on which all local measures rest, and its counts.

    NaN where both intervals are zero, and so the statistics of their train.
    """
    differences, pairs = _of_neighbours(np.subtract, isi, counts)
    durations, _ = _of_neighbours(np.add, isi, counts)
    return _ratio(differences, durations), pairs


def _reduce(operation: np.ufunc, values: Floats, counts: Counts) -> Floats:
    """Return the values of each train reduced to one by the operation; NaN for an empty train."""
    result = np.full(len(counts), np.nan)
    filled = counts > 0  # reduceat knows no empty group
    starts = (np.cumsum(counts) - counts)[filled]
    if len(starts):
        result[filled] = operation.reduceat(values, starts)
    return result


def _mean(values: Floats, counts: Counts) -> Floats:
    return _ratio(_reduce(np.add, values, counts), counts)


def _ratio(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Return numerator / denominator; NaN, without a warning, where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    undefined = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=undefined, where=denominator != 0)
    return undefined
