"""Copies of cells and processes: which of them a name means, and where those of a cell stand."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from spikesweep.document.parameters import Parameters
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.expressions import COPY_VARIABLES, ExpressionError, compile_expression
from spikesweep.language.names import base, copy_names, join, split, split_parts
from spikesweep.language.units import to_number
from spikesweep.sweepfile.model import AnyCell
from spikesweep.sweepfile.networks import Position, Rotation
from spikesweep.sweepfile.quantities import is_expression

Counts = Mapping[str, int | None]  # name -> number of copies; None for what has no index
PLACEMENT_UNITS = {"position": "um", "rotation": "deg"}
_PLURAL = {"cell": "cells", "process": "processes"}


def copies_meant(text: str, counts: Counts, kind: str, place: str) -> list[str]:
    """Return what a name means: `pyr[3]` that copy, `pyr` all copies, or the only one.

    Args:
        kind: "cell" or "process", for the message.

    Raises:
        UserError: nothing has that name, or not so many copies.
    """
    name, index = split(text)
    if name not in counts:
        raise UserError(
            f'{place}: no {kind} is named "{name}"{suggest(name, counts)} '
            f"({_PLURAL[kind]}: {listing(counts)})"
        )
    count = counts[name]
    if index is None:
        return copy_names(name, count)
    if count is None:
        raise UserError(f'{place}: "{text}": {name} has no copies; expected {name} alone')
    if index >= count:
        raise UserError(f'{place}: "{text}": {name} has {count} copies, [0] to [{count - 1}]')
    return [text]


def each_copy(text: str, counts: Counts) -> list[tuple[str, str]]:
    """Return what a place or variable means, copy by copy: the copy's index, and its own text.

    "pyr.soma(0.5).v" -> [("[0]", "pyr[0].soma(0.5).v"), ...]; where no copies are meant, the text
    alone with the index ''.
    """
    head, *rest = split_parts(text.strip())
    if counts.get(head) is None:
        return [("", text)]
    return [
        (name.removeprefix(head), ".".join([name, *rest]))
        for name in copy_names(head, counts[head])
    ]


# ---- entries of the document -------------------------------------------------------------------


def entries(named: Iterable[str], name: str) -> list[str]:
    """Return the entries of a document that hold what a name means: `pyr` that of all copies, and
    those of the copies that were singled out, such as `pyr[3]`."""
    return [entry for entry in named if name in (entry, base(entry))]


def single_out(named: dict[str, Any], name: str) -> None:
    """Give a copy, such as `pyr[3]`, an entry of its own, if it has none and all copies have."""
    all_copies, index = split(name)
    if name in named or index is None or all_copies not in named:
        return
    named[name] = copy.deepcopy(named[all_copies])
    named[name].pop("count", None)
    if "at" in named[name]:
        named[name]["at"][0] = join(named[name]["at"][0], index)


# ---- where copies stand ------------------------------------------------------------------------


def place_copies(document: doc.Cell, cell: AnyCell, parameters: Parameters, place: str) -> None:
    """Put count, position (um) and rotation (deg) of a cell into its document, where they are
    given: numbers, or expressions that have a value for each of its copies.

    Raises:
        UserError: a wrong unit, or an expression that cannot be read or has no value.
    """
    count = cell.count or 1
    if cell.count is not None:
        document["count"] = count
    if cell.position is not None:
        where = f"{place}.position"
        document["position"] = _coordinates(cell.position, "um", count, parameters, where)
    if cell.rotation is not None:
        where = f"{place}.rotation"
        document["rotation"] = _coordinates(cell.rotation, "deg", count, parameters, where)


def _coordinates(
    of: Position | Rotation, unit: str, count: int, parameters: Parameters, place: str
) -> doc.Coordinates:
    return {
        "x": _coordinate(of.x, unit, count, parameters, f"{place}.x"),
        "y": _coordinate(of.y, unit, count, parameters, f"{place}.y"),
        "z": _coordinate(of.z, unit, count, parameters, f"{place}.z"),
    }


def _coordinate(
    value: float | str, unit: str, count: int, parameters: Parameters, place: str
) -> doc.Number:
    if not is_expression(value):
        return to_number(value, unit, place)
    text = parameters.check(str(value), COPY_VARIABLES, place)
    expression = compile_expression(text, [*COPY_VARIABLES, *parameters.values])
    try:
        for i in range(count):
            expression.evaluate(**parameters.values, i=i, count=count)
    except ExpressionError as error:
        raise UserError(f"{place}: {error}") from None
    return text
