"""What an axis sets: from `pyramidal.all.kdr.gkbar` to a place in the document."""

from typing import Any

from spikesweep.document.axes.cell_targets import cell_target
from spikesweep.document.axes.slots import OF_ONE_SIMULATION
from spikesweep.document.axes.target import (
    X_OF_LOCATION,
    Anew,
    Asked,
    At,
    RecordedPlace,
    Room,
    Target,
)
from spikesweep.document.axes.targets_by_name import is_one_segment, target_by_name
from spikesweep.document.connections import weights_of
from spikesweep.document.copies import entries
from spikesweep.document.known import KnownModel
from spikesweep.document.parameters import Parameters
from spikesweep.document.waveforms import waveform_unit
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.distances import DISTANCE
from spikesweep.language.names import base, is_by_distance, join, location_text, split, split_parts

PROTOCOL_QUANTITIES = {  # unit, name for labels
    "celsius": ("degC", "temperature"),
    "v_init": ("mV", "initial membrane potential"),
    "tstop": ("ms", "duration"),
    "dt": ("ms", "time step"),
    "settle": ("ms", "time to settle"),
    "cvode.atol": ("", "absolute tolerance"),
    "cvode.rtol": ("", "relative tolerance"),
}
CONNECTION_UNITS = {"threshold": "mV", "delay": "ms"}

_SPOKEN = {"amp": "amplitude", "dur": "duration"}  # as labels of figures say it


def resolve(
    text: str, document: doc.Document, model: KnownModel, scales: bool, place: str
) -> Target:
    """Return what a target's text means. It changes nothing: `make_room` does.

    Args:
        scales: whether the axis scales what stands there, as a drug does.

    Raises:
        UserError: the model has nothing of that name.
    """
    head, *parts = split_parts(text.strip())
    if head == "protocol" and parts[1:] and parts[0] in OF_ONE_SIMULATION:
        head, *parts = parts[1:]
    protocol = document["protocol"]
    if head == "protocol":
        return _protocol_target(Asked((head,), parts, place), protocol, model)
    if head == "parameters" and model.parameters.values:
        return _parameter_target(Asked((head,), parts, place), model.parameters)
    if base(head) in model.cells:
        model.cells_meant(head, place)
        asked, cell = Asked(("cells", head), parts, place), document["cells"][base(head)]
        if "sources" in cell or is_one_segment(asked):
            return target_by_name(asked, cell, model, scales)
        return cell_target(asked, cell, model)
    if base(head) in model.processes:
        model.processes_meant(head, place)
        asked = Asked(("protocol", "processes", head), parts, place)
        return _process_target(asked, protocol, model)
    if head in protocol["connections"]:
        asked = Asked(("protocol", "connections", head), parts, place)
        return _connection_target(asked, protocol["connections"][head], model)
    junctions = protocol.get("gap_junctions", {})
    if head in junctions:
        asked = Asked(("protocol", "gap_junctions", head), parts, place)
        return Target(asked.path, At((asked.one_of(["g"]),)), "uS", f"conductance of {head}")
    waveforms = protocol.get("play", {})
    if played := entries(waveforms, head):
        asked = Asked(("protocol", "play", head), parts, place)
        return _waveform_target(asked, waveforms[played[0]], model)
    if head == "record":
        return _recorded_target(Asked((head,), parts, place), document["record"])
    if head in model.electrodes:
        raise UserError(
            f'{place}: "{text}": an electrode is moved by one of model.parameters; expected '
            f"its name in protocol.electrodes.{head}, and `sets: parameters.<name>`"
        )
    parameters = ["parameters"] if model.parameters.values else []
    known = ["protocol", "record", *parameters, *model.cells, *model.processes]
    known += [*protocol["connections"], *junctions, *waveforms]
    raise UserError(
        f'{place}: "{text}": the model has no "{head}"{suggest(head, known)}; '
        f"expected a target that begins with one of: {listing(known)}"
    )


def _protocol_target(asked: Asked, protocol: doc.Protocol, model: KnownModel) -> Target:
    parts = asked.parts
    if parts[:1] == ["globals"] and len(parts) == 2:
        parameter = model.catalogue.global_parameter(parts[1], asked.place)
        room = Anew(("protocol", *parts), parameter.default or 0.0)
        return Target((), room, parameter.unit, parts[1])
    if parts == ["seed"]:
        return Target((), Anew(("seed",), 0), "", "seed")
    known = {
        name: quantity
        for name, quantity in PROTOCOL_QUANTITIES.items()
        if name.partition(".")[0] in {"settle", *protocol}
    }
    unit, long_name = known[asked.one_of([*known, "seed", "globals.<name>"])]
    # Only `settle` may be left out.
    return Target((), Anew(("protocol", *parts), 0.0), unit, long_name)


def _parameter_target(asked: Asked, parameters: Parameters) -> Target:
    name = asked.one_of(parameters.units)
    if name not in parameters.used:
        raise UserError(
            f"{asked.place}: no expression of the model speaks of parameters.{name}, so the axis "
            f"would set nothing; expected an expression with {name} in it"
        )
    return Target((), At(("parameters", name)), parameters.units[name], name)


