"""Recordings: traces, spikes and extremes, all from what NEURON records at every step.

Vector.record(ref, every) would do for a trace alone, but it goes through the event queue, costs as
much, and misses the last sample where rounding puts that past the end. So every step is recorded,
in chunks, and integer arithmetic says which are samples. Only under CVode, whose steps are far
apart, does NEURON itself interpolate the samples and find the spikes.
"""

from collections.abc import Mapping
from math import floor

import numpy as np

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.processes import find_process, find_segment
from spikesweep.simulation.results import Result

GRID_TOLERANCE = 1e-6  # of the number of steps; decimal fractions and units leave far less
SPIKE_TIMES = ("netcon", "sample_before", "interpolated")
STEP_TIMES = "time_step"  # the trace that holds the times of every step
NETCON_LATENESS = 1e-10  # ms that NEURON adds to the time of the step at which a NetCon fires


def count_steps(protocol: dict) -> int:
    """Return the number of time steps until tstop, to the nearest, as `continuerun` makes them."""
    return round(protocol["tstop"] / protocol["dt"])


def count_stride(every: float, dt: float) -> int:
    """Return the number of time steps from one sample to the next.

    Raises:
        SimulationError: the interval is no multiple of the time step.
    """
    stride = round(every / dt)
    if stride < 1 or abs(every / dt - stride) > GRID_TOLERANCE * stride:
        raise SimulationError(
            f"every: {every:g} ms; expected a multiple of the time step, {dt:g} ms"
        )
    return stride


def count_samples(trace: dict, protocol: dict) -> int:
    """Return the number of samples of a trace with fixed time steps."""
    every = trace["every"]
    stride = 1 if every == "step" else count_stride(every, protocol["dt"])
    return count_steps(protocol) // stride + 1


