"""Protocol and recordings of a sweep file as the simulation document writes them."""

from dataclasses import dataclass
from typing import Any

from spikesweep.document.catalogue import Catalogue
from spikesweep.document.code_models import is_process
from spikesweep.document.copies import cell_counts, copies_meant, each_copy, process_counts
from spikesweep.document.features import feature_unit
from spikesweep.document.shape import Shape
from spikesweep.errors import UserError, listing, suggest
from spikesweep.mechanisms.mechanism import Variable
from spikesweep.spec.model import Process, Protocol
from spikesweep.spec.networks import Connection
from spikesweep.spec.quantities import Site, parse_site, split_copy
from spikesweep.spec.recording import Features, Record, SpikeDetector, Trace
from spikesweep.units import to_number

STEPS_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Quantity:
    """What a trace holds: its unit in NEURON's spelling and its name for labels."""

    unit: str
    long_name: str


def protocol_document(
    protocol: Protocol, shapes: dict[str, Shape], catalogue: Catalogue, place: str
) -> dict[str, Any]:
    """Return the protocol's document, but for its connections.

    Raises:
        UserError: an unknown place, point process, parameter or GLOBAL, a wrong unit.
    """
    for name in protocol.globals:
        catalogue.global_parameter(name, f"{place}.globals")
    return {
        "celsius": protocol.celsius,
        "v_init": protocol.v_init,
        "tstop": protocol.tstop,
        **_steps(protocol),
        "globals": dict(protocol.globals),
        "processes": {
            name: _process(process, shapes, catalogue, f"{place}.processes.{name}")
            for name, process in protocol.processes.items()
        },
    }


def _steps(protocol: Protocol) -> dict[str, Any]:
    steps = {"cvode": protocol.cvode.model_dump()} if protocol.cvode else {"dt": protocol.dt}
    return steps | ({"settle": protocol.settle} if protocol.settle else {})


def _process(process: Process, shapes: dict[str, Shape], catalogue: Catalogue, place: str) -> dict:
    mechanism = catalogue.point(process.type, f"{place}.type")
    document: dict[str, Any] = {"type": process.type}
    if mechanism.kind == "point":
        if process.at is None:
            raise UserError(f"{place}.at: this key is required; {process.type} stands somewhere")
        document["at"] = check_site(parse_site(process.at), shapes, f"{place}.at").location
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
            value, catalogue.number_or_array(mechanism, name, place), f"{place}.{name}"
        )
        for name, value in process.__pydantic_extra__.items()
    }
    return document


def _parameter(value: Any, variable: Variable, place: str) -> float | list[float]:
    if variable.size == 1:
        return to_number(value, variable.unit, place)
    if not isinstance(value, list) or len(value) != variable.size:
        raise UserError(f"{place}: {value!r}; expected a list of {variable.size} values")
    return [to_number(one, variable.unit, f"{place}[{i}]") for i, one in enumerate(value)]


def event_source(
    text: str,
    processes: dict[str, dict],
    shapes: dict[str, Shape],
    catalogue: Catalogue,
    place: str,
) -> str | list:
    """Return what events come from: the name of a process that makes them, or the location at
    which the potential crosses a threshold.

    Raises:
        UserError: neither is there, or a process that makes no events.
    """
    if is_process(text, shapes):  # of a cell's own code, which may make events or not
        return text
    name, _ = split_copy(text)
    if name not in processes:
        try:
            site = parse_site(text)
        except ValueError as error:
            named = suggest(text, processes)
            raise UserError(f"{place}: {error}, or a process that makes events{named}") from None
        if site.variable:
            raise UserError(f'{place}: "{text}" names a variable; expected a place alone')
        return check_site(site, shapes, place).location
    copies_meant(text, process_counts(processes, shapes), "process", place)
    mechanism = catalogue.point(processes[name]["type"], place)
    if mechanism.kind != "artificial" and "net_event" not in mechanism.source:
        raise UserError(
            f"{place}: {text}, of type {mechanism.name}, makes no events; expected an "
            "artificial cell, such as NetStim, or a place whose potential crosses a threshold"
        )
    return text


def refuse_threshold(asking: Connection | SpikeDetector, source: str, place: str) -> None:
    """Refuse what only a crossing of a threshold has."""
    for name in ("threshold", "times"):
        if name in asking.model_fields_set:
            raise UserError(f"{place}.{name}: {source} makes events by itself; leave it out")


def check_site(site: Site, shapes: dict[str, Shape], place: str) -> Site:
    """Return the site; refuses one whose cell or section the model has not."""
    copies_meant(site.cell, cell_counts(shapes), "cell", place)
    shape = shapes[split_copy(site.cell)[0]]
    if not shape.has((site.section, site.index)):
        names = {name for name, _ in shape.regions}
        asked = f"{site.section}[{site.index}]" if site.section in names else site.section
        raise UserError(
            f'{place}: {site.cell} has no section "{asked}"'
            f"{suggest(site.section, names - {site.section})} (it has: {shape.describe()})"
        )
    return site


