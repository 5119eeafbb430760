"""What an axis sets: from `pyramidal.all.kdr.gkbar` to the places in the document."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from spikesweep.document.catalogue import Catalogue
from spikesweep.document.cells import CABLE_UNITS
from spikesweep.document.connections import weights_of
from spikesweep.document.copies import cell_counts, copies_meant, entries, process_counts
from spikesweep.document.parameters import Parameters
from spikesweep.document.placement import PLACEMENT_UNITS
from spikesweep.document.rules import Leaf, inserted_in, rule_paths, rules_inserting
from spikesweep.document.shape import Shape
from spikesweep.document.waveforms import played_unit
from spikesweep.errors import UserError, listing, suggest
from spikesweep.mechanisms.mechanism import Variable
from spikesweep.spec.quantities import split_copy

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
SEGMENT_UNITS = {"nseg": "", "d_lambda": "", "max_length": "um"}
SECTION_UNITS = {"L": "um", "diam": "um", "nseg": ""}
CABLE_DEFAULTS = {"Ra": 35.4, "cm": 1.0}  # NEURON's
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Target:
    """Places in the document that take one quantity.

    unit: None where only the user's code knows it. long_name: '' where it has none but the axis's.
    is_number: false for a morphology, and for text, which is taken as it is where `is_text`.
    replaces: the mechanism whose variants it takes.
    """

    paths: tuple[Path, ...]
    unit: str | None
    long_name: str
    is_number: bool = True
    is_text: bool = False
    replaces: str = ""


def find_target(
    text: str,
    document: dict,
    shapes: dict[str, Shape],
    catalogue: Catalogue,
    parameters: Parameters,
    place: str,
) -> Target:
    """Return what a target's text names; may add rules to the document to make room for it.

    Adding rules moves others, so paths hold only until another target is looked for; a target
    that was found once adds nothing when it is looked for again.

    Raises:
        UserError: the model has nothing of that name.
    """
    head, *rest = text.strip().split(".")
    processes = document["protocol"]["processes"]
    connections = document["protocol"]["connections"]
    if (
        head == "protocol"
        and rest[:1] in (["processes"], ["connections"], ["play"])
        and len(rest) > 1
    ):
        head, *rest = rest[1:]
    if head == "protocol":
        return _protocol_target(rest, document, catalogue, place)
    if head == "parameters" and parameters.values:
        return _parameter_target(rest, parameters, place)
    name, _ = split_copy(head)
    if name in shapes:
        copies_meant(head, cell_counts(shapes), "cell", place)
        cells = document["cells"]
        return together(
            _cell_target(entry, rest, cells[entry], shapes[name], catalogue, place)
            for entry in entries(cells, head)
        )
    if name in processes:
        copies_meant(head, process_counts(processes, shapes), "process", place)
        _refuse_played(head, rest, document, place)
        return together(
            _process_target(entry, rest, processes[entry], catalogue, place)
            for entry in entries(processes, head)
        )
    if head in connections:
        weights = weights_of(connections[head]["to"], processes, catalogue, place)
        return _connection_target(head, rest, connections[head], weights, place)
    waveforms = document["protocol"].get("play", {})
    played = [name for name in waveforms if head in (name, split_copy(name)[0])]
    if played:
        return together(
            _waveform_target(name, rest, waveforms[name], document, catalogue, place)
            for name in played
        )
    known = [
        "protocol",
        *(["parameters"] if parameters.values else []),
        *shapes,
        *processes,
        *connections,
        *waveforms,
    ]
    raise UserError(
        f'{place}: "{text}": the model has no "{head}"{suggest(head, known)}; '
        f"expected a target that begins with one of: {listing(known)}"
    )


def together(targets: Iterable[Target]) -> Target:
    """Return one target of all places."""
    first, *others = targets
    return replace(first, paths=sum((target.paths for target in others), first.paths))


def _one_of(rest: list[str], known: dict, head: str, place: str) -> str:
    name = ".".join(rest)
    if name not in known:
        raise UserError(
            f'{place}: {head} has no "{name}"{suggest(name, known)}; '
            f"expected one of: {listing(known)}"
        )
    return name


def _protocol_target(rest: list[str], document: dict, catalogue: Catalogue, place: str) -> Target:
    if rest[:1] == ["globals"] and len(rest) == 2:
        parameter = catalogue.global_parameter(rest[1], place)
        document["protocol"]["globals"].setdefault(rest[1], parameter.default or 0.0)
        return Target((("protocol", "globals", rest[1]),), parameter.unit, rest[1])
    if rest == ["seed"]:
        document.setdefault("seed", 0)
        return Target((("seed",),), "", "seed")
    if rest == ["settle"]:
        document["protocol"].setdefault("settle", 0.0)
    known = {
        tuple(name.split(".")): quantity
        for name, quantity in PROTOCOL_QUANTITIES.items()
        if name.partition(".")[0] in {"settle", *document["protocol"]}
    }
    names = dict.fromkeys([*map(".".join, known), "seed", "globals.<name>"])
    path = tuple(_one_of(rest, names, "protocol", place).split("."))
    return Target((("protocol", *path),), *known[path])


def _parameter_target(rest: list[str], parameters: Parameters, place: str) -> Target:
    name = _one_of(rest, parameters.units, "parameters", place)
    if name not in parameters.used:
        raise UserError(
            f"{place}: no expression of the model speaks of parameters.{name}, so the axis would "
            f"set nothing; expected an expression with {name} in it"
        )
    return Target((("parameters", name),), parameters.units[name], name)


def _process_target(
    head: str, rest: list[str], process: dict, catalogue: Catalogue, place: str
) -> Target:
    mechanism = catalogue.point(process["type"], place)
    text = ".".join(rest)
    name, element = _element(text)
    parameter = catalogue.number_or_array(mechanism, name, place)
    if (element is not None) != (parameter.size > 1) or (element or 0) >= parameter.size:
        known = [f"{name}[{i}]" for i in range(parameter.size)] if parameter.size > 1 else [name]
        raise UserError(f'{place}: "{text}" of {head}; expected {" or ".join(known)}')
    path = ("protocol", "processes", head, "parameters", name)
    if parameter.size == 1:
        process["parameters"].setdefault(name, parameter.default)
    else:
        process["parameters"].setdefault(name, [parameter.default] * parameter.size)
        path = (*path, element)
    return Target((path,), parameter.unit, f"{text} of {head}")


def _refuse_played(head: str, rest: list[str], document: dict, place: str) -> None:
    for name, waveform in document["protocol"].get("play", {}).items():
        process, variable = waveform["into"].get("process", ""), waveform["into"]["variable"]
        if variable == ".".join(rest) and head in (process, split_copy(process)[0]):
            raise UserError(
                f"{place}: {name} is played into {head}.{'.'.join(rest)}, so the axis would set "
                "nothing"
            )


def _waveform_target(
    head: str, rest: list[str], waveform: dict, document: dict, catalogue: Catalogue, place: str
) -> Target:
    base: Path = ("protocol", "play", head)
    unit = played_unit(waveform["into"], document["protocol"]["processes"], catalogue, place)
    if "csv" in waveform:
        known = {"csv": Target(((*base, "csv"),), unit, f"waveform of {head}", is_number=False)}
    else:
        known = {
            name: Target(((*base, "noise", name),), unit_of, f"{name} of {head}")
            for name, unit_of in {"mean": unit, "sd": unit, "tau": "ms"}.items()
            if name in waveform.get("noise", {})
        }
    return known[_one_of(rest, known, head, place)]


def _element(text: str) -> tuple[str, int | None]:
    """Split `amp[1]` into name and place; a plain name has no place."""
    match = re.fullmatch(r"(.*)\[(\d+)\]", text)
    return (match[1], int(match[2])) if match else (text, None)


def _connection_target(
    head: str, rest: list[str], connection: dict, weights: tuple[Variable, ...], place: str
) -> Target:
    base: Path = ("protocol", "connections", head)
    known = {
        name: Target(((*base, name),), unit, f"{name} of {head}")
        for name, unit in CONNECTION_UNITS.items()
        if name in connection
    }
    if isinstance(connection.get("pattern"), dict):
        for name in connection["pattern"].keys() - {"pairs"}:
            known[name] = Target(((*base, "pattern", name),), "", f"{name} of {head}")
    if isinstance(connection["weight"], list):
        for i, weight in enumerate(weights[: len(connection["weight"])]):
            path = (*base, "weight", i)
            known[f"weight[{i}]"] = Target((path,), weight.unit, f"{weight.name} of {head}")
    else:
        known["weight"] = Target(((*base, "weight"),), weights[0].unit, f"weight of {head}")
    return known[_one_of(rest, known, head, place)]


def _cell_target(
    cell_name: str, rest: list[str], cell: dict, shape: Shape, catalogue: Catalogue, place: str
) -> Target:
    base: Path = ("cells", cell_name)
    if rest == ["morphology"] and "morphology" in cell:
        return Target(((*base, "morphology"),), "", "morphology", is_number=False)
    if rest and rest[0].partition("[")[0] == "spatial":
        return _spatial_target(base, rest, cell["segments"], place)
    if rest[:1] and rest[0] in PLACEMENT_UNITS:
        return placement_target(base, rest, cell, place)
    if len(rest) < 2:
        raise UserError(
            f'{place}: "{".".join([cell_name, *rest])}" is no quantity; expected '
            f"{cell_name}.<region>.<mechanism>.<parameter>, {cell_name}.<region>.Ra or "
            f"{cell_name}.morphology"
        )
    region, *what = rest
    shape.select(region, place)
    if len(what) == 1 and what[0] in SECTION_UNITS and region in cell.get("sections", {}):
        return _section_target(base, region, what[0], cell["sections"][region], place)
    stub = re.fullmatch(r"axon\[(\d+)\]", region) if isinstance(cell.get("axon"), dict) else None
    if stub and what in (["L"], ["diam"]):
        path = (*base, "axon", "stub", int(stub[1]), what[0])
        return Target((path,), SECTION_UNITS[what[0]], f"{what[0]} of {region}")
    if len(what) == 1 and what[0] in inserted_in(cell):
        return _variant_target(base, region, what[0], cell["biophysics"], shape, place)
    leaf = _leaf(what, region, catalogue, place)
    paths = rule_paths(cell["biophysics"], region, shape, leaf, place)
    if not paths:
        raise UserError(
            f"{place}: {'.'.join(what)} is set nowhere in {cell_name}.{region}, so the axis would "
            "set nothing; expected a region where the model inserts or sets it"
        )
    long_name = f"{what[-1]} of {what[0]}" if len(what) == 2 else what[0]
    return Target(tuple((*base, "biophysics", *p) for p in paths), leaf.unit, long_name)


def _variant_target(
    base: Path, region: str, mechanism: str, rules: list[dict], shape: Shape, place: str
) -> Target:
    inside, beyond = rules_inserting(rules, region, shape, mechanism, place)
    if beyond or not inside:
        what = "a rule inserts it beyond" if beyond else "no rule inserts it in"
        raise UserError(
            f"{place}: {mechanism} in {base[1]}.{region}: {what} {region}; expected a region where "
            "the rules insert it and nowhere else, so that it can be replaced there"
        )
    paths = tuple((*base, "biophysics", position, "insert", mechanism) for position in inside)
    # It goes by the axis's own name: the mechanism's is one of its values.
    return Target(paths, "", "", is_number=False, is_text=True, replaces=mechanism)


def _section_target(base: Path, name: str, what: str, section: dict, place: str) -> Target:
    if what != "nseg" and "points" in section:
        raise UserError(
            f"{place}: {what} of {name} follows from its points; expected a section with L and diam"
        )
    section.setdefault(what, 1)  # nseg, where it is left out
    path = (*base, "sections", name, what)
    return Target((path,), SECTION_UNITS[what], f"{what} of {name}")


def _spatial_target(base: Path, rest: list[str], rules: dict | list[dict], place: str) -> Target:
    """Return `spatial.d_lambda`, or `spatial[1].max_length` of a list of rules."""
    several = isinstance(rules, list)
    known = {
        f"spatial[{i}].{name}" if several else f"spatial.{name}": (i, name)
        for i, rule in enumerate(rules if several else [rules])
        for name in rule.keys() - {"in"}
    }
    i, name = known[_one_of(rest, known, base[-1], place)]
    path = (*base, "segments", i, name) if several else (*base, "segments", name)
    return Target((path,), SEGMENT_UNITS[name], name)


def placement_target(base: Path, rest: list[str], cell: dict, place: str) -> Target:
    """Return what `pyr.position.x` names; the cell must have a position."""
    part, name = rest[0], ".".join(rest[1:])
    _one_of([name], cell.get(part, {}), f"{base[1]}.{part}", place)
    return Target(((*base, part, name),), PLACEMENT_UNITS[part], f"{part} {name}")


def _leaf(what: list[str], region: str, catalogue: Catalogue, place: str) -> Leaf:
    if len(what) == 2:
        mechanism = catalogue.density(what[0], place)
        parameter = catalogue.parameter(mechanism, what[1], place)
        return Leaf(("insert", *what), parameter.unit, parameter.default)
    if len(what) == 1 and what[0] in CABLE_UNITS:
        return Leaf((what[0],), CABLE_UNITS[what[0]], CABLE_DEFAULTS[what[0]])
    if len(what) == 1:
        return Leaf(("ions", what[0]), catalogue.ion_unit(what[0], place), None)
    raise UserError(
        f'{place}: "{".".join(what)}" of {region}; expected <mechanism>.<parameter>, Ra, cm or '
        "an ion's potential or concentration"
    )


def scaled(base: float | str, factor: float) -> float | str:
    """Return a value, or an expression, times a factor."""
    if factor == 1.0:
        return base
    return f"{factor!r} * ({base})" if isinstance(base, str) else base * factor
