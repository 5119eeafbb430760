"""The options of the figures that a sweep file can ask for; drawn by `spikesweep.figures`."""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from spikesweep.sweepfile.quantities import (
    FUNCTION,
    CopyName,
    LevelThere,
    Milliseconds,
    Name,
    Number,
    Options,
    Part,
    Window,
)

At = dict[Name, LevelThere]


def _ascending(limits: tuple[float, float]) -> tuple[float, float]:
    if limits[0] >= limits[1]:
        raise ValueError(f"{limits[0]:g} is not below {limits[1]:g}; expected [from, to]")
    return limits


def _once(sites: list[str]) -> list[str]:
    if twice := next((site for site in sites if sites.count(site) > 1), None):
        raise ValueError(f"{twice} stands twice; expected each spike site once")
    return sites


Band = Literal["percentiles", "sd"]
Several = Annotated[list[CopyName], Field(min_length=1, max_length=10), AfterValidator(_once)]
Sites = Annotated[
    Annotated[CopyName, Tag("one")] | Annotated[Several, Tag("several")],
    Discriminator(lambda site: "several" if isinstance(site, list) else "one"),
]
BinWidth = Annotated[Milliseconds, Field(gt=0)]
Millimetres = Annotated[Number, Field(ge=10, le=120)]
Limits = Annotated[tuple[Number, Number], AfterValidator(_ascending)]


class _Figure(Part):
    reads: ClassVar[tuple[str, ...]]

    name: Name | None = Field(None, description="file name; default: kind and what it shows")

    @property
    def file_name(self) -> str:
        """The name that the figure's files bear."""
        options = ("of", "x", "trace", "by") if self.kind == "scatter" else ("of", "trace", "by")
        shown = [getattr(self, option, None) for option in options]
        text = "_".join(filter(None, [self.kind, *shown]))
        return self.name or re.sub(r"[.\[]", "_", text).replace("]", "")

    @property
    def axis_names(self) -> dict[str, str]:
        """The options that name axes, and the axes that they name."""
        options = ("x", "y", "by", "rows", "columns")
        named = {option: getattr(self, option, None) for option in options}
        return {option: axis for option, axis in named.items() if axis is not None}


class _Curve(_Figure):
    """A quantity over one axis, with its replicates."""

    reads = ("statistics", "dataset", "simulations")
    of: str = Field(
        description="a column of the statistics, <trace>_max, <trace>_min, or a feature"
    )
    x: Name
    by: Name | None = Field(None, description="an axis with a curve a value")
    at: At = Field(default_factory=dict, description="values of the other axes")
    site: CopyName | None = None
    error: Literal["sd", "sem", "ci", "points", "none"] = Field(
        "sd",
        description="of replicates: standard deviation, standard error of the mean, 95% "
        "bootstrap interval of the mean, every one of them, or the mean alone",
    )
    log: bool = Field(False, description="logarithmic scale of the quantity")
    limits: Limits | None = Field(None, description="ends of the quantity's axis: [from, to]")

    @model_validator(mode="after")
    def _logarithmic_above_zero(self):
        if self.log and self.limits and self.limits[0] <= 0:
            raise ValueError(
                f"limits: {self.limits[0]:g} with log: true; expected ends above 0, or log left out"
            )
        return self


class Curve(_Curve):
    """A quantity over an axis: an f-I or I-V curve, or any other."""

    kind: Literal["curve"]
    band: Band | None = Field(
        None,
        description="in place of error, of all simulations that differ in other axes, replicates "
        "or a sample: median and 5 to 95%, or mean and SD at each value of x",
    )

    @model_validator(mode="after")
    def _one_spread(self):
        if self.band and "error" in self.model_fields_set and self.error != "none":
            raise ValueError(
                f"error: {self.error} beside band: {self.band}; expected one of them: leave error "
                "out for a band"
            )
        return self


class Heatmap(_Figure):
    """A quantity over two axes, in colour."""

    reads = ("statistics", "dataset", "simulations")
    kind: Literal["heatmap"]
    of: str = Field(
        description="a column of the statistics, <trace>_max, <trace>_min, or a feature"
    )
    x: Name
    y: Name
    at: At = Field(default_factory=dict, description="values of the other axes")
    site: CopyName | None = None
    cmap: Literal["viridis", "cividis", "magma", "inferno", "plasma"] = "viridis"
    log: bool = Field(False, description="logarithmic colour scale")


class DoseResponse(_Curve):
    """A quantity against a dose, with a Hill fit."""

    kind: Literal["dose_response"]
    fit: bool = True


