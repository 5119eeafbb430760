"""What is recorded, as a sweep file writes it."""

from itertools import combinations
from typing import Literal

from pydantic import Field, model_validator

from spikesweep.sweepfile.quantities import (
    SPIKE_THRESHOLD,
    Hertz,
    Interval,
    Milliseconds,
    Millivolts,
    Name,
    Number,
    Part,
    Place,
    Window,
    WindowOrProcess,
)


class Trace(Part):
    """A quantity recorded over time."""

    of: str = Field(description="pyramidal.soma(0.5).v, ...(0.5).kdr.n, ...(0.5).ina, or step.i")
    every: Interval = Field(
        0.1, description="recording interval (ms); step: every step of integration"
    )


class SpikeDetector(Part):
    """Spike times at a place, or the events of an artificial cell."""

    at: str = Field(description="a place, or a process that makes events")
    threshold: Millivolts = SPIKE_THRESHOLD
    times: Literal["netcon", "sample_before", "interpolated"] = Field(
        "netcon",
        description="netcon: NetCon's own; sample_before: last sample at or below the threshold; "
        "interpolated: where the line between these two crosses it",
    )


class Features(Part):
    """Features of a potential's waveform, by eFEL: numbers, for which no trace need be kept."""

    of: str = Field(description="pyramidal.soma(0.5).v")
    names: list[str] = Field(
        min_length=1, description="eFEL's names of features: AP_amplitude, AHP_depth, ..."
    )
    window: WindowOrProcess | None = Field(
        None,
        description="from, to (ms), or a process: eFEL's stim_start and stim_end; default: the "
        "whole run",
    )
    threshold: Millivolts = Field(SPIKE_THRESHOLD, description="above it is a spike (mV)")
    every: Milliseconds = Field(0.1, gt=0, description="interval of the samples (ms)")
    values: bool = Field(
        False, description="true: the dataset keeps all values of each, such as one a spike"
    )
    settings: dict[str, bool | int | float | str] = Field(
        default_factory=dict, description="eFEL's settings, such as strict_stiminterval: true"
    )


class Measures(Part):
    """Numbers of a quantity within a window, for which no trace need be kept."""

    of: str = Field(description="what a trace can be of: pyramidal.soma(0.5).v, clamp.i, ...")
    names: list[Literal["mean", "min", "max", "start", "end", "slope"]] = Field(
        min_length=1,
        description="mean over time, extremes, values at the window's edges, slope of the line of "
        "least squares (per ms)",
    )
    window: WindowOrProcess | None = Field(
        None, description="from, to (ms), or a process; default: the whole run"
    )
    every: Interval = Field(
        "step", description="interval of the samples (ms); step: every step of integration"
    )


class Impedances(Part):
    """Impedances: the response of the potential to a small current, about a state."""

    at: Place = Field(description="where the current goes in")
    to: Place | None = Field(None, description="where its effect is looked at; default: there too")
    frequencies: list[Hertz] = Field(default=[0.0], min_length=1, description="Hz")
    names: list[
        Literal["resistance", "input", "input_phase", "transfer", "transfer_phase", "ratio"]
    ] = Field(
        min_length=1,
        description="resistance: input impedance at 0 Hz; input, transfer: Mohm at each frequency; "
        "their phases (rad); ratio: of the potential at `to` over that at `at`",
    )
    when: Literal["start", "end"] = Field(
        "start", description="about the state at t = 0, or at the end of the run"
    )
    gating: bool = Field(
        True,
        description="whether gates, concentrations and all other states follow the potential; "
        "false: all conductances are frozen",
    )

    @model_validator(mode="after")
    def _both_ends(self):
        if self.to is None and (alone := {"transfer", "transfer_phase", "ratio"} & {*self.names}):
            raise ValueError(f"{min(alone)} is between two places; expected `to` as well")
        return self


class Movie(Part):
    """A quantity of every segment of a cell over time, on a coarse grid."""

    of: str = Field(
        description="pyramidal.all.v, pyramidal.apical.ina: a variable wherever a cell, a region "
        "or some sections of it have it"
    )
    every: Milliseconds = Field(1.0, gt=0, description="interval of the frames (ms)")
    window: Window | None = Field(
        None, description="from, to (ms): frames within; default: the whole run"
    )
    limit: Number = Field(
        16.0, gt=0, le=1000, description="most that it may take of a simulation (MB, uncompressed)"
    )


class Record(Part):
    """What is kept of each simulation."""

    precision: Literal["float32", "float64"] = "float32"
    traces: dict[Name, Trace] = Field(default_factory=dict)
    movies: dict[Name, Movie] = Field(default_factory=dict)
    spikes: dict[Name, SpikeDetector] = Field(default_factory=dict)
    features: dict[Name, Features] = Field(default_factory=dict)
    measures: dict[Name, Measures] = Field(default_factory=dict)
    impedances: dict[Name, Impedances] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self):
        numbers = ("features", "measures", "impedances")
        if not any(getattr(self, kind) for kind in ("traces", "movies", "spikes", *numbers)):
            raise ValueError(
                "nothing is recorded; expected traces, movies, spikes, features, measures or "
                "impedances"
            )
        if both := self.traces.keys() & self.movies.keys():
            raise ValueError(f"{min(both)} is the name of traces and of movies")
        for one, other in combinations(numbers, 2):
            if both := getattr(self, one).keys() & getattr(self, other).keys():
                raise ValueError(f"{min(both)} is the name of {one} and of {other}")
        return self
