"""What a dataset consists of: its dimensions, variables and attributes, decided before a byte is
written. `dataset` describes the layout to its users; names and attributes follow CF 1.11."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from spikesweep.language.names import STATUSES, electrode_text, location_text
from spikesweep.language.units import normal_unit, rounded
from spikesweep.recording.results import MARGIN
from spikesweep.store import segment
from spikesweep.tables.names import KEY_DIGITS, STEP_TIMES, STEPS, feature_names, value_names

# The place is the code. The store knows the first three; the others depend on the machine.

TEXT = h5py.string_dtype()
_TIMES_CHUNK = 1 << 16  # spike times a chunk: 0.5 MB
FILTERS = {"shuffle": True, "compression": "gzip", "compression_opts": segment.DEFLATE_LEVEL}


@dataclass
class Simulations:
    """Columns of all n simulations of a sweep, in the order of its design.

    values: of the axes. status: (n,) places in STATUSES. segments: (n,) places in `paths`, where
    the results lie. extremes: trace -> (n, 2). features: name -> (n,). traces, spikes: name ->
    (n,) of segment.EXTENT. thin: trace -> (n,), of how many samples that lie there one is asked
    for. lower: site -> (n,), the spikes as a lower threshold counts them, of sites where those
    are others in some simulation. many: feature -> (n,), those of which all values are kept.
    movies, shown: movie -> (n,), its samples, and which segments they are of.
    """

    index: list[int]
    keys: list[str]
    values: list[Sequence[float | str]]
    status: np.ndarray
    message: list[str]
    segments: np.ndarray
    extremes: dict[str, np.ndarray]
    features: dict[str, np.ndarray]
    traces: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]
    thin: dict[str, np.ndarray]
    lower: dict[str, np.ndarray] = field(default_factory=dict)
    many: dict[str, np.ndarray] = field(default_factory=dict)
    movies: dict[str, np.ndarray] = field(default_factory=dict)
    shown: dict[str, np.ndarray] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Variable:
    """One variable of a NetCDF file; without data it is filled later, chunk by chunk."""

    name: str
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: DTypeLike
    attributes: dict[str, Any]
    data: np.ndarray | None = None
    options: dict[str, Any] = field(default_factory=dict)


def layout(plan: Mapping[str, Any], simulations: Simulations) -> list[Variable]:
    """Return the variables of a sweep's dataset, coordinates first.

    The plan has seen to it that each has a name of its own.
    """
    frame = Frame.of(plan, len(simulations.keys))
    axes = {axis["name"]: axis for axis in plan["axes"]}
    columns = {
        name: _as_planned(axis, [row[place] for row in simulations.values])
        for place, (name, axis) in enumerate(axes.items())
    }
    tstop = np.broadcast_to(np.asarray(plan["tstop"], float), len(simulations.keys))
    variables = [
        *(_axis_variable(axis, columns, frame) for axis in axes.values()),
        *(_label_variable(name, said, frame) for name, said in plan.get("labels", {}).items()),
        *_trace_variables(plan, simulations, frame),
        *_feature_variables(plan, simulations, frame),
        *_spike_variables(plan["record"]["spikes"], simulations, frame),
        *_value_variables(plan["quantities"], simulations, frame),
        *_simulation_variables(simulations, frame),
    ]
    if columns.get("tstop") != tstop.tolist():
        attributes = {"long_name": "duration of the simulation", "units": "ms"}
        variables.append(frame.variable("tstop", tstop, np.float64, attributes))
    return variables


def global_attributes(plan: Mapping[str, Any], fingerprint: str) -> dict[str, str]:
    """Return the attributes of the dataset as a whole."""
    record = plan["record"]
    features = feature_names(record)
    return {
        "Conventions": "CF-1.11",
        "title": plan["title"],
        "sweep": plan["sweep"],
        "fingerprint": fingerprint,
        "spikesweep_axes": _json(plan["axes"]),
        **({"spikesweep_labels": _json([*plan["labels"]])} if plan.get("labels") else {}),
        "spikesweep_traces": _json(list(plan["record"]["traces"])),
        **({"spikesweep_movies": _json([*movies])} if (movies := record.get("movies")) else {}),
        **({"spikesweep_features": _json(features)} if features else {}),
        "spikesweep_sites": _json(list(plan["record"]["spikes"])),
        "specification": _json(plan["specification"]),
    }


def udunits(unit: str) -> str:
    """Return a unit as UDUNITS and CF write it: 'S/cm2' -> 'S cm-2', 'uM' -> 'umol L-1'.

    What is no product of powers of units is returned as it is.
    """
    words = []
    for sign, factor in re.findall(r"(^|\*(?!\*)|/)((?:[^*/]|\*\*)+)", normal_unit(unit)):
        power = re.fullmatch(r"([^\W\d]+|1|%)(?:\*\*(-?\d+))?", factor)
        if power is None:
            return unit
        if power[1] != "1":
            words.append(_factor(power[1], int(power[2] or 1) * (-1 if sign == "/" else 1)))
    return " ".join(words) or "1"


def _factor(base: str, power: int) -> str:
    if base == "degC":
        return _factor("degree_Celsius", power)
    if molar := re.fullmatch(r"([munp]?)M", base):
        return f"{_factor(molar[1] + 'mol', power)} {_factor('L', -power)}"
    return base if power == 1 else f"{base}{power}"


@dataclass(frozen=True)
class Frame:
    """The dimensions of everything that is one value a simulation."""

    is_grid: bool
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    attributes: dict[str, str]

    @classmethod
    def of(cls, plan: Mapping[str, Any], count: int) -> "Frame":
        """Return the frame of a plan's `count` simulations."""
        names = tuple(axis["name"] for axis in plan["axes"])
        if plan["design"]["kind"] != "grid":
            along = [*names, *plan.get("labels", {})]
            coordinates = {"coordinates": " ".join(along)} if along else {}
            return cls(False, ("simulation",), (count,), coordinates)
        shape = tuple(plan["design"]["shape"])
        if math.prod(shape) != count:
            raise ValueError(f"{count} simulations do not make a grid of {shape}")
        return cls(True, names, shape, {})

    def variable(
        self, name: str, values: ArrayLike, dtype: DTypeLike, attributes: dict[str, Any]
    ) -> Variable:
        """Return a variable with one value a simulation."""
        data = np.asarray(values, object if dtype is TEXT else dtype).reshape(self.shape)
        attributes = attributes | self.attributes
        return Variable(name, self.dimensions, self.shape, dtype, attributes, data)

    def samples(
        self, name: str, dimension: str, n: int, dtype: np.dtype, attributes: dict[str, Any]
    ) -> Variable:
        """Return a variable with n samples a simulation, which are filled in later."""
        return Variable(
            name,
            (*self.dimensions, dimension),
            (*self.shape, n),
            dtype,
            attributes,
            options={
                "chunks": (*(1 for _ in self.shape), n),
                "fillvalue": dtype.type(np.nan),
                **FILTERS,
            },
        )


