"""The model and its protocol as a sweep file writes them."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from spikesweep.errors import cut
from spikesweep.language.names import Region as RegionName
from spikesweep.sweepfile.electrodes import Electrode
from spikesweep.sweepfile.networks import Connection, GapJunction, Position, Rotation
from spikesweep.sweepfile.quantities import (
    NO_BOOL,
    VARIABLE,
    Argument,
    Celsius,
    CopyName,
    LevelThere,
    Milliseconds,
    Millivolts,
    Name,
    Number,
    Part,
    Place,
    Quantity,
    Value,
    ValueOrList,
    Whole,
    is_expression,
)
from spikesweep.sweepfile.waveforms import Waveform
from spikesweep.sweepfile.yaml_words import as_written


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[
    list[str],
    BeforeValidator(_one_or_more),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


Micrometres = Quantity("um")
Diameter = Annotated[Micrometres, Field(gt=0)]
Point = tuple[Micrometres, Micrometres, Micrometres, Diameter]


class Cylinder(Part):
    """A piece of neurite of one diameter."""

    L: Micrometres = Field(gt=0, description="length (um)")
    diam: Diameter = Field(description="diameter (um)")


class LiteralSection(Part):
    """A cylinder or a line of points, connected by its 0 end to a point of its parent."""

    L: Micrometres | None = Field(None, gt=0, description="length (um)")
    diam: Diameter | None = Field(None, description="diameter (um)")
    points: list[Point] | None = Field(
        None,
        min_length=2,
        description="or points that it runs through: x, y, z, diameter (um)",
    )
    region: RegionName | None = Field(
        None, description="region that it belongs to; default: its own name, where that is one"
    )
    parent: str | None = Field(None, description='section and point, such as "soma(1)"')
    nseg: Whole | None = Field(
        None, ge=1, le=32767, description="number of segments; default: by the cell's `spatial`"
    )

    @model_validator(mode="after")
    def _one_size(self):
        sizes = [self.L, self.diam]
        if (self.points is None) == (None in sizes) or (self.points and sizes != [None, None]):
            raise ValueError("expected L and diam, or points")
        if self.points and len({point[:3] for point in self.points}) == 1:
            raise ValueError("points lie all at one place; expected a section of some length")
        return self


def _segment_count(value: object) -> object:
    if isinstance(value, str) and is_expression(value):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 1 <= value <= 32767 or value % 1:
        said = cut(as_written(value))
        raise ValueError(f"{said}; expected a whole number of 1 to 32767, or a formula of L")
    return int(value)


SegmentCount = Annotated[
    Any,
    BeforeValidator(_segment_count),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 32767}, {"type": "string"}]}
    ),
]


class Segments(Part):
    """How sections are divided into segments; one of the keys."""

    nseg: SegmentCount | None = Field(
        None,
        description="this many in every section, or a formula of L, diam and distance, such as "
        '"1 + 2 * floor(L / 40)"',
    )
    d_lambda: float | None = Field(
        None, gt=0, le=1, description="none longer than this part of the length constant at 100 Hz"
    )
    max_length: Quantity("um") | None = Field(None, gt=0, description="none longer than this (um)")

    @model_validator(mode="after")
    def _one(self):
        if len(self.rule) != 1:
            raise ValueError("expected one of nseg, d_lambda, max_length")
        return self

    @property
    def rule(self) -> dict[str, Any]:
        """The one key and its value."""
        return self.model_dump(exclude_none=True, include={"nseg", "d_lambda", "max_length"})


class SegmentsRule(Segments):
    """How some sections are divided; a later rule overrides an earlier one."""

    in_: Names = Field(alias="in", description="regions, sections or patterns, as in `biophysics`")


Spatial = Annotated[
    Annotated[Segments, Tag("one")]
    | Annotated[Annotated[list[SegmentsRule], Field(min_length=1)], Tag("list")],
    Discriminator(lambda spatial: "list" if isinstance(spatial, list) else "one"),
]


class Region(Part):
    """Sections under a name: some, by regions, names and patterns, or those of a condition."""

    in_: Names = Field(
        alias="in",
        description="regions (soma, axon, basal, apical, all), sections (dend, apical[3]), "
        'patterns ("dend*") or named regions above',
    )
    where: str | None = Field(
        None,
        description='condition on a section, such as "distance > 400": of path distance, diam, L '
        "and coordinates of its middle (um), and parameters",
    )


class Stub(Part):
    """What stands in for an axon: cylinders, one behind the other."""

    stub: list[Cylinder] = Field(min_length=1)
    parent: str = Field("soma(0.5)", description="section and point that the first connects to")


def _mechanisms(insert: object) -> object:
    """Refuse names alone: a mechanism has its parameters below it, or {}."""
    names = [insert] if isinstance(insert, str) else insert
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        wanted = ", ".join(f"{name}: {{}}" for name in names) or "hh: {}"
        raise ValueError(
            f"{cut(as_written(insert))}; expected each mechanism as a key, with its parameters "
            f"or {{}} below it: {{{wanted}}}"
        )
    return insert


_ZERO_TO_3 = Annotated[int, Field(strict=True, ge=0, le=3)]
_ZERO_OR_1 = Annotated[int, Field(strict=True, ge=0, le=1)]
IonStyle = tuple[_ZERO_TO_3, _ZERO_TO_3, _ZERO_OR_1, _ZERO_OR_1, _ZERO_OR_1]


class BiophysicsRule(Part):
    """What is set in some sections; a later rule overrides an earlier one."""

    in_: Names = Field(
        alias="in",
        description="regions (soma, axon, basal, apical, all, named), sections (dend, apical[3]), "
        'patterns ("dend*")',
    )
    Ra: Value | None = Field(None, description="axial resistivity (ohm*cm)")
    cm: Value | None = Field(None, description="membrane capacitance (uF/cm**2)")
    insert: Annotated[dict[str, dict[str, ValueOrList] | None], BeforeValidator(_mechanisms)] = (
        Field(
            default_factory=dict,
            description="mechanism: {RANGE parameter: value}; of an array a list, or xg[0]: value",
        )
    )
    ions: dict[str, Value] = Field(
        default_factory=dict,
        description="reversal potentials and concentrations: ena, ek, cai, nao ...",
    )
    ion_style: dict[str, IonStyle] = Field(
        default_factory=dict,
        description="ion: the five numbers of NEURON's ion_style, such as ca: [3, 2, 1, 1, 1]",
    )
    pointers: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="mechanism: {POINTER: what it points to}; v, cai, hh.m of the same segment, or "
        "b.soma(0.5).v, syn.g",
    )


AxonChoice = Annotated[
    Annotated[Literal["keep", "remove"], Tag("word")] | Annotated[Stub, Tag("stub")],
    Discriminator(lambda axon: "stub" if isinstance(axon, dict | Stub) else "word"),
]


class AnyCell(Part):
    """What is common to all cells: what is set in them, their copies and where these stand."""

    biophysics: list[BiophysicsRule] = Field(
        default_factory=list, description="rules; a later one overrides an earlier one"
    )
    regions: dict[Name, Region] = Field(
        default_factory=dict, description="more regions, by name, that rules and axes may speak of"
    )
    distance_from: str | None = Field(
        None,
        description='section and point that path distances count from, such as "soma(0.5)"; '
        "default: the middle of the soma",
    )
    count: Whole | None = Field(
        None, ge=1, le=100_000, description="copies, called <cell>[0], <cell>[1] ...; default: one"
    )
    position: Position | None = None
    rotation: Rotation | None = None


class Cell(AnyCell):
    """A cell: its shape from a morphology file or from literal sections, and its biophysics."""

    morphology: str | None = Field(
        None, description="SWC or Neurolucida ASC file, relative to the project"
    )
    sections: dict[CopyName, LiteralSection] | None = Field(None, min_length=1)
    axon: AxonChoice = Field(
        "keep",
        description="keep that of the morphology, remove it, or replace it by a stub of cylinders",
    )
    roots: Literal["one", "largest"] = Field(
        "one",
        description="of a morphology with loose pieces take the largest tree; one: refuse them",
    )
    segments: Spatial = Field(
        default_factory=lambda: Segments(nseg=1),
        alias="spatial",
        description="for all sections, or a list of rules; default: one segment a section",
    )

    @model_validator(mode="after")
    def _one_shape(self):
        if (self.morphology is None) == (self.sections is None):
            raise ValueError("expected either morphology or sections")
        if self.axon != "keep" and self.sections is not None:
            raise ValueError("axon: literal sections are as they are written; expected none of it")
        return self


class CodeCell(AnyCell):
    """A cell that code of the user's builds: what is common to HOC and Python."""

    files: list[str] = Field(
        default_factory=list,
        description="files and folders that its code reads under names made at run time",
    )
    packable: bool = Field(
        False, description="whether several such cells may share one NEURON, independently"
    )


