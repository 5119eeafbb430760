"""Reads SWC files (Cannon et al. 1998): one point a line, as id, type, x, y, z, radius, parent."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.morphology import SOMA, Morphology, Point, region
from spikesweep.morphology.sections import section_types
from spikesweep.morphology.sizes import Lines, check_sizes
from spikesweep.morphology.text import NUMBER, numbered_lines, short

_FIELDS = ("id", "type", "x", "y", "z", "radius", "parent")
_WHOLE = {"id", "type", "parent"}
_LARGEST_ID = 2**31 - 1


def read_swc(path: Path, soma_required: bool = False) -> Morphology:
    """Read an SWC file.

    Points whose lines are out of order are put in order, and `repairs` says so. Columns after the
    seventh are left out.

    Raises:
        UserError: not such a file, or no single tree of points with plausible sizes.
    """
    points: list[Point] = []
    lines: Lines = {}
    for number, text in _data_lines(path):
        point = _point(text, path, number)
        if point.id in lines:
            raise UserError(
                f"{path}, line {number}: id {point.id} was used in line {lines[point.id]} already; "
                "expected every id once"
            )
        lines[point.id] = number
        points.append(point)
    if not points:
        raise UserError(f"{path}: no points; expected lines of {', '.join(_FIELDS)}")
    _check_tree(points, lines, path)
    check_sizes(points, lines, path)
    if soma_required and all(point.type != SOMA for point in points):
        raise UserError(f"{path}: no point of the soma; expected points of type 1")
    ordered, repairs = _ordered(points)
    ordered = _renumbered(ordered)
    return Morphology(
        path,
        "swc",
        "".join(_written(point) for point in ordered),
        ordered,
        dict(Counter(region(type) for type in section_types(ordered))),
        repairs,
    )


def _data_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold points, numbered from 1."""
    for number, line in numbered_lines(path, "an SWC file"):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _point(text: str, path: Path, line: int) -> Point:
    words = text.split("#")[0].split()
    if len(words) < len(_FIELDS):
        raise UserError(
            f'{path}, line {line}: "{short(text)}" has {len(words)} of 7 numbers; expected '
            f"{', '.join(_FIELDS)}. Was the file cut off?"
        )
    return Point(*(_value(f, word, path, line) for f, word in zip(_FIELDS, words, strict=False)))


def _value(field: str, word: str, path: Path, line: int) -> float | int:
    whole = field in _WHOLE
    number = float(word) if NUMBER.fullmatch(word) else math.nan
    if not math.isfinite(number) or (whole and (number % 1 or abs(number) > _LARGEST_ID)):
        expected = "a whole number" if whole else "a finite number"
        raise UserError(f'{path}, line {line}: {field} "{short(word)}"; expected {expected}')
    if field == "id" and number < 0:
        raise UserError(
            f'{path}, line {line}: id "{word}"; expected 0 or more: the root has the parent -1'
        )
    if field == "radius" and number <= 0:
        raise UserError(
            f'{path}, line {line}: radius "{word}"; expected more than 0 um, since NEURON would '
            "compute with a membrane of no area"
        )
    return int(number) if whole else number + 0.0  # -0.0 and 0.0 are one place


def _check_tree(points: list[Point], lines: Lines, path: Path) -> None:
    """Refuse points that are not one tree."""
    roots = [point for point in points if point.parent < 0]
    for point in points:
        if point.parent >= 0 and point.parent not in lines:
            raise UserError(
                f"{path}, line {lines[point.id]}: the parent {point.parent} of point {point.id} is "
                "missing; expected the id of a point, or -1 for the root"
            )
    if len(roots) > 1:
        raise UserError(
            f"{path}, line {lines[roots[1].id]}: point {roots[1].id} is another root, as point "
            f"{roots[0].id} in line {lines[roots[0].id]} ({len(roots)} in all); expected one tree, "
            "so one point with parent -1"
        )
    reached = {point.id for point in _depth_first(points)}
    for point in points:
        if point.id not in reached:
            raise UserError(
                f"{path}, line {lines[point.id]}: point {point.id} is its own ancestor, or hangs "
                "on one that is; expected a tree that begins at a point with parent -1"
            )


def _ordered(points: list[Point]) -> tuple[list[Point], tuple[str, ...]]:
    """Return the points with parents before children, and what was done to have them so.

    In the order of ids where that will do, so that NEURON makes of them what it makes of the file;
    else from the root along each branch to its end, the branch with the lower id first.
    """
    by_id = sorted(points)
    if all(point.parent < point.id for point in by_id):
        if by_id == points:
            return points, ()
        return by_id, ("lines were put in the order of their ids",)
    return list(_depth_first(by_id)), ("points were renumbered so that parents come first",)


def _depth_first(points: Iterable[Point]) -> Iterator[Point]:
    """Yield what can be reached from the root, each branch to its end."""
    children: dict[int, list[Point]] = {}
    for point in points:
        children.setdefault(max(point.parent, -1), []).append(point)
    waiting = children.get(-1, [])[::-1]
    while waiting:
        point = waiting.pop()
        yield point
        waiting += children.get(point.id, [])[::-1]


def _renumbered(points: list[Point]) -> tuple[Point, ...]:
    """Return the points with ids 1 to n in their order; the root's parent becomes -1."""
    new = {point.id: i for i, point in enumerate(points, 1)}
    return tuple(p._replace(id=new[p.id], parent=new.get(p.parent, -1)) for p in points)


def _written(point: Point) -> str:
    return " ".join(repr(value) for value in point) + "\n"