class Probe:
    """A variable at every step: the latest `values`, and the extremes of all so far.

    not_finite_since: time (ms) of the first value that is NaN or infinite in `precision`, or None.
    """

    def __init__(self, reference, precision: np.dtype):
        self.reference = reference
        self.values = np.empty(0)
        self.low, self.high = np.inf, -np.inf
        self.not_finite_since: float | None = None
        self._precision = precision
        self._vector = n.Vector()
        self._vector.record(reference)

    def take(self, times: np.ndarray) -> None:
        """Show what was recorded at `times`, (steps,) ms, until `release`.

        Raises:
            SimulationError: NEURON recorded another number of steps.
        """
        self.values = self._vector.as_numpy()
        if len(self.values) != len(times):
            raise SimulationError(f"recorded {len(self.values)} values in {len(times)} time steps")
        low, high = float(self.values.min()), float(self.values.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        if self.not_finite_since is None and not self._are_finite(np.array([low, high])).all():
            self.not_finite_since = float(times[np.argmin(self._are_finite(self.values))])

    def release(self) -> None:
        self.values = np.empty(0)
        self._vector.resize(0)  # NEURON goes on at its beginning

    def _are_finite(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return np.isfinite(values.astype(self._precision))


class Trace:
    """Every `stride`-th step of a probe, from the first on."""

    def __init__(self, probe: Probe, stride: int, steps: int, precision: np.dtype):
        self.probe = probe
        self.samples = np.empty(steps // stride + 1, precision)
        self._stride = stride

    def take(self, first_step: int) -> None:
        sample = -(-first_step // self._stride)  # the first at or after that step
        picked = self.probe.values[sample * self._stride - first_step :: self._stride]
        self.samples[sample : sample + len(picked)] = picked


class InterpolatedTrace:
    """A probe at equal intervals, as CVode interpolates between its steps; that changes no step."""

    def __init__(self, probe: Probe, every: float, tstop: float, precision: np.dtype):
        self.probe = probe
        self.samples = np.empty(floor(tstop / every + GRID_TOLERANCE) + 1, precision)
        times = np.minimum(every * np.arange(len(self.samples)), tstop)
        self._times, self._vector = n.Vector(times), n.Vector()
        self._vector.record(probe.reference, self._times)

    def take(self, first_step: int) -> None:
        values = self._vector.as_numpy()
        self.samples[-1] = self.probe.values[-1]  # NEURON stops just before a sample at tstop
        self.samples[: len(values)] = values


class StepTrace:
    """A probe at every step."""

    def __init__(self, probe: Probe, precision: np.dtype):
        self.probe = probe
        self._precision = precision
        self._parts: list[np.ndarray] = []

    def take(self, first_step: int) -> None:
        self._parts.append(self.probe.values.astype(self._precision))

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate(self._parts)


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
        above = self.probe.values > self._threshold
        rises = above.copy()
        rises[0] &= not self._was_above
        rises[1:] &= ~above[:-1]
        steps = np.flatnonzero(rises)
        steps = steps[steps + first_step <= self._last_step]
        values = self.probe.values
        time_before, before = (
            np.concatenate(([first], rest))[steps]
            for first, rest in zip(self._before, (times, values), strict=True)
        )
        if self._is_netcon:
            self._found.append(times[steps] + NETCON_LATENESS)
        elif self._convention == "sample_before":
            self._found.append(time_before)
        else:
            part = (self._threshold - before) / (values[steps] - before)
            self._found.append(time_before + part * (times[steps] - time_before))
        self._was_above, self._before = bool(above[-1]), (times[-1], values[-1])

    @property
    def times(self) -> np.ndarray:
        """The spike times so far, (spikes,) float64 ms."""
        return np.concatenate(self._found)


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


class Recording:
    """All that is recorded of one simulation.

    Raises:
        SimulationError: an unknown place or variable, or an interval off the grid.
    """

    def __init__(
        self,
        record: dict,
        protocol: dict,
        cells: Mapping[str, Cell],
        processes: Mapping[str, object],
    ):
        self._cells, self._processes = cells, processes
        self._precision = np.dtype(record["precision"])
        self._protocol = protocol
        self._probes: dict[tuple, Probe] = {}
        self._traces = {
            name: self._trace(trace, self._precision) for name, trace in record["traces"].items()
        }
        self._features = record.get("features", {})
        double = np.dtype(np.float64)
        self._measured = {name: self._trace(f, double) for name, f in self._features.items()}
        sites = record["spikes"].items()
        by_events = {site for site, s in sites if "process" in s or "cvode" in protocol}
        self._detectors = {site: self._detector(s) for site, s in sites if site not in by_events}
        self._events = {site: self._event_detector(s) for site, s in sites if site in by_events}
        keeps_times = any(isinstance(trace, StepTrace) for trace in self._traces.values())
        self._step_times: list[np.ndarray] | None = [] if keeps_times else None

    @property
    def probe_count(self) -> int:
        return len(self._probes)

    def take(self, first_step: int, times: np.ndarray) -> None:
        """Take in what NEURON recorded from `first_step` on, at `times`, (steps,) ms."""
        for probe in self._probes.values():
            probe.take(times)
        for trace in (*self._traces.values(), *self._measured.values()):
            trace.take(first_step)
        for detector in self._detectors.values():
            detector.take(first_step, times)
        if self._step_times is not None:
            self._step_times.append(times.copy())
        for probe in self._probes.values():
            probe.release()

    def result(self, key: str) -> Result:
        """Return what the simulation came to, once all is taken in."""
        failures = [
            (part.probe.not_finite_since, name)
            for name, part in (self._traces | self._detectors | self._measured).items()
            if part.probe.not_finite_since is not None
        ]
        if failures:
            since, name = min(failures, key=lambda failure: failure[0])
            return Result(key, "not_finite", f"{name} is not a finite number from {since:g} ms on")
        return Result(
            key,
            traces={name: trace.samples for name, trace in self._traces.items()} | self._times(),
            spikes={site: d.times for site, d in (self._detectors | self._events).items()},
            extremes={
                name: (trace.probe.low, trace.probe.high) for name, trace in self._traces.items()
            },
            features=self._measure(),
        )

    def _measure(self) -> dict[str, float]:
        if not self._features:
            return {}
        from spikesweep.simulation.features import mean_features

        found = {}
        for name, wanted in self._features.items():
            samples = self._measured[name].samples
            times = wanted["every"] * np.arange(len(samples))
            for feature, value in mean_features(times, samples, wanted).items():
                found[f"{name}_{feature}"] = value
        return found

    def _times(self) -> dict[str, np.ndarray]:
        """Return the times of all steps, where a trace holds every step."""
        return {} if self._step_times is None else {STEP_TIMES: np.concatenate(self._step_times)}

    def _trace(self, trace: dict, precision: np.dtype) -> Trace | InterpolatedTrace | StepTrace:
        probe, every, protocol = self._probe(trace), trace["every"], self._protocol
        if every == "step":
            return StepTrace(probe, precision)
        if "cvode" in protocol:
            return InterpolatedTrace(probe, every, protocol["tstop"], precision)
        stride = count_stride(every, protocol["dt"])
        return Trace(probe, stride, count_steps(protocol), precision)

    def _detector(self, spikes: dict) -> SpikeDetector:
        probe = self._probe({"at": spikes["at"], "variable": "v"})
        return SpikeDetector(
            probe, spikes["threshold"], spikes["times"], count_steps(self._protocol)
        )

    def _event_detector(self, spikes: dict) -> EventDetector:
        if "process" in spikes:
            process = find_process(self._cells, self._processes, spikes["process"])
            netcon = n.NetCon(process, None)
        else:
            netcon = _crossings(find_segment(self._cells, spikes["at"]), spikes["threshold"])
        return EventDetector(netcon, self._protocol["tstop"])

    def _probe(self, source: dict) -> Probe:
        """Return the one probe of a variable, however many traces and detectors use it."""
        place = source["process"] if "process" in source else tuple(source["at"])
        if (place, source["variable"]) not in self._probes:
            reference = find_variable(self._cells, self._processes, source)
            self._probes[place, source["variable"]] = Probe(reference, self._precision)
        return self._probes[place, source["variable"]]


def _crossings(segment, threshold: float):
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


def find_variable(cells: Mapping[str, Cell], processes: Mapping[str, object], source: dict):
    """Return NEURON's reference of a variable: "v", "ina", "hh.m", or one of a point process.

    Raises:
        SimulationError: no such place, process or variable.
    """
    variable = source["variable"]
    if "process" in source:
        place = owner = find_process(cells, processes, source["process"])
    else:
        place = owner = find_segment(cells, source["at"])
    mechanism, _, name = variable.rpartition(".")
    try:
        owner = getattr(owner, mechanism) if mechanism else owner
        return getattr(owner, f"_ref_{name}")
    except (AttributeError, LookupError):
        raise SimulationError(f'there is no variable "{variable}" at {place}') from None