class HocCell(CodeCell):
    """A cell that HOC files build: an object of a template, or the sections at their top level."""

    hoc: Names = Field(description="HOC files in the order of loading, such as models/pyr.hoc")
    template: Name | None = Field(None, description="default: the sections made at top level")
    arguments: list[Argument] = Field(default_factory=list, description="of the template")
    globals: dict[Name, Number] = Field(
        default_factory=dict, description="HOC variables, set as soon as a file has made them"
    )

    @model_validator(mode="after")
    def _template_for_more(self):
        for key in ("arguments", "packable", "count"):
            if getattr(self, key) and self.template is None:
                raise ValueError(f"{key} needs a template; expected its name")
        return self


def _file_and_class(text: Any) -> Any:
    if not isinstance(text, str) or not re.fullmatch(r"[^:]+\.py:[A-Za-z_]\w*", text):
        raise PydanticCustomError(
            "python_class", "expected a file and a class, such as models/pyr.py:Pyr"
        )
    return text


PythonClass = Annotated[str, BeforeValidator(_file_and_class)]


class PythonCell(CodeCell):
    """A cell that a Python class builds, which is called with the parameters as keywords."""

    python: PythonClass = Field(description="file and class, such as models/pyr.py:Pyr")
    parameters: dict[Name, Argument] = Field(default_factory=dict)

    @property
    def file(self) -> str:
        return self.python.rpartition(":")[0]

    @property
    def class_name(self) -> str:
        return self.python.rpartition(":")[2]


