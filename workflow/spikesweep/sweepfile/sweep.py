"""One named study: a model, a protocol, axes, what to record, figures."""

import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from spikesweep.language.names import NAME
from spikesweep.sweepfile.about import About
from spikesweep.sweepfile.accept import Accept
from spikesweep.sweepfile.axes import Axes
from spikesweep.sweepfile.design import Design
from spikesweep.sweepfile.figures import FigureOptions
from spikesweep.sweepfile.flags import Flags
from spikesweep.sweepfile.model import Model, Protocol
from spikesweep.sweepfile.quantities import (
    FUNCTION,
    Milliseconds,
    MillivoltRange,
    Millivolts,
    Name,
    Options,
    Part,
    Quantity,
    Whole,
    WindowOrProcess,
    check_keys,
)
from spikesweep.sweepfile.recording import Record
from spikesweep.sweepfile.sensitivity import Sensitivity
from spikesweep.sweepfile.trust import Trust


class OwnStatistic(Part):
    """A statistic that a function of the project makes of a simulation's spikes and traces."""

    python: str = Field(
        pattern=FUNCTION, description="measures/fano.py:fano, a function of one simulation"
    )
    unit: str = Field("", description="of what it returns, for labels")
    label: str = Field("", description="how figures name it")
    each: Literal["site", "simulation"] = Field(
        "site", description="whether it is asked for each spike site, or once for all of them"
    )
    options: Options = Field(default_factory=dict, description="keywords of the function")
    files: list[str] = Field(
        default_factory=list, description="files and folders that its code reads by other names"
    )


class Statistics(Part):
    """How the spike trains are judged; and by names of their own, statistics by own functions."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Name, OwnStatistic] = Field(init=False)

    window: WindowOrProcess | None = Field(
        None, description="from, to (ms), or a process; default: the whole run"
    )
    refractory: Milliseconds = Field(5.0, ge=0, description="R of LvR (ms)")
    replicates: list[Name] | None = Field(
        None, description="axes in which replicates differ; default: those that set the seed"
    )

    @property
    def own(self) -> dict[str, OwnStatistic]:
        """The statistics by own functions, by name."""
        return self.__pydantic_extra__ or {}

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        own = {
            name for name, value in data.items() if isinstance(value, dict) and "python" in value
        } if isinstance(data, dict) else set()  # fmt: skip
        check_keys(data, {*cls.model_fields, *own})
        if isinstance(data, dict) and (odd := [n for n in own if not re.fullmatch(NAME, str(n))]):
            raise ValueError(f"{odd[0]!r}; expected a name: a letter, then letters, digits and _")
        return data


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
    sensitivity: Sensitivity | None = Field(None, description="of a sampled design")
    trust: Trust | None = Field(None, description="what runs again with smaller steps")
    accept: Accept | None = Field(
        None, description="criteria, by name: which simulations make the population"
    )
    limits: Limits = Field(default_factory=Limits)
    on_failure: Literal["record", "stop"] = Field(
        "record", description="record: the others go on; stop: the run ends at the first failure"
    )
    bounds: MillivoltRange = Field(
        (-200.0, 200.0),
        description="lowest, highest (mV): recorded potentials beyond them are unphysical",
    )
    flags: Flags = Field(default_factory=Flags)
    figures: list[FigureOptions] = Field(default_factory=list)
    explorer: Explorer = Field(default_factory=Explorer)
    simulations_per_job: Literal["auto"] | Annotated[Whole, Field(ge=1)] = Field(
        "auto",
        description="auto: one up to 64 simulations, shared out over 64 jobs above; fewer jobs "
        "where all of them take a few minutes",
    )
    seconds_per_job: Quantity("s") | None = Field(
        None,
        gt=0,
        description="in its place: as many simulations as take so long (s) on one core, once "
        "`spikesweep plan <sweep> --estimate` has measured it",
    )

    @model_validator(mode="after")
    def _one_size_of_jobs(self):
        if self.seconds_per_job is not None and self.simulations_per_job != "auto":
            raise ValueError(
                f"seconds_per_job: {self.seconds_per_job:g} and simulations_per_job: "
                f"{self.simulations_per_job} both say how large jobs are; expected one of them"
            )
        return self

    @model_validator(mode="after")
    def _one_balance(self):
        if self.protocol.balance and self.model.initialise:
            raise ValueError(
                "protocol.balance: the model's own init() does what it does, and nothing after it; "
                "expected no balance with model.initialise"
            )
        return self

    @model_validator(mode="after")
    def _spikes_of_cvode(self):
        for site, spikes in self.record.spikes.items():
            if self.protocol.cvode and spikes.times != "netcon":
                raise ValueError(
                    f"record.spikes.{site}.times: {spikes.times} looks at steps of equal length; "
                    "with cvode expected netcon, which finds the crossing within a step"
                )
        return self