def _process_target(asked: Asked, protocol: doc.Protocol, model: KnownModel) -> Target:
    _refuse_played(asked, protocol.get("play", {}))
    mechanism = model.mechanism_of(asked.owner)
    name, element = split(asked.quantity)
    at = protocol["processes"][base(asked.owner)].get("at")
    if name == DISTANCE and name not in mechanism.parameters and at is not None:
        if not is_by_distance(at):
            raise UserError(
                f"{asked.place}: {asked.owner} lies at {location_text(at)}, which is found by no "
                f"distance; expected a place such as {at[0]}.{at[1]}(distance=100)"
            )
        return _place_target(asked.path, At(("at", X_OF_LOCATION)), asked.owner)
    parameter = model.catalogue.number_or_array(mechanism, name, asked.place)
    if (element is not None) != (parameter.size > 1) or (element or 0) >= parameter.size:
        elements = range(parameter.size) if parameter.size > 1 else [None]
        known = [join(name, i) for i in elements]
        raise UserError(
            f'{asked.place}: "{asked.quantity}" of {asked.owner}; expected {" or ".join(known)}'
        )
    left_out = parameter.default if parameter.size == 1 else [parameter.default] * parameter.size
    room = Anew(("parameters", name), left_out, element)
    spoken = _SPOKEN.get(asked.quantity, asked.quantity)
    return Target(asked.path, room, parameter.unit, f"{spoken} of {asked.owner}")


def _place_target(owner: tuple[str, ...], room: Room, name: str) -> Target:
    return Target(owner, room, "um", f"path distance of {name}", is_distance=True)


def _refuse_played(asked: Asked, waveforms: dict[str, doc.Waveform]) -> None:
    for name, waveform in waveforms.items():
        into = waveform["into"]
        process = str(into.get("process", ""))
        if into["variable"] == asked.quantity and asked.owner in (process, base(process)):
            raise UserError(
                f"{asked.place}: {name} is played into {asked.text}, so the axis would set nothing"
            )


def _waveform_target(asked: Asked, waveform: doc.Waveform, model: KnownModel) -> Target:
    unit, head = waveform_unit(waveform, model, asked.place), asked.owner
    if asked.quantity == DISTANCE and is_by_distance(waveform["into"].get("at")):
        return _place_target(asked.path, At(("into", "at", X_OF_LOCATION)), head)
    if "csv" in waveform:
        asked.one_of(["csv"])
        return Target(asked.path, At(("csv",)), unit, f"waveform of {head}", is_number=False)
    units = {"mean": unit, "sd": unit, "tau": "ms"}
    name = asked.one_of([name for name in units if name in waveform.get("noise", {})])
    return Target(asked.path, At(("noise", name)), units[name], f"{name} of {head}")


def _recorded_target(asked: Asked, record: doc.Record) -> Target:
    """Return `record.spikes.soma.threshold`, or that of features of a waveform; or the distance at
    which something is recorded, `record.traces.v.distance`."""
    known: dict[str, tuple[str, str, str]] = {}
    kinds: dict[str, Any] = {
        kind: record.get(kind, {}) for kind in ("traces", "spikes", "features")
    }
    for kind, recorded in kinds.items():
        for entry, one in recorded.items():
            is_measure = kind == "features" and "threshold" not in one
            for name in (entry, base(entry)):
                if "threshold" in one:
                    known[f"{kind}.{name}.threshold"] = kind, name, "threshold"
                if is_by_distance(one.get("at")) and not {"to", "gating"} & {*one}:
                    written = "measures" if is_measure else kind
                    known[f"{written}.{name}.{DISTANCE}"] = kind, name, DISTANCE
    kind, name, what = known[asked.one_of(known)]
    if what == DISTANCE:
        return _place_target((), RecordedPlace(kind, name), name)
    return Target(("record", kind, name), At((what,)), "mV", f"{what} of {name}")


def _connection_target(asked: Asked, connection: doc.Connection, model: KnownModel) -> Target:
    head = asked.owner
    weights = weights_of(connection["to"], model, asked.place)
    known: dict[str, tuple[Any, ...]] = {  # path there, unit, name
        name: ((name,), unit, name) for name, unit in CONNECTION_UNITS.items() if name in connection
    }
    if asked.quantity == DISTANCE and is_by_distance(connection["from"]):
        return _place_target(asked.path, At(("from", X_OF_LOCATION)), head)
    pattern = connection.get("pattern")
    if isinstance(pattern, dict):
        for name in pattern.keys() - {"pairs"}:
            known[name] = (("pattern", name), "", name)
    if isinstance(connection["weight"], list):
        for i, weight in enumerate(weights[: len(connection["weight"])]):
            known[join("weight", i)] = (("weight", i), weight.unit, weight.name)
    else:
        known["weight"] = (("weight",), weights[0].unit, "weight")
    path, unit, name = known[asked.one_of(known)]
    return Target(asked.path, At(path), unit, f"{name} of {head}")