def _kind_of_cell(cell: Any) -> str:
    if isinstance(cell, CodeCell):
        return "hoc" if isinstance(cell, HocCell) else "python"
    kinds = ("hoc", "python") if isinstance(cell, dict) else ()
    return next((kind for kind in kinds if kind in cell), "declared")


WrittenCell = Annotated[
    Annotated[Cell, Tag("declared")]
    | Annotated[HocCell, Tag("hoc")]
    | Annotated[PythonCell, Tag("python")],
    Discriminator(_kind_of_cell),
]


Variable = Annotated[str, Field(pattern=VARIABLE)]


def _file_or_times(value: object) -> object:
    if isinstance(value, list) and value:
        return value
    if isinstance(value, str) and value.endswith(".csv"):
        return value
    raise ValueError(f"{cut(as_written(value))}; expected a list of times, or a CSV file")


EventTimes = Annotated[
    Any,
    BeforeValidator(_file_or_times),
    WithJsonSchema(
        {"type": ["string", "array"], "items": {"type": ["number", "string"]}, "minItems": 1}
    ),
]


class Model(Part):
    """The cells, and the mechanism set that they draw on."""

    mechanisms: str | None = Field(
        None, description="mechanism set in mod/; default: none is compiled but NEURON's own"
    )
    parameters: dict[Name, Value] = Field(
        default_factory=dict, description="numbers of which expressions may speak by their names"
    )
    environment: dict[Variable, str] = Field(
        default_factory=dict,
        description="environment variables that code of the model reads; it has few others",
    )
    initialise: Literal["init"] | None = Field(
        None,
        description="init: the model's own init() runs once, in place of NEURON's initialisation",
    )
    cells: dict[Name, WrittenCell] = Field(min_length=1)


