"""POINTERs of processes and of inserted mechanisms, as the simulation document writes them."""

from collections.abc import Iterator, Mapping, Set

from spikesweep.document.axes.rules import not_pointed, pointed_by
from spikesweep.document.known import KnownModel
from spikesweep.document.mistakes import each
from spikesweep.document.recording import range_quantity, traced
from spikesweep.document.sites import process_variable, range_variable
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import base, join, split_parts
from spikesweep.mechanisms.mechanism import Mechanism
from spikesweep.sweepfile.model import BiophysicsRule, WrittenCell
from spikesweep.sweepfile.model import Process as WrittenProcess


def add_pointers(
    documents: Mapping[str, doc.Process],
    processes: Mapping[str, WrittenProcess],
    model: KnownModel,
    place: str,
) -> None:
    """Put what the POINTERs of processes point to into their documents.

    Args:
        model: with all processes.

    Raises:
        UserError: an unknown POINTER, place, process or variable, other numbers of copies, or a
            POINTER that the mechanism follows and nothing sets.
    """

    def of_process(name: str, process: WrittenProcess) -> None:
        where, mechanism = f"{place}.{name}", model.mechanism_of(name)
        for pointer in process.pointers:
            _check_name(pointer, mechanism, f"{where}.pointers")
        model.catalogue.check_pointers(mechanism, f"{where}.type", process.pointers)
        for pointer, text in process.pointers.items():
            pointed = _elsewhere(text, name, model, f"{where}.pointers.{pointer}")
            documents[name].setdefault("pointers", {})[pointer] = pointed

    each(of_process, processes)


def add_density_pointers(
    documents: Mapping[str, doc.Cell],
    cells: Mapping[str, WrittenCell],
    model: KnownModel,
    place: str,
) -> None:
    """Put what the POINTERs of inserted mechanisms point to into the rules of the cells.

    Raises:
        UserError: an unknown mechanism, POINTER, place or variable, other numbers of copies, or a
            POINTER that a mechanism follows and no rule sets wherever it is inserted.
    """

    def of_cell(name: str, cell: WrittenCell) -> None:
        where, rules = f"{place}.{name}.biophysics", documents[name]["biophysics"]
        for i, (rule, document) in enumerate(zip(cell.biophysics, rules, strict=True)):
            if rule.pointers:
                document["pointers"] = _of_rule(rule, name, model, f"{where}[{i}].pointers")
        for mechanism, position in _inserted(rules):
            _refuse_unset(
                model.catalogue.known[mechanism], rules, name, model, f"{where}[{position}].insert"
            )

    each(of_cell, cells)


def has_pointers(cells: Mapping[str, doc.Cell], processes: Mapping[str, doc.Process]) -> bool:
    """Return whether a sweep sets any POINTER."""
    rules = (rule for cell in cells.values() for rule in cell["biophysics"])
    return any("pointers" in part for part in (*rules, *processes.values()))


def _of_rule(rule: BiophysicsRule, cell: str, model: KnownModel, place: str) -> list[doc.Pointers]:
    inserted = model.cell(cell).inserted
    document: list[doc.Pointers] = []
    for name, pointers in rule.pointers.items():
        mechanism = model.catalogue.density(name, place)
        if name not in inserted:
            raise UserError(
                f'{place}: "{name}" is not inserted in {cell}{suggest(name, inserted)} '
                f"(inserted: {listing(inserted)})"
            )
        for pointer in pointers:
            _check_name(pointer, mechanism, f"{place}.{name}")
        pointed = {
            pointer: _pointed(text, cell, inserted, model, f"{place}.{name}.{pointer}")
            for pointer, text in pointers.items()
        }
        document.append({"of": name, "set": pointed})
    return document


def _inserted(rules: list[doc.Rule]) -> Iterator[tuple[str, int]]:
    """Yield the mechanisms that rules insert, with the first rule that does."""
    first: dict[str, int] = {}
    for i, rule in enumerate(rules):
        for mechanism in rule.get("insert", {}):
            first.setdefault(mechanism, i)
    yield from first.items()


def _refuse_unset(
    mechanism: Mechanism, rules: list[doc.Rule], cell: str, model: KnownModel, place: str
) -> None:
    """Refuse a mechanism with a POINTER that its code follows and that is not set everywhere."""
    are_set = {pointer for rule in rules for pointer in pointed_by(rule, mechanism.name)}
    model.catalogue.check_pointers(mechanism, f"{place}.{mechanism.name}", are_set)
    shape = model.cell(cell).shape
    for pointer in mechanism.unset_pointers:
        left = not_pointed(rules, shape, mechanism.name, pointer, place)
        if left:
            some = listing([join(*section) if section[1] else section[0] for section in left], 6)
            raise UserError(
                f"{place}.{mechanism.name}: no rule sets its POINTER {pointer} in {some}, where "
                "NEURON would crash; expected `pointers` in the rule that inserts it, or in one of "
                "the same `in`"
            )


def _check_name(pointer: str, mechanism: Mechanism, place: str) -> None:
    known = mechanism.pointers
    if pointer not in known:
        raise UserError(
            f'{place}: {mechanism.name} has no POINTER "{pointer}"{suggest(pointer, known)} '
            f"(it has: {listing(known) or 'none'})"
        )


def _pointed(
    text: str, cell: str, inserted: Set[str], model: KnownModel, place: str
) -> doc.Pointed:
    """Return what a POINTER of an inserted mechanism points to: without a place, and where no
    process is named, a variable of the segment itself."""
    text = text.strip()
    head = split_parts(text)[0]
    is_process = process_variable(text, model, place) is not None
    if is_process and head in inserted:
        raise UserError(
            f'{place}: "{text}": {head} is a process and a mechanism inserted in {cell}; expected '
            "another name of the process"
        )
    if is_process or "(" in text or base(head) in {*model.electrodes, *model.connections}:
        return _elsewhere(text, cell, model, place)
    variable = range_variable(text, inserted)
    try:
        range_quantity(variable, inserted, model, place)
    except UserError as error:
        raise UserError(
            f"{error}. A POINTER may lead elsewhere: to a variable of another place, such as "
            f"{cell}.soma(0.5).v, or of a process, such as syn.g"
        ) from None
    return {"variable": variable}


def _elsewhere(text: str, owner: str, model: KnownModel, place: str) -> doc.Variable:
    """Return the variable of a place or a process that the POINTER of an owner points to.

    Args:
        owner: a process or a cell; of copies, the i-th points to the i-th of what it points to.
    """
    source, _ = traced(text, "step", model, place)
    if "electrode" in source or "connection" in source:
        raise UserError(f'{place}: "{text}" is no variable of the model')
    _check_copies(owner, text, model, place)
    if "at" in source:
        return {"at": source["at"], "variable": source["variable"]}
    return {"process": source["process"], "variable": source["variable"]}


def _check_copies(owner: str, text: str, model: KnownModel, place: str) -> None:
    head = split_parts(text.strip())[0]
    own, theirs = model.counts.get(owner), model.counts.get(head)
    if theirs is not None and own != theirs:
        raise UserError(
            f'{place}: "{text}" has {theirs} copies, and {owner} {own or "none"}; expected one '
            f"of them, such as {head}[0]"
        )
