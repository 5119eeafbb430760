"""Recordings: all that is kept of a simulation."""

from collections.abc import Mapping

import numpy as np

from spikesweep.language import document as doc
from spikesweep.recording.results import Result
from spikesweep.recording.spikes import EventDetector, SpikeDetector, crossings
from spikesweep.recording.traces import (
    InterpolatedTrace,
    Probe,
    StepTrace,
    Trace,
    count_stride,
)
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.integration import count_steps
from spikesweep.simulation.nrn import n
from spikesweep.simulation.processes import find_process, find_segment, find_variable

STEP_TIMES = "time_step"  # the trace that holds the times of every step


class Recording:
    """All that is recorded of one simulation.

    Raises:
        SimulationError: an unknown place or variable, or an interval off the grid.
    """

    def __init__(
        self,
        record: doc.Record,
        protocol: doc.Protocol,
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
        parts = (self._traces, self._detectors, self._measured)  # which may share names
        failures = [
            (part.probe.not_finite_since, name)
            for named in parts
            for name, part in named.items()
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
        from spikesweep.recording.features import mean_features

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

    def _trace(
        self, trace: doc.Trace | doc.Features, precision: np.dtype
    ) -> Trace | InterpolatedTrace | StepTrace:
        probe, every, protocol = self._probe(trace), trace["every"], self._protocol
        if every == "step":
            return StepTrace(probe, precision)
        if "cvode" in protocol:
            return InterpolatedTrace(probe, every, protocol["tstop"], precision)
        stride = count_stride(every, protocol["dt"])
        return Trace(probe, stride, count_steps(protocol), precision)

    def _detector(self, spikes: doc.Crossings) -> SpikeDetector:
        probe = self._probe({"at": spikes["at"], "variable": "v"})
        return SpikeDetector(
            probe, spikes["threshold"], spikes["times"], count_steps(self._protocol)
        )

    def _event_detector(self, spikes: doc.Spikes) -> EventDetector:
        if "process" in spikes:
            process = find_process(self._cells, self._processes, spikes["process"])
            netcon = n.NetCon(process, None)
        else:
            netcon = crossings(find_segment(self._cells, spikes["at"]), spikes["threshold"])
        return EventDetector(netcon, self._protocol["tstop"])

    def _probe(self, source: doc.Variable | doc.Trace | doc.Features) -> Probe:
        """Return the one probe of a variable, however many traces and detectors use it."""
        place = source["process"] if "process" in source else tuple(source["at"])
        if (place, source["variable"]) not in self._probes:
            reference = find_variable(self._cells, self._processes, source)
            self._probes[place, source["variable"]] = Probe(reference, self._precision)
        return self._probes[place, source["variable"]]
