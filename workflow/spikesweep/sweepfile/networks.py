"""Networks as a sweep file writes them: where cells stand, and how they are connected."""

from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from spikesweep.sweepfile.quantities import (
    SPIKE_THRESHOLD,
    Millivolts,
    Part,
    Place,
    ProcessName,
    Value,
    ValueOrList,
    Whole,
)

Index = Annotated[Whole, Field(ge=0)]


class Position(Part):
    """Where a cell stands (um): what its own coordinates are moved by."""

    x: Value = Field(0.0, description="um, or an expression of i, the index of a copy, and count")
    y: Value = 0.0
    z: Value = 0.0


class Rotation(Part):
    """How a cell is turned about its own axes x, then y, then z, before it is moved (deg)."""

    x: Value = Field(0.0, description="deg, or an expression of i, the index of a copy, and count")
    y: Value = 0.0
    z: Value = 0.0


class Selection(Part):
    """Which pairs of copies are connected, if not all; one of the keys."""

    probability: float | None = Field(
        None, ge=0, le=1, description="of each pair, drawn by the protocol's seed"
    )
    indegree: Whole | None = Field(
        None, ge=0, description="sources of each target, drawn by the protocol's seed"
    )
    pairs: list[tuple[Index, Index]] | None = Field(
        None, min_length=1, description="[index of the source, index of the target]"
    )

    @model_validator(mode="after")
    def _one(self):
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("expected one of probability, indegree, pairs")
        return self

    @property
    def is_drawn(self) -> bool:
        """Whether chance decides."""
        return self.pairs is None


Pattern = Annotated[
    Annotated[Literal["one_to_one", "ring", "all"], Tag("name")]
    | Annotated[Selection, Tag("selection")],
    Discriminator(lambda pattern: "name" if isinstance(pattern, str) else "selection"),
]


class GapJunction(Part):
    """A conductance between two places, or one between each pair of copies that a pattern
    chooses."""

    between: tuple[Place, Place] = Field(description="two places, such as a.soma(0.5)")
    g: Value = Field(description="conductance (uS)")
    pattern: Pattern | None = Field(
        None, description="where cells have a count: one_to_one, ring, all, or {pairs: [[0, 1]]}"
    )
    self_connections: ClassVar[bool] = False


class Connection(Part):
    """A NetCon from the voltage at a place, or from an artificial cell, to a point process; or one
    between each pair of copies that a pattern chooses."""

    from_: str = Field(alias="from", description="a place, or a process that makes events")
    to: ProcessName = Field(
        description="the point process that receives the events; pyr.syn[2] of a cell's code"
    )
    threshold: Millivolts = SPIKE_THRESHOLD
    delay: Value = Field(
        1.0, description="ms, or an expression of distance, between the cells (um)"
    )
    weight: ValueOrList = Field(
        0.0,
        description="in the unit that the process gives it, uS of an ExpSyn, or an expression of "
        "distance; a list where the process takes several",
    )
    pattern: Pattern | None = Field(
        None,
        description="where cells have a count: one_to_one; ring, each to the next and the last to "
        "the first; all; or a selection",
    )
    self_connections: bool = Field(False, description="whether cells may connect to themselves")
