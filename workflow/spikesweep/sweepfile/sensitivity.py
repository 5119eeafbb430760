"""What a sweep file asks of sensitivity and uncertainty."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from spikesweep.sweepfile.quantities import (
    CopyName,
    LevelThere,
    Milliseconds,
    Name,
    Number,
    Part,
    Whole,
)
from spikesweep.sweepfile.sequences import SEQUENCES

Method = Literal["pawn", "rbd_fast", "delta", "hdmr", "sobol", "morris"]
# The methods that fit a sample that was drawn for them; all others take any other sample.
OF_DESIGN: dict[str, Method] = {"saltelli": "sobol", "morris": "morris"}
GIVEN_DATA: tuple[Method, ...] = ("pawn", "rbd_fast", "delta", "hdmr")


class Sensitivity(Part):
    """How much of each quantity follows each axis of a sample, and how the quantity is spread."""

    of: list[str] = Field(
        default_factory=list,
        description="columns of the statistics, <trace>_max, <trace>_min, or features",
    )
    traces: list[CopyName] = Field(
        default_factory=list, description="recorded traces whose sensitivity is told over time"
    )
    every: Milliseconds | None = Field(
        None,
        gt=0,
        description="time from one index of a trace to the next (ms); default: a fortieth of the "
        "longest run",
    )
    methods: list[Method] | None = Field(
        None,
        min_length=1,
        description="default: sobol of a saltelli design, morris of a morris design, else pawn and "
        "rbd_fast, or hdmr where the points are of a sobol or a halton sequence",
    )
    resamples: Annotated[Whole, Field(ge=20, le=10_000)] = Field(
        200, description="of the bootstrap that gives the intervals"
    )
    level: Annotated[Number, Field(gt=0, lt=1)] = Field(0.95, description="of the intervals")
    seed: Whole = Field(0, ge=0, description="of the bootstrap")
    site: CopyName | None = None
    at: dict[Name, LevelThere] = Field(
        default_factory=dict, description="values of the axes that are not of the sample"
    )

    @model_validator(mode="after")
    def _something(self):
        if not self.of and not self.traces:
            raise ValueError("nothing is asked for; expected quantities in `of`, or traces")
        return self

    def methods_for(self, kind: str) -> list[Method]:
        """The methods, by default those that fit a sample of this kind."""
        of_given: list[Method] = ["pawn", "hdmr" if kind in SEQUENCES else "rbd_fast"]
        default = [OF_DESIGN[kind]] if kind in OF_DESIGN else of_given
        return list(dict.fromkeys(self.methods or default))
