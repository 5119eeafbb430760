"""A cell of a sweep file as the simulation document writes it."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from spikesweep.document.known import KnownModel
from spikesweep.document.mistakes import all_of
from spikesweep.document.parameters import Parameters
from spikesweep.document.ranges import CABLE, check_range
from spikesweep.document.shape import Section, Shape
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.expressions import SECTION_VARIABLES
from spikesweep.language.names import REGIONS, base, parse_place, position, split
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


def cell_document(cell: Cell, model: KnownModel, place: str) -> tuple[doc.DeclaredCell, Shape]:
    """Return a cell's document and its sections.

    Raises:
        UserError: an unknown region, section, mechanism or parameter, a wrong unit or expression.
    """
    if cell.morphology is not None:
        traced, shape = _traced(cell, cell.morphology, model, place)
        document: doc.DeclaredCell = traced
    else:
        sections = _sections(cell.sections or {}, f"{place}.sections")
        document = {"sections": sections, "segments": {}, "biophysics": []}
        shape = Shape(
            {_key(name): section["region"] for name, section in sections.items()},
            unplaced=frozenset(_key(name) for name, one in sections.items() if "L" in one),
        )
    shape = name_places(document, cell, shape, model.parameters, place)
    document["segments"] = _segments(cell.segments, shape, model.parameters, f"{place}.spatial")
    document["biophysics"] = biophysics_document(
        cell.biophysics, shape, model, f"{place}.biophysics"
    )
    return document, shape


def _traced(cell: Cell, path: str, model: KnownModel, place: str) -> tuple[doc.TracedCell, Shape]:
    morphology, shape = model.files.morphology(
        path, f"{place}.morphology", axon=cell.axon == "keep", largest=cell.roots == "largest"
    )
    document: doc.TracedCell = {"morphology": morphology, "segments": {}, "biophysics": []}
    if cell.axon == "remove":
        document["axon"], shape = "remove", _without_axon(shape)
    elif cell.axon != "keep":
        document["axon"], shape = _stub(cell.axon, shape, f"{place}.axon")
    return document, shape


def name_places(
    document: doc.Cell, cell: AnyCell, shape: Shape, parameters: Parameters, place: str
) -> Shape:
    """Put a cell's named regions and the origin of its distances into its document; return its
    shape, which knows them then.

    Raises:
        UserError: a name that the cell has already or has not, or no condition.
    """
    if cell.regions:
        document["regions"] = _regions(cell.regions, shape, parameters, f"{place}.regions")
        shape = replace(shape, named=document["regions"])
    if cell.distance_from is not None:
        document["distance_from"] = _place(cell.distance_from, shape, f"{place}.distance_from")
    return shape


def _regions(
    regions: dict[str, Region], shape: Shape, parameters: Parameters, place: str
) -> dict[str, doc.Region]:
    documents: dict[str, doc.Region] = {}
    for name, region in regions.items():
        if name in shape.names:
            raise UserError(f"{place}.{name}: the cell has this region or section already")
        replace(shape, named=documents).union(region.in_, f"{place}.{name}.in")
        documents[name] = {"in": list(region.in_)}
        if region.where is not None:
            where = f"{place}.{name}.where"
            documents[name]["where"] = parameters.check(region.where, SECTION_VARIABLES, where)
    return documents


def _without_axon(shape: Shape) -> Shape:
    return Shape({s: region for s, region in shape.regions.items() if region != "axon"})


def _stub(axon: Stub, shape: Shape, place: str) -> tuple[doc.Stub, Shape]:
    """Return what stands in for the axon as documents write it, and the sections with it."""
    left = _without_axon(shape)
    parent = _place(axon.parent, left, f"{place}.parent")
    stub: list[doc.Cylinder] = [{"L": part.L, "diam": part.diam} for part in axon.stub]
    added: dict[Section, str | None] = {("axon", i): "axon" for i in range(len(stub))}
    return {"stub": stub, "parent": parent}, Shape(
        {**left.regions, **added}, unplaced=frozenset(added)
    )


def _segments(
    spatial: Segments | list[SegmentsRule], shape: Shape, parameters: Parameters, place: str
) -> doc.Segments | list[doc.SegmentsRule]:
    if isinstance(spatial, Segments):
        return _segment_rule(spatial, parameters, place)
    for i, rule in enumerate(spatial):
        shape.union(rule.in_, f"{place}[{i}].in")
    return [
        {"in": list(rule.in_), **_segment_rule(rule, parameters, f"{place}[{i}]")}
        for i, rule in enumerate(spatial)
    ]


def _segment_rule(rule: Segments, parameters: Parameters, place: str) -> doc.Segments:
    if isinstance(rule.nseg, str):
        return {"nseg": parameters.check(rule.nseg, SECTION_VARIABLES, f"{place}.nseg")}
    if rule.nseg is not None:
        return {"nseg": rule.nseg}
    if rule.max_length is not None:
        return {"max_length": rule.max_length}
    return {"d_lambda": rule.d_lambda} if rule.d_lambda is not None else {}


def _place(text: str, shape: Shape, place: str) -> doc.SectionPlace:
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


def _key(name: str) -> Section:
    """Return the section that a literal one is: of an array `dend[3]`, or its first."""
    section, index = split(name)
    return section, index or 0


def _sections(sections: dict[str, LiteralSection], place: str) -> dict[str, doc.Section]:
    documents: dict[str, doc.Section] = {}
    known: dict[Section, str] = {}
    for name, section in sections.items():
        if _key(name) in known:
            raise UserError(
                f"{place}.{name}: {known[_key(name)]} stands above, which is the same section; "
                "expected each section once"
            )
        known[_key(name)] = name
        region = section.region or (base(name) if base(name) in REGIONS else None)
        documents[name] = {"region": region}
        if section.points is not None:
            documents[name]["points"] = [list(point) for point in section.points]
        if section.L is not None and section.diam is not None:
            documents[name] |= {"L": section.L, "diam": section.diam}
        if section.nseg is not None:
            documents[name]["nseg"] = section.nseg
        if section.parent is not None:
            parent, x = _connection(section.parent, f"{place}.{name}.parent")
            if _key(parent) not in known or _key(parent) == _key(name):
                raise UserError(
                    f'{place}.{name}.parent: no section above it is named "{parent}"'
                    f"{suggest(parent, documents.keys() - {name})}; write parents before children"
                )
            documents[name]["parent"] = [known[_key(parent)], x]
    roots = [name for name, section in documents.items() if "parent" not in section]
    if len(roots) > 1:
        raise UserError(
            f"{place}: {listing(roots)} have no parent; expected one cell: "
            'connect all but one, such as "parent: soma(1)"'
        )
    return documents


def _connection(text: str, place: str) -> tuple[str, float]:
    found = parse_place(text.strip())
    try:
        if found and found.x is not None:
            return found.named, position(found.x)
    except ValueError:
        pass
    raise UserError(f'{place}: "{text}"; expected a section and a point, such as "soma(1)"')


def biophysics_document(
    rules: Iterable[BiophysicsRule], shape: Shape, model: KnownModel, place: str
) -> list[doc.Rule]:
    """Return the documents of a cell's biophysics rules.

    Raises:
        UserError: an unknown region, mechanism or parameter, a wrong unit or expression.
    """
    return all_of(
        partial(_rule, rule, shape, model, f"{place}[{i}]") for i, rule in enumerate(rules)
    )


def _rule(rule: BiophysicsRule, shape: Shape, model: KnownModel, place: str) -> doc.Rule:
    shape.union(rule.in_, f"{place}.in")
    document: doc.Rule = {"in": list(rule.in_)}
    if rule.Ra is not None:
        document["Ra"] = _cable("Ra", rule.Ra, model, place)
    if rule.cm is not None:
        document["cm"] = _cable("cm", rule.cm, model, place)
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


def _cable(name: str, written: Any, model: KnownModel, place: str) -> doc.Number:
    value = model.parameters.resolve(written, CABLE_UNITS[name], f"{place}.{name}")
    check_range(CABLE, name, value, f"{place}.{name}")
    return value


def _mechanism(
    name: str, values: dict[str, Any], model: KnownModel, place: str
) -> dict[str, doc.Number]:
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
