"""Axes, as a sweep file writes them; `design` has how they combine."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from spikesweep.errors import cut, suggest
from spikesweep.sweepfile.model import Names
from spikesweep.sweepfile.quantities import Level, Name, Number, Part, Value, Whole, Written


class Linspace(Part):
    """Values at equal distances."""

    linspace: tuple[Written, Written, Annotated[Whole, Field(ge=2, le=1_000_000)]] = Field(
        description="first, last, number of values"
    )


class Logspace(Part):
    """Values at equal ratios."""

    logspace: tuple[Written, Written, Annotated[Whole, Field(ge=2, le=1_000_000)]] = Field(
        description="first, last (the values themselves, not exponents), number of values"
    )


def _is_of_a_kind(values: Any) -> Any:
    kinds = ("linspace", "logspace")
    if isinstance(values, dict) and not any(kind in values for kind in kinds):
        keys = list(values)[:1]
        what = f'unknown key "{cut(str(keys[0]))}"{suggest(str(keys[0]), kinds)}' if keys else "{}"
        raise ValueError(
            f"{what}; expected a list, or {{linspace: [first, last, n]}}, or "
            "{logspace: [first, last, n]}"
        )
    return values


def _kind_of_values(values: Any) -> str:
    if isinstance(values, Linspace) or (isinstance(values, dict) and "linspace" in values):
        return "linspace"
    return "logspace" if isinstance(values, Logspace | dict) else "list"


Values = Annotated[
    Annotated[Annotated[list[Level], Field(min_length=1)], Tag("list")]
    | Annotated[Linspace, Tag("linspace")]
    | Annotated[Logspace, Tag("logspace")],
    Discriminator(_kind_of_values),
    BeforeValidator(_is_of_a_kind),
]


class Drug(Part):
    """A drug that blocks conductances: they are scaled by 1 / (1 + (dose / ic50)**hill)."""

    scales: Names = Field(description='conductances, such as "pyramidal.all.kdr.gkbar"')
    ic50: Value = Field(description="dose of half block, in a unit that converts to the axis'")
    hill: Number = Field(1.0, gt=0, description="Hill coefficient")


def _not_empty(sets: Any) -> Any:
    if sets == {}:
        raise ValueError("{} sets nothing; expected {target: formula}, or the name of a target")
    return sets


Sets = Annotated[
    Annotated[Names, Tag("list")] | Annotated[dict[str, str], Tag("formulas")],
    Discriminator(lambda sets: "formulas" if isinstance(sets, dict) else "list"),
    BeforeValidator(_not_empty),
]


class Axis(Part):
    """One swept quantity: its values, their unit, and what they set."""

    values: Values | None = Field(None, description="left out where a table gives them")
    unit: str | None = Field(None, description="default: the unit of what the axis sets")
    label: str | None = Field(None, description="how figures name the axis")
    sets: Sets | None = Field(
        None,
        description="protocol.celsius, step.amp, pyramidal.soma.hh.gkbar, pyramidal.morphology; "
        'or each with a formula: {pyramidal.soma.hh.gkbar: "0.036 * 3**((T - 6.3) / 10)"}',
    )
    drug: Drug | None = None

    @model_validator(mode="after")
    def _one_effect(self):
        if (self.sets is None) == (self.drug is None):
            raise ValueError("an axis must set something; expected either sets or drug")
        return self

    @property
    def targets(self) -> list[str]:
        """What the axis sets or scales."""
        return list(self.drug.scales if self.drug else self.sets)

    def effects(self, name: str) -> list[str]:
        """Return what the axis of this name does, in words: a line for each target."""
        if self.drug:
            factor = f"1 / (1 + ({name} / {self.drug.ic50})**{self.drug.hill:g})"
            return [f"scales {target} by {factor}" for target in self.targets]
        formulas = self.formulas or {}
        return [
            f"sets {target} to {formulas[target]}" if target in formulas else f"sets {target}"
            for target in self.targets
        ]

    @property
    def formulas(self) -> dict[str, str] | None:
        """The formula of each target, where the axis has some."""
        return self.sets if isinstance(self.sets, dict) else None


def _axes_or_none(value: Any) -> Any:
    return {} if value is None else value


Axes = Annotated[dict[Name, Axis], BeforeValidator(_axes_or_none)]
