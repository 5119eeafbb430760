"""Electrodes in an infinite, homogeneous medium, and what lies between them and the segments.

One number says it for a segment and an electrode: the transfer resistance, in Mohm. A current (nA)
that flows out of the electrode makes this many mV at the segment; by reciprocity, a current that
leaves the segment through its membrane makes as many at the electrode.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import dist, hypot, isfinite, log1p, pi
from typing import Any

from spikesweep.language import document as doc
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import AXES, Placement
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.places import along

Point = Sequence[float]  # x, y, z (um)


def line_resistance(
    tip: Point, start: Point, end: Point, radius: float, conductivity: float
) -> float:
    """Return the transfer resistance (Mohm) of an electrode and a segment as a line.

    The mean over a straight line of that of a point, 1 / (4 pi sigma r): the line source of
    Holt & Koch (1999), J Comput Neurosci 6:169. An electrode within the segment lies on its
    surface.

    Args:
        start, end: the ends of the line, which may be one point. radius: of the segment (um).
        conductivity: of the medium (S/m).
    """
    length = dist(start, end)
    if length < 1e-9:  # um: no line that has a direction
        return point_resistance(tip, start, radius, conductivity)
    along = sum((t - s) * (e - s) for t, s, e in zip(tip, start, end, strict=True)) / length
    foot = [s + (e - s) * along / length for s, e in zip(start, end, strict=True)]
    beside = max(dist(tip, foot), radius)
    # The integral of 1 / r along the line: log((a + b + L) / (a + b - L)), a and b to the ends.
    ends = hypot(along, beside) + hypot(length - along, beside)
    return log1p(2 * length / (ends - length)) / (4 * pi * conductivity * length)


def point_resistance(tip: Point, middle: Point, radius: float, conductivity: float) -> float:
    """Return the transfer resistance (Mohm) of an electrode and a segment as a point: as that of a
    line, which may be short."""
    return 1 / (4 * pi * conductivity * max(dist(tip, middle), radius))


def resistances(
    electrode: doc.Electrode, cell: Cell, placement: Placement, parameters: Mapping[str, float]
) -> Iterator[tuple[Any, float]]:
    """Yield each segment of a cell with its transfer resistance (Mohm) to an electrode.

    Raises:
        SimulationError: a section without points, an expression without a value, a conductivity
            that is not above 0.
    """
    tip = [_number(electrode[axis], parameters, axis) for axis in AXES]
    conductivity = _number(electrode["conductivity"], parameters, "conductivity")
    if conductivity <= 0:
        raise SimulationError(f"conductivity: {conductivity:g} S/m; expected a value above 0")
    for section in cell.sections.values():
        steps = 2 * section.nseg  # ends and middles of the segments
        points = along(section, [step / steps for step in range(steps + 1)], placement)
        for i, segment in enumerate(section):
            start, middle, end = points[2 * i : 2 * i + 3]
            radius = segment.diam / 2
            if electrode["segments"] == "point":
                yield segment, point_resistance(tip, middle, radius, conductivity)
            else:
                yield segment, line_resistance(tip, start, end, radius, conductivity)


def _number(value: doc.Number, parameters: Mapping[str, float], what: str) -> float:
    try:
        number = (
            compile_expression(value, parameters).evaluate(**parameters)
            if isinstance(value, str)
            else float(value)
        )
    except ExpressionError as error:
        raise SimulationError(f"{what} of an electrode: {error}") from None
    if not isfinite(number):
        raise SimulationError(f"{what} of an electrode: {number}; expected finite")
    return number