def _as_planned(axis: Mapping[str, Any], column: Sequence[Any]) -> list[float | str]:
    """Return an axis's values of all simulations as numbers, had they been read as text."""
    planned = {str(value): value for value in axis["values"]}
    return [planned[str(value)] for value in column]


def _axis_variable(
    axis: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], frame: Frame
) -> Variable:
    values = axis["values"] if frame.is_grid else columns[axis["name"]]
    attributes = {"long_name": axis["long_name"] or axis["name"]}
    if along := _moving_along(axis["name"], columns):
        attributes["comment"] = f"axes that move along with it: {', '.join(along)}"
    if any(isinstance(value, str) for value in values):
        data, dtype = np.array([str(value) for value in values], object), TEXT
    else:
        data = np.array(values, _number_type(values))
        dtype = data.dtype
        attributes["units"] = udunits(axis["unit"])
    dimensions = (axis["name"],) if frame.is_grid else frame.dimensions
    return Variable(axis["name"], dimensions, data.shape, dtype, attributes, data)


def _label_variable(name: str, values: Sequence[Any], frame: Frame) -> Variable:
    data: np.ndarray
    if any(isinstance(value, str) for value in values):
        data, dtype = np.array(values, object), TEXT
    else:
        data = np.array(values, _number_type(values))
        dtype = data.dtype
    attributes = {"long_name": name}
    return Variable(name, frame.dimensions, data.shape, dtype, attributes, data)


