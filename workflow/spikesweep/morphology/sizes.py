"""Sizes that a neuron can have: a file in nanometres, pixels or millimetres has others."""

from collections.abc import Sequence
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.morphology import SOMA, Point

# Beyond these no neuron is known.
LARGEST_RADIUS = 200.0  # um
LARGEST_EXTENT = 20_000.0  # um
SMALLEST_RADIUS = 0.005  # um; the membrane alone is 0.005 um thick
SMALLEST_CELL = 1.0  # um, from end to end

Lines = dict[int, int]  # id of a point -> line of the file


def check_sizes(points: Sequence[Point], lines: Lines, path: Path) -> None:
    """Refuse sizes that no neuron has.

    Raises:
        UserError: naming the line of the point.
    """
    large = "expected micrometres: are these nanometres or pixels?"
    small = "expected micrometres: are these millimetres?"
    for point in points:
        what = "soma radius" if point.type == SOMA else "radius"
        where = f"{path}, line {lines[point.id]}: {what} {point.radius:g} um"
        if point.radius > LARGEST_RADIUS:
            raise UserError(f"{where} is more than {LARGEST_RADIUS:g} um; {large}")
        if point.radius < SMALLEST_RADIUS:
            raise UserError(f"{where} is less than {SMALLEST_RADIUS:g} um; {small}")
    longest = 2 * max(point.radius for point in points)
    for axis in ("x", "y", "z"):
        along = sorted(points, key=lambda point: getattr(point, axis))
        low, high = getattr(along[0], axis), getattr(along[-1], axis)
        longest = max(longest, high - low)
        if high - low > LARGEST_EXTENT:
            raise UserError(
                f"{path}, line {lines[along[-1].id]}: {axis} {high:g} um is {high - low:g} um away "
                f"from line {lines[along[0].id]}, more than {LARGEST_EXTENT / 1000:g} mm; {large}"
            )
    if longest < SMALLEST_CELL:
        raise UserError(
            f"{path}: the whole cell is {longest:g} um large, less than {SMALLEST_CELL:g} um; "
            f"{small}"
        )
