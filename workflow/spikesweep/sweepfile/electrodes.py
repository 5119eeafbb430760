"""Electrodes outside the cells, as a sweep file writes them."""

from typing import Literal

from pydantic import Field

from spikesweep.sweepfile.quantities import Part, Value


class Electrode(Part):
    """A point in an infinite, homogeneous medium around all cells."""

    x: Value = Field(description="um, or an expression of model.parameters")
    y: Value
    z: Value
    conductivity: Value = Field("0.3 S/m", description="of the medium (S/m)")
    segments: Literal["line", "point"] = Field(
        "line",
        description="line: each segment counts as a line from end to end; point: as a point at "
        "its middle",
    )
