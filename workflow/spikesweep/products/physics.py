"""A simulation without names: what its key is the hash of, and what is simulated.

Names of cells, processes, connections and waveforms are a person's. In the text of which the key
is the hash they are replaced by numbers, given in an order that follows from content alone: c0__
is a cell, p0__ a process, k0__ a connection, w0__ a waveform, g0__ a gap junction. Only names that
random streams take stay. What is simulated is that very text, so nothing that is not in the key can
reach a trajectory, not even the order in which processes stand at a node, which changes the last
bits of a sum.

The order is found as graphs are compared: things are told apart by what they are, then by what
they are connected to, until nothing more is told apart (Weisfeiler & Leman 1968). Numbers are
looked at last, and only among things that are equal but for these: so one order holds for most
sweeps as a whole, whatever their axes set, and 100,000 keys stay a second's work.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from spikesweep.language.names import split
from spikesweep.products.fingerprint import canonical_json, sha256
from spikesweep.products.slots import SlotPath, SlottedText, fill

KINDS = {"cells": "c", "processes": "p", "connections": "k", "play": "w", "gap_junctions": "g"}
NOT_PHYSICS = ("record", "recording", "streams")
_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?(?![\w.])", re.ASCII)
_NUMBERED = re.compile(r"\b[cpkwg]\d+__+")

Names = dict[str, dict[str, str]]  # kind -> name of a person's -> name in the key
Fill = Callable[[Sequence[str]], dict[str, Any]]  # what puts values in a document's slots


class Unit(NamedTuple):
    """What has one name: a cell with all its copies, a process, a connection, a waveform."""

    kind: str
    name: str


class Reference(NamedTuple):
    """A place where one unit speaks of another, and which copy of it."""

    place: str
    unit: Unit
    rest: str


class Physics:
    """The simulations of a sweep without names.

    Args:
        document: with names, `record` and, in `streams`, the names that random streams take.
        paths: of its slots. Values of slots are given as canonical JSON.
    """

    def __init__(self, document: Mapping[str, Any], paths: Sequence[SlotPath] = ()):
        self._document = dict(document) | {
            "cells": {name: _ordered(cell) for name, cell in document["cells"].items()}
        }
        self._paths = list(paths)
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._texts: dict[int, SlottedText] = {}
        self._templates: dict[int, tuple[dict[str, Any], list[SlotPath]]] = {}
        self._last: tuple[tuple[str, ...], Names] | None = None  # of `names`: most ask twice

    def key(self, values: Sequence[str] = ()) -> str:
        """Return the key of a simulation."""
        return self._text(self.names(values)).key(values)

    def document(self, values: Sequence[str] = ()) -> dict[str, Any]:
        """Return what is simulated: what the text says of which the key is the hash.

        It shares with others what no axis sets, so that 1,000 are made in the time of 100.
        """
        template, paths = self._template(self.names(values))
        document = fill(template, paths, list(map(json.loads, values)))
        return document | {"cells": {n: _in_order(cell) for n, cell in document["cells"].items()}}

    def names(self, values: Sequence[str] = ()) -> Names:
        """Return by which name the key knows what a person has named."""
        if not isinstance(values, tuple):  # which may change under us
            return self._names(values)
        if self._last is None or self._last[0] is not values:
            self._last = values, self._names(values)
        return self._last[1]

    def _names(self, values: Sequence[str]) -> Names:
        # Whatever a number is, also in an expression, it cannot change which shape a document has.
        shape = tuple(
            "" if text[:1] in "-0123456789" else _NUMBER.sub("0", text) for text in values
        )
        if shape not in self._shapes:
            self._shapes[shape] = _Shape(self._filled(values), self._paths)
        return self._shapes[shape].names(values, self._filled)

    def _filled(self, values: Sequence[str]) -> dict[str, Any]:
        return fill(self._document, self._paths, list(map(json.loads, values)))

    def _text(self, names: Names) -> SlottedText:
        written = id(names)
        if written not in self._texts:
            self._texts[written] = SlottedText(*self._renamed(names))
        return self._texts[written]

    def _template(self, names: Names) -> tuple[dict[str, Any], list[SlotPath]]:
        """Return the document as its text says it, but for its slots, and where these are."""
        written = id(names)
        if written not in self._templates:
            physics, paths = self._renamed(names)
            emptied = fill(physics, paths, [None] * len(paths))
            self._templates[written] = json.loads(canonical_json(emptied)), paths
        return self._templates[written]

    def _renamed(self, names: Names) -> tuple[dict[str, Any], list[SlotPath]]:
        paths = [_renamed_path(path, names) for path in self._paths]
        return renamed(self._document, names), paths


class _Shape:
    """Simulations that differ in numbers alone: what is told apart without these."""

    def __init__(self, filled: dict[str, Any], paths: Sequence[SlotPath]):
        self._graph = _Graph(filled)
        self._colours = self._graph.refined(self._graph.skeletons)
        tied = {unit for group in _tied(self._colours) for unit in group}
        self._slots = [i for i, path in enumerate(paths) if _unit_of(path) in tied]
        self._first = self._graph.numbered(self._colours)
        self._known: dict[tuple[str, ...], Names] = {}
        self._alike: dict[str, Names] = {}

    def names(self, values: Sequence[str], filled: Fill) -> Names:
        if not self._slots:
            return self._first
        numbers = tuple(values[slot] for slot in self._slots)
        if numbers not in self._known:
            names = _Graph(filled(values)).numbered(self._colours)
            self._known[numbers] = self._alike.setdefault(canonical_json(names), names)
        return self._known[numbers]


class _Graph:
    """The units of a document, and which speaks of which."""

    def __init__(self, document: Mapping[str, Any]):
        self._kept = _kept(document)
        self._entries: dict[Unit, dict[str, Any]] = defaultdict(dict)
        for kind, named in _parts(document).items():
            for name, entry in named.items():
                base = _base(kind, name)
                self._entries[Unit(kind, base)][name[len(base) :]] = entry
        self._references = {unit: list(self._speaks_of(unit)) for unit in self._entries}
        self._spoken_of = defaultdict(list)
        for unit, references in self._references.items():
            for place, other, rest in references:
                self._spoken_of[other].append((place, unit, rest))

    @cached_property
    def contents(self) -> dict[Unit, Any]:
        """What each unit is, without whom it speaks of."""
        return {unit: _without_references(unit, e) for unit, e in self._entries.items()}

    @cached_property
    def skeletons(self) -> dict[Unit, str]:
        """What each unit is when its numbers are taken out; of one that keeps its name, that."""
        return {
            unit: canonical_json(
                [unit.kind, self._kept.get(unit, ""), _without_numbers(self.contents[unit])]
            )
            for unit in self._entries
        }

    def refined(self, colours: Mapping[Unit, str]) -> dict[Unit, str]:
        """Return colours that tell apart all that differs in what it is connected to."""
        while True:
            finer = {unit: self._finer(unit, colours) for unit in colours}
            if len(set(finer.values())) == len(set(colours.values())):
                return dict(colours)
            colours = finer

    def _finer(self, unit: Unit, colours: Mapping[Unit, str]) -> str:
        beside = (
            sorted((place, colours[other], rest) for place, other, rest in connected[unit])
            for connected in (self._references, self._spoken_of)
            if unit in connected
        )
        return sha256(canonical_json([colours[unit], *beside]))

    def numbered(self, coarse: Mapping[Unit, str]) -> Names:
        """Return the names of all units, in the order of the colours and then of numbers."""
        tied = {unit for group in _tied(coarse) for unit in group}
        own = {
            unit: canonical_json([colour, self.contents[unit] if unit in tied else 0])
            for unit, colour in coarse.items()
        }
        colours = self.refined(own)
        while groups := _tied(colours):
            # What is left is alike in all that it is: it does not matter which comes first.
            first = min(groups, key=lambda group: (list(KINDS).index(group[0].kind), group))
            colours |= {first[0]: sha256(f"first {colours[first[0]]}")}
            colours = self.refined(colours)
        order = sorted(
            colours,
            key=lambda unit: (
                self.skeletons[unit],
                coarse[unit],
                list(_numbers(self.contents[unit])) if unit in tied else [],
                colours[unit],
            ),
        )
        names: Names = {kind: {} for kind in KINDS}
        end = "__"
        while any(name.endswith(end) for name in self._kept.values()):
            end += "_"
        for kind, letter in KINDS.items():
            kept = {u.name: u.name for u in order if u.kind == kind and u in self._kept}
            free = [unit for unit in order if unit.kind == kind and unit not in self._kept]
            names[kind] = kept | {unit.name: f"{letter}{i}{end}" for i, unit in enumerate(free)}
        return names

    def _speaks_of(self, unit: Unit) -> Iterator[Reference]:
        for suffix, entry in self._entries[unit].items():
            for path, text in _texts_in(unit.kind, entry):
                kind, name, rest = _meant(text)
                if Unit(kind, name) in self._entries:
                    place = ".".join(map(str, path))
                    yield Reference(f"{suffix} {place}", Unit(kind, name), rest)


def names_back(text: str, names: Names) -> str:
    """Return a text, such as a message, with a person's names for those of the key."""
    persons = {new: old for named in names.values() for old, new in named.items()}
    return _NUMBERED.sub(lambda match: persons.get(match[0], match[0]), text)


