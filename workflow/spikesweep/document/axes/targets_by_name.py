"""What axes set by the name that NEURON will know: in cells that code builds, and at one segment.

It does not stand in the rules of the cell but apart, in `sets` and `scales`: target -> number,
for the simulation to look up once the cell is built.
"""

import re
from collections.abc import Mapping

from spikesweep.document.axes.cell_targets import SECTION_UNITS, placement_target
from spikesweep.document.axes.target import Asked, Target, together
from spikesweep.document.cells import CABLE_UNITS
from spikesweep.document.copies import entries
from spikesweep.document.known import KnownCell, KnownModel
from spikesweep.document.placement import PLACEMENT_UNITS
from spikesweep.errors import UserError, suggest
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.sweepfile.quantities import split_copy

_DOT = re.compile(r"\.(?![^(]*\))")  # and not the one in (0.2)
_MEMBER = re.compile(r"([A-Za-z_]\w*(?:\[\d+\])?)(?:\(([0-9.eE+-]+)\))?")
_GIVEN = re.compile(r"(?:parameters|globals)\.\w+|arguments\[\d+\]")
_FORMS = (
    *("<section>.<mechanism>.<parameter>", "<section>[0](0.5).<mechanism>.<parameter>"),
    *("<section>.Ra", "<process>.<parameter>"),
)


def is_by_name(text: str, cells: Mapping[str, KnownCell]) -> bool:
    """Return whether a target lies in a cell that code builds, or at one segment of any cell."""
    head, *parts = _DOT.split(text.strip())
    name, _ = split_copy(head)
    return name in cells and (cells[name].by_code or (bool(parts) and parts[0].endswith(")")))


def target_by_name(text: str, cells: dict, model: KnownModel, scales: bool, place: str) -> Target:
    """Return what such a target names, and make room for it in the document of its cell.

    Args:
        cells: the documents of the cells.
        scales: whether its values are factors of what stands there, as a drug's are.

    Raises:
        UserError: an unknown mechanism, parameter or quantity, or no such thing at all.
    """
    head, *parts = _DOT.split(text.strip())
    model.cells_meant(head, place)
    kind = "scales" if scales else "sets"
    return together(
        _target(Asked(("cells", entry), parts, place), cells[entry], model, kind)
        for entry in entries(cells, head)
    )


def _target(asked: Asked, cell: dict, model: KnownModel, kind: str) -> Target:
    parts, place = asked.parts, asked.place
    if parts and parts[0] in PLACEMENT_UNITS:
        return placement_target(asked, cell)
    if _GIVEN.fullmatch(asked.quantity) and "sources" in cell:
        return _given(asked, cell)
    what, *quantity = parts or [""]
    member = _MEMBER.fullmatch(what)
    if not member or not 1 <= len(quantity) <= 2:
        raise UserError(
            f'{place}: "{asked.text}" is no quantity; expected {_expected(asked.owner, cell)}'
        )
    model.cell(asked.owner).shape.select(member[1], place)
    _check_x(member[2], asked.text, place)
    unit = _unit(quantity, model.catalogue, "(" in what, place)
    cell.setdefault(kind, {}).setdefault(asked.quantity, 1.0)
    path = (*asked.path, kind, asked.quantity)
    return Target((path,), unit, f"{quantity[-1]} of {quantity[0] if quantity[1:] else what}")


def _check_x(x: str | None, text: str, place: str) -> None:
    try:
        inside = x is None or 0 <= float(x) <= 1
    except ValueError:
        inside = False
    if not inside:
        raise UserError(f'{place}: "{text}" lies outside its section; x in (x) runs from 0 to 1')


def _expected(cell_name: str, cell: dict) -> str:
    given = [f"{kind}.<name>" for kind in ("parameters", "globals") if kind in cell]
    given += ["arguments[0]"] if "arguments" in cell else []
    return ", ".join(f"{cell_name}.{form}" for form in (*given, *_FORMS))


def _given(asked: Asked, cell: dict) -> Target:
    """Return one of the values that the code is given: a parameter, argument or HOC variable."""
    kind, key = asked.parts[0], asked.parts[-1]
    if match := re.fullmatch(r"arguments\[(\d+)\]", kind):
        kind, key = "arguments", int(match[1])
    known = cell.get(kind, {})
    is_there = key < len(known) if isinstance(key, int) else key in known
    if not is_there:
        names = [] if isinstance(key, int) else known
        raise UserError(
            f'{asked.place}: "{asked.quantity}"{suggest(str(key), names)} stands nowhere in '
            f"model.cells.{asked.owner}.{kind}; expected it there as well, with any value"
        )
    is_number = not isinstance(known[key], str | bool)
    name = "" if kind == "arguments" else key  # an argument has none; its axis has
    path = (*asked.path, kind, key)
    return Target((path,), None, name, is_number=is_number, is_text=not is_number)


def _unit(quantity: list[str], catalogue: Catalogue, at_place: bool, place: str) -> str | None:
    """Return the unit of <mechanism>.<parameter>, of a section's quantity or of a process'.

    None where processes differ in it: numbers are then taken as they are.
    """
    if len(quantity) == 2:
        mechanism = catalogue.density(quantity[0], place)
        return catalogue.parameter(mechanism, quantity[1], place).unit
    (name,) = quantity
    known = CABLE_UNITS if at_place else CABLE_UNITS | SECTION_UNITS
    if name in known:
        return known[name]
    return catalogue.unit_by_name(name, place)
