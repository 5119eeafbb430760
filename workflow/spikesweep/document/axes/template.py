"""The document of a whole sweep: one simulation's document with slots for what the axes set."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from spikesweep.document.axes.design import AxisValues
from spikesweep.document.axes.effects import KnownAxis
from spikesweep.document.axes.slots import Slot
from spikesweep.document.files import Files
from spikesweep.document.quantity import Quantity
from spikesweep.language import document as doc
from spikesweep.products.items import Members
from spikesweep.products.slots import SlotPath, fill, json_column


@dataclass(frozen=True)
class Template:
    """A document with slots, and what the stages after the simulation need to know of it."""

    document: doc.Document
    slots: tuple[Slot, ...]
    axes: dict[str, KnownAxis]
    quantities: dict[str, Quantity]
    files: Files
    variant_axes: tuple[str, ...] = ()  # whose values are mechanisms

    @property
    def mechanisms(self) -> set[str]:
        """The mechanisms and point processes that the document uses, but for variants."""
        return mechanisms_used(self.document)

    def slot_values(
        self, axes: Sequence[AxisValues], rows: Sequence[tuple[int, ...]]
    ) -> list[list[Any]]:
        """Return one column a slot: what stands in it in each simulation.

        A slot is worked out once for each combination of the values that it depends on.
        """
        columns = []
        for slot in self.slots:
            chosen = [i for i, axis in enumerate(axes) if axis.name in slot.axes]
            known: dict[tuple[int, ...], Any] = {}
            column = []
            for row in rows:
                at = tuple(row[i] for i in chosen)
                if at not in known:
                    point = {
                        axes[i].name: axes[i].values[p] for i, p in zip(chosen, at, strict=True)
                    }
                    known[at] = slot.value(point)
                column.append(known[at])
            columns.append(column)
        return columns

    def members(self) -> Members:
        """Return the simulations as the store knows them."""
        return Members(self.document, self._paths)

    def written(self, columns: Sequence[Sequence[Any]], n: int) -> Iterator[tuple[str, ...]]:
        """Yield what stands in the slots of each of n simulations, as canonical JSON."""
        if not columns:
            return repeat((), n)
        return zip(*map(json_column, columns), strict=True)

    def fill(self, values: Sequence[Any]) -> doc.Document:
        """Return the document with these values in its slots."""
        return fill(self.document, self._paths, values)

    @property
    def _paths(self) -> list[SlotPath]:
        return [slot.path for slot in self.slots]


def mechanisms_used(document: doc.Document, without: Container[SlotPath] = ()) -> set[str]:
    """Return the density mechanisms and point processes of a document.

    Args:
        without: paths of inserted mechanisms that do not count.
    """
    return {process["type"] for process in document["protocol"]["processes"].values()} | {
        mechanism
        for name, cell in document["cells"].items()
        for i, rule in enumerate(cell["biophysics"])
        for mechanism in rule.get("insert", {})
        if ("cells", name, "biophysics", i, "insert", mechanism) not in without
    }
