"""The geometry of a cell: which sections it has, how they are connected, and their size.

NEURON's Import3d reads a morphology file once; every cell is then built from the points that it
found, which takes a sixth of the time, and makes bit by bit the same sections.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.names import split
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n

# Our names of the regions that Import3d calls otherwise.
REGION_NAMES = {"dend": "basal", "apic": "apical"}
READERS = {"swc": "Import3d_SWC_read", "asc": "Import3d_Neurolucida3"}


@dataclass(frozen=True, kw_only=True)
class SectionGeometry:
    """One unbranched piece of a cell.

    region: what rules may call it, beside its name; None for a literal section of none.
    parent: name, index and place (0 to 1) of the point that its 0 end is connected to.
    nseg: number of its segments, or None where the rule of the cell decides.
    """

    name: str
    index: int
    region: str | None
    parent: tuple[str, int, float] | None
    nseg: int | None = None

    def create(self, cell: str):
        """Return a new section of this geometry, not yet connected."""
        section = n.Section(name=f"{cell}.{self.name}[{self.index}]")
        self.shape(section)
        return section

    def shape(self, section) -> None:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Cylinder(SectionGeometry):
    """A literal section, of a length and a diameter (um)."""

    length: float
    diameter: float

    def shape(self, section) -> None:
        section.L, section.diam = self.length, self.diameter


@dataclass(frozen=True, kw_only=True)
class Polyline(SectionGeometry):
    """A traced section; points: (n, 4) float64, x, y, z and diameter (um)."""

    points: np.ndarray

    def shape(self, section) -> None:
        n.pt3dadd(*(n.Vector(column) for column in self.points.T), sec=section)


def read_morphology(path: Path, form: str) -> tuple[Polyline, ...]:
    """Return the sections that NEURON's Import3d finds in a morphology file.

    Args:
        form: a key of READERS.

    Raises:
        SimulationError: Import3d finds no section, or fails.
    """
    if form not in READERS:
        raise SimulationError(f'format "{form}"; expected {" or ".join(READERS)}')
    n.load_file("import3d.hoc")
    reader = getattr(n, READERS[form])()
    reader.quiet = 1
    imported = _Imported()
    try:
        reader.input(str(path))
        n.Import3d_GUI(reader, False).instantiate(imported)
    except RuntimeError as error:
        raise SimulationError(f"NEURON cannot read it: {error}") from None
    if not imported.all:
        raise SimulationError("NEURON finds no section in it")
    return tuple(_read_section(section) for section in imported.all)


def literal_sections(sections: Mapping[str, doc.Section]) -> tuple[SectionGeometry, ...]:
    """Return the geometry of a document's literal sections.

    Raises:
        SimulationError: a length or diameter that is not positive.
    """
    return tuple(_literal(name, section) for name, section in sections.items())


def with_axon(
    parts: Sequence[SectionGeometry], axon: str | doc.Stub
) -> tuple[SectionGeometry, ...]:
    """Return a cell's geometry with its axon kept, removed, or replaced.

    Args:
        axon: "keep", "remove", or {"stub": cylinders one behind the other, as {"L", "diam"},
            "parent": [section, index, place] of the first}.

    Raises:
        SimulationError: the cell begins with its axon, or other sections hang on it.
    """
    if axon == "keep":
        return tuple(parts)
    left = tuple(part for part in parts if part.region != "axon")
    keys = {(part.name, part.index) for part in left}
    for part in left:
        if part.parent is not None and part.parent[:2] not in keys:
            raise SimulationError(
                f"{part.name}[{part.index}] hangs on the axon, which cannot be taken away then"
            )
    if not left:
        raise SimulationError("the cell is nothing but an axon, which cannot be taken away then")
    return left if axon == "remove" else (*left, *_stub(axon))


def _stub(axon: doc.Stub) -> list[Cylinder]:
    cylinders = []
    parent = tuple(axon["parent"])
    for index, size in enumerate(axon["stub"]):
        cylinders.append(
            Cylinder(
                name="axon", index=index, region="axon", parent=parent,
                **_size(f"axon[{index}]", size),
            )
        )  # fmt: skip
        parent = ("axon", index, 1.0)
    return cylinders


def points_of(section) -> np.ndarray:
    """Return (n, 4): distance along the section and x, y, z (um) of its 3-D points."""
    return np.array(
        [
            (section.arc3d(i), section.x3d(i), section.y3d(i), section.z3d(i))
            for i in range(section.n3d())
        ]
    )


class _Imported:
    """What Import3d hangs its sections on: the lists soma, axon, dend, apic, and all of them."""

    all: Sequence = ()


def _read_section(section) -> SectionGeometry:
    name, index = _imported_name(section)
    parent = section.parentseg()
    points = [
        (section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i))
        for i in range(section.n3d())
    ]
    return Polyline(
        name=name,
        index=index,
        region=name,
        parent=None if parent is None else (*_imported_name(parent.sec), parent.x),
        points=np.array(points),
    )


def _imported_name(section) -> tuple[str, int]:
    """Return our name: "<object at 0x7f>.apic[12]" -> ("apical", 12)."""
    name, index = split(section.name().rpartition(".")[2])
    return REGION_NAMES.get(name, name), index or 0


def _literal(full_name: str, section: doc.Section) -> SectionGeometry:
    name, index = split(full_name)
    common = {
        "name": name,
        "index": index or 0,
        "region": section.get("region"),
        "parent": _connection(*section["parent"]) if "parent" in section else None,
        "nseg": section.get("nseg"),
    }
    if "points" in section:
        return Polyline(**common, points=np.array(section["points"], dtype=float))
    return Cylinder(**common, **_size(full_name, section))


def _size(full_name: str, section: doc.Section | doc.Cylinder) -> dict[str, float]:
    length, diameter = section["L"], section["diam"]
    if not (0 < length < np.inf and 0 < diameter < np.inf):  # NEURON takes a diameter of 0, or NaN
        raise SimulationError(
            f"section {full_name}: L = {length} um, diam = {diameter} um; expected more than 0"
        )
    return {"length": length, "diameter": diameter}


def _connection(parent: str, x: float) -> tuple[str, int, float]:
    name, index = split(parent)
    return name, index or 0, x