def record_document(
    record: Record,
    processes: dict[str, dict],
    shapes: dict[str, Shape],
    inserted: dict[str, set[str]],
    catalogue: Catalogue,
    place: str,
) -> tuple[dict[str, Any], dict[str, Quantity]]:
    """Return the document of what is recorded, copy by copy, and what each trace holds.

    Args:
        inserted: cell -> the mechanisms inserted anywhere in it.
    """
    counts = {**process_counts(processes, shapes), **cell_counts(shapes)}
    traces, quantities = {}, {}
    for name, trace in record.traces.items():
        for index, of in each_copy(trace.of, counts):
            copied = trace.model_copy(update={"of": of})
            traces[name + index], quantities[name + index] = _trace(
                copied, processes, shapes, inserted, catalogue, f"{place}.traces.{name}.of"
            )
    spikes = {
        name + index: _detector(
            detector.model_copy(update={"at": at}),
            processes,
            shapes,
            catalogue,
            f"{place}.spikes.{name}",
        )
        for name, detector in record.spikes.items()
        for index, at in each_copy(detector.at, counts)
    }
    document = {"precision": record.precision, "traces": traces, "spikes": spikes}
    features = {}
    for name, wanted in record.features.items():
        for index, of in each_copy(wanted.of, counts):
            where = f"{place}.features.{name}"
            source, quantity = _trace(
                Trace(of=of, every=wanted.every),
                processes,
                shapes,
                inserted,
                catalogue,
                f"{where}.of",
            )
            if quantity.unit != "mV":
                raise UserError(
                    f"{where}.of: {of} is in {quantity.unit or 'no unit'}; expected a potential, "
                    "in mV"
                )
            features[name + index] = source | _features(wanted)
            for feature in dict.fromkeys(wanted.names):
                unit = feature_unit(feature, f"{where}.names")
                quantities[f"{name}{index}_{feature}"] = Quantity(unit, feature.replace("_", " "))
    return document | ({"features": features} if features else {}), quantities


def _features(wanted: Features) -> dict[str, Any]:
    window = {"window": list(wanted.window)} if wanted.window else {}
    return {"names": list(dict.fromkeys(wanted.names)), "threshold": wanted.threshold, **window}


def _trace(
    trace: Trace, processes: dict, shapes: dict, inserted: dict, catalogue: Catalogue, place: str
) -> tuple[dict, Quantity]:
    head, _, variable = trace.of.partition(".")
    name, _ = split_copy(head)
    if name in processes and name not in shapes:
        copies_meant(head, process_counts(processes, shapes), "process", place)
        mechanism = catalogue.point(processes[name]["type"], place)
        unit = catalogue.recordable(mechanism, variable, place)
        source = {"process": head, "variable": variable}
        return source | {"every": trace.every}, Quantity(unit, f"{variable} of {head}")
    process, _, variable = trace.of.strip().rpartition(".")
    if is_process(process, shapes):
        unit = catalogue.unit_by_name(variable, place, recorded=True)
        source = {"process": process, "variable": variable, "every": trace.every}
        return source, Quantity(unit or "", f"{variable} of {process}")
    try:
        site = parse_site(trace.of)
    except ValueError as error:
        raise UserError(f"{place}: {error}, or of a process: {listing(processes)}") from None
    check_site(site, shapes, place)
    if site.variable is None:
        raise UserError(
            f'{place}: "{trace.of}" names no variable; expected one, such as "{trace.of}.v"'
        )
    name, _ = split_copy(site.cell)
    variable, quantity = _range_variable(site.variable, inserted[name], catalogue, place)
    return {"at": site.location, "variable": variable, "every": trace.every}, quantity


def _range_variable(
    text: str, inserted: set[str], catalogue: Catalogue, place: str
) -> tuple[str, Quantity]:
    if text == "v":
        return "v", Quantity("mV", "membrane potential")
    if "." in text:
        name, _, variable = text.partition(".")
        if name not in inserted:
            raise UserError(
                f'{place}: "{name}" is not inserted in this cell{suggest(name, inserted)} '
                f"(inserted: {listing(inserted)})"
            )
        unit = catalogue.recordable(catalogue.density(name, place), variable, place)
        return text, Quantity(unit, f"{variable} of {name}")
    unit = catalogue.ion_variable(text, inserted, place)
    return text, Quantity(unit, text)


def _detector(
    detector: SpikeDetector, processes: dict, shapes: dict, catalogue: Catalogue, place: str
) -> dict:
    source = event_source(detector.at, processes, shapes, catalogue, f"{place}.at")
    if isinstance(source, str):
        refuse_threshold(detector, source, place)
        return {"process": source}
    return {"at": source, "threshold": detector.threshold, "times": detector.times}


def check_grid(every: float, dt: float, place: str) -> None:
    """Refuse a recording interval that is no multiple of the time step."""
    steps = every / dt
    if steps < 1 - STEPS_TOLERANCE or abs(steps - round(steps)) > STEPS_TOLERANCE * steps:
        raise UserError(
            f"{place}: {every:g} ms is no multiple of the time step {dt:g} ms; "
            f"expected one, such as {max(1, round(steps)) * dt:g} ms"
        )
