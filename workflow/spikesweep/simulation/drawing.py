"""Where sections lie in space, also those of which only length and diameter are known."""

from collections.abc import Iterator, Mapping

import numpy as np

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import Placement
from spikesweep.simulation.geometry import points_of
from spikesweep.simulation.nrn import n


class Drawing:
    """The points of all sections, each cell where it stands.

    NEURON draws the sections that have none, from the root of their cell on, which it puts
    anywhere; here that is the origin of the cell's own coordinates. To be made before anything is
    drawn: drawing gives points to all sections, and moves those that have some.
    """

    def __init__(self, cells: Mapping[str, Cell], placements: Mapping[str, Placement]):
        self._cells, self._placements = cells, placements
        sections = [section for cell in cells.values() for section in cell.sections.values()]
        self._known = {section: points_of(section) for section in sections if section.n3d()}

    def points(self) -> dict:
        """Return (n, 4) of each section: distance along it and x, y, z (um).

        Sections that are drawn get their length and diameters from their points, rounded to single
        precision: nothing must be integrated afterwards.
        """
        n.define_shape()
        points = {}
        for name, cell in self._cells.items():
            known = self._known
            own = {s: known[s] if s in known else points_of(s) for s in cell.sections.values()}
            root = next(iter(own))
            origin = 0.0 if root in known else own[root][0, 1:]
            for section, path in own.items():
                xyz = self._placements[name].place(path[:, 1:] - origin)
                points[section] = np.column_stack([path[:, 0], xyz])
        return points


def ends_of(points: np.ndarray, nseg: int) -> Iterator[list[float]]:
    """Yield x, y, z of the start and of the end of each segment of a section (um)."""
    bounds = np.linspace(0, points[-1, 0], nseg + 1)
    xyz = np.array([np.interp(bounds, points[:, 0], points[:, axis]) for axis in (1, 2, 3)]).T
    for start, end in zip(xyz[:-1].tolist(), xyz[1:].tolist(), strict=True):
        yield start + end
