"""Places in a region that are found by their path distance from the cell's origin.

    nearest         where the region is nearest, and farthest
    distance=660    where the way from the origin to its farthest point has that length (um)

Ways run along sections, and not from the middle of one segment to that of another, so that places
do not move with the number of segments. Of points that are equally far, within a rounding error,
the first in the order of the cell's sections is taken.
"""

from typing import Any

from spikesweep.language.names import MEASURED
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError

_ROUNDING = 1e-9  # relative: sums of lengths in another order
Point = tuple[Any, float]  # a section, and x along it
Piece = tuple[Any, float, float]  # a section, from x to x


def place_by_measure(cell: Cell, region: str, measure: str) -> Any:
    """Return the segment at a place of a cell.

    Args:
        region: or a section, or whatever else a rule may name.
        measure: nearest, farthest, or distance= and a number (um).

    Raises:
        SimulationError: no such region, an empty one, one to which no path leads, or nothing of
            it lies at that distance.
    """
    start = cell.origin
    origin: Point = (start.sec, start.x)
    sections = cell.select([region])
    ways = [(s, x, way) for s in sections for x in (0.0, 1.0) if (way := path(origin, (s, x)))]
    if not ways:
        raise SimulationError(f"no path leads from {start} to {cell.name}.{region}, or it is empty")
    section, x, way = _extreme([(_length(w), s, x, w) for s, x, w in ways], measure == "nearest")
    if measure == "nearest":
        return start if start.sec in sections else section(x)
    if measure == "farthest":
        return section(x)
    return _along(way, sections, float(measure.removeprefix(MEASURED)), f"{cell.name}.{region}")


def _extreme(ends: list[tuple[float, Any, float, list[Piece]]], nearest: bool) -> Any:
    """Return the first of the ends that are nearest, or farthest."""
    lengths = [length for length, *_ in ends]
    best = min(lengths) if nearest else max(lengths)
    return next(end for length, *end in ends if abs(length - best) <= _ROUNDING * (1 + best))


def _along(way: list[Piece], sections: list[Any], distance: float, region: str) -> Any:
    """Return the place at a distance along a way, in one of the sections."""
    begins, known = 0.0, []
    for section, x0, x1 in way:
        length = abs(x1 - x0) * section.L
        slack = _ROUNDING * (1 + begins + length)
        if section in sections:
            known += [begins, begins + length]
            if length and begins - slack <= distance <= begins + length + slack:
                along = min(max((distance - begins) / length, 0.0), 1.0)
                return section(x0 + along * (x1 - x0))
        begins += length
    raise SimulationError(
        f"nothing of {region} lies {distance:g} um from the origin, on the way to its farthest "
        f"point; expected {min(known):g} to {max(known):g} um"
    )


def path_distance(one: Any, other: Any) -> float:
    """Return the length of the way from one segment's place to another's (um).

    Raises:
        SimulationError: none leads there.
    """
    if not (way := path((one.sec, one.x), (other.sec, other.x))):
        raise SimulationError(f"no path leads from {one} to {other}, so there is no distance")
    return _length(way)


def path(origin: Point, point: Point) -> list[Piece]:
    """Return the way from one point of a cell to another, piece by piece; none where none leads."""
    here, there = _to_root(origin), _to_root(point)
    position = {section: i for i, (section, _) in enumerate(here)}
    meets = next((j for j, (section, _) in enumerate(there) if section in position), None)
    if meets is None:
        return []
    up, down = here[: position[there[meets][0]] + 1], there[: meets + 1]
    *lower, (common, x_up) = up
    pieces = [(section, x, _near_end(section)) for section, x in lower]
    pieces.append((common, x_up, down[-1][1]))
    return pieces + [(section, _near_end(section), x) for section, x in reversed(down[:-1])]


def _to_root(point: Point) -> list[Point]:
    """Return a point, and where each of the sections above it is left on the way from there."""
    points = [point]
    while (parent := points[-1][0].parentseg()) is not None:
        points.append((parent.sec, parent.x))
    return points


def _near_end(section: Any) -> float:
    """Return the end of a section at which it hangs on another."""
    return float(section.orientation())


def _length(way: list[Piece]) -> float:
    return float(sum(abs(x1 - x0) * section.L for section, x0, x1 in way))
