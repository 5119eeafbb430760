"""What is recorded, as a sweep file writes it."""

from typing import Literal

from pydantic import Field, model_validator

from spikesweep.sweepfile.quantities import (
    SPIKE_THRESHOLD,
    Interval,
    Milliseconds,
    Millivolts,
    Name,
    Part,
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


class Record(Part):
    """What is kept of each simulation."""

    precision: Literal["float32", "float64"] = "float32"
    traces: dict[Name, Trace] = Field(default_factory=dict)
    spikes: dict[Name, SpikeDetector] = Field(default_factory=dict)
    features: dict[Name, Features] = Field(default_factory=dict)
    measures: dict[Name, Measures] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self):
        if not (self.traces or self.spikes or self.features or self.measures):
            raise ValueError("nothing is recorded; expected traces, spikes, features or measures")
        if both := self.features.keys() & self.measures.keys():
            raise ValueError(f"{min(both)} is the name of features and of measures")
        return self
