"""One named study: a model, a protocol, axes, what to record, figures."""

from typing import Annotated, Literal

from pydantic import Field

from spikesweep.spec.axes import Axes, Design
from spikesweep.spec.figures import FigureOptions
from spikesweep.spec.model import Model, Protocol, Record
from spikesweep.spec.quantities import Milliseconds, Part, Window


class Statistics(Part):
    """How the spike trains are judged."""

    window: Window | None = Field(None, description="from, to (ms); default: the whole run")
    refractory: Milliseconds = Field(5.0, ge=0, description="R of LvR (ms)")


class Sweep(Part):
    """A sweep file."""

    title: str = Field(min_length=1, max_length=200)
    description: str = ""
    model: Model
    protocol: Protocol
    record: Record
    axes: Axes = Field(default_factory=dict)
    design: Design | None = Field(None, description="default: the grid of all axes")
    statistics: Statistics = Field(default_factory=Statistics)
    figures: list[FigureOptions] = Field(default_factory=list)
    simulations_per_job: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        "auto", description="auto: one up to 64 simulations, shared out over 64 jobs above"
    )