class SpikesOf(Part):
    """Spikes that another sweep recorded."""

    sweep: Name = Field(description="a sweep of this project; it runs first")
    of: CopyName = Field(description="one of its spike sites; of copies all, with their `count`")
    at: dict[Name, LevelThere] = Field(
        default_factory=dict, description="values of its axes: one simulation"
    )


class Process(Part):
    """A point process: a stimulus, a clamp or a synapse. Its parameters stand beside `at`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ValueOrList]

    type: str = Field(description="IClamp, VClamp, ExpSyn, NetStim, ... or one from mod/")
    at: Place | None = Field(None, description="left out for artificial cells, such as NetStim")
    count: Whole | None = Field(
        None, ge=1, le=100_000, description="copies of an artificial cell; others have their cell's"
    )
    times: EventTimes | None = Field(
        None,
        description="of a VecStim or PatternStim: times of its events (ms), a list or a CSV file",
    )
    spikes: SpikesOf | None = Field(
        None, description="of a VecStim, in place of times: the spikes of another sweep"
    )
    pointers: dict[str, str] = Field(
        default_factory=dict, description="what its POINTERs point to: {vgap: b.soma(0.5).v}"
    )


class Cvode(Part):
    """The tolerances of NEURON's variable time step."""

    atol: Number = Field(1e-3, gt=0, description="absolute tolerance of the local error")
    rtol: Number = Field(0.0, ge=0, description="relative tolerance of the local error")


class Protocol(Part):
    """What is done to the model."""

    celsius: Celsius = Field(6.3, ge=-10, le=60, description="temperature (degC)")
    v_init: Millivolts = Field(-65.0, description="initial membrane potential (mV)")
    tstop: Milliseconds = Field(gt=0, description="duration (ms)")
    dt: Milliseconds = Field(0.025, gt=0, description="time step (ms)")
    secondorder: Annotated[Literal[0, 1, 2], NO_BOOL] = Field(
        0,
        description="0: implicit Euler; 2: Crank-Nicolson, currents at the middle of a step; "
        "1: the same with currents as they are",
    )
    cvode: Cvode | None = Field(None, description="CVode's own time steps, instead of dt")
    settle: Milliseconds = Field(
        0.0, ge=0, description="time that is integrated before t = 0, and not recorded (ms)"
    )
    balance: list[str] = Field(
        default_factory=list,
        description="parameters, such as pas.e, that are set after initialisation so that v_init "
        "is at rest",
    )
    seed: int = Field(
        0, strict=True, ge=0, lt=2**53, description="what all random numbers follow from"
    )
    globals: dict[str, Number] = Field(
        default_factory=dict, description="mechanism GLOBALs, such as usetable_hh: 0"
    )
    processes: dict[Name, Process] = Field(default_factory=dict)
    connections: dict[Name, Connection] = Field(default_factory=dict)
    gap_junctions: dict[Name, GapJunction] = Field(
        default_factory=dict, description="conductances between places"
    )
    electrodes: dict[Name, Electrode] = Field(
        default_factory=dict, description="outside the cells, to stimulate and record through"
    )
    play: dict[Name, Waveform] = Field(
        default_factory=dict, description="waveforms that are played into parameters"
    )

    @model_validator(mode="after")
    def _one_step(self):
        if self.cvode is not None and "dt" in self.model_fields_set:
            raise ValueError("both dt and cvode; expected one of them")
        if self.cvode is not None and self.secondorder:
            raise ValueError("both secondorder and cvode, which has its own order; expected one")
        return self
