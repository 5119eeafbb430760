"""Targets: what an axis asks to set, and the places in the document that it sets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from spikesweep.errors import UserError, listing, suggest
from spikesweep.products.slots import SlotPath


@dataclass(frozen=True)
class Target:
    """Places in the document that take one quantity.

    unit: None where only the user's code knows it. long_name: '' where it has none but the axis's.
    is_number: false for a morphology, and for text, which is taken as it is where `is_text`.
    replaces: the mechanism whose variants it takes.
    """

    paths: tuple[SlotPath, ...]
    unit: str | None
    long_name: str
    is_number: bool = True
    is_text: bool = False
    replaces: str = ""


def together(targets: Iterable[Target]) -> Target:
    """Return one target of all places."""
    first, *others = targets
    return replace(first, paths=sum((target.paths for target in others), first.paths))


@dataclass(frozen=True)
class Asked:
    """What the text of a target asks for, taken apart: `pyr[3].soma.hh.gnabar`.

    path: of the part of the document that it begins with, ("cells", "pyr[3]").
    parts: of the rest, ["soma", "hh", "gnabar"].
    place: where the text stands in the sweep file.
    """

    path: SlotPath
    parts: list[str]
    place: str

    def at(self, *path: str) -> "Asked":
        """Return the same asked of another part of the document."""
        return replace(self, path=path)

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
