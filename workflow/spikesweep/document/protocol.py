"""Protocol of a sweep file as the simulation document writes it."""

from typing import Any

from spikesweep.document.known import KnownModel
from spikesweep.document.mistakes import each
from spikesweep.document.ranges import check_range
from spikesweep.document.sites import check_site
from spikesweep.document.spike_times import TIMED, times_document
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import parse_site
from spikesweep.language.units import to_number
from spikesweep.mechanisms.mechanism import Variable
from spikesweep.sweepfile.model import Process, Protocol
from spikesweep.sweepfile.yaml_words import as_written


def protocol_document(protocol: Protocol, model: KnownModel, place: str) -> doc.Protocol:
    """Return the protocol's document, but for its connections and waveforms.

    Raises:
        UserError: an unknown place, point process, parameter or GLOBAL, a wrong unit.
    """
    for name in protocol.globals:
        model.catalogue.global_parameter(name, f"{place}.globals")
    document: doc.Protocol = {
        "celsius": protocol.celsius,
        "v_init": protocol.v_init,
        "tstop": protocol.tstop,
        "globals": dict(protocol.globals),
        "processes": each(
            lambda name, process: _process(process, model, f"{place}.processes.{name}"),
            protocol.processes,
        ),
        "connections": {},
    }
    if protocol.cvode is None:
        document["dt"] = protocol.dt
    else:
        document["cvode"] = {"atol": protocol.cvode.atol, "rtol": protocol.cvode.rtol}
    if protocol.secondorder:
        document["secondorder"] = protocol.secondorder
    if protocol.settle:
        document["settle"] = protocol.settle
    if protocol.balance:
        document["balance"] = _balance(protocol.balance, model, f"{place}.balance")
    return document


def _balance(balance: list[str], model: KnownModel, place: str) -> doc.Balance:
    inserted = set().union(*(cell.inserted for cell in model.cells.values()))
    sets = []
    for text in balance:
        name, _, parameter = text.partition(".")
        if not parameter:
            raise UserError(
                f'{place}: "{text}"; expected a mechanism and a parameter of it, such as pas.e'
            )
        if name not in inserted:
            raise UserError(
                f'{place}: "{name}" is not inserted in any cell{suggest(name, inserted)} '
                f"(inserted: {listing(inserted)})"
            )
        mechanism = model.catalogue.density(name, place)
        model.catalogue.parameter(mechanism, parameter, place)
        sets.append([name, parameter])
    return {"sets": sets, "currents": model.catalogue.nonspecific_currents(inserted)}


def _process(process: Process, model: KnownModel, place: str) -> doc.Process:
    if process.type in TIMED:
        return times_document(process, model, place)
    if process.times is not None:
        raise UserError(
            f"{place}.times: {process.type} makes events of its own, if any; expected "
            f"`type: {TIMED[0]}`, which makes those of a list"
        )
    if process.spikes is not None:
        raise UserError(
            f"{place}.spikes: expected `type: {TIMED[0]}`, which makes events at the times of these"
        )
    mechanism = model.catalogue.point(process.type, f"{place}.type")
    document: doc.Process = {"type": process.type, "parameters": {}}
    if mechanism.kind == "point":
        if process.at is None:
            raise UserError(f"{place}.at: this key is required; {process.type} stands somewhere")
        document["at"] = check_site(parse_site(process.at), model, f"{place}.at").location
    elif process.at is not None:
        raise UserError(
            f"{place}.at: {process.type} is an artificial cell, which stands nowhere; leave it out"
        )
    if process.count is not None:
        if mechanism.kind == "point":
            raise UserError(
                f"{place}.count: {process.type} stands in a cell, and has as many copies as that; "
                "leave it out"
            )
        document["count"] = process.count
    document["parameters"] = {
        name: _parameter(
            value, model.catalogue.number_or_array(mechanism, name, place), f"{place}.{name}"
        )
        for name, value in process.__pydantic_extra__.items()
    }
    for name, value in document["parameters"].items():
        check_range(process.type, name, value, f"{place}.{name}")
    return document


def _parameter(value: Any, variable: Variable, place: str) -> float | list[float]:
    if variable.size == 1:
        return to_number(value, variable.unit, place)
    if not isinstance(value, list) or len(value) != variable.size:
        raise UserError(f"{place}: {as_written(value)}; expected a list of {variable.size} values")
    return [to_number(one, variable.unit, f"{place}[{i}]") for i, one in enumerate(value)]
