"""Waveforms that are played into the model, as a sweep file writes them."""

from typing import Literal

from pydantic import Field, model_validator

from spikesweep.sweepfile.quantities import (
    Milliseconds,
    Name,
    Number,
    Part,
    Value,
)


class Noise(Part):
    """Gaussian noise; with `tau` an Ornstein-Uhlenbeck process."""

    mean: Value = Field(0.0, description="in the unit of what it is played into")
    sd: Value = Field(description="standard deviation, in the same unit")
    tau: Milliseconds | None = Field(
        None, gt=0, description="correlation time (ms); default: each value is drawn by itself"
    )
    every: Milliseconds = Field(gt=0, description="time from one value to the next (ms)")


class Waveform(Part):
    """What is played into a parameter while time goes on: a CSV file, an expression, or noise."""

    into: str = Field(
        description="step.amp, or pyramidal.soma(0.5).hh.gnabar, ...(0.5).ek, or wherever it is in "
        "a region: pyramidal.all.e_extracellular"
    )
    through: str | dict[Name, Number] | None = Field(
        None,
        description="an electrode, or electrodes with the share of the current that flows out of "
        "each: {anode: 1, cathode: -1}; the waveform is that current (nA)",
    )
    scale: str | None = Field(
        None,
        description="an expression by whose value at each segment of a region it is multiplied: "
        '"x3d / 1000"',
    )
    csv: str | None = Field(
        None, description="CSV file of two columns, time (ms) and value, relative to the project"
    )
    expression: str | None = Field(
        None, description='of the time t (ms), such as "0.1 * sin(2 * pi * t / 50)"'
    )
    every: Milliseconds | None = Field(
        None, gt=0, description="time from one value of the expression to the next (ms)"
    )
    noise: Noise | None = None
    between: Literal["linear", "steps"] | None = Field(
        None,
        description="linear: in a straight line from value to value; steps: each value holds "
        "until the next; default: linear, of noise steps",
    )

    @model_validator(mode="after")
    def _one_source(self):
        sources = [s for s in (self.csv, self.expression, self.noise) if s is not None]
        if len(sources) != 1:
            raise ValueError("expected one of csv, expression, noise")
        if (self.expression is None) != (self.every is None):
            raise ValueError("expected `every` beside an expression, and nowhere else")
        if self.through is not None and self.scale is not None:
            raise ValueError("both through and scale; expected one of them")
        return self
