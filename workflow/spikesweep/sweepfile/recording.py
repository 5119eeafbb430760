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
    Window,
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
    window: Window | None = Field(
        None, description="from, to (ms): eFEL's stim_start and stim_end; default: the whole run"
    )
    threshold: Millivolts = Field(SPIKE_THRESHOLD, description="above it is a spike (mV)")
    every: Milliseconds = Field(0.1, gt=0, description="interval of the samples (ms)")


class Record(Part):
    """What is kept of each simulation."""

    precision: Literal["float32", "float64"] = "float32"
    traces: dict[Name, Trace] = Field(default_factory=dict)
    spikes: dict[Name, SpikeDetector] = Field(default_factory=dict)
    features: dict[Name, Features] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self):
        if not self.traces and not self.spikes and not self.features:
            raise ValueError("nothing is recorded; expected traces, spikes or features")
        return self
