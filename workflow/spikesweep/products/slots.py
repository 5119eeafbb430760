"""Documents with slots: filled, and as the text of which a simulation's key is the hash."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from spikesweep.products.fingerprint import canonical_json, sha256

SlotPath = tuple[str | int, ...]
Tree = TypeVar("Tree")  # a document, or a part of one


def fill(document: Tree, paths: Sequence[SlotPath], values: Sequence[Any]) -> Tree:
    """Return a document with values put at paths; what is not on a path is shared, not copied."""
    for path, value in zip(paths, values, strict=True):
        document = _replaced(document, path, value)
    return document


def _replaced(tree: Any, path: SlotPath, value: Any) -> Any:
    if not path:
        return value
    copy = tree.copy()
    copy[path[0]] = _replaced(tree[path[0]], path[1:], value)
    return copy


def json_column(values: Sequence[Any]) -> list[str]:
    """Return the canonical JSON of each value; equal ones are mostly one object, written once."""
    written = {id(value): canonical_json(value) for value in {id(v): v for v in values}.values()}
    return [written[id(value)] for value in values]


class SlottedText:
    """The canonical JSON of a document with slots at paths.

    The text around the slots is made once; that is what makes 100,000 keys a second's work.
    """

    def __init__(self, document: Mapping[str, Any], paths: Sequence[SlotPath]):
        marks = [f"\x00{place}\x00" for place in range(len(paths))]
        text = canonical_json(fill(document, paths, marks))
        written = {canonical_json(mark): place for place, mark in enumerate(marks)}
        pieces = re.split(f"({'|'.join(map(re.escape, written))})", text) if marks else [text]
        self._slots = [written[mark] for mark in pieces[1::2]]
        self._pieces = pieces

    def key(self, values: Sequence[str]) -> str:
        """Return the SHA-256 of the text with values in its slots."""
        return sha256(self.text(values))

    def text(self, values: Sequence[str]) -> str:
        """Return the text with values, themselves canonical JSON, in its slots."""
        pieces = self._pieces
        pieces[1::2] = [values[slot] for slot in self._slots]
        return "".join(pieces)
