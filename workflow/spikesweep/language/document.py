"""The simulation document: all that one simulation is, as plain JSON.

The plan writes it, from a sweep file; the simulation reads it, and nothing else. Its hash, with
that of the code, is the simulation's key. Numbers are in NEURON's units, files go by the SHA-256
of their content, and what is left out is NEURON's own.

    Document
      cells         name -> TracedCell | SectionsCell | PythonCell | HocCell
        biophysics  [Rule, ...]   what is inserted and set where; a later rule overrides
      protocol      temperature, time, and what is done to the cells
        processes   name -> Process      clamps, synapses, artificial cells
        connections name -> Connection   events from place to process
        play        name -> Waveform     numbers that change while time goes on
      record        traces, spikes and features that are kept

An entry `pyr` with a `count` is that many cells, pyr[0], pyr[1], ...; a process that stands in it
is as many. A copy that is unlike the others has an entry of its own name, `pyr[3]`.

These are types for readers and for the type checker. They do nothing when the code runs.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, final

# A number, or an expression that has a value at each place; see `expressions`.
Number: TypeAlias = float | str

# Where something stands: [cell, section, index, x], x from 0 to 1 along the section.
Location: TypeAlias = list[Any]

# A place in a cell of its own: [section, index, x].
SectionPlace: TypeAlias = list[Any]


class Document(TypedDict):
    """One simulation.

    mechanisms: SHA-256 of the source of each mechanism that is used, by name; none of NEURON's own.
    order: these in the order of their files, by which NEURON sums their currents, where that is not
        the order of their names.
    engine: what integrates it: NEURON's version, the architecture, the hash of the code.
    seed: what all random numbers follow from, where any are drawn.
    streams: the names that random streams take, by kind; no others are in the key.
    recording: what records: the hash of its code, eFEL's version where there are features.
    detectors: places and thresholds (mV) at which CVode looks for crossings.
    parameters: the numbers of which expressions speak, in NEURON's unit of their kind.
    seeds_all: whether the seed also sets the generators that NEURON has once for all, from which
        some mechanisms draw.
    environment: variables of the environment that code of the model reads.
    """

    cells: dict[str, "Cell"]
    protocol: "Protocol"
    record: "Record"
    mechanisms: dict[str, str]
    order: NotRequired[list[str]]
    engine: dict[str, str]
    seed: NotRequired[int]
    parameters: NotRequired[dict[str, float]]
    seeds_all: NotRequired[bool]
    environment: NotRequired[dict[str, str]]
    streams: NotRequired[dict[str, list[str]]]
    recording: NotRequired[dict[str, str]]
    detectors: NotRequired[list[Any]]


# ---- cells -------------------------------------------------------------------------------------

_In = TypedDict("_In", {"in": list[str]})


class Region(_In):
    """Sections under a name of their own.

    in: regions, sections and patterns, see `names`. where: a condition on a section's middle.
    """

    where: NotRequired[str]


class Rule(_In, total=False):
    """What is inserted and set in some sections.

    in: as of a Region, or the name of one. within: more of them, each of which must mean a
    section as well. Ra: axial resistivity (ohm cm). cm: membrane capacitance (uF/cm2).
    insert: density mechanism -> RANGE parameter -> value, in the mechanism's unit; elements of
    an array stand one by one, as `xg[0]`.
    ion_style: ion -> the five numbers of NEURON's ion_style.
    ions: reversal potentials (mV) and concentrations (mM), such as ena and cai.
    pointers: what POINTERs of density mechanisms point to, wherever in the sections these are.
    """

    within: list[str]
    Ra: Number
    cm: Number
    insert: dict[str, dict[str, Number]]
    ion_style: dict[str, list[int]]
    ions: dict[str, Number]
    pointers: list["Pointers"]


class Coordinates(TypedDict):
    """Where a cell stands (um), or how it is turned about x, then y, then z (deg); expressions
    have a value for each copy."""

    x: Number
    y: Number
    z: Number


class AnyCell(TypedDict):
    """What all cells may have.

    distance_from: where path distances count from; else the middle of the first soma.
    count: number of copies; else it is one cell, without an index.
    sets, scales: target -> number, of what is looked up once the cell is built, see `names`.
    """

    biophysics: list[Rule]
    regions: NotRequired[dict[str, Region]]
    distance_from: NotRequired[SectionPlace]
    count: NotRequired[int]
    position: NotRequired[Coordinates]
    rotation: NotRequired[Coordinates]
    sets: NotRequired[dict[str, float]]
    scales: NotRequired[dict[str, float]]


class Segments(TypedDict, total=False):
    """How sections are divided, by one of the keys.

    nseg: segments of every section. d_lambda: none is longer than this part of the length
    constant at 100 Hz; Hines & Carnevale (2001). max_length: none is longer than this (um).
    """

    nseg: Number
    d_lambda: float
    max_length: float


class SegmentsRule(_In, Segments):
    """How some sections are divided; a later rule overrides."""


class Morphology(TypedDict):
    """A file of traced sections."""

    format: Literal["swc", "asc"]
    sha256: str


class Cylinder(TypedDict):
    """Length and diameter (um)."""

    L: float
    diam: float


class Stub(TypedDict):
    """What stands in for an axon: cylinders one behind the other, the first connected to parent."""

    stub: list[Cylinder]
    parent: SectionPlace


class Section(TypedDict):
    """A literal section: L and diam (um), or points of x, y, z and diameter (um).

    parent: [name, x] of the point that its 0 end is connected to; the root has none.
    nseg: number of segments; else by the cell's `segments`.
    """

    region: str | None
    L: NotRequired[float]
    diam: NotRequired[float]
    points: NotRequired[list[list[float]]]
    parent: NotRequired[list[Any]]
    nseg: NotRequired[int]


@final
class TracedCell(AnyCell):
    """A cell from a morphology file; axon: whether its axon is replaced, else kept.

    fold: how many times as many segments each section gets as it is said to have.
    """

    morphology: Morphology
    segments: Segments | list[SegmentsRule]
    fold: NotRequired[int]
    axon: NotRequired[Literal["remove"] | Stub]


@final
class SectionsCell(AnyCell):
    """A cell of literal sections, parents before children; fold: as of a TracedCell."""

    sections: dict[str, Section]
    segments: Segments | list[SegmentsRule]
    fold: NotRequired[int]


class AnyCodeCell(AnyCell):
    """A cell that the user's code builds.

    sources: SHA-256 of each file that its result depends on. packages: version of each package
    that it imports, None where it is not installed. imported: SHA-256 of what it imports that has
    no version. initialise: "init", where its own init() is run in place of the initialisation.
    """

    sources: dict[str, str]
    packages: NotRequired[dict[str, str | None]]
    imported: NotRequired[dict[str, str]]
    initialise: NotRequired[Literal["init"]]


PythonClass = TypedDict("PythonClass", {"file": str, "class": str})


@final
class PythonCell(AnyCodeCell):
    """A cell that a Python class builds, called with the parameters as keywords."""

    python: PythonClass
    parameters: dict[str, Any]


@final
class HocCell(AnyCodeCell):
    """A cell that HOC files build, in the order of loading.

    template: of which it is an object, called with the arguments; else the sections at top level.
    globals: HOC variables, each set as soon as a file has made it.
    """

    hoc: list[str]
    template: NotRequired[str]
    arguments: NotRequired[list[Any]]
    globals: NotRequired[dict[str, float]]


DeclaredCell: TypeAlias = TracedCell | SectionsCell
CodeCell: TypeAlias = PythonCell | HocCell
Cell: TypeAlias = TracedCell | SectionsCell | PythonCell | HocCell

# ---- protocol ----------------------------------------------------------------------------------


class Cvode(TypedDict):
    """Tolerances of the local error of NEURON's variable time step."""

    atol: float
    rtol: float


