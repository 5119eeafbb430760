"""By which criteria the simulations of a sweep are accepted: its population of models."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from spikesweep.sweepfile.design import CLASS, CLASSES
from spikesweep.sweepfile.quantities import CopyName, LevelThere, Name, Number, Part, Value

At = dict[Name, LevelThere]


class Criterion(Part):
    """What a quantity of a candidate must be: a range, ends, a mean with so many SDs; or classes of
    firing."""

    of: str = Field(
        description="a column of the statistics, <trace>_max, <trace>_min, a feature, or class"
    )
    range: tuple[Value, Value] | None = Field(None, description="lowest, highest, both included")
    at_least: Value | None = Field(None, description="the lowest alone")
    at_most: Value | None = Field(None, description="the highest alone")
    mean: Value | None = Field(None, description="of the data; with sd and z")
    sd: Value | None = Field(None, description="standard deviation of the data")
    z: Number | None = Field(None, gt=0, description="standard deviations that it may be off")
    among: list[Literal[CLASSES]] | None = Field(
        None, min_length=1, description="of `class`: those that are accepted, such as [tonic]"
    )
    at: At = Field(
        default_factory=dict,
        description="values of axes: those that a criterion names are axes of the protocol, and "
        "not of the candidates",
    )
    site: CopyName | None = None
    source: str = Field("", description="where the numbers come from, such as a DOI")

    @model_validator(mode="after")
    def _one_way(self):
        ends = self.at_least is not None or self.at_most is not None
        data = [self.mean, self.sd, self.z]
        ways = [self.range is not None, ends, any(one is not None for one in data)]
        ways.append(self.among is not None)
        if (self.of == CLASS) != (self.among is not None):
            raise ValueError("among: expected classes, such as [tonic, bursting], of `class` alone")
        if ways.count(True) != 1:
            raise ValueError(
                "expected one of: range: [lowest, highest]; at_least, at_most or both; mean, sd, "
                "z; of `class` among: [tonic, bursting] alone"
            )
        if ways[2] and None in data:
            raise ValueError("expected mean, sd and z: within z standard deviations of the mean")
        return self


class CriteriaFile(Part):
    """Criteria that a file has, as eFEL's users write them for BluePyOpt: mean and SD a feature."""

    file: str = Field(
        description="JSON of BluePyOpt or BluePyEfe: protocol, place, feature, [mean, sd]"
    )
    z: Number = Field(gt=0, description="standard deviations that each may be off")
    protocols: dict[str, At] | None = Field(
        None,
        min_length=1,
        description="protocols of the file, each with the values of axes at which it is run; "
        "default: the only one",
    )
    places: dict[str, Name] | None = Field(
        None,
        min_length=1,
        description="places of the file, such as soma.v, each with the name in record.features; "
        "default: the only features, for the only place",
    )
    source: str = Field("", description="where the numbers come from, such as a DOI")


Criteria = Annotated[
    Annotated[Criterion, Tag("criterion")] | Annotated[CriteriaFile, Tag("criteria")],
    Discriminator(
        lambda given: (
            "criteria"
            if (isinstance(given, dict) and "file" in given) or isinstance(given, CriteriaFile)
            else "criterion"
        )
    ),
]
Accept = Annotated[dict[Name, Criteria], Field(min_length=1)]
