"""The options of the figures that a sweep file can ask for; drawn by `spikesweep.figures`."""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from spikesweep.sweepfile.quantities import CopyName, Level, Name, Part, Window

At = dict[Name, Level]


class _Figure(Part):
    reads: ClassVar[tuple[str, ...]]

    name: Name | None = Field(None, description="file name; default: kind and what it shows")

    @property
    def file_name(self) -> str:
        """The name that the figure's files bear."""
        shown = [getattr(self, option, None) for option in ("of", "trace", "by")]
        text = "_".join(filter(None, [self.kind, *shown]))
        return self.name or re.sub(r"[.\[]", "_", text).replace("]", "")

    @property
    def axis_names(self) -> dict[str, str]:
        """The options that name axes, and the axes that they name."""
        options = ("x", "y", "by", "rows", "columns")
        named = {option: getattr(self, option, None) for option in options}
        return {option: axis for option, axis in named.items() if axis is not None}


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


class DoseResponse(_Figure):
    """A quantity against a dose, with a Hill fit."""

    reads = ("statistics", "dataset", "simulations")
    kind: Literal["dose_response"]
    of: str = Field(
        description="a column of the statistics, <trace>_max, <trace>_min, or a feature"
    )
    x: Name
    by: Name | None = None
    at: At = Field(default_factory=dict)
    site: CopyName | None = None
    fit: bool = True


class Traces(_Figure):
    """A gallery of traces."""

    reads = ("dataset",)
    kind: Literal["traces"]
    trace: CopyName | None = None
    by: Name | None = Field(None, description="an axis with a line a value, in the same panel")
    at: At = Field(default_factory=dict)
    rows: Name | None = Field(None, description="an axis with a row of panels a value")
    columns: Name | None = Field(None, description="an axis with a column of panels a value")
    window: Window | None = None


class Raster(_Figure):
    """Spike times, a row a simulation."""

    reads = ("dataset", "simulations")
    kind: Literal["raster"]
    at: At = Field(default_factory=dict)
    site: CopyName | None = None
    by: Name | None = None
    window: Window | None = None


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


FigureOptions = Annotated[
    Heatmap | DoseResponse | Traces | Raster | IsiDistribution | Morphology,
    Field(discriminator="kind"),
]


def options(figure: Any) -> dict:
    """The options that change what is drawn: all but the figure's own name."""
    return figure.model_dump(mode="json", exclude={"name", "kind"})