class Process(TypedDict):
    """A point process: a stimulus, a clamp, a synapse; without `at` an artificial cell.

    type: its NMODL name. count: number of copies of an artificial cell.
    parameters: in the mechanism's units; a list for an array.
    times: of the events (ms, rising) that an artificial cell makes, a list for each copy.
    pointers: what its POINTERs point to; of copies, in the cell of the same index.
    """

    type: str
    parameters: dict[str, float | list[float]]
    at: NotRequired[Location]
    count: NotRequired[int]
    times: NotRequired[list[list[float]]]
    pointers: NotRequired[dict[str, "Variable"]]


class Balance(TypedDict):
    """Parameters that are set after initialisation so that the membrane is at rest at v_init.

    sets: [mechanism, parameter], of which the first that stands at a segment is set there.
    currents: mechanism -> its currents that are of no ion; those of ions NEURON adds up.
    """

    sets: list[list[str]]
    currents: dict[str, list[str]]


class Selection(TypedDict, total=False):
    """Which pairs of copies are connected, by one of the keys: each with a probability, so many
    sources of each target, both drawn by the seed; or pairs of [source, target]."""

    probability: float
    indegree: int
    pairs: list[list[int]]


_From = TypedDict("_From", {"from": str | Location})


class Connection(_From):
    """A NetCon, or one for each pair of copies that the pattern chooses.

    from: a process that makes events, or where v rises through the threshold (mV).
    to: the process that receives them, `syn`, or `pyr.syn[2]` of a cell's code.
    delay: ms. weight: in the process's unit; a list where it takes several. Both may be
    expressions of the distance (um) between the two cells.
    """

    to: str
    delay: Number
    weight: Number | list[Number]
    threshold: NotRequired[float]
    pattern: NotRequired[Literal["one_to_one", "ring", "all"] | Selection]
    self_connections: NotRequired[bool]