class FiringMap(_Figure):
    """How cells fire over two axes: silent, single spike, tonic, bursting, block."""

    reads = ("statistics", "dataset", "simulations")
    kind: Literal["firing_map"]
    x: Name
    y: Name
    at: At = Field(default_factory=dict, description="values of the other axes")
    site: CopyName | None = None


class ThresholdCurve(_Figure):
    """Thresholds that the design searched for over another axis, each with its bracket."""

    reads = ("thresholds", "dataset")
    kind: Literal["threshold"]
    x: Name
    by: Name | None = Field(None, description="an axis with a curve a value")
    at: At = Field(default_factory=dict, description="values of the other axes")
    log: bool = Field(False, description="logarithmic scale of the thresholds")


class Scatter(_Figure):
    """A point a simulation, for tables and samples."""

    reads = ("statistics", "dataset", "simulations")
    kind: Literal["scatter"]
    of: str = Field(description="a quantity or an axis, on y")
    x: str = Field(description="a quantity or an axis")
    by: str | None = Field(None, description="a quantity or an axis, as colour")
    at: At = Field(default_factory=dict)
    site: CopyName | None = None
    log: bool = Field(False, description="logarithmic scales of quantities above 0")

    @property
    def axis_names(self) -> dict[str, str]:
        """None of the options is an axis alone."""
        return {}

    @property
    def quantities(self) -> dict[str, str]:
        """The options that name axes or quantities."""
        named = {option: getattr(self, option) for option in ("of", "x", "by")}
        return {option: name for option, name in named.items() if name is not None}


class Pairs(_Figure):
    """Each of several quantities and axes against each other, a point a simulation."""

    reads = ("statistics", "dataset", "simulations")
    kind: Literal["pairs"]
    of: list[str] = Field(min_length=2, max_length=6, description="quantities and axes of numbers")
    at: At = Field(default_factory=dict)
    site: CopyName | None = None

    @property
    def file_name(self) -> str:
        """The name that the figure's files bear."""
        return self.name or re.sub(r"\W", "_", "_".join([self.kind, *self.of]))

    @property
    def quantities(self) -> dict[str, str]:
        """The options that name axes or quantities."""
        return {f"of[{i}]": name for i, name in enumerate(self.of)}


class Candidates(_Figure):
    """The candidates of a population, the accepted among the others, a point each."""

    reads = ("population", "acceptance", "dataset")
    kind: Literal["candidates"]
    of: list[str] | None = Field(
        None,
        min_length=2,
        max_length=6,
        description="axes of the candidates, and criteria; default: the axes",
    )

    @property
    def file_name(self) -> str:
        """The name that the figure's files bear."""
        return self.name or "_".join([self.kind, *(self.of or ())])


class Profile(_Figure):
    """A recorded quantity along a path through a cell, at a time or its extremes."""

    reads = ("structure", "dataset", "simulations")
    kind: Literal["profile"]
    traces: list[CopyName] | None = Field(
        None, min_length=2, description="recorded along the path, in its order; default: all "
        "traces of the first one's variable",
    )  # fmt: skip
    show: Literal["max", "min"] | Milliseconds = Field(
        "max", description="greatest or least over time, or a time (ms)"
    )
    by: Name | None = Field(None, description="an axis with a line a value")
    at: At = Field(default_factory=dict)


class SensitivityBars(_Figure):
    """The sensitivity of a quantity to each axis of a sample, with intervals."""

    reads = ("sensitivity", "dataset")
    kind: Literal["sensitivity"]
    of: str = Field(description="one of sensitivity.of")


class SensitivityOverTime(_Figure):
    """The sensitivity of a trace to each axis of a sample, over time, with intervals."""

    reads = ("sensitivity_over_time", "uncertainty_over_time", "dataset")
    kind: Literal["sensitivity_over_time"]
    trace: CopyName | None = Field(
        None, description="one of sensitivity.traces; default: the first"
    )

    @property
    def file_name(self) -> str:
        """The name that the figure's files bear: another than that of the table."""
        return self.name or f"sensitivity_over_time_{self.trace or 'of_trace'}"


