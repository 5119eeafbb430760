"""Copies: the cells and processes that the entries of a document stand for, and where they stand.

An entry of a document is one cell or, with a count, that many copies, called pyr[0], pyr[1], ...;
a process that stands in all copies of a cell has as many. A copy that an axis singles out has an
entry of its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, hypot, radians, sin
from typing import TypeVar

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.language.names import copy_names, join, split
from spikesweep.simulation.errors import SimulationError

AXES = ("x", "y", "z")
PointedT = TypeVar("PointedT", bound=doc.Pointed)


@dataclass(frozen=True)
class Placement:
    """Where a cell stands: turned about x, then y, then z (degrees), and then moved (um)."""

    position: tuple[float, float, float]
    rotation: tuple[float, float, float]

    def place(self, points: np.ndarray) -> np.ndarray:
        """Return points (n, 3) of the cell's own coordinates where they lie in space (um)."""
        for axis, degrees in enumerate(self.rotation):
            if degrees:
                points = points @ _rotation(axis, radians(degrees)).T
        return points + self.position

    def distance(self, other: "Placement") -> float:
        """Return the distance between the positions of two cells (um)."""
        return hypot(*(a - b for a, b in zip(self.position, other.position, strict=True)))


AT_ORIGIN = Placement((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def _rotation(axis: int, angle: float) -> np.ndarray:
    """Return the matrix that turns about an axis by the right hand rule."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cos(angle)
    matrix[first, second], matrix[second, first] = -sin(angle), sin(angle)
    return matrix


def expand_cells(cells: Mapping[str, doc.Cell]) -> dict[str, doc.Cell]:
    """Return the document of every cell by name."""
    return {
        copy: cells.get(copy, cell)
        for name, cell in cells.items()
        if split(name)[1] is None
        for copy in copy_names(name, cell.get("count"))
    }


def expand_processes(
    processes: Mapping[str, doc.Process], cells: Mapping[str, doc.Cell]
) -> dict[str, doc.Process]:
    """Return the document of every process by name, in the one cell that it stands in.

    Args:
        cells: the entries of cells, not yet expanded.
    """
    expanded = {}
    for name, process in processes.items():
        if split(name)[1] is not None:
            continue
        cell = process["at"][0] if "at" in process else None
        count = process.get("count") if cell is None else cells.get(cell, {}).get("count")
        for i, copy in enumerate(copy_names(name, count)):
            moved = process
            if cell is not None and count is not None:
                moved = process | {"at": [join(cell, i), *process["at"][1:]]}
            entry = processes.get(copy, moved)
            if "pointers" in entry:
                pointers = entry["pointers"].items()
                own = {n: of_copy(one, i, processes, cells) for n, one in pointers}
                entry = entry | {"pointers": own}
            expanded[copy] = entry
    return expanded


def of_copy(
    pointed: PointedT,
    i: int,
    processes: Mapping[str, doc.Process],
    cells: Mapping[str, doc.Cell],
) -> PointedT:
    """Return what the i-th copy of a process or a cell points to: where there are copies, the i-th.

    Args:
        processes, cells: their entries, not yet expanded.
    """
    if "at" in pointed:
        cell, *place = pointed["at"]
        return {**pointed, "at": [_copy_of(cell, i, cells), *place]}
    if "process" not in pointed:
        return pointed
    name, dot, own = pointed["process"].partition(".")
    if dot:  # of a cell's own code
        return {**pointed, "process": f"{_copy_of(name, i, cells)}.{own}"}
    process = processes.get(name, {})
    count = process.get("count")
    if "at" in process:
        count = cells.get(process["at"][0], {}).get("count")
    return pointed if count is None else {**pointed, "process": join(name, i)}


def _copy_of(cell: str, i: int, cells: Mapping[str, doc.Cell]) -> str:
    return cell if cells.get(cell, {}).get("count") is None else join(cell, i)


def cells_of(processes: Mapping[str, doc.Process]) -> dict[str, str]:
    """Return the cell that each process stands in; of an artificial cell, its own name."""
    return {
        name: process["at"][0] if "at" in process else name for name, process in processes.items()
    }


def placements(
    cells: Mapping[str, doc.Cell], parameters: Mapping[str, float]
) -> dict[str, Placement]:
    """Return where each cell stands, those that nothing is said of at the origin.

    Raises:
        SimulationError: an expression without a value.
    """
    return {
        copy: _placement(
            cells.get(copy, cell), parameters | {"i": i, "count": cell.get("count", 1)}, copy
        )
        for name, cell in cells.items()
        if split(name)[1] is None
        for i, copy in enumerate(copy_names(name, cell.get("count")))
    }


def _placement(cell: doc.Cell, values: Mapping[str, float], name: str) -> Placement:
    if not ("position" in cell or "rotation" in cell):
        return AT_ORIGIN
    position, rotation = (
        tuple(_coordinate(cell.get(part, {}).get(axis, 0.0), values, name) for axis in AXES)
        for part in ("position", "rotation")
    )
    return Placement(position, rotation)


def _coordinate(value: doc.Number, values: Mapping[str, float], name: str) -> float:
    if not isinstance(value, str):
        return float(value)
    try:
        return compile_expression(value, values).evaluate(**values)
    except ExpressionError as error:
        raise SimulationError(f"where {name} stands: {error}") from None
