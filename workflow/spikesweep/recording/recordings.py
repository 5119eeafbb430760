"""Recordings: all that is kept of a simulation."""

import hashlib
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.distances import DISTANCE
from spikesweep.recording import trajectory
from spikesweep.recording.impedances import Impedances
from spikesweep.recording.measures import measures
from spikesweep.recording.movies import Movie, Shown, check_size, movie_places
from spikesweep.recording.potentials import MembraneCurrents, Potential
from spikesweep.recording.results import Result, all_values, lower, segments_of
from spikesweep.recording.spikes import EventDetector, Excursions, SpikeDetector, crossings
from spikesweep.recording.traces import (
    InterpolatedTrace,
    Probe,
    StepTrace,
    Trace,
    VariableProbe,
    count_stride,
)
from spikesweep.simulation.connections import weight_reference
from spikesweep.simulation.drawing import Drawing
from spikesweep.simulation.errors import SimulationError, describe
from spikesweep.simulation.integration import count_steps
from spikesweep.simulation.measured_places import path_distance
from spikesweep.simulation.nrn import n
from spikesweep.simulation.processes import find_process, find_segment, find_variable
from spikesweep.simulation.simulation import Simulation

STEP_TIMES = "time_step"  # the trace that holds the times of every step


class Recording:
    """All that is recorded of one simulation. What cannot be is a failure of its own.

    simulation: lives as long as this does, so that the model is whole when its end is measured.
    apart: see `Impedances`.
    """

    def __init__(
        self,
        record: doc.Record,
        protocol: doc.Protocol,
        simulation: Simulation,
        apart: Callable[..., Any],
    ):
        self._simulation, self._apart = simulation, apart
        self._cells, self._processes = simulation.cells, simulation.processes
        self._placements, self._connections = simulation.placements, simulation.connections
        self._currents: MembraneCurrents | None = None
        self._protocol = protocol
        self._probes: dict[tuple, Probe] = {}
        self._failures: dict[str, tuple[str, str]] = {}
        features = record.get("features", {})
        self._impedances_wanted = {name: one for name, one in features.items() if "gating" in one}
        self._distances = {n: one for n, one in features.items() if _is_distance(one)}
        others = {*self._impedances_wanted, *self._distances}
        self._features = {name: one for name, one in features.items() if name not in others}
        movies = record.get("movies", {})
        self._held = frozenset(
            [*record["traces"], *movies, *record["spikes"], *_feature_names(features)]
        )
        self._windows = {name: self._window(wanted) for name, wanted in self._features.items()}
        precision, double = np.dtype(record["precision"]), np.dtype(np.float64)
        self._traces = self._made(
            "traces", record["traces"], lambda trace: self._trace(trace, precision)
        )
        self._drawing: Drawing | None = None
        made = self._made("traces", movies, lambda movie: self._movie(movie, precision))
        self._movies = {name: movie for name, (movie, _) in made.items()}
        self._shown = {name: shown for name, (_, shown) in made.items()}
        self._measured = self._made(
            "features", self._features, lambda wanted: self._trace(wanted, double)
        )
        self._impedances = self._made("features", self._impedances_wanted, self._impedance)
        lengths = self._made("features", self._distances, self._length)
        self._lengths = {f"{name}_{DISTANCE}": length for name, length in lengths.items()}
        detectors = self._made("spikes", record["spikes"], self._any_detector)
        self._events = {n: d for n, d in detectors.items() if isinstance(d, EventDetector)}
        self._detectors = {n: d for n, d in detectors.items() if n not in self._events}
        self._excursions = self._made(
            "spikes", {n: record["spikes"][n] for n in detectors}, self._any_excursions
        )
        self._tells_times = any(isinstance(trace, StepTrace) for trace in self._traces.values())
        keeps_times = self._tells_times or any(
            isinstance(trace, StepTrace) for trace in self._measured.values()
        )
        self._step_times: list[np.ndarray] | None = [] if keeps_times else None
        self._steps = hashlib.sha256()

    def _window(self, wanted: doc.Features | doc.Measures) -> list[float] | None:
        """Return the window (ms) of what is measured: that of a process ends with the run."""
        if "during" not in wanted:
            return wanted.get("window")
        process: Any = find_process(self._cells, self._processes, wanted["during"])
        return [process.delay, min(process.delay + process.dur, self._protocol["tstop"])]

    def _made(self, kind: str, asked: Mapping[str, Any], make: Callable[[Any], Any]) -> dict:
        """Return what records each item; what cannot be made is noted as its failure."""
        made = {}
        for name, item in asked.items():
            try:
                made[name] = make(item)
            except SimulationError as error:
                names = [name] if kind != "features" else _feature_names({name: item})
                for one in names:
                    self._failures[f"{kind}/{one}"] = "error", describe(error)
        return made

    @property
    def probe_count(self) -> int:
        currents = len(self._currents.vectors) if self._currents else 0
        return len(self._probes) + currents

    def expect(self, steps: int) -> None:
        """Make room for so many steps at a time."""
        for probe in self._probes.values():
            probe.expect(steps)

    def begin(self) -> None:
        """Measure what is asked for of the state at t = 0."""
        self._measure_impedances("start")

    def _measure_impedances(self, when: str) -> None:
        for impedances in self._impedances.values():
            if impedances.when == when:
                impedances.measure()

    def take(self, first_step: int, times: np.ndarray) -> None:
        """Take in what NEURON recorded from `first_step` on, at `times`, (steps,) ms."""
        for probe in self._probes.values():
            probe.take(times)
        for trace in (
            *self._traces.values(), *self._movies.values(), *self._measured.values()
        ):  # fmt: skip
            trace.take(first_step, times)
        for detector in (*self._detectors.values(), *self._excursions.values()):
            if detector is not None:
                detector.take(first_step, times)
        if self._step_times is not None:
            self._step_times.append(times.copy())
        # Fixed steps are known from the last one's number; CVode's are its own.
        self._last = struct.pack("<qd", first_step + len(times), times[-1])
        if "cvode" in self._protocol:
            self._steps.update(times.tobytes())
        for probe in self._probes.values():
            probe.release()

    def result(self, key: str) -> Result:
        """Return what the simulation came to, once all is taken in."""
        self._judge("traces", self._traces)
        self._judge("traces", self._movies)
        self._judge("spikes", self._detectors)
        self._judge("features", self._measured)
        detectors = self._detectors | self._events
        spikes = {site: detector.times for site, detector in detectors.items()}
        times = self._steps.digest() + self._last
        digest = trajectory.digest(self._cells, self._processes, times)
        self._measure_impedances("end")
        self._judge_impedances()
        return Result(
            key,
            traces={name: trace.samples for name, trace in self._traces.items()}
            | {name: movie.samples for name, movie in self._movies.items()}
            | {segments_of(name): self._shown[name].encoded() for name in self._movies}
            | self._times(),
            spikes=spikes | self._counted_lower(spikes) | self._all_values(),
            extremes={
                name: (trace.probe.low, trace.probe.high) for name, trace in self._traces.items()
            },
            features=self._measure() | self._impedance_values() | self._lengths,
            failures=self._failures,
            held=self._held,
            trajectory=digest,
        )

    def _counted_lower(self, spikes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the times of spikes as a lower threshold counts them, where it counts others."""
        excursions = {site: self._excursions[site] for site in spikes}
        counted = {s: one.counted(spikes[s]) for s, one in excursions.items() if one is not None}
        return {
            lower(site): times
            for site, times in counted.items()
            if times is not spikes[site] and not np.array_equal(times, spikes[site])
        }

    def _judge(self, kind: str, recorded: dict[str, Any]) -> None:
        """Take out what is not finite: that is a failure of the item."""
        for name, item in list(recorded.items()):
            if (since := item.probe.not_finite_since) is not None:
                names = [name] if kind != "features" else _feature_names(self._features, name)
                for one in names:
                    message = f"is not a finite number from {since:g} ms on"
                    self._failures[f"{kind}/{one}"] = "not_finite", message
                del recorded[name]

    def _judge_impedances(self) -> None:
        for name, impedances in self._impedances.items():
            for one, message in impedances.failures.items():
                self._failures[f"features/{name}_{one}"] = "error", message

    def _impedance_values(self) -> dict[str, float]:
        return {
            f"{name}_{one}": value
            for name, impedances in self._impedances.items()
            for one, value in impedances.values.items()
        }

    def _measure(self) -> dict[str, float]:
        return {
            f"{name}_{one}": value
            for name, measured in self._measured.items()
            for one, value in self._measures_of(measured, name).items()
        }

    def _all_values(self) -> dict[str, np.ndarray]:
        """Return all values of features that keep them."""
        wanted = {n: one for n, one in self._features.items() if one.get("values")}
        if not wanted:
            return {}
        from spikesweep.recording.features import feature_values

        return {
            all_values(f"{name}_{one}"): values
            for name, asked in wanted.items()
            if (trace := self._measured.get(name)) is not None
            for one, values in feature_values(
                self._sampled_at(trace, name), trace.samples, asked, self._windows[name]
            ).items()
        }

    def _sampled_at(self, trace: Trace | InterpolatedTrace | StepTrace, name: str) -> np.ndarray:
        """Return the times of the samples that something is measured of (ms)."""
        every = self._features[name]["every"]
        if every == "step":
            return np.concatenate(self._step_times or [])
        return every * np.arange(len(trace.samples))

    def _measures_of(
        self, trace: Trace | InterpolatedTrace | StepTrace, name: str
    ) -> dict[str, float]:
        wanted, window = self._features[name], self._windows[name]
        times, samples = self._sampled_at(trace, name), trace.samples
        if "threshold" not in wanted:
            return measures(times, samples, wanted["names"], window)
        from spikesweep.recording.features import mean_features

        return mean_features(times, samples, wanted, window)

    def _times(self) -> dict[str, np.ndarray]:
        """Return the times of all steps, where a trace holds every step."""
        return {STEP_TIMES: np.concatenate(self._step_times)} if self._tells_times else {}

    def _length(self, wanted: doc.Distance) -> float:
        ends = (find_segment(self._cells, wanted[end]) for end in ("at", "to"))
        return path_distance(*ends)

    def _impedance(self, wanted: doc.Impedances) -> Impedances:
        at = find_segment(self._cells, wanted["at"])
        to = find_segment(self._cells, wanted.get("to", wanted["at"]))
        return Impedances(at, to, wanted, self._apart)

    def _any_detector(self, spikes: doc.Spikes) -> SpikeDetector | EventDetector:
        by_events = "process" in spikes or "cvode" in self._protocol
        return (self._event_detector if by_events else self._detector)(spikes)

    def _any_excursions(self, spikes: doc.Spikes) -> Excursions | None:
        if "process" in spikes:
            return None
        return Excursions(self._probe({"at": spikes["at"], "variable": "v"}), spikes["threshold"])

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

    def _movie(self, movie: doc.Movie, precision: np.dtype) -> tuple[Movie, Shown]:
        places = movie_places(movie, self._cells)
        check_size(movie, len(places), self._protocol["tstop"], precision)
        variable = movie["variable"]
        probes = [self._probe({"at": place, "variable": variable}) for place in places]
        made = Movie(movie, probes, self._protocol, precision)
        self._drawing = self._drawing or Drawing(self._cells, self._placements)
        cell = self._cells[movie["region"][0]]
        return made, Shown(places, cell, self._drawing)

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
        if "electrode" in source:
            place: object = tuple(sorted(source["electrode"].items()))
        elif "connection" in source:
            place = source["connection"], source["index"]
        else:
            place = source["process"] if "process" in source else tuple(source["at"])
        if (place, source["variable"]) not in self._probes:
            self._probes[place, source["variable"]] = self._new_probe(source)
        return self._probes[place, source["variable"]]

    def _new_probe(self, source: doc.Variable | doc.Trace | doc.Features) -> Probe:
        if "connection" in source:
            return VariableProbe(weight_reference(self._connections, source))
        if "electrode" not in source:
            return VariableProbe(find_variable(self._cells, self._processes, source))
        self._currents = self._currents or MembraneCurrents(self._cells)
        return Potential(source["electrode"], self._currents, self._cells, self._placements)


def _is_distance(wanted: Mapping[str, Any]) -> bool:
    return "gating" not in wanted and "variable" not in wanted


def _feature_names(features: Mapping[str, doc.Features], name: str | None = None) -> list[str]:
    """Return the names of features as results have them; those of one group, or of all."""
    groups = features if name is None else {name: features[name]}
    return [f"{group}_{one}" for group, wanted in groups.items() for one in wanted["names"]]
