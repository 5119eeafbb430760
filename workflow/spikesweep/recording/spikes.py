"""Spikes: when potentials rise through thresholds, and when artificial cells make events."""

import numpy as np

from spikesweep.recording.results import MARGIN
from spikesweep.recording.traces import Probe
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n

SPIKE_TIMES = ("netcon", "sample_before", "interpolated")
NETCON_LATENESS = 1e-10  # ms that NEURON adds to the time of the step at which a NetCon fires


class SpikeDetector:
    """The times at which a probe rises from at or below a threshold to above it.

    "netcon": the time of the first step above, as a NetCon records it; that is, one that starts
        above the threshold fires at 0, and the last step of all is not looked at any more.
    "sample_before": the time of the step before that, the last at or below.
    "interpolated": between the two, on a straight line.

    These are not NetCons, since NEURON keeps one threshold a place: another detector there, or a
    connection, would change the times. That they are those of a NetCon is tested.
    """

    def __init__(self, probe: Probe, threshold: float, times: str, steps: int):
        if times not in SPIKE_TIMES:
            raise SimulationError(f'spike times "{times}"; expected {" or ".join(SPIKE_TIMES)}')
        self.probe = probe
        self._threshold = threshold
        self._convention = times
        self._is_netcon = times == "netcon"
        self._last_step = steps - 1 if self._is_netcon else steps
        self._was_above = not self._is_netcon
        self._before = np.nan, np.nan  # time and value of the step before
        self._found: list[np.ndarray] = []

    def take(self, first_step: int, times: np.ndarray) -> None:
        values = self.probe.values
        above = values > self._threshold
        steps, _ = _rises_and_falls(above, self._was_above)
        steps = steps[steps + first_step <= self._last_step]
        if self._is_netcon:
            self._found.append(times[steps] + NETCON_LATENESS)
        else:
            time_before, before = (
                _before(steps, rest, first)
                for first, rest in zip(self._before, (times, values), strict=True)
            )
            if self._convention == "sample_before":
                self._found.append(time_before)
            else:
                part = (self._threshold - before) / (values[steps] - before)
                self._found.append(time_before + part * (times[steps] - time_before))
        self._was_above, self._before = bool(above[-1]), (times[-1], values[-1])

    @property
    def times(self) -> np.ndarray:
        """The spike times so far, (spikes,) float64 ms."""
        return np.concatenate(self._found)


class Excursions:
    """The times for which a probe stays above a line MARGIN below the threshold of spikes.

    Each is one spike, as a rule. One without a spike, or with several, says that the count of
    spikes hangs on the threshold. An excursion that the simulation begins or ends in, and that has
    no spike, says nothing. Under CVode these are no NetCons, for which it would change its steps.
    """

    def __init__(self, probe: Probe, threshold: float):
        self.probe = probe
        self._line = threshold - MARGIN
        self._was_above: bool | None = None
        self._last = -np.inf  # time of the step before
        self._rises: list[np.ndarray] = []
        self._falls: list[np.ndarray] = []

    def take(self, first_step: int, times: np.ndarray) -> None:
        above = self.probe.values > self._line
        if self._was_above is None:
            self._was_above = bool(above[0])
            if self._was_above:
                self._rises.append(np.array([-np.inf]))
        rises, falls = _rises_and_falls(above, self._was_above)
        self._rises.append(_before(rises, times, self._last))
        self._falls.append(times[falls])
        self._was_above, self._last = bool(above[-1]), times[-1]

    def counted(self, spikes: np.ndarray) -> np.ndarray:
        """Return one time (ms) an excursion, (excursions,): that of its first spike, or where it
        has none, of the last step before it rises.

        Args:
            spikes: (spikes,) ms, the times of the spikes by whichever convention.
        """
        rises = np.concatenate(self._rises)
        falls = np.concatenate([*self._falls, [np.inf]])[: len(rises)]
        if len(spikes) == len(rises) and (rises <= spikes).all() and (spikes < falls).all():
            return spikes  # one in each, and each ends before the next begins
        first, end = np.searchsorted(spikes, rises), np.searchsorted(spikes, falls)
        is_empty = first == end
        padded = np.append(spikes, np.nan)
        times = np.where(is_empty, rises, padded[first])
        return times[~is_empty | (np.isfinite(rises) & np.isfinite(falls))]


def _rises_and_falls(above: np.ndarray, was_above: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps at which something is above, and is not any more, unlike the step before.

    Args:
        above: (steps,) bool. was_above: one step before all of these.
    """
    turns = (above[1:] != above[:-1]).nonzero()[0] + 1
    if above[0] != was_above:
        turns = np.concatenate([[0], turns])
    first, second = turns[::2], turns[1::2]
    return (second, first) if was_above else (first, second)


def _before(steps: np.ndarray, values: np.ndarray, first: float) -> np.ndarray:
    """Return what was one step before each of some steps; `first` is before all values."""
    return np.where(steps > 0, values[steps - 1], first)


class EventDetector:
    """The times of a NetCon's events, from t = 0 until the end.

    NEURON records the events of one source into one Vector, which all its detectors share.
    """

    def __init__(self, netcon, end: float):
        self._end = end
        self._netcon = netcon
        self._vector = netcon.get_recordvec()
        if self._vector is None:
            self._vector = n.Vector()
            netcon.record(self._vector)

    @property
    def times(self) -> np.ndarray:
        """The times so far, (events,) float64 ms."""
        times = self._vector.as_numpy()
        return times[(times >= 0) & (times <= self._end)]


def crossings(segment, threshold: float):
    """Return a NetCon that makes an event where v rises through a threshold (mV)."""
    netcon = n.NetCon(segment._ref_v, None, sec=segment.sec)
    is_shared = netcon.prelist().count() > 1
    if is_shared and netcon.threshold != threshold:
        raise SimulationError(
            f"spikes at {segment}: threshold {threshold} mV, but what else detects spikes there "
            f"has {netcon.threshold} mV; expected one threshold, since CVode keeps one a place"
        )
    netcon.threshold = threshold
    return netcon
