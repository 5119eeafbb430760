"""A cell of a sweep file as the simulation document writes it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from spikesweep.document.known import KnownModel
from spikesweep.document.parameters import Parameters
from spikesweep.document.ranges import CABLE, check_range
from spikesweep.document.shape import Shape
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.expressions import SECTION_VARIABLES
from spikesweep.language.names import REGIONS, split
from spikesweep.mechanisms.mechanism import Mechanism
from spikesweep.sweepfile.model import (
    AnyCell,
    BiophysicsRule,
    Cell,
    LiteralSection,
    Region,
    Segments,
    SegmentsRule,
    Stub,
)

CABLE_UNITS = {"Ra": "ohm*cm", "cm": "uF/cm**2"}


def cell_document(cell: Cell, model: KnownModel, place: str) -> tuple[dict, Shape]:
    """Return a cell's document and its sections.

    Raises:
        UserError: an unknown region, section, mechanism or parameter, a wrong unit or expression.
    """
    if cell.morphology is not None:
        shape_document, shape = model.files.morphology(cell.morphology, f"{place}.morphology")
        document = {"morphology": shape_document}
        if cell.axon != "keep":
            document["axon"], shape = _axon(cell.axon, shape, f"{place}.axon")
    else:
        document = {"sections": _sections(cell.sections, f"{place}.sections")}
        shape = Shape({(name, 0): s["region"] for name, s in document["sections"].items()})
    names, shape = names_document(cell, shape, model.parameters, place)
    document |= names
    document["segments"] = _segments(cell.segments, shape, model.parameters, f"{place}.spatial")
    document["biophysics"] = biophysics_document(
        cell.biophysics, shape, model, f"{place}.biophysics"
    )
    return document, shape


def names_document(
    cell: AnyCell, shape: Shape, parameters: Parameters, place: str
) -> tuple[dict[str, Any], Shape]:
    """Return a cell's named regions and the origin of its distances, and a shape that knows them.

    Raises:
        UserError: a name that the cell has already or has not, or no condition.
    """
    document: dict[str, Any] = {}
    if cell.regions:
        document["regions"] = _regions(cell.regions, shape, parameters, f"{place}.regions")
        shape = replace(shape, named=document["regions"])
    if cell.distance_from is not None:
        document["distance_from"] = _place(cell.distance_from, shape, f"{place}.distance_from")
    return document, shape


def _regions(
    regions: dict[str, Region], shape: Shape, parameters: Parameters, place: str
) -> dict[str, dict]:
    documents: dict[str, dict] = {}
    for name, region in regions.items():
        if name in shape.names:
            raise UserError(f"{place}.{name}: the cell has this region or section already")
        replace(shape, named=documents).union(region.in_, f"{place}.{name}.in")
        documents[name] = {"in": list(region.in_)}
        if region.where is not None:
            where = f"{place}.{name}.where"
            documents[name]["where"] = parameters.check(region.where, SECTION_VARIABLES, where)
    return documents


def _axon(axon: str | Stub, shape: Shape, place: str) -> tuple[str | dict, Shape]:
    """Return what becomes of the axon as documents write it, and the sections that are left."""
    left = {s: region for s, region in shape.regions.items() if region != "axon"}
    if isinstance(axon, str):
        return axon, Shape(left)
    parent = _place(axon.parent, Shape(left), f"{place}.parent")
    stub = [cylinder.model_dump() for cylinder in axon.stub]
    added = {("axon", i): "axon" for i in range(len(stub))}
    return {"stub": stub, "parent": parent}, Shape(left | added)


def _segments(
    spatial: Segments | list[SegmentsRule], shape: Shape, parameters: Parameters, place: str
) -> dict | list[dict]:
    if isinstance(spatial, Segments):
        return _segment_rule(spatial, parameters, place)
    for i, rule in enumerate(spatial):
        shape.union(rule.in_, f"{place}[{i}].in")
    return [
        {"in": list(rule.in_), **_segment_rule(rule, parameters, f"{place}[{i}]")}
        for i, rule in enumerate(spatial)
    ]


def _segment_rule(rule: Segments, parameters: Parameters, place: str) -> dict:
    if isinstance(rule.nseg, str):
        return {"nseg": parameters.check(rule.nseg, SECTION_VARIABLES, f"{place}.nseg")}
    return rule.rule


def _place(text: str, shape: Shape, place: str) -> list:
    """Return a place of a cell's own as documents write it: [section, index, x]."""
    section, x = _connection(text, place)
    chosen = shape.select(section, place)
    if len(chosen) > 1:
        raise UserError(
            f'{place}: "{text}" means {len(chosen)} sections; expected one, such as '
            f'"{section}[0]({x:g})"'
        )
    name, index = split(section)
    return [*next(iter(chosen), (name, index or 0)), x]  # of a cell that code builds none is known


