"""Reads SWC files (Cannon et al. 1998): one point a line, as id, type, x, y, z, radius, parent."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.morphology import AXON, SOMA, Morphology, Point, region
from spikesweep.morphology.sections import section_types
from spikesweep.morphology.sizes import Lines, check_sizes
from spikesweep.morphology.text import NUMBER, numbered_lines, short

_FIELDS = ("id", "type", "x", "y", "z", "radius", "parent")
_WHOLE = {"id", "type", "parent"}
_LARGEST_ID = 2**31 - 1


def read_swc(
    path: Path, soma_required: bool = False, axon: bool = True, largest: bool = False
) -> Morphology:
    """Read an SWC file.

    Args:
        axon: whether points of the axon, and what hangs on them, count at all.
        largest: of several trees take the one with the longest cable, and no other.

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
    points, left_out = _chosen(points, axon, largest)
    if not points:
        raise UserError(f"{path}: no points but those of the axon; expected a soma or dendrites")
    _check_radii(points, lines, path)
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
        (*left_out, *repairs),
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
    return int(number) if whole else number + 0.0  # -0.0 and 0.0 are one place


def _chosen(points: list[Point], axon: bool, largest: bool) -> tuple[list[Point], tuple[str, ...]]:
    """Return the points that count, and what is to be said of those left out."""
    said = []
    if not axon:
        kept = _reached(points, [p for p in points if p.parent < 0 and p.type != AXON], AXON)
        ids = {point.id for point in points}
        loose = [p for p in points if p.parent >= 0 and p.parent not in ids and p.type != AXON]
        kept += _reached(points, loose, AXON)  # whose parent is missing, as is said later
        chosen = set(kept)
        said.append(f"{len(points) - len(chosen)} points of the axon left out")
        points = [point for point in points if point in chosen]
    if largest:
        trees = [_reached(points, [root]) for root in points if root.parent < 0]
        chosen = set(max(trees, key=_cable, default=points))
        if len(chosen) < len(points):
            said.append(f"{len(points) - len(chosen)} points beside the largest tree left out")
        points = [point for point in points if point in chosen]
    return points, tuple(said)


def _reached(points: list[Point], roots: list[Point], without: int | None = None) -> list[Point]:
    """Return what hangs on some points, and these; without those of a type and what is on them."""
    children: dict[int, list[Point]] = {}
    for point in points:
        children.setdefault(max(point.parent, -1), []).append(point)
    found, waiting, seen = [], list(roots), set()
    while waiting:
        point = waiting.pop()
        if point.type != without and point.id not in seen:
            seen.add(point.id)
            found.append(point)
            waiting += children.get(point.id, [])
    return found


def _cable(points: list[Point]) -> float:
    """Return the length (um) of all that points and their parents span."""
    places = {point.id: point[2:5] for point in points}
    return sum(
        math.dist(point[2:5], places[point.parent]) for point in points if point.parent in places
    )


def _check_radii(points: list[Point], lines: Lines, path: Path) -> None:
    """Refuse points without a radius; with what to do where they draw the soma's outline."""
    empty = [point for point in points if point.radius <= 0]
    if not empty:
        return
    where = f'{path}, line {lines[empty[0].id]}: radius "{empty[0].radius:g}"'
    soma = [point for point in points if point.type == SOMA]
    if empty[0].type == SOMA and len(soma) > 2 and set(soma) <= set(empty):
        centre = [math.fsum(p[axis] for p in soma) / len(soma) for axis in (2, 3, 4)]
        radius = math.fsum(math.dist(p[2:5], centre) for p in soma) / len(soma)
        one = " ".join(f"{number:.6g}" for number in (*centre, radius))
        raise UserError(
            f"{where}: the soma is drawn as an outline of {len(soma)} points, of which NEURON "
            "would make a membrane of no area; expected points with radii: replace them by one, "
            f'"{soma[0].id} 1 {one} -1" (their centre and mean distance from it), and connect to '
            f"it what hung on them; or draw the outline in a Neurolucida file (.asc)"
        )
    raise UserError(
        f"{where}; expected more than 0 um, since NEURON would compute with a membrane of no area"
    )


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
            "so one point with parent -1. Where these are loose pieces beside a cell, "
            "`roots: largest` takes the largest tree alone, and `axon: remove` leaves out the axon"
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
