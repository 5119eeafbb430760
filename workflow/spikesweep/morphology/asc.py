"""Reads Neurolucida ASC files: brackets in brackets, of points, properties and branches.

Only what is a cell counts: outlines of the cell body and trees. Colours, markers, texts, spines
and other outlines are left out, and what is left is written anew for NEURON.

    ("CellBody" (CellBody) (x y z d) ...)
    ((Dendrite) (x y z d) ... ( (x y z d) ... | (x y z d) ... ))
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.morphology import AXON, SOMA, Morphology, Point, region
from spikesweep.morphology.sizes import check_sizes
from spikesweep.morphology.text import NUMBER, numbered_lines, short

_TOKEN = re.compile(r'"[^"\n]*"|;[^\n]*|[()<>|,]|[^\s()<>|,";]+|"')
_CLOSES = {")": "(", ">": "<"}
_KINDS = {"Axon": AXON, "Dendrite": 3, "Apical": 4}
_CELL_BODY = ("CellBody", "Cell Body", "Soma")
THINNEST = 1e-6  # an outline of the cell body, as part of its length
_DEEPEST = 100  # branches behind one another; NEURON's own reader goes no deeper


@dataclass
class _Group:
    """What stands in a pair of brackets, ( ) or < >: words and groups, and the line of each."""

    line: int
    bracket: str
    items: list = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def head(self):
        return self.items[0] if self.items else None

    @property
    def is_point(self) -> bool:
        return self.bracket == "(" and isinstance(self.head, str) and _is_number(self.head)

    @property
    def is_property(self) -> bool:
        return self.bracket == "(" and isinstance(self.head, str) and self.head[0].isalpha()


@dataclass(frozen=True)
class _Branch:
    """A piece of neurite up to where it branches: points, their lines, and what comes behind."""

    points: tuple[tuple[float, ...], ...]
    lines: tuple[int, ...]
    children: tuple["_Branch", ...]


@dataclass
class _Cell:
    """Outlines of the cell body, and trees with their SWC types."""

    bodies: list[_Branch] = field(default_factory=list)
    trees: list[tuple[int, _Branch]] = field(default_factory=list)
    spines: int = 0
    empty: int = 0


def read_asc(path: Path, axon: bool = True, largest: bool = False) -> Morphology:
    """Read an ASC file.

    Args:
        axon: whether trees of the axon count at all.
        largest: where no cell body connects several trees, take the one with the longest cable.

    Raises:
        UserError: not such a file, or no single cell of plausible sizes.
    """
    cell = _Cell()
    for group in _top_groups(path):
        _take(group, cell, path)
    said = _choose(cell, axon, largest)
    if not cell.trees and not cell.bodies:
        raise UserError(f"{path}: no points; expected a Neurolucida ASC file")
    _check_one_cell(cell, path)
    points, lines = _points(cell)
    check_sizes(points, lines, path)
    types = [*([SOMA] if cell.bodies else []), *_section_types(cell.trees)]
    left_out = {"spines": cell.spines, "branches of no length": cell.empty}
    return Morphology(
        path,
        "asc",
        "".join(_written(cell)),
        sections=dict(Counter(map(region, types))),
        repairs=(*said, *(f"{n} {what} left out" for what, n in left_out.items() if n)),
    )


def _top_groups(path: Path) -> Iterator[_Group]:
    """Yield the outermost groups of a file."""
    opened: list[_Group] = []
    for number, line in numbered_lines(path, "a Neurolucida ASC file"):
        for word in _TOKEN.findall(line):
            where = f"{path}, line {number}"
            if word in ("(", "<"):
                opened.append(_Group(number, word))
            elif word in _CLOSES:
                if not opened or opened[-1].bracket != _CLOSES[word]:
                    raise UserError(f'{where}: "{word}" closes no bracket')
                group = opened.pop()
                if not opened:
                    yield group
                else:
                    opened[-1].items.append(group)
                    opened[-1].lines.append(group.line)
            elif word == '"':
                raise UserError(f"{where}: a quotation mark is never closed")
            elif not word.startswith((";", ",")):
                if not opened:
                    raise UserError(f'{where}: "{short(word)}" stands outside of all brackets')
                opened[-1].items.append(word)
                opened[-1].lines.append(number)
    if opened:
        raise UserError(
            f'{path}, line {opened[-1].line}: "{opened[-1].bracket}" is never closed '
            f"({len(opened)} in all); was the file cut off?"
        )


def _take(group: _Group, cell: _Cell, path: Path) -> None:
    """Add an outermost group to the cell, if it is an outline of its body or a tree."""
    head = group.head
    words = {item.head for item in group.items if isinstance(item, _Group) and item.is_property}
    if isinstance(head, str) and head.lower() == "set":
        for inner in group.items:
            if isinstance(inner, _Group):
                _take(inner, cell, path)
    elif isinstance(head, str) and head.startswith('"'):
        if head.strip('"') in _CELL_BODY or "CellBody" in words:
            cell.bodies.append(_outline(group, path))
    elif isinstance(head, _Group):
        kinds = sorted(words & _KINDS.keys())
        is_text = any(isinstance(item, str) and item[0] == '"' for item in group.items)
        if len(kinds) == 1:
            branch = _branch(group.items, group.lines, group.line, cell, path)
            cell.trees.append((_KINDS[kinds[0]], branch))
        elif not is_text:
            raise UserError(
                f"{path}, line {group.line}: a tree of {' and '.join(kinds) or 'no kind'}; "
                "expected a property (Axon), (Dendrite) or (Apical) before its points"
            )


def _outline(group: _Group, path: Path) -> _Branch:
    points = [item for item in group.items if isinstance(item, _Group) and item.is_point]
    if len(points) < 3:
        raise UserError(
            f"{path}, line {group.line}: an outline of the cell body with {len(points)} points; "
            "expected at least 3"
        )
    places = [_numbers(point, path, least=2) for point in points]
    if not _spans_area(places):
        raise UserError(
            f"{path}, line {points[0].line}: the points of this outline of the cell body lie on a "
            "line in x and y, where NEURON crashes; expected an outline that spans an area"
        )
    return _Branch(tuple(places), tuple(point.line for point in points), ())


def _spans_area(points: Sequence[Sequence[float]]) -> bool:
    """Return whether points lie apart in x and y, not all on one line."""
    x0, y0 = points[0][:2]
    x1, y1 = max(((p[0], p[1]) for p in points), key=lambda p: math.dist(p, (x0, y0)))
    length = math.dist((x0, y0), (x1, y1))
    if not length:
        return False
    width = max(abs((x1 - x0) * (p[1] - y0) - (y1 - y0) * (p[0] - x0)) for p in points) / length
    return width > THINNEST * length


def _choose(cell: _Cell, axon: bool, largest: bool) -> list[str]:
    """Leave out of a cell what is not asked for; return what is to be said of it."""
    said = []
    if not axon:
        kept = [(kind, tree) for kind, tree in cell.trees if kind != AXON]
        if len(kept) < len(cell.trees):
            said.append(f"{len(cell.trees) - len(kept)} trees of the axon left out")
        cell.trees = kept
    if largest and not cell.bodies and len(cell.trees) > 1:
        said.append(f"{len(cell.trees) - 1} trees beside the largest left out")
        cell.trees = [max(cell.trees, key=lambda tree: _cable(tree[1]))]
    return said


def _cable(tree: _Branch) -> float:
    """Return the length (um) of all branches of a tree, each from its own first point."""
    return sum(
        math.dist(a[:3], b[:3])
        for branch in _branches(tree)
        for a, b in zip(branch.points, branch.points[1:], strict=False)
    )


def _branch(
    items: Sequence, lines: Sequence[int], line: int, cell: _Cell, path: Path, depth: int = 1
) -> _Branch:
    """Return the branch that a sequence of points states, with the branches behind it."""
    if depth > _DEEPEST:
        raise UserError(
            f"{path}, line {line}: more than {_DEEPEST} branches behind one another, which "
            "NEURON cannot read; expected fewer, or an SWC file of the cell"
        )
    points: list[_Group] = []
    children: tuple[_Branch, ...] = ()
    for item, at in zip(items, lines, strict=True):
        if isinstance(item, str):
            if not item[0].isalpha():  # else an ending, such as Normal or Incomplete
                raise UserError(
                    f'{path}, line {at}: "{short(item)}" between the points of a branch'
                )
        elif item.bracket == "<":
            cell.spines += 1
        elif item.is_point:
            if children:
                raise UserError(f"{path}, line {at}: a point behind a branching; expected )")
            points.append(item)
        elif isinstance(item.head, _Group):
            if children:
                raise UserError(f"{path}, line {at}: a second branching at one place; expected )")
            children = tuple(
                _branch(part, part_lines, at, cell, path, depth + 1)
                for part, part_lines in _parts(item)
            )
    if not points:
        raise UserError(f"{path}, line {line}: a branch without points")
    places = tuple(_numbers(point, path, least=4) for point in points)
    kept = tuple(_with_length(children, places[-1], cell))
    return _Branch(places, tuple(point.line for point in points), kept)


def _parts(group: _Group) -> Iterator[tuple[list, list[int]]]:
    """Yield the branches of a branching, which bars separate: their items and lines."""
    items: list = []
    lines: list[int] = []
    for item, line in zip(group.items, group.lines, strict=True):
        if item == "|":
            yield items, lines
            items, lines = [], []
        else:
            items.append(item)
            lines.append(line)
    yield items, lines


def _with_length(
    branches: Sequence[_Branch], start: tuple[float, ...], cell: _Cell
) -> Iterator[_Branch]:
    """Yield branches that begin at a point; of one that never leaves it, those behind it."""
    for branch in branches:
        if any(point[:3] != start[:3] for point in branch.points):
            yield branch
        else:
            cell.empty += 1
            yield from branch.children


def _is_number(word: str) -> bool:
    return NUMBER.fullmatch(word) is not None


def _numbers(point: _Group, path: Path, least: int) -> tuple[float, float, float, float]:
    """Return x, y, z and diameter of a point; what an outline leaves out is 0."""
    words = [word for word in point.items if isinstance(word, str)][:4]
    numbers = [float(word) for word in words if _is_number(word)]
    where = f"{path}, line {point.line}"
    if len(numbers) < least:
        raise UserError(
            f"{where}: a point of {len(numbers)} numbers; expected x, y, z and a diameter"
        )
    if not all(map(math.isfinite, numbers)):
        raise UserError(f"{where}: a number that is not finite")
    x, y, z, diameter = [number + 0.0 for number in (*numbers, 0.0, 0.0)[:4]]
    if least == 4 and diameter <= 0:
        raise UserError(
            f"{where}: diameter {diameter:g}; expected more than 0 um, since NEURON would compute "
            "with a membrane of no area"
        )
    return x, y, z, diameter


def _check_one_cell(cell: _Cell, path: Path) -> None:
    """Refuse cell bodies that lie apart, trees that nothing connects, and trees of no length."""
    for before, body in zip(cell.bodies, cell.bodies[1:], strict=False):
        if not _overlap(before, body):
            raise UserError(
                f"{path}, line {body.lines[0]}: another cell body than that of line "
                f"{before.lines[0]}, apart from it; expected one cell"
            )
    if not cell.bodies and len(cell.trees) > 1:
        raise UserError(
            f"{path}, line {cell.trees[1][1].lines[0]}: another tree than that of line "
            f"{cell.trees[0][1].lines[0]}, and no cell body that connects them; expected one cell. "
            "Where these are loose pieces, `roots: largest` takes the largest tree alone, and "
            "`axon: remove` leaves out the axon"
        )
    for _, tree in cell.trees:
        if len({point[:3] for point in tree.points}) == 1:
            raise UserError(
                f"{path}, line {tree.lines[0]}: a tree that begins with a branch of no length; "
                "expected two points or more at its start"
            )


def _overlap(one: _Branch, other: _Branch) -> bool:
    """Return whether the boxes around two outlines overlap in x and y: then they are one stack."""
    return all(
        min(p[axis] for p in one.points) <= max(p[axis] for p in other.points)
        and min(p[axis] for p in other.points) <= max(p[axis] for p in one.points)
        for axis in (0, 1)
    )


def _section_types(trees: Sequence[tuple[int, _Branch]]) -> Iterator[int]:
    """Yield the type of each branch: NEURON makes a section of it."""
    for kind, tree in trees:
        for _ in _branches(tree):
            yield kind


def _branches(tree: _Branch) -> Iterator[_Branch]:
    yield tree
    for child in tree.children:
        yield from _branches(child)


def _points(cell: _Cell) -> tuple[list[Point], dict[int, int]]:
    """Return all points of the cell, for their sizes: the body has no radius but its outline."""
    points: list[Point] = []
    lines: dict[int, int] = {}
    bodies = [(SOMA, body) for body in cell.bodies]
    trees = [(kind, branch) for kind, tree in cell.trees for branch in _branches(tree)]
    for kind, branch in (*bodies, *trees):
        for (x, y, z, diameter), line in zip(branch.points, branch.lines, strict=True):
            lines[len(points)] = line
            radius = 1.0 if kind == SOMA else diameter / 2
            points.append(Point(len(points), kind, x, y, z, radius, -1))
    return points, lines


def _written(cell: _Cell) -> Iterator[str]:
    """Yield the lines of the cell, as NEURON is to read them."""
    for body in cell.bodies:
        yield '("CellBody"\n(CellBody)\n'
        yield from map(_point_written, body.points)
        yield ")\n"
    words = {kind: word for word, kind in _KINDS.items()}
    for kind, tree in cell.trees:
        yield f"(({words[kind]})\n"
        yield from _branch_written(tree)
        yield ")\n"


def _branch_written(branch: _Branch) -> Iterator[str]:
    yield from map(_point_written, branch.points)
    for number, child in enumerate(branch.children):
        yield "|\n" if number else "(\n"
        yield from _branch_written(child)
    if branch.children:
        yield ")\n"


def _point_written(point: Sequence[float]) -> str:
    return f"({' '.join(map(repr, point))})\n"