def _number_type(values: Sequence[float]) -> DTypeLike:
    """Return the type that holds some numbers: of whole ones, while it can."""
    whole = all(isinstance(value, int) and abs(value) < 2**63 for value in values)
    return np.int64 if whole else np.float64


def sampled(record: Mapping[str, Any]) -> list[str]:
    """Return the names of what has samples in the store: traces, and the times of every step."""
    traces = record["traces"]
    return [*traces, *([STEP_TIMES] if _has_steps(traces) else [])]


def _has_steps(traces: Mapping[str, Any]) -> bool:
    return any(trace["every"] == "step" for trace in traces.values())


def _moving_along(name: str, columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return the other axes that vary, and have one value for each value of an axis, as in a zip.

    Axes of a grid never do: each of their values meets all of the others'.
    """
    own = columns[name]
    return [
        other
        for other, column in columns.items()
        if other != name
        and len(set(column)) > 1
        and len(set(zip(own, column, strict=True))) == len(set(own))
    ]


def _trace_variables(
    plan: Mapping[str, Any], simulations: Simulations, frame: Frame
) -> Iterator[Variable]:
    traces = plan["record"]["traces"]
    times = _times(plan, simulations, frame)
    yield from {time.name: time for time in times.values()}.values()
    precision = np.dtype(plan["record"]["precision"])
    for name, trace in traces.items():
        quantity = plan["quantities"][name]
        unit = {"units": udunits(quantity["unit"])}
        attributes = {"long_name": quantity["long_name"], **unit, **_place(trace)}
        attributes |= {"ancillary_variables": "status"} | frame.attributes
        if times[name].name == STEP_TIMES:
            attributes["coordinates"] = f"{frame.attributes.get('coordinates', '')} {STEP_TIMES}"
            attributes["coordinates"] = attributes["coordinates"].strip()
        time = times[name].dimensions[-1], times[name].shape[-1]
        yield frame.samples(name, *time, precision, attributes)
        for column, end in enumerate(("minimum", "maximum")):
            values = simulations.extremes[name][:, column]
            attributes = {"long_name": f"{end} {quantity['long_name']}", **unit, **_place(trace)}
            attributes["cell_methods"] = f"time: {end}"
            yield frame.variable(f"{name}_{end[:3]}", values, np.float64, attributes)


def _feature_variables(
    plan: Mapping[str, Any], simulations: Simulations, frame: Frame
) -> Iterator[Variable]:
    for place, wanted in plan["record"].get("features", {}).items():
        for feature in wanted["names"]:
            name = f"{place}_{feature}"
            attributes = {
                "long_name": plan["quantities"][name]["long_name"],
                "units": udunits(plan["quantities"][name]["unit"]),
                **_place(wanted),
                "ancillary_variables": "status",
            }
            yield frame.variable(name, simulations.features[name], np.float64, attributes)


def _times(plan: Mapping[str, Any], simulations: Simulations, frame: Frame) -> dict[str, Variable]:
    """Return the time coordinate of each trace; one for all where their intervals are equal.

    Traces of every step share one as well, in which each simulation has its own times.
    """
    longest = np.max(plan["tstop"])
    traces = plan["record"]["traces"]
    on_grid = {name: trace for name, trace in traces.items() if trace["every"] != "step"}
    samples = {
        # What was recorded counts, should it ever be more than the protocol says.
        name: simulations.traces[name]["length"].max(initial=samples_of(longest, trace["every"]))
        for name, trace in on_grid.items()
    }
    one = len({trace["every"] for trace in on_grid.values()}) == 1
    times = {
        name: _time("time", max(samples.values()), trace["every"])
        if one
        else _time(f"time_{name}", samples[name], trace["every"])
        for name, trace in on_grid.items()
    }
    if len(on_grid) == len(traces):
        return times
    steps = int(simulations.traces[STEP_TIMES]["length"].max(initial=1))
    attributes = {"long_name": "time", "units": "ms"}
    of_steps = frame.samples(STEP_TIMES, STEPS, steps, np.dtype(np.float64), attributes)
    return {name: times.get(name, of_steps) for name in traces}


def samples_of(tstop: float, every: float) -> int:
    """Return the number of samples from 0 to `tstop` (ms) at an interval of `every` (ms)."""
    return math.floor(tstop / every + 1e-6) + 1  # 0.3 / 0.1 is 2.9999999999999996


def _time(name: str, samples: int, every: float) -> Variable:
    times = np.array([rounded(every * sample) for sample in range(samples)])
    attributes = {"long_name": "time", "units": "ms"}
    return Variable(name, (name,), times.shape, times.dtype, attributes, times)


def _spike_variables(
    sites: Mapping[str, Mapping[str, Any]], simulations: Simulations, frame: Frame
) -> Iterator[Variable]:
    for name, site in sites.items():
        where = f"at {_place(site)['at']}"
        names = f"n_spikes_{name}", f"spike_times_{name}", f"spike_{name}"
        told = f"number of spikes {where}", _spike_times(where, site)
        yield from _ragged_variables(names, *told, simulations.spikes[name], frame)
        if name in simulations.lower:
            where += f", counted {MARGIN:g} mV lower"
            names = f"n_lower_{name}", f"lower_times_{name}", f"lower_{name}"
            told = f"number of spikes {where}", _spike_times(where, site)
            yield from _ragged_variables(names, *told, simulations.lower[name], frame)


def _spike_times(where: str, site: Mapping[str, Any]) -> dict[str, Any]:
    return {"long_name": f"spike times {where}", "units": "ms", **_place(site)}


def _value_variables(
    quantities: Mapping[str, Mapping[str, str]], simulations: Simulations, frame: Frame
) -> Iterator[Variable]:
    for feature, extents in simulations.many.items():
        unit, long_name = (quantities[feature][name] for name in ("unit", "long_name"))
        attributes = {"long_name": long_name, "units": udunits(unit)}
        number = f"number of values of {long_name}"
        yield from _ragged_variables(value_names(feature), number, attributes, extents, frame)


def _ragged_variables(
    names: tuple[str, str, str],
    number: str,
    attributes: Mapping[str, Any],
    extents: np.ndarray,
    frame: Frame,
) -> Iterator[Variable]:
    """Yield counts and values of ragged rows, such as trains; `names` are those of both, and of
    their dimension."""
    counts, values, dimension = names
    total = int(extents["length"].sum())
    yield frame.variable(
        counts,
        extents["length"],
        np.int32,
        {"long_name": number, "units": "1"}
        | {"sample_dimension": dimension, "ancillary_variables": "status"},
    )
    yield Variable(
        values,
        (dimension,),
        (total,),
        np.dtype(np.float64),
        dict(attributes),
        options={"chunks": (min(total, _TIMES_CHUNK),), **FILTERS} if total else {},
    )


def _simulation_variables(simulations: Simulations, frame: Frame) -> Iterator[Variable]:
    flags = {
        "long_name": "how the simulation ended",
        "flag_values": np.arange(len(STATUSES), dtype=np.int8),
        "flag_meanings": " ".join(STATUSES),
    }
    yield frame.variable("status", simulations.status, np.int8, flags)
    messages = [_printable(message) for message in simulations.message]
    yield frame.variable("message", messages, TEXT, {"long_name": "what went wrong"})
    index = {"long_name": "index of the simulation in the sweep"}
    yield frame.variable("index", simulations.index, np.int32, index)
    digits = np.frombuffer("".join(simulations.keys).encode(), "S1")
    yield Variable(
        "key",
        (*frame.dimensions, KEY_DIGITS),
        (*frame.shape, 64),
        digits.dtype,
        {"long_name": "key of the simulation in the store", "_Encoding": "utf-8"}
        | frame.attributes,
        digits.reshape(*frame.shape, 64),
    )


def _printable(message: str) -> str:
    """Return a message that NetCDF can hold: no NUL, no half of a surrogate pair."""
    return message.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _place(recorded: Mapping[str, Any]) -> dict[str, str]:
    if "electrode" in recorded:
        return {"at": electrode_text(recorded["electrode"])}
    if "connection" in recorded:
        return {"at": f"{recorded['connection']}[{recorded['index']}]"}
    return {"at": location_text(recorded["at"]) if "at" in recorded else recorded["process"]}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
