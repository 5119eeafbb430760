"""The sections that NEURON's Import3d makes of an SWC file, told without NEURON.

A section is a run of successive points, each the parent of the next, of one type; it ends where
the tree branches or the type changes. The rest is the care that Import3d takes of somata. The
tests compare with Import3d itself on trees of all kinds.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from spikesweep.morphology.morphology import SOMA, Point

_EPSILON = 1e-11  # NEURON's float_epsilon: what is nearer counts as equal


def section_types(points: Sequence[Point]) -> list[int]:
    """Return the SWC types of the sections, in Import3d's order.

    Args:
        points: with ids 1 to n, parents before children.
    """
    tree = _Tree(points)
    return [
        tree.types[start]
        for start, stop in zip(tree.starts, tree.stops, strict=True)
        if start == 0 or not tree.is_removed(start, stop)
    ]


class _Tree:
    """The points as columns, by place in the file: types, parents, and children that are soma."""

    def __init__(self, points: Sequence[Point]):
        self.points = points
        self.types = [point.type for point in points]
        self.parents = [point.parent - 1 if point.parent > 0 else -1 for point in points]
        self.soma_children = [0] * len(points)
        for i in range(1, len(points)):
            if self.types[i] == self.types[self.parents[i]] == SOMA:
                self.soma_children[self.parents[i]] += 1
        ends_branch = self._ends_branch()
        self.has_sphere = self._is_three_point_sphere(ends_branch)
        if self.has_sphere:
            self.parents[2] = 1  # one soma section, of which only the first point counts
        ends = self._ends_section(ends_branch)
        self.starts = [0, *(i + 1 for i, end in enumerate(ends[:-1]) if end)]
        self.stops = [*self.starts[1:], len(points)]

    def _ends_branch(self) -> list[float]:
        """Return, for each point, what tells whether a section ends there: anything but 1.

        The number of its children, and some more for each that does not come next or has
        another type.
        """
        count = [0.0] * len(self.points)
        for i in range(1, len(self.points)):
            parent = self.parents[i]
            count[parent] += 1
            if parent != i - 1:
                count[parent] += 0.01
                if self._begins_dendrite(parent):
                    count[parent] = 1  # else that dendrite would have a section of one point
            if self.types[parent] != self.types[i]:
                count[parent] += 0.01
        return count

    def _begins_dendrite(self, i: int) -> bool:
        """Return whether a point is the first of what hangs on a soma, or of a tree without one."""
        if self.types[i] == SOMA or i == 1:
            return False
        return i == 0 or self.types[self.parents[i]] == SOMA

    def _is_three_point_sphere(self, ends_branch: list[float]) -> bool:
        """Return whether the soma is the three points that NeuroMorpho.org writes for a sphere."""
        if self.types.count(SOMA) != 3 or self.parents[1:3] != [0, 0] or any(ends_branch[1:3]):
            return False
        first, second, third = self.points[:3]
        if any(abs(p.radius - first.radius) > _EPSILON for p in (second, third)):
            return False
        length = sum(math.dist(p[2:5], first[2:5]) for p in (second, third))
        return abs(length / (2 * first.radius) - 1) < 0.01

    def _ends_section(self, ends_branch: list[float]) -> list[bool]:
        """Return, for each point, whether it is the last of its section."""
        ends = [count != 1 for count in ends_branch]
        for i in range(len(self.points) - 1):
            # Points of a soma that follow each other stay together.
            if self.types[i] == self.types[i + 1] == SOMA and self.parents[i + 1] == i:
                ends[i] = ends[i] and i != 0 and self.soma_children[i] > 1
        return ends

    def is_removed(self, start: int, stop: int) -> bool:
        """Return whether Import3d removes a section that hangs on another: it has no length."""
        points = [*range(start, stop)]
        if not self._is_wired(start, is_point=len(points) == 1):
            points.insert(0, self.parents[start])
        if len(points) > 2:
            return False
        first, last = (self.points[i][2:5] for i in (points[0], points[-1]))
        return all(abs(a - b) <= _EPSILON for a, b in zip(first, last, strict=True))

    def _is_wired(self, start: int, is_point: bool) -> bool:
        """Return whether a section hangs on a soma by a wire, and so begins at its own point."""
        parent = self.parents[start]
        of_parent = bisect_right(self.starts, parent) - 1
        if self.types[start] == SOMA or self.types[self.starts[of_parent]] != SOMA:
            return False
        is_root = of_parent == 0
        if is_root and (self.has_sphere or self.stops[0] == 1):
            return not is_point
        if is_root and parent == 0:
            return self.soma_children[0] > 1
        is_inside = parent < self.stops[of_parent] - 1
        return (is_inside or self.soma_children[parent] > 1) and not is_point
