"""Which points a refined map simulates next: those between neighbours that differ.

A map lies on a lattice of `to` steps an axis. It begins with the corners of cells of equal size. A
cell whose known points, on its rim or within, do not all have one value is *split*: the lattice
points halfway between its corners are simulated, which leaves cells of half the size. Where all
corners agree and only the rim does not, a border has been followed to here from a neighbour, and
may be thin: such a cell is split into eighths at once. Cells of one step are done. What is left are
cells whose points agree; the value of those within, which nobody simulated, is inferred.

So a border is missed only where both its sides lie within one cell of the first round, and no
neighbour follows it to there.

Pure, and without an order of its own: the same values give the same points.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

Point = tuple[int, ...]  # places on the lattice, one an axis
Value = float | str | None  # None: undefined
EIGHTHS = 8


class Cell(NamedTuple):
    """A cell of the lattice: its lowest corner, and the length of its sides."""

    corner: Point
    side: int

    def points(self, step: int) -> Iterator[Point]:
        """Yield its points that lie so many steps apart, the rim among them."""
        return product(*(range(c, c + self.side + 1, step) for c in self.corner))


def coarse(first: int, to: int, dimensions: int) -> list[Point]:
    """Return the points that a map begins with: the corners of `first` cells an axis."""
    return list(product(range(0, to + 1, to // first), repeat=dimensions))


def cells(known: Mapping[Point, Value], first: int, to: int, dimensions: int) -> list[Cell]:
    """Return the cells that known points leave, none of which is split; in lexical order."""
    side, found = to // first, []
    waiting = [Cell(corner, side) for corner in product(range(0, to, side), repeat=dimensions)]
    while waiting:
        cell = waiting.pop()
        half = cell.side // 2
        if half and all(point in known for point in cell.points(half)):
            corners = product(*([c, c + half] for c in cell.corner))
            waiting += [Cell(corner, half) for corner in corners]
        else:
            found.append(cell)
    return sorted(found)


def next_points(
    known: Mapping[Point, Value], first: int, to: int, dimensions: int, tolerance: float = 0.0
) -> list[Point]:
    """Return the points that the next round simulates, in lexical order; none where all is done.

    Args:
        known: points with their values. tolerance: difference of numbers up to which they agree.
    """
    new: set[Point] = set()
    for cell in unresolved(known, first, to, dimensions, tolerance):
        corners = [known[point] for point in cell.points(cell.side)]
        parts = EIGHTHS if agree(corners, tolerance) else 2
        new.update(cell.points(max(cell.side // parts, 1)))
    return sorted(new.difference(known))


def unresolved(
    known: Mapping[Point, Value], first: int, to: int, dimensions: int, tolerance: float = 0.0
) -> list[Cell]:
    """Return the cells of more than one step whose known points do not agree."""
    return [
        cell
        for cell in cells(known, first, to, dimensions)
        if cell.side > 1 and not agree([known[p] for p in cell.points(1) if p in known], tolerance)
    ]


def agree(values: list[Value], tolerance: float) -> bool:
    """Return whether values are one, numbers up to a tolerance."""
    numbers = [value for value in values if isinstance(value, int | float)]
    if tolerance and len(numbers) == len(values):
        return max(numbers) - min(numbers) <= tolerance
    return len(set(values)) == 1


def inferred(
    known: Mapping[Point, Value], first: int, to: int, dimensions: int, tolerance: float = 0.0
) -> dict[Point, Value]:
    """Return the points that nobody simulated, where their cell's points agree, with its value: of
    numbers, which may differ by the tolerance, that of the lowest corner."""
    found: dict[Point, Value] = {}
    for cell in cells(known, first, to, dimensions):
        inside = [point for point in cell.points(1) if point not in known]
        if inside and agree([known[p] for p in cell.points(1) if p in known], tolerance):
            for point in inside:
                found.setdefault(point, known[cell.corner])
    return found
