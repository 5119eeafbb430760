"""What axes set by the name that NEURON will know: in cells that code builds, and at one segment.

It does not stand in the rules of the cell but apart, in `sets` and `scales`: target -> number,
for the simulation to look up once the cell is built.
"""

from typing import Any

from spikesweep.document.axes.cell_targets import SECTION_UNITS, placement_target
from spikesweep.document.axes.target import Anew, Asked, At, Target
from spikesweep.document.cells import CABLE_UNITS
from spikesweep.document.copies import PLACEMENT_UNITS
from spikesweep.document.known import KnownModel
from spikesweep.errors import UserError, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import parse_place, position, split, whereabouts
from spikesweep.mechanisms.catalogue import Catalogue

_FORMS = (
    *("<section>.<mechanism>.<parameter>", "<section>[0](0.5).<mechanism>.<parameter>"),
    *("<section>.Ra", "<process>.<parameter>"),
)


def is_one_segment(asked: Asked) -> bool:
    """Return whether a target lies at one place of a section."""
    return bool(asked.parts) and asked.parts[0].endswith(")")


def target_by_name(asked: Asked, cell: doc.Cell, model: KnownModel, scales: bool) -> Target:
    """Return what such a target means.

    Args:
        scales: whether its values are factors of what stands there, as a drug's are.

    Raises:
        UserError: an unknown mechanism, parameter or quantity, or no such thing at all.
    """
    parts, place = asked.parts, asked.place
    if parts and parts[0] in PLACEMENT_UNITS:
        return placement_target(asked, cell)
    if "sources" in cell and (given := _given(asked, cell)):
        return given
    what, *quantity = parts or [""]
    member = parse_place(what)
    if not member or not 1 <= len(quantity) <= 2:
        raise UserError(
            f'{place}: "{asked.text}" is no quantity; expected {_expected(asked.owner, cell)}'
        )
    model.cell(asked.owner).shape.select(member.named, place)
    _check_x(member.x, asked.text, place)
    unit = _unit(quantity, model.catalogue, member.x is not None, place)
    long_name = f"{quantity[-1]} of {quantity[0] if quantity[1:] else what}"
    room = Anew(("scales" if scales else "sets", asked.quantity), 1.0)
    return Target(asked.path, room, unit, long_name)


def _check_x(x: str | None, text: str, place: str) -> None:
    try:
        if x is not None and isinstance(whereabouts(x), str):
            raise UserError(
                f'{place}: "{text}": where that lies is known once the cell is built; expected a '
                "place such as apical[3](0.2), which `spikesweep structure` tells"
            )
        position("0" if x is None else x)
    except ValueError:
        raise UserError(
            f'{place}: "{text}" lies outside its section; x in (x) runs from 0 to 1'
        ) from None


def _expected(cell_name: str, cell: doc.Cell) -> str:
    given = [f"{kind}.<name>" for kind in ("parameters", "globals") if kind in cell]
    given += ["arguments[0]"] if "arguments" in cell else []
    return ", ".join(f"{cell_name}.{form}" for form in (*given, *_FORMS))


def _given(asked: Asked, cell: doc.CodeCell) -> Target | None:
    """Return one of the values that the code is given: a parameter, argument or HOC variable; None
    where none is asked for."""
    kind, index = split(asked.parts[0]) if asked.parts else ("", None)
    key: str | int
    if kind == "arguments" and index is not None and len(asked.parts) == 1:
        key = index
    elif kind in ("parameters", "globals") and index is None and len(asked.parts) == 2:
        key = asked.parts[1]
    else:
        return None
    known: Any = cell.get(kind, {})
    is_there = key < len(known) if isinstance(key, int) else key in known
    if not is_there:
        names = [] if isinstance(key, int) else known
        raise UserError(
            f'{asked.place}: "{asked.quantity}"{suggest(str(key), names)} stands nowhere in '
            f"model.cells.{asked.owner}.{kind}; expected it there as well, with any value"
        )
    is_number = not isinstance(known[key], str | bool)
    name = "" if isinstance(key, int) else key  # an argument has none; its axis has
    room = At((kind, key))
    in_python = "python" in cell
    return Target(
        *(asked.path, room, None, name),
        is_number=is_number,
        is_text=not is_number,
        keeps_whole=in_python,
        is_whole=in_python and type(known[key]) is int,
    )


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
