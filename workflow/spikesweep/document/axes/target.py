"""Targets: what an axis asks to set, and the places in the document that it sets."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Protocol

from spikesweep.document.copies import entries, single_out
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.distances import DISTANCE
from spikesweep.products.slots import SlotPath

X_OF_LOCATION = 3  # [cell, section, index, x]


class Room(Protocol):
    """Where an axis sets something in a part of the document, such as a cell."""

    def make(self, part: Any) -> None:
        """Edit the part, so that what is set stands in it, and nothing else is set with it."""

    def paths(self, part: Any) -> list[SlotPath]:
        """Return where it stands, once there is room."""


@dataclass(frozen=True)
class At:
    """At a path, where something stands."""

    path: SlotPath

    def make(self, part: Any) -> None:
        pass

    def paths(self, part: Any) -> list[SlotPath]:
        return [self.path]


@dataclass(frozen=True)
class Anew:
    """At a path, or at an element of what stands there; what is left out comes to stand there."""

    path: tuple[str, ...]
    left_out: Any
    element: int | None = None

    def make(self, part: Any) -> None:
        *above, last = self.path
        for key in above:
            part = part.setdefault(key, {})
        part.setdefault(last, self.left_out)

    def paths(self, part: Any) -> list[SlotPath]:
        return [self.path if self.element is None else (*self.path, self.element)]


@dataclass(frozen=True)
class RecordedPlace:
    """Of what is recorded under a name, the distance at which it lies; and of each `distance(a, b)`
    that a formula takes from there."""

    kind: str
    name: str

    def make(self, part: doc.Document) -> None:
        pass

    def paths(self, part: doc.Document) -> list[SlotPath]:
        record: Any = part["record"]
        own = [(self.kind, entry, "at") for entry in entries(record[self.kind], self.name)]
        features = record.get("features", {}).items()
        others = [("features", n, end) for n, one in features for end in self._ends(n, one, record)]
        return [("record", *path, X_OF_LOCATION) for path in own + others]

    def _ends(self, feature: str, one: Any, record: Any) -> list[str]:
        """Return which ends of a distance of that name lie there."""
        if one["names"] != [DISTANCE] or self.kind == "features":
            return []
        known = {*record["traces"], *record["spikes"]}
        a, b = (feature.removesuffix(f"_{self.name}"), feature.removeprefix(f"{self.name}_"))
        return ["to"] * (a in known) + ["at"] * (b in known)


@dataclass(frozen=True)
class Target:
    """Places in the document that take one quantity.

    owner: path of the part of the document, of all its copies, that the quantity is of.
    room: where in it. paths: in the document; none before `make_room`.
    unit: None where only the user's code knows it. long_name: '' where it has none but the axis's.
    is_number: false for a morphology, and for text, which is taken as it is where `is_text`.
    keeps_whole: whether 2 and 2.0 are not the same to it: a parameter of a Python model.
    is_whole: whether a formula that gives 2.0 means 2: as its own value in the sweep file.
    is_distance: whether its numbers say at which distance a place is found.
    replaces: the mechanism whose variants it takes. points: the POINTERs of it that rules set.
    """

    owner: tuple[str, ...]
    room: Room
    unit: str | None
    long_name: str
    is_number: bool = True
    is_text: bool = False
    keeps_whole: bool = False
    is_whole: bool = False
    is_distance: bool = False
    replaces: str = ""
    points: frozenset[str] = frozenset()
    paths: tuple[SlotPath, ...] = ()


def make_room(
    document: doc.Document, targets: Mapping[str, Iterable[Target]]
) -> dict[str, list[Target]]:
    """Edit the document so that each target has places of its own in it; return the targets, by
    axis, with these places."""
    every = [target for found in targets.values() for target in found]
    for target in every:
        if target.owner:
            single_out(_at(document, target.owner[:-1]), target.owner[-1])
    for target in every:
        for owner in _owners(document, target):
            target.room.make(_at(document, owner))
    return {
        axis: [replace(target, paths=_paths(document, target)) for target in found]
        for axis, found in targets.items()
    }


def _owners(document: doc.Document, target: Target) -> list[tuple[str, ...]]:
    if not target.owner:
        return [()]
    *above, name = target.owner
    return [(*above, entry) for entry in entries(_at(document, above), name)]


def _paths(document: doc.Document, target: Target) -> tuple[SlotPath, ...]:
    return tuple(
        (*owner, *path)
        for owner in _owners(document, target)
        for path in target.room.paths(_at(document, owner))
    )


def _at(tree: Any, path: Iterable[str]) -> Any:
    return reduce(lambda tree, part: tree[part], path, tree)


@dataclass(frozen=True)
class Asked:
    """What the text of a target asks for, taken apart: `pyr[3].soma.hh.gnabar`.

    path: of the part of the document that it begins with, ("cells", "pyr[3]").
    parts: of the rest, ["soma", "hh", "gnabar"].
    place: where the text stands in the sweep file.
    """

    path: tuple[str, ...]
    parts: list[str]
    place: str

    @property
    def owner(self) -> str:
        """The name of what it asks to set a quantity of: pyr[3]."""
        return self.path[-1]

    @property
    def quantity(self) -> str:
        """What it asks to set there: soma.hh.gnabar."""
        return ".".join(self.parts)

    @property
    def text(self) -> str:
        """The whole text."""
        return ".".join([self.owner, *self.parts])

    def one_of(self, known: Collection[str]) -> str:
        """Return the quantity; refuses one that is not known."""
        if self.quantity not in known:
            raise UserError(
                f'{self.place}: {self.owner} has no "{self.quantity}"'
                f"{suggest(self.quantity, known)}; expected one of: {listing(known)}"
            )
        return self.quantity