def renamed(document: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return a document without what is no physics, and with other names."""
    protocol = dict(document["protocol"])
    renamed = {name: part for name, part in document.items() if name not in NOT_PHYSICS}
    renamed["cells"] = _renamed_entries("cells", document["cells"], names)
    for kind in list(KINDS)[1:]:
        if kind in protocol:
            protocol[kind] = _renamed_entries(kind, protocol[kind], names)
    renamed["protocol"] = protocol
    if "cvode" in protocol and (found := _detectors(document, names)):
        renamed["detectors"] = found
    return renamed


def renamed_places(kind: str, entry: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return an entry of the document that speaks of things by their names, with others."""
    changed = dict(entry)
    if "connection" in entry:
        changed["connection"] = names["connections"].get(entry["connection"], entry["connection"])
    texts = list(_texts_in(kind, entry))
    return fill(changed, [path for path, _ in texts], [_renamed(text, names) for _, text in texts])


def _renamed(text: str | list[Any], names: Names) -> str | list[Any]:
    kind, name, rest = _meant(text)
    new = names[kind].get(name, name) + rest
    return new if isinstance(text, str) else [new, *text[1:]]


def _ordered(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell that says in which order its sections are made and its regions follow from
    each other. Sections keep their names in the key, and the order in which they are written:
    siblings in another order change the last bits, as they do in NEURON itself."""
    order = {
        part: list(cell[part])
        for part in ("sections", "regions")
        if list(cell.get(part, ())) != sorted(cell.get(part, ()))
    }
    return {**cell, "order": order} if order else dict(cell)


def _in_order(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell with its sections and regions in the order that `_ordered` has noted."""
    order = cell.get("order", {})
    ordered = {part: {name: cell[part][name] for name in names} for part, names in order.items()}
    return {name: part for name, part in cell.items() if name != "order"} | ordered


def _detectors(document: Mapping[str, Any], names: Names) -> list[list[Any]]:
    """Return the places and thresholds of detectors, where CVode looks for crossings: a part of
    the key there, since it makes its steps by them."""
    spikes = document.get("record", {}).get("spikes", {}).values()
    found = (renamed_places("record", one, names) for one in spikes if "at" in one)
    return sorted({canonical_json([d["at"], d["threshold"]]): [d["at"], d["threshold"]]
                   for d in found}.values(), key=canonical_json)  # fmt: skip


def _parts(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    protocol = document["protocol"]
    return {"cells": document["cells"], **{k: protocol.get(k, {}) for k in list(KINDS)[1:]}}


def _kept(document: Mapping[str, Any]) -> dict[Unit, str]:
    """Return the units whose names random streams take; all, where nothing is said of them."""
    if "streams" in document:
        return {Unit(k, name): name for k, names in document["streams"].items() for name in names}
    if "seed" not in document:
        return {}
    parts = _parts(document)
    return {Unit(k, _base(k, n)): _base(k, n) for k, named in parts.items() for n in named}


def _base(kind: str, name: str) -> str:
    """Return the name that all copies have; each copy of a waveform is one of its own."""
    return split(name)[0] if kind in ("cells", "processes") else name


def _unit_of(path: SlotPath) -> Unit | None:
    if path[0] == "cells":
        return Unit("cells", _base("cells", str(path[1])))
    if path[0] == "protocol" and path[1] in KINDS and len(path) > 2:
        return Unit(str(path[1]), _base(str(path[1]), str(path[2])))
    return None


def _renamed_path(path: SlotPath, names: Names) -> SlotPath:
    unit = _unit_of(path)
    if unit is None or unit.name not in names[unit.kind]:
        return path
    place = 1 if path[0] == "cells" else 2
    rest = str(path[place])[len(unit.name) :]
    return (*path[:place], names[unit.kind][unit.name] + rest, *path[place + 1 :])


def _renamed_entries(kind: str, entries: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return entries of the document under other names, which speak of others by theirs."""
    changed = {}
    for name, entry in entries.items():
        base = _base(kind, name)
        new = names[kind].get(base, base) + name[len(base) :]
        changed[new] = renamed_places(kind, entry, names)
    return changed


def _texts_in(kind: str, entry: Mapping[str, Any]) -> Iterator[tuple[SlotPath, str | list[Any]]]:
    """Yield where an entry speaks of another, and what stands there: a name, or a place, which is
    a list."""
    both = ("from", "to")
    keys = {"connections": both, "gap_junctions": both, "cells": ()}
    for key in keys.get(kind, ("at", "to", "region", "process", "during")):
        if key in entry:
            yield (key,), entry[key]
    for above, inner in _variables_in(entry):
        for path, text in _texts_in("record", inner):
            yield (*above, *path), text


def _variables_in(entry: Mapping[str, Any]) -> Iterator[tuple[SlotPath, Mapping[str, Any]]]:
    """Yield the variables that a waveform is played into, and that POINTERs point to."""
    if "into" in entry:
        yield ("into",), entry["into"]
    for name, pointed in entry.get("pointers", {}).items():
        yield ("pointers", name), pointed
    for i, rule in enumerate(entry.get("biophysics", ())):
        for j, one in enumerate(rule.get("pointers", ())):
            for name, pointed in one["set"].items():
                yield ("biophysics", i, "pointers", j, "set", name), pointed


def _meant(text: str | list[Any]) -> tuple[str, str, str]:
    """Return kind, name and rest of what a text means: `pyr[3]`, `syn[2]` or `pyr[3].syn[2]`; a
    place begins with that of its cell."""
    is_place = isinstance(text, list)
    named: str = text[0] if isinstance(text, list) else text
    head, dot, own = named.partition(".")
    base = split(head)[0]
    rest = head[len(base) :] + dot + own
    return ("cells" if is_place or dot else "processes"), base, rest


def _without_references(unit: Unit, entries: Mapping[str, Any]) -> dict[str, Any]:
    bare = {}
    for suffix, entry in entries.items():
        texts = list(_texts_in(unit.kind, entry))
        left = ["" if isinstance(text, str) else text[1:] for _, text in texts]
        bare[suffix] = fill(dict(entry), [path for path, _ in texts], left)
    return bare


def _tied(colours: Mapping[Unit, str]) -> list[list[Unit]]:
    groups = defaultdict(list)
    for unit, colour in colours.items():
        groups[colour].append(unit)
    return [group for group in groups.values() if len(group) > 1]


def _without_numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_numbers(inner) for inner in value]
    if isinstance(value, str):
        return _NUMBER.sub("0", value)
    return value if isinstance(value, bool) or value is None else 0


def _numbers(value: Any) -> Iterator[float]:
    """Yield all numbers of plain JSON, in the order of its keys."""
    if isinstance(value, Mapping):
        for name in sorted(value):
            yield from _numbers(value[name])
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
