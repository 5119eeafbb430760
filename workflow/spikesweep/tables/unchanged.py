"""Axes that change nothing: along which all that is recorded is equal bit for bit.

Something is wrong then, as a rule: the model does not use what the axis sets, or another value is
put in its place.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

Point = tuple[Any, ...]

UNCHANGED = "spikesweep_unchanged"  # attribute of the dataset: the names of such axes, as JSON


class Contents:
    """What is recorded of each simulation, known by its hash alone."""

    def __init__(self, simulations: int):
        self._hashes = [hashlib.blake2b(digest_size=16) for _ in range(simulations)]

    def add(self, place: int, content: bytes) -> None:
        """Add to what is recorded of the simulation at a place, in the order of the variables."""
        self._hashes[place].update(b"%d," % len(content))
        self._hashes[place].update(content)

    def digests(self) -> list[bytes]:
        """Return what is equal where all that was added is."""
        return [content.digest() for content in self._hashes]


def unchanged(
    names: Sequence[str],
    points: Sequence[Sequence[Any]],
    counts: Iterable[bool],
    contents: Iterable[bytes],
) -> list[str]:
    """Return the axes that change nothing, though simulations differ in that axis alone.

    Args:
        names: of all axes.
        points: the values of all axes, a row a simulation.
        counts: whether a simulation is looked at; one that failed is not.
        contents: what is recorded of each simulation, or its hash.
    """
    rows = [
        (tuple(point), content)
        for point, content, is_counted in zip(points, contents, counts, strict=True)
        if is_counted
    ]
    return [name for i, name in enumerate(names) if _changes_nothing(rows, i)]


def told(names: Iterable[str]) -> list[str]:
    """Return what is to be said of such axes, a sentence each."""
    return [f"axis {name} changed nothing that is recorded" for name in names]


def _changes_nothing(rows: Iterable[tuple[Point, bytes]], axis: int) -> bool:
    values: dict[Point, set[Any]] = {}
    contents: dict[Point, set[bytes]] = {}
    for point, content in rows:
        others = point[:axis] + point[axis + 1 :]
        values.setdefault(others, set()).add(point[axis])
        contents.setdefault(others, set()).add(content)
        if len(contents[others]) > 1:
            return False
    return any(len(found) > 1 for found in values.values())