class GapJunction(_From):
    """A conductance (uS) between two places, or one for each pair of copies that the pattern
    chooses; the pair of two copies is joined once."""

    to: Location
    g: float
    pattern: NotRequired[Literal["one_to_one", "ring", "all"] | Selection]


@final
class ProcessVariable(TypedDict):
    """A variable of a process: `i` of `step`."""

    process: str
    variable: str


@final
class PlaceVariable(TypedDict):
    """A variable at a place: `v`, `ina`, `hh.m`."""

    at: Location
    variable: str


@final
class RegionVariable(TypedDict):
    """A variable wherever sections have it: of a cell, [cell, region, section or `all`]."""

    region: list[str]
    variable: str


@final
class OwnVariable(TypedDict):
    """A variable of the same segment: v, ica, cad.ca."""

    variable: str


Variable: TypeAlias = ProcessVariable | PlaceVariable
Pointed: TypeAlias = Variable | OwnVariable


class Pointers(TypedDict):
    """What POINTERs of a density mechanism point to; of copies of a cell, in that of the same
    index."""

    of: str
    set: dict[str, Pointed]


Played: TypeAlias = ProcessVariable | PlaceVariable | RegionVariable


class Electrode(TypedDict):
    """A point (um) in an infinite, homogeneous medium of a conductivity (S/m).

    Played through, these may be expressions of parameters. segments: whether segments count as
    lines from end to end, or as points at their middle.
    """

    x: Number
    y: Number
    z: Number
    conductivity: Number
    segments: Literal["line", "point"]


class Share(TypedDict):
    """An electrode, and the share of a current that flows out of it."""

    electrode: Electrode
    share: float


class Noise(TypedDict):
    """Gaussian noise, in the unit of what it is played into, a value `every` so many ms.

    tau: correlation time (ms) of an Ornstein-Uhlenbeck process; else each value stands by itself.
    """

    mean: float
    sd: float
    every: float
    tau: NotRequired[float]


class Waveform(TypedDict):
    """What is played into a parameter: a file by the hash of its content, an expression of t (ms)
    that is evaluated `every` so many ms, or noise.

    between: a straight line from value to value, or steps.
    through: electrodes, out of which the current (nA) flows; the field of all is played. scale:
        an expression by whose value at each segment the waveform is multiplied; coordinates in it
        are those of the cell where it stands.
    """

    into: Played
    through: NotRequired[list[Share]]
    scale: NotRequired[str]
    between: Literal["linear", "steps"]
    csv: NotRequired[str]
    expression: NotRequired[str]
    every: NotRequired[float]
    noise: NotRequired[Noise]


class Protocol(TypedDict):
    """What is done to the cells.

    celsius: temperature (degC). v_init: potential at the start (mV). tstop: duration (ms).
    dt: fixed time step (ms), or the tolerances of cvode instead. secondorder: NEURON's, 1 or 2.
    settle: time before t = 0 that is integrated and not recorded (ms).
    balance: what is set so that v_init is at rest.
    globals: GLOBAL parameters of mechanisms, `usetable_hh`.
    """

    celsius: float
    v_init: float
    tstop: float
    dt: NotRequired[float]
    secondorder: NotRequired[int]
    cvode: NotRequired[Cvode]
    settle: NotRequired[float]
    balance: NotRequired[Balance]
    globals: dict[str, float]
    processes: dict[str, Process]
    connections: dict[str, Connection]
    play: NotRequired[dict[str, Waveform]]
    gap_junctions: NotRequired[dict[str, GapJunction]]


