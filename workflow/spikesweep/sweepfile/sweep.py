"""One named study: a model, a protocol, axes, what to record, figures."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from spikesweep.sweepfile.about import About
from spikesweep.sweepfile.axes import Axes
from spikesweep.sweepfile.design import Design
from spikesweep.sweepfile.figures import FigureOptions
from spikesweep.sweepfile.model import Model, Protocol
from spikesweep.sweepfile.quantities import Milliseconds, Millivolts, Name, Part, Quantity, Window
from spikesweep.sweepfile.recording import Record


class Statistics(Part):
    """How the spike trains are judged."""

    window: Window | None = Field(None, description="from, to (ms); default: the whole run")
    refractory: Milliseconds = Field(5.0, ge=0, description="R of LvR (ms)")
    replicates: list[Name] | None = Field(
        None, description="axes in which replicates differ; default: those that set the seed"
    )


class Derived(Part):
    """A quantity that follows from others, as a column of the statistics."""

    formula: str = Field(
        description="of statistics, of the row's site (rate) or of a named one (latency_soma), of "
        "features, measures and axes"
    )
    unit: str = Field("", description="of the result, for labels")
    label: str = Field("", description="how figures name it")


class Limits(Part):
    """What one simulation may take; what takes more ends as `timeout` or `memory`."""

    timeout: Quantity("s") | None = Field(None, gt=0, description="time (s); default: any")
    memory: Quantity("GB") | None = Field(None, gt=0, description="memory (GB); default: any")


def _apart(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] >= bounds[1]:
        raise ValueError(f"{bounds[0]:g} to {bounds[1]:g} mV is empty; expected [lowest, highest]")
    return bounds


Bounds = Annotated[tuple[Millivolts, Millivolts], AfterValidator(_apart)]


class Explorer(Part):
    """The page to look around in all simulations."""

    traces: Literal["auto", "lossless", "precision", "none"] = Field(
        "auto", description="auto: as they are up to 15 MB, then at a precision, then none"
    )
    precision: Millivolts = Field(
        0.01, gt=0, description="of potentials (mV); of others a ten-thousandth of their range"
    )
    off: bool = Field(False, description="true: no page is made")


class Sweep(Part):
    """A sweep file."""

    title: str = Field(min_length=1, max_length=200)
    description: str = ""
    about: About = Field(default_factory=About)
    model: Model
    protocol: Protocol
    record: Record
    axes: Axes = Field(default_factory=dict)
    design: Design | None = Field(None, description="default: the grid of all axes")
    statistics: Statistics = Field(default_factory=Statistics)
    derived: dict[Name, Derived] = Field(default_factory=dict)
    limits: Limits = Field(default_factory=Limits)
    on_failure: Literal["record", "stop"] = Field(
        "record", description="record: the others go on; stop: the run ends at the first failure"
    )
    bounds: Bounds = Field(
        (-200.0, 200.0),
        description="lowest, highest (mV): recorded potentials beyond them are unphysical",
    )
    figures: list[FigureOptions] = Field(default_factory=list)
    explorer: Explorer = Field(default_factory=Explorer)
    simulations_per_job: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        "auto", description="auto: one up to 64 simulations, shared out over 64 jobs above"
    )

    @model_validator(mode="after")
    def _spikes_of_cvode(self):
        for site, spikes in self.record.spikes.items():
            if self.protocol.cvode and spikes.times != "netcon":
                raise ValueError(
                    f"record.spikes.{site}.times: {spikes.times} looks at steps of equal length; "
                    "with cvode expected netcon, which finds the crossing within a step"
                )
        return self
