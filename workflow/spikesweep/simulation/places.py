"""What expressions may speak of at a segment: distances, sizes, coordinates, parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from spikesweep.language.expressions import SEGMENT_VARIABLES, ExpressionError, compile_expression
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import AT_ORIGIN, Placement
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.geometry import points_of
from spikesweep.simulation.nrn import n

NO_PATH = 1e20  # what NEURON's n.distance says of sections that are not connected
_compiled = lru_cache(maxsize=1024)(compile_expression)


@dataclass
class Places:
    """The variables of expressions, in one division of a cell into segments.

    distance: path distance of the segment's middle from the cell's origin (um); NEURON's
        n.distance, which takes the segment behind the middle if the soma has an even number.
    distance_fraction: that distance over the largest in the cell.
    diam: diameter of the segment (um). L: length of its section (um).
    x: the segment's place in its section, 0 to 1.
    x3d, y3d, z3d: coordinates of its middle (um), along the points of the section; those of the
        cell itself, or where it stands if a placement is given.
    """

    cell: Cell
    placement: Placement = AT_ORIGIN

    def evaluate(self, text: str, segment) -> float:
        """Return the value of an expression at a segment.

        Raises:
            SimulationError: it has none there.
        """
        parameters = self.cell.parameters
        try:
            expression = _compiled(text, (*SEGMENT_VARIABLES, *parameters))
            own = expression.names - parameters.keys()
            values = {name: getattr(self, name)(segment) for name in own}
            return expression.evaluate(**values, **parameters)
        except ExpressionError as error:
            raise SimulationError(f"{segment}: {error}") from None

    def distance(self, segment) -> float:
        found = n.distance(self.cell.origin, segment)
        if found >= NO_PATH:
            raise SimulationError(
                f"{segment}: no path leads there from {self.cell.origin}, so it has no distance; "
                "expected connected sections"
            )
        return found

    def distance_fraction(self, segment) -> float:
        return self.distance(segment) / self._longest if self._longest else 0.0

    @cached_property
    def _longest(self) -> float:
        every = (segment for section in self.cell.sections.values() for segment in section)
        distances = (n.distance(self.cell.origin, segment) for segment in every)
        return max(distance for distance in distances if distance < NO_PATH)

    def diam(self, segment) -> float:
        return segment.diam

    def L(self, segment) -> float:
        return segment.sec.L

    def x(self, segment) -> float:
        return segment.x

    def x3d(self, segment) -> float:
        return self._middle(segment)[0]

    def y3d(self, segment) -> float:
        return self._middle(segment)[1]

    def z3d(self, segment) -> float:
        return self._middle(segment)[2]

    def _middle(self, segment) -> list[float]:
        return along(segment.sec, [segment.x], self.placement)[0]


def along(section, places: Sequence[float], placement: Placement) -> list[list[float]]:
    """Return the coordinates (um) of places of a section, 0 to 1, once its cell stands.

    Raises:
        SimulationError: the section has no points.
    """
    if not section.n3d():
        raise SimulationError(
            f"{section.name()} has no points, and so no coordinates; expected a section from "
            "a morphology, or one with points"
        )
    points = points_of(section)
    arc = np.asarray(places) * points[-1, 0]
    own = np.column_stack([np.interp(arc, points[:, 0], points[:, axis]) for axis in (1, 2, 3)])
    found: list[list[float]] = placement.place(own).tolist()
    return found
