"""What a sweep file asks to be run again, with smaller steps and more segments."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from spikesweep.sweepfile.quantities import (
    Number,
    Part,
    Whole,
)

Factor = Annotated[Number, Field(gt=0, lt=1)]


def _odd(fold: int) -> int:
    if fold < 3 or fold % 2 == 0:
        raise ValueError(
            f"{fold}; expected an odd number from 3 on, which keeps a segment in every middle"
        )
    return fold


def _listed(folds: Any) -> Any:
    return [folds] if isinstance(folds, int) else folds


Fold = Annotated[Whole, Field(le=99), AfterValidator(_odd)]
Folds = Annotated[list[Fold], BeforeValidator(_listed, json_schema_input_type=list[int] | int)]


BOUNDARIES = "boundaries"
SHARE = "5%"  # where nothing is near a change, or nothing counts


def _share(sample: str) -> str:
    if sample not in ("all", BOUNDARIES) and not 0 < float(sample[:-1]) <= 100:
        raise ValueError(f"{sample}; expected more than 0% and at most 100%")
    return sample


class Trust(Part):
    """How far numbers hang on the time step and on the segments: some simulations run again."""

    dt: list[Factor] = Field(
        default_factory=list,
        max_length=8,
        description="parts of the time step, such as [0.5, 0.25]",
    )
    nseg: Folds = Field(
        default_factory=list,
        max_length=8,
        description="times as many segments in each section, such as 3",
    )
    of: list[str] = Field(
        default_factory=lambda: ["n_spikes"], min_length=1, description="columns of the statistics"
    )
    sample: Annotated[
        str, Field(pattern=r"^(all|boundaries|\d+(\.\d+)?%)$"), AfterValidator(_share)
    ] = Field(
        BOUNDARIES,
        description="of the simulations: boundaries, which are those near a change of count or "
        "class of firing; all; or a share, such as 5%, drawn by the seed",
    )
    seed: Whole = Field(0, ge=0, description="which simulations the share is")
    tolerance: Annotated[Number, Field(gt=0, lt=1)] = Field(
        0.01, description="part of a value by which it may be off, and is still robust"
    )
    alone: Whole = Field(
        8, ge=0, le=1000, description="so many of them run again alone, to be equal bit for bit"
    )

    @model_validator(mode="after")
    def _something(self):
        if not self.dt and not self.folds:
            raise ValueError(
                "nothing is refined; expected dt, such as [0.5, 0.25], or nseg, such as 3"
            )
        return self

    @property
    def steps(self) -> list[float]:
        """The parts of the time step, the largest first."""
        return sorted(set(self.dt), reverse=True)

    @property
    def folds(self) -> list[int]:
        """How many times as many segments, the fewest first."""
        return sorted(set(self.nseg))

    def number(self, simulations: int) -> int:
        """Return how many of some simulations run again; a share of them, as long as it is not
        known which lie near a change."""
        if self.sample == "all":
            return simulations
        # In whole numbers, as 5% of 100 are 5 and not 6; of any share, one at least.
        share = SHARE if self.sample == BOUNDARIES else self.sample
        return -int(-simulations * max(round(float(share[:-1]) * 1e6), 1) // 100_000_000)
