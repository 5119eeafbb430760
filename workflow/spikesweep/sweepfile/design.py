"""How the axes combine, as a sweep file writes it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from spikesweep.sweepfile.quantities import CopyName, Name, Number, Part, Value, Whole

MOST_SAMPLES = 1_000_000
SAMPLERS = ("sobol", "halton", "lhs", "random", "saltelli", "morris")
COMBINING = ("grid", "zip", "table", "accepted", *SAMPLERS)
GROWING = ("refine", "threshold")  # by their own results, see `plan.growing`
FOLLOWING = 6  # rounds in which a refined map follows thin borders
CLASS = "class"  # of firing, in place of a column of the statistics
# As `tables.firing` names them, which has NumPy.
CLASSES = ("silent", "single spike", "tonic", "bursting", "block")


class Named(Part):
    """A distribution by its name; one of the keys."""

    uniform: tuple[Value, Value] | None = Field(None, description="lowest, highest")
    loguniform: tuple[Value, Value] | None = Field(
        None, description="lowest, highest, both above 0: uniform in the logarithm"
    )
    normal: tuple[Value, Value] | None = Field(None, description="mean, standard deviation")
    truncated: tuple[Value, Value, Value, Value] | None = Field(
        None, description="mean and standard deviation of a normal distribution; lowest, highest"
    )
    integers: tuple[Whole, Whole] | None = Field(
        None, description="whole numbers from the first to the last, both included"
    )

    @model_validator(mode="after")
    def _one(self):
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError(f"expected one of {', '.join(type(self).model_fields)}")
        return self


Distribution = Annotated[
    Annotated[tuple[Value, Value], Tag("range")] | Annotated[Named, Tag("named")],
    Discriminator(lambda value: "named" if isinstance(value, dict | Named) else "range"),
]


def distribution(written: tuple[Value, ...] | Named) -> tuple[str, tuple[Value, ...]]:
    """Return the name of a distribution and its numbers; a range alone is uniform."""
    if isinstance(written, Named):
        [(name, numbers)] = written.model_dump(exclude_none=True).items()
        return name, numbers
    return "uniform", written


Samples = Annotated[Whole, Field(ge=1, le=MOST_SAMPLES)]


class DesignPart(Part):
    """Axes that are combined in one way; one of the keys `grid` to `morris`."""

    grid: "Parts | None" = Field(None, description="every value with every other")
    zip: "Parts | None" = Field(None, description="first with first, second with second")
    table: str | None = Field(
        None,
        description="CSV file with a column an axis, a row a simulation; other columns are labels",
    )
    accepted: Name | None = Field(
        None, description="another sweep, with criteria in `accept`: the candidates that meet them"
    )
    sobol: Samples | None = Field(None, description="points of a scrambled Sobol sequence")
    halton: Samples | None = Field(None, description="points of a scrambled Halton sequence")
    lhs: Samples | None = Field(None, description="points of a Latin hypercube")
    random: Samples | None = Field(None, description="independent random points")
    saltelli: Samples | None = Field(
        None,
        description="base points of Saltelli's scheme: n * (axes + 2) points",
    )
    morris: Samples | None = Field(
        None, description="trajectories of Morris's method: n * (axes + 1) points"
    )
    of: dict[Name, Distribution] | None = Field(
        None,
        min_length=1,
        description="the axes of a sample: [lowest, highest], or a distribution by its name",
    )
    seed: Whole = Field(0, ge=0, description="of a sample")

    @model_validator(mode="after")
    def _one(self):
        if len(self._ways) != 1:
            raise ValueError(f"expected one of {', '.join(COMBINING)}")
        return self

    @model_validator(mode="after")
    def _sampled_of_axes(self):
        is_sample = self._ways and self._ways[0] in SAMPLERS
        if is_sample and self.of is None:
            raise ValueError("a sample needs `of`; expected {axis: [lowest, highest]}")
        if not is_sample and {"of", "seed"} & self.model_fields_set:
            raise ValueError(f"`of` and `seed` belong to a sample: {', '.join(SAMPLERS)}")
        return self

    @property
    def number(self) -> int:
        """The number of points of a sample."""
        several = {"saltelli": len(self.of or ()) + 2, "morris": len(self.of or ()) + 1}
        return int(getattr(self, self.kind)) * several.get(self.kind, 1)

    @property
    def _ways(self) -> list[str]:
        return [way for way in COMBINING if getattr(self, way) is not None]

    @property
    def kind(self) -> str:
        """The way in which its axes are combined."""
        return self._ways[0] if self._ways else "grid"

    @property
    def parts(self) -> "list[str | DesignPart]":
        """What a grid or a zip combines: names of axes, and parts."""
        return self.grid or self.zip or []

    @property
    def every(self) -> "Iterator[DesignPart]":
        """This part and all that it is made of."""
        yield self
        for part in self.parts:
            if isinstance(part, DesignPart):
                yield from part.every


Parts = Annotated[
    list[
        Annotated[
            Annotated[Name, Tag("axis")] | Annotated[DesignPart, Tag("part")],
            Discriminator(lambda p: "part" if isinstance(p, dict | DesignPart) else "axis"),
        ]
    ],
    Field(min_length=1),
]
DesignPart.model_rebuild()


STATISTIC = "column of the statistics, or class: silent, single spike, tonic, bursting, block"


class Refine(Part):
    """A map that is refined, round by round, where neighbours differ."""

    by: str = Field(description=f"what may not differ: {STATISTIC}")
    axes: list[Name] = Field(min_length=1, max_length=3, description="axes of the map")
    to: Whole = Field(ge=2, le=4096, description="steps of each of them, a power of 2")
    first: Whole = Field(
        8, ge=1, le=4096, description="steps of the first round, a power of 2; at most `to`"
    )
    tolerance: Number = Field(
        0.0, ge=0, description="difference of numbers, in the column's unit, that is none"
    )
    rounds: Annotated[Whole, Field(ge=1, le=64)] | None = Field(
        None, description="after the first; default: 6 more than halvings from `first` to `to`"
    )
    site: CopyName | None = Field(None, description="spike site; default: the first")

    @model_validator(mode="after")
    def _powers(self):
        for name in ("to", "first"):
            if (n := getattr(self, name)) & (n - 1):
                raise ValueError(f"{name}: {n} is no power of 2; expected 2, 4, 8, 16, ...")
        if len(set(self.axes)) < len(self.axes):
            raise ValueError("axes: an axis stands twice; expected each once")
        return self

    @property
    def of(self) -> str:
        """What it looks at."""
        return self.by

    @property
    def beginning(self) -> int:
        """The steps of the first round."""
        return min(self.first, self.to)

    @property
    def number_of_rounds(self) -> int:
        """The rounds after the first."""
        halvings = (self.to // self.beginning).bit_length() - 1
        return self.rounds or halvings + FOLLOWING


Classes = Annotated[list[Literal[CLASSES]], Field(min_length=1)]
Reached = Annotated[
    Annotated[Number, Tag("number")] | Annotated[Classes, Tag("classes")],
    Discriminator(lambda at: "classes" if isinstance(at, list) or at in CLASSES else "number"),
]


class Threshold(Part):
    """The value of an axis from which on a quantity is reached, searched by bisection."""

    of: str = Field(description=STATISTIC)
    at: Reached = Field(
        description="reached from this number on; of `class`, the classes that count"
    )
    axis: Name = Field(description="that is searched; its values are tried first")
    to: Value = Field(description="widest bracket, such as 1 pA")
    site: CopyName | None = Field(None, description="spike site; default: the first")

    @model_validator(mode="after")
    def _at_classes(self):
        if isinstance(self.at, list) != (self.of == CLASS):
            raise ValueError(
                "at: expected a number of a column of the statistics; of `class` a list, such as "
                "[tonic, bursting]"
            )
        return self


class Design(DesignPart):
    """How all axes combine."""

    refine: Refine | None = Field(None, description="a map, refined where neighbours differ")
    threshold: Threshold | None = Field(None, description="search for a threshold by bisection")

    where: str | None = Field(
        None, description='only simulations for which this holds, such as "dose * celsius < 500"'
    )
    replicates: Annotated[Whole, Field(ge=1, le=MOST_SAMPLES)] | None = Field(
        None, description="each simulation with so many seeds: an axis `seed` of its own"
    )
    order: Literal["given", "shuffled"] = Field(
        "given", description="shuffled: the first that are done are spread over the whole design"
    )

    @model_validator(mode="after")
    def _one(self):
        alone = self.model_fields_set <= {"where", "replicates", "order"}
        if len(self._ways) > 1 or not (self._ways or (alone and self.model_fields_set)):
            raise ValueError(f"expected one of {', '.join((*COMBINING, *GROWING))}")
        return self

    @model_validator(mode="after")
    def _grows_alone(self):
        others = {"where", "replicates", "order"} & self.model_fields_set
        if self.grows and others:
            raise ValueError(f"{min(others)}: belongs to designs that are known at once")
        return self

    @property
    def grows(self) -> bool:
        """Whether it finds points by its own results."""
        return self.refine is not None or self.threshold is not None

    @property
    def reads(self) -> tuple[str, ...]:
        """The files of a round from which a design that grows finds the points of the next."""
        asked = self.refine or self.threshold
        return ("dataset", "simulations") if asked and asked.of == CLASS else ("statistics",)

    @property
    def _ways(self) -> list[str]:
        return [way for way in (*COMBINING, *GROWING) if getattr(self, way) is not None]
