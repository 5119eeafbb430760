"""What an axis sets: from `pyramidal.all.kdr.gkbar` to the places in the document."""

import re

from spikesweep.document.axes.cell_targets import cell_target
from spikesweep.document.axes.target import Asked, Target, together
from spikesweep.document.connections import weights_of
from spikesweep.document.copies import entries
from spikesweep.document.known import KnownModel
from spikesweep.document.parameters import Parameters
from spikesweep.document.waveforms import played_unit
from spikesweep.errors import UserError, listing, suggest
from spikesweep.sweepfile.quantities import split_copy

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


def find_target(text: str, document: dict, model: KnownModel, place: str) -> Target:
    """Return what a target's text names; may add rules to the document to make room for it.

    Adding rules moves others, so paths hold only until another target is looked for; a target
    that was found once adds nothing when it is looked for again.

    Raises:
        UserError: the model has nothing of that name.
    """
    head, *parts = text.strip().split(".")
    if head == "protocol" and parts[1:] and parts[0] in ("processes", "connections", "play"):
        head, *parts = parts[1:]
    asked = Asked((head,), parts, place)
    if head == "protocol":
        return _protocol_target(asked, document, model)
    if head == "parameters" and model.parameters.values:
        return _parameter_target(asked, model.parameters)
    name, _ = split_copy(head)
    protocol = document["protocol"]
    if name in model.cells:
        return _target_of_cells(asked, document["cells"], model)
    if name in model.processes:
        return _target_of_processes(asked, protocol, model)
    if head in protocol["connections"]:
        return _connection_target(asked, protocol["connections"][head], model)
    waveforms = protocol.get("play", {})
    played = [wave for wave in waveforms if head in (wave, split_copy(wave)[0])]
    if played:
        return together(
            _waveform_target(asked.at("protocol", "play", wave), waveforms[wave], model)
            for wave in played
        )
    parameters = ["parameters"] if model.parameters.values else []
    known = ["protocol", *parameters, *model.cells, *model.processes]
    known += [*protocol["connections"], *waveforms]
    raise UserError(
        f'{place}: "{text}": the model has no "{head}"{suggest(head, known)}; '
        f"expected a target that begins with one of: {listing(known)}"
    )


def _target_of_cells(asked: Asked, cells: dict, model: KnownModel) -> Target:
    model.cells_meant(asked.owner, asked.place)
    return together(
        cell_target(asked.at("cells", entry), cells[entry], model)
        for entry in entries(cells, asked.owner)
    )


def _target_of_processes(asked: Asked, protocol: dict, model: KnownModel) -> Target:
    model.processes_meant(asked.owner, asked.place)
    _refuse_played(asked, protocol.get("play", {}))
    processes = protocol["processes"]
    return together(
        _process_target(asked.at("protocol", "processes", entry), processes[entry], model)
        for entry in entries(processes, asked.owner)
    )


def _refuse_played(asked: Asked, waveforms: dict) -> None:
    for name, waveform in waveforms.items():
        process, variable = waveform["into"].get("process", ""), waveform["into"]["variable"]
        if variable == asked.quantity and asked.owner in (process, split_copy(process)[0]):
            raise UserError(
                f"{asked.place}: {name} is played into {asked.text}, so the axis would set nothing"
            )


def _protocol_target(asked: Asked, document: dict, model: KnownModel) -> Target:
    protocol, parts = document["protocol"], asked.parts
    if parts[:1] == ["globals"] and len(parts) == 2:
        parameter = model.catalogue.global_parameter(parts[1], asked.place)
        protocol["globals"].setdefault(parts[1], parameter.default or 0.0)
        return Target((("protocol", *parts),), parameter.unit, parts[1])
    if parts == ["seed"]:
        document.setdefault("seed", 0)
        return Target((("seed",),), "", "seed")
    if parts == ["settle"]:
        protocol.setdefault("settle", 0.0)
    known = {
        name: quantity
        for name, quantity in PROTOCOL_QUANTITIES.items()
        if name.partition(".")[0] in {"settle", *protocol}
    }
    name = asked.one_of([*known, "seed", "globals.<name>"])
    return Target((("protocol", *parts),), *known[name])


def _parameter_target(asked: Asked, parameters: Parameters) -> Target:
    name = asked.one_of(parameters.units)
    if name not in parameters.used:
        raise UserError(
            f"{asked.place}: no expression of the model speaks of parameters.{name}, so the axis "
            f"would set nothing; expected an expression with {name} in it"
        )
    return Target((("parameters", name),), parameters.units[name], name)


def _process_target(asked: Asked, process: dict, model: KnownModel) -> Target:
    mechanism = model.mechanism(asked.owner)
    name, element = _element(asked.quantity)
    parameter = model.catalogue.number_or_array(mechanism, name, asked.place)
    if (element is not None) != (parameter.size > 1) or (element or 0) >= parameter.size:
        known = [f"{name}[{i}]" for i in range(parameter.size)] if parameter.size > 1 else [name]
        raise UserError(
            f'{asked.place}: "{asked.quantity}" of {asked.owner}; expected {" or ".join(known)}'
        )
    path = (*asked.path, "parameters", name)
    if parameter.size == 1:
        process["parameters"].setdefault(name, parameter.default)
    else:
        process["parameters"].setdefault(name, [parameter.default] * parameter.size)
        path = (*path, element)
    return Target((path,), parameter.unit, f"{asked.quantity} of {asked.owner}")


def _element(text: str) -> tuple[str, int | None]:
    """Split `amp[1]` into name and place; a plain name has no place."""
    match = re.fullmatch(r"(.*)\[(\d+)\]", text)
    return (match[1], int(match[2])) if match else (text, None)


def _waveform_target(asked: Asked, waveform: dict, model: KnownModel) -> Target:
    unit, head = played_unit(waveform["into"], model, asked.place), asked.owner
    if "csv" in waveform:
        path = (*asked.path, "csv")
        known = {"csv": Target((path,), unit, f"waveform of {head}", is_number=False)}
    else:
        known = {
            name: Target(((*asked.path, "noise", name),), unit_of, f"{name} of {head}")
            for name, unit_of in {"mean": unit, "sd": unit, "tau": "ms"}.items()
            if name in waveform.get("noise", {})
        }
    return known[asked.one_of(known)]


def _connection_target(asked: Asked, connection: dict, model: KnownModel) -> Target:
    head, path = asked.owner, ("protocol", "connections", asked.owner)
    weights = weights_of(connection["to"], model, asked.place)
    known = {
        name: Target(((*path, name),), unit, f"{name} of {head}")
        for name, unit in CONNECTION_UNITS.items()
        if name in connection
    }
    if isinstance(connection.get("pattern"), dict):
        for name in connection["pattern"].keys() - {"pairs"}:
            known[name] = Target(((*path, "pattern", name),), "", f"{name} of {head}")
    if isinstance(connection["weight"], list):
        for i, weight in enumerate(weights[: len(connection["weight"])]):
            known[f"weight[{i}]"] = Target(
                ((*path, "weight", i),), weight.unit, f"{weight.name} of {head}"
            )
    else:
        known["weight"] = Target(((*path, "weight"),), weights[0].unit, f"weight of {head}")
    return known[asked.one_of(known)]
