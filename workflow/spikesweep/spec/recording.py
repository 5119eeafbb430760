"""What is recorded, as a sweep file writes it."""

from typing import Literal

from pydantic import Field, model_validator

from spikesweep.spec.quantities import Interval, Millivolts, Name, Part


class Trace(Part):
    """A quantity recorded over time."""

    of: str = Field(description="pyramidal.soma(0.5).v, ...(0.5).kdr.n, ...(0.5).ina, or step.i")
    every: Interval = Field(
        0.1, description="recording interval (ms); step: every step of integration"
    )


class SpikeDetector(Part):
    """Spike times at a place, or the events of an artificial cell."""

    at: str = Field(description="a place, or a process that makes events")
    threshold: Millivolts = 0.0
    times: Literal["netcon", "sample_before", "interpolated"] = Field(
        "netcon",
        description="netcon: NetCon's own; sample_before: last sample at or below the threshold; "
        "interpolated: where the line between these two crosses it",
    )


class Record(Part):
    """What is kept of each simulation."""

    precision: Literal["float32", "float64"] = "float32"
    traces: dict[Name, Trace] = Field(default_factory=dict)
    spikes: dict[Name, SpikeDetector] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self):
        if not self.traces and not self.spikes:
            raise ValueError("nothing is recorded; expected traces or spikes")
        return self