class Traces(_Figure):
    """A gallery of traces."""

    reads = ("dataset",)
    kind: Literal["traces"]
    trace: CopyName | None = None
    by: Name | None = Field(None, description="an axis with a line a value, in the same panel")
    at: At = Field(default_factory=dict)
    band: Band | None = Field(
        None,
        description="of all simulations that differ in other axes, replicates or a sample: median "
        "and 5 to 95%, or mean and SD at each time; default: one of them",
    )
    rows: Name | None = Field(None, description="an axis with a row of panels a value")
    columns: Name | None = Field(None, description="an axis with a column of panels a value")
    window: Window | None = Field(None, description="from, to (ms); default: the whole run")
    width: Literal["column", "page"] | None = Field(None, description="default: what panels need")
    height: Millimetres | None = Field(None, description="of a row of panels (mm)")
    limits: Limits | None = Field(None, description="ends of the traces' axis: [from, to]")


class Raster(_Figure):
    """Spike times, a row a simulation, or a row a cell of it."""

    reads = ("dataset", "simulations")
    kind: Literal["raster"]
    at: At = Field(default_factory=dict)
    site: Sites | None = Field(
        None, description="or several, [exc, inh], each in its colour; default: the first"
    )
    by: Name | None = None
    window: Window | None = None


class PopulationRate(_Figure):
    """The rates of populations over time: spikes per cell in bins."""

    reads = ("dataset", "simulations")
    kind: Literal["population_rate"]
    at: At = Field(default_factory=dict)
    site: Sites | None = Field(
        None, description="or several, [exc, inh], each in its colour; default: all"
    )
    by: Name | None = Field(None, description="an axis with a panel a value")
    bin: BinWidth = Field(5.0, description="width of a bin (ms)")
    window: Window | None = Field(None, description="from, to (ms); default: the whole run")


class IsiDistribution(_Figure):
    """The distribution of the interspike intervals."""

    reads = ("isi", "dataset", "simulations")
    kind: Literal["isi_distribution"]
    at: At = Field(default_factory=dict)
    site: CopyName | None = None
    by: Name | None = None
    style: Literal["hist", "kde", "ecdf"] = "hist"
    log: bool = False


class Morphology(_Figure):
    """The cell's shape, coloured by a quantity."""

    reads = ("structure",)
    kind: Literal["morphology"]
    cell: CopyName | None = None
    of: str = Field("region", description="region, diam, distance, Ra, cm or kdr.gkbar")
    plane: Literal["xy", "xz", "yz"] = "xy"


class Movie(_Figure):
    """A movie of one simulation: frames on the cell's shape, or distance by time."""

    reads = ("dataset", "simulations")
    kind: Literal["movie"]
    of: CopyName | None = Field(None, description="one of record.movies; default: the first")
    show: Literal["frames", "kymograph"] = Field(
        "frames", description="the cell at some times; or path distance by time, in colour"
    )
    times: list[Milliseconds] | None = Field(
        None, min_length=1, max_length=12, description="of the frames (ms); default: six"
    )
    sections: list[str] | None = Field(
        None, min_length=1, description="of the kymograph: regions or sections; default: all"
    )
    at: At = Field(
        default_factory=dict, description="values of axes; of several simulations the first"
    )
    plane: Literal["xy", "xz", "yz"] = "xy"


Readable = Literal[
    "dataset", "statistics", "isi", "simulations", "failures", "structure", "population"
]


class PythonFigure(_Figure):
    """A figure that a function of the project draws."""

    kind: Literal["python"]
    draw: str = Field(
        pattern=FUNCTION,
        description="figures/my_figure.py:effect, a function of the figure and the results",
    )
    read: list[Readable] = Field(
        ["dataset", "statistics"], alias="reads", min_length=1, description="results it reads"
    )
    options: Options = Field(default_factory=dict, description="keywords of the function")
    files: list[str] = Field(
        default_factory=list, description="files and folders that its code reads by other names"
    )

    @property
    def reads(self) -> tuple[str, ...]:
        """The results that it reads; the dataset, which has axes and statuses, always."""
        return tuple(dict.fromkeys(["dataset", *self.read]))

    @property
    def file_name(self) -> str:
        """The name that the figure's files bear."""
        return self.name or self.draw.partition(":")[2]


FigureOptions = Annotated[
    Heatmap
    | Curve
    | DoseResponse
    | FiringMap
    | ThresholdCurve
    | Scatter
    | Pairs
    | Candidates
    | Profile
    | SensitivityBars
    | SensitivityOverTime
    | Traces
    | Raster
    | PopulationRate
    | IsiDistribution
    | Morphology
    | Movie
    | PythonFigure,
    Field(discriminator="kind"),
]


def options(figure: Any) -> dict:
    """The options that change what is drawn: all but the figure's own name."""
    return figure.model_dump(mode="json", exclude={"name", "kind"})
