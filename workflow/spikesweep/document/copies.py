"""Copies of cells and processes: which of them a name means."""

import copy
from collections.abc import Mapping

from spikesweep.errors import UserError, listing, suggest
from spikesweep.sweepfile.quantities import split_copy

Counts = Mapping[str, int | None]  # name -> number of copies; None for what has no index
_PLURAL = {"cell": "cells", "process": "processes"}


def copies_meant(text: str, counts: Counts, kind: str, place: str) -> list[str]:
    """Return what a name means: `pyr[3]` that copy, `pyr` all copies, or the only one.

    Args:
        kind: "cell" or "process", for the message.

    Raises:
        UserError: nothing has that name, or not so many copies.
    """
    name, index = split_copy(text)
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
    return [f"{name}[{index}]"]


def copy_names(name: str, count: int | None) -> list[str]:
    """Return the names of all copies, or the name itself of what has none."""
    return [name] if count is None else [f"{name}[{i}]" for i in range(count)]


def each_copy(text: str, counts: Counts) -> list[tuple[str, str]]:
    """Return what a place or variable means, copy by copy: the copy's index, and its own text.

    "pyr.soma(0.5).v" -> [("[0]", "pyr[0].soma(0.5).v"), ...]; where no copies are meant, the text
    alone with the index ''.
    """
    head, dot, rest = text.strip().partition(".")
    if counts.get(head) is None:
        return [("", text)]
    return [
        (name.removeprefix(head), f"{name}{dot}{rest}") for name in copy_names(head, counts[head])
    ]


def entries(named: dict[str, dict], text: str) -> list[str]:
    """Return the entries of a document, cells or processes, that hold what a name means.

    All copies have one entry, and each copy that was singled out, such as pyr[3], has one of its
    own, which is made here.
    """
    name, index = split_copy(text)
    if index is None:
        return [name, *(entry for entry in named if entry.startswith(f"{name}["))]
    entry = f"{name}[{index}]"
    if entry not in named:
        named[entry] = copy.deepcopy(named[name])
        named[entry].pop("count", None)
        if "at" in named[entry]:
            named[entry]["at"][0] += f"[{index}]"
    return [entry]