def _sections(sections: dict[str, LiteralSection], place: str) -> dict[str, dict]:
    documents: dict[str, dict] = {}
    for name, section in sections.items():
        region = section.region or (name if name in REGIONS else None)
        size = section.model_dump(include={"L", "diam", "points"}, exclude_none=True)
        documents[name] = {**size, "region": region}
        if section.nseg is not None:
            documents[name]["nseg"] = section.nseg
        if section.parent is not None:
            parent, x = _connection(section.parent, f"{place}.{name}.parent")
            if parent not in documents:
                raise UserError(
                    f'{place}.{name}.parent: no section above it is named "{parent}"'
                    f"{suggest(parent, documents)}; write parents before children"
                )
            documents[name]["parent"] = [parent, x]
    roots = [name for name, section in documents.items() if "parent" not in section]
    if len(roots) > 1:
        raise UserError(
            f"{place}: {listing(roots)} have no parent; expected one cell: "
            'connect all but one, such as "parent: soma(1)"'
        )
    return documents


def _connection(text: str, place: str) -> tuple[str, float]:
    name, _, x = text.strip().partition("(")
    try:
        position = float(x.rstrip(")")) if x.endswith(")") else -1.0
    except ValueError:
        position = -1.0
    if not 0 <= position <= 1:
        raise UserError(f'{place}: "{text}"; expected a section and a point, such as "soma(1)"')
    return name, position


def biophysics_document(
    rules: Iterable[BiophysicsRule], shape: Shape, model: KnownModel, place: str
) -> list[dict[str, Any]]:
    """Return the documents of a cell's biophysics rules.

    Raises:
        UserError: an unknown region, mechanism or parameter, a wrong unit or expression.
    """
    return [_rule(rule, shape, model, f"{place}[{i}]") for i, rule in enumerate(rules)]


def _rule(rule: BiophysicsRule, shape: Shape, model: KnownModel, place: str) -> dict[str, Any]:
    shape.union(rule.in_, f"{place}.in")
    document: dict[str, Any] = {"in": list(rule.in_)}
    for name, unit in CABLE_UNITS.items():
        value = getattr(rule, name)
        if value is not None:
            document[name] = model.parameters.resolve(value, unit, f"{place}.{name}")
            check_range(CABLE, name, document[name], f"{place}.{name}")
    if rule.insert:
        document["insert"] = {
            name: _mechanism(name, values or {}, model, f"{place}.insert.{name}")
            for name, values in rule.insert.items()
        }
    if rule.ion_style:
        document["ion_style"] = {
            model.catalogue.ion(name, f"{place}.ion_style"): list(style)
            for name, style in rule.ion_style.items()
        }
    if rule.ions:
        document["ions"] = {
            name: model.parameters.resolve(
                value, model.catalogue.ion_unit(name, place), f"{place}.ions.{name}"
            )
            for name, value in rule.ions.items()
        }
    return document


def _mechanism(name: str, values: dict, model: KnownModel, place: str) -> dict:
    mechanism = model.catalogue.density(name, place)
    document = {}
    for parameter, value in values.items():
        where = f"{place}.{parameter}"
        for element, number in _elements(parameter, value, mechanism, model, where):
            if element in document:
                raise UserError(f"{where}: {element} stands here twice; expected one value for it")
            unit = model.catalogue.parameter(mechanism, element, place).unit
            document[element] = model.parameters.resolve(number, unit, where)
    return document


def _elements(
    parameter: str, value: Any, mechanism: Mechanism, model: KnownModel, place: str
) -> list[tuple[str, Any]]:
    """Return the elements of an array that a list gives values, or the one number that is set."""
    if not isinstance(value, list):
        return [(parameter, value)]
    variable = model.catalogue.number_or_array(mechanism, parameter, place)
    if len(value) != variable.size:
        raise UserError(f"{place}: {len(value)} values; expected {variable.size}")
    return list(zip(variable.elements, value, strict=True))
