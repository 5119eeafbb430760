"""The document of a whole sweep: one simulation's document with slots for what the axes set."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spikesweep.design import AxisValues
from spikesweep.document.effects import KnownAxis
from spikesweep.document.files import Files
from spikesweep.document.recording import Quantity
from spikesweep.document.slots import Slot
from spikesweep.document.target import Path
from spikesweep.fingerprint import canonical_json, sha256
from spikesweep.planfile import fill


@dataclass(frozen=True)
class Template:
    """A document with slots, and what the stages after the simulation need to know of it."""

    document: dict[str, Any]
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
            known: dict[tuple, Any] = {}
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

    def keys(self, columns: Sequence[Sequence[Any]], n: int) -> Iterator[str]:
        """Yield the key of each simulation: the SHA-256 of its document's canonical JSON.

        The text around the slots is made once; that is what makes 100,000 keys a second's work.
        """
        marks = [f"\x00{i}\x00" for i in range(len(self.slots))]
        marked = self.fill(marks)
        escaped = "|".join(re.escape(canonical_json(mark)) for mark in marks)
        text = canonical_json(marked)
        pieces = re.split(f"({escaped})", text) if marks else [text]
        order = [marks.index(_unescaped(piece)) for piece in pieces[1::2]]
        fixed = pieces[0::2]
        written = [_json_column(columns[i]) for i in order]
        if not order:
            yield from [sha256(text)] * n
            return
        for values in zip(*written, strict=True):
            yield sha256("".join(_interleave(fixed, values)))

    def fill(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the document with these values in its slots."""
        return fill(self.document, [slot.path for slot in self.slots], values)


def _unescaped(piece: str) -> str:
    return piece[1:-1].replace("\\u0000", "\x00")


def _interleave(fixed: Sequence[str], values: Sequence[str]) -> Iterator[str]:
    for text, value in zip(fixed, values, strict=False):
        yield text
        yield value
    yield fixed[-1]


def _json_column(column: Sequence[Any]) -> list[str]:
    """Return the JSON of each value; equal values are mostly one object, written once."""
    written = {id(value): canonical_json(value) for value in {id(v): v for v in column}.values()}
    return [written[id(value)] for value in column]


def mechanisms_used(document: dict[str, Any], without: Container[Path] = ()) -> set[str]:
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