# ---- record ------------------------------------------------------------------------------------

# Time from one sample to the next (ms), or every step of integration.
Interval: TypeAlias = float | Literal["step"]


@final
class ProcessTrace(TypedDict):
    """A variable of a process over time."""

    process: str
    variable: str
    every: Interval


@final
class PlaceTrace(TypedDict):
    """A variable at a place over time."""

    at: Location
    variable: str
    every: Interval


@final
class PotentialTrace(TypedDict):
    """The potential (mV) at an electrode that the membrane currents of all cells make."""

    electrode: Electrode
    variable: Literal["v"]
    every: Interval


@final
class WeightTrace(TypedDict):
    """A weight of a connection over time, as the synapse changes it.

    index: of its NetCon, of those that its pattern makes. variable: weight[0], weight[1] ...
    """

    connection: str
    index: int
    variable: str
    every: Interval


Trace: TypeAlias = ProcessTrace | PlaceTrace | PotentialTrace | WeightTrace


class Movie(TypedDict):
    """A variable of every segment that has it, frame by frame.

    region: of a cell, [cell, region, section or `all`]. every: interval of the frames (ms), which
    are at multiples of it. window: from, to (ms); else the whole run.
    limit: bytes that its samples may take.
    """

    region: list[str]
    variable: str
    every: float
    window: NotRequired[list[float]]
    limit: int


@final
class ProcessEvents(TypedDict):
    """The times (ms) of the events that a process makes."""

    process: str


@final
class Crossings(TypedDict):
    """The times (ms) at which v rises through a threshold (mV).

    times: "netcon", those of a NetCon; "sample_before", of the last sample at or below the
    threshold; "interpolated", where the line between that and the next crosses it.
    """

    at: Location
    threshold: float
    times: Literal["netcon", "sample_before", "interpolated"]


Spikes: TypeAlias = ProcessEvents | Crossings


class Features(TypedDict):
    """Features of a potential, by eFEL's names: at a place or an electrode, or of a process's
    variable.

    threshold: above it is a spike (mV). window: from, to (ms), or during: a process,
    from its delay on for its dur; else the whole run.
    every: interval of the samples (ms). settings: others of eFEL than these. values: whether all
    values of each are kept, beside their mean.
    """

    variable: str
    names: list[str]
    settings: NotRequired[dict[str, float | bool | str]]
    values: NotRequired[bool]
    threshold: float
    every: Interval
    at: NotRequired[Location]
    process: NotRequired[str]
    electrode: NotRequired[Electrode]
    connection: NotRequired[str]
    index: NotRequired[int]
    window: NotRequired[list[float]]
    during: NotRequired[str]


class Measures(TypedDict):
    """Measures of a variable within a window: names of `recording.measures`.

    window: from, to (ms), or during: a process, from its delay on for its dur; else the whole run.
    every: interval of the samples (ms), or every step.
    """

    variable: str
    names: list[str]
    every: Interval
    at: NotRequired[Location]
    process: NotRequired[str]
    electrode: NotRequired[Electrode]
    connection: NotRequired[str]
    index: NotRequired[int]
    window: NotRequired[list[float]]
    during: NotRequired[str]


class Distance(TypedDict):
    """The length (um) of the way along sections from one place of a cell to another."""

    at: Location
    to: Location
    names: list[str]


class Impedances(TypedDict):
    """Impedances about a state of the model, by names as `names.impedance_name` has them.

    at: where the current goes in. to: where its effect is looked at; else there as well.
    when: the state at t = 0, or that at the end. gating: whether gates follow the potential.
    """

    at: Location
    to: NotRequired[Location]
    names: list[str]
    when: Literal["start", "end"]
    gating: bool


class Record(TypedDict):
    """What is kept. precision: of the traces; times and features are float64."""

    precision: Literal["float32", "float64"]
    traces: dict[str, Trace]
    movies: NotRequired[dict[str, Movie]]
    spikes: dict[str, Spikes]
    features: NotRequired[dict[str, Features | Measures | Impedances | Distance]]
