"""How many compartments cells have, about, told before NEURON builds them."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from spikesweep.language import document as doc
from spikesweep.morphology.morphology import Morphology

# d_lambda counts in length constants at this frequency (Hz); Hines & Carnevale (2001).
FREQUENCY = 100.0
# Of most models. What a model's own are, and where, is known only when it is built.
AXIAL_RESISTIVITY = 100.0  # ohm cm
CAPACITANCE = 1.0  # uF/cm2

Piece = tuple[float, float]  # length and diameter (um)


def count_compartments(
    cells: Mapping[str, doc.Cell], morphologies: Mapping[str, Morphology]
) -> float:
    """Return the number of segments of a document's cells, copies included.

    It is a rough one where it follows from lengths and diameters, for which the cable is taken to
    be one of common resistivity and capacitance; and inf where only NEURON can tell: of cells that
    are code, of files whose points are not known, and by formulas.

    Args:
        morphologies: what the files were read as, by hash.
    """
    # The entry of all copies of a cell counts each of them.
    counted = (cell for name, cell in cells.items() if "[" not in name)
    return sum(cell.get("count", 1) * _of_cell(cell, morphologies) for cell in counted)


def _of_cell(cell: doc.Cell, morphologies: Mapping[str, Morphology]) -> float:
    if "sections" in cell:
        rules, sections = cell["segments"], cell["sections"].values()
        counts = (s.get("nseg") or _most(rules, 1, [*_pieces_of_section(s)]) for s in sections)
        return cell.get("fold", 1) * sum(counts)
    if "morphology" in cell and (read := morphologies[cell["morphology"]["sha256"]]).points:
        count = _most(cell["segments"], sum(read.sections.values()), [*_pieces(read)])
        return cell.get("fold", 1) * count
    return math.inf


def _pieces_of_section(section: doc.Section) -> Iterator[Piece]:
    if "points" not in section:
        yield section["L"], section["diam"]
        return
    for (*start, _), (*end, diameter) in pairwise(section["points"]):
        yield math.dist(start, end), diameter


def _pieces(morphology: Morphology) -> Iterator[Piece]:
    for point in morphology.points:
        if point.parent > 0:
            parent = morphology.points[point.parent - 1]
            yield math.dist(point[2:5], parent[2:5]), 2 * point.radius


def _most(
    rules: doc.Segments | list[doc.SegmentsRule], sections: int, pieces: Iterable[Piece]
) -> float:
    """Return how many segments some sections have, of several rules by the one that makes most."""
    if isinstance(rules, list):
        return max((_by_rule(rule, sections, pieces) for rule in rules), default=sections)
    return _by_rule(rules, sections, pieces)


def _by_rule(rule: doc.Segments, sections: int, pieces: Iterable[Piece]) -> float:
    """Return how many segments some sections have by a rule: one each is lost to rounding up."""
    if "nseg" in rule:
        return sections * rule["nseg"] if isinstance(rule["nseg"], int) else math.inf
    if "max_length" in rule:
        return sections + sum(length for length, _ in pieces) / rule["max_length"]
    if "d_lambda" in rule:
        of_one_um = 1e5 / math.sqrt(4 * math.pi * FREQUENCY * AXIAL_RESISTIVITY * CAPACITANCE)
        lengths = sum(length / math.sqrt(diameter) for length, diameter in pieces)
        return sections + lengths / (rule["d_lambda"] * of_one_um)
    return sections
