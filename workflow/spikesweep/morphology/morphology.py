"""What is known of a morphology before NEURON builds it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from spikesweep.language.names import REGIONS
from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import sha256

SOMA, AXON = 1, 2
# NEURON's Import3d calls the sections of these types soma, axon, dend and apic.
_REGIONS = dict(enumerate(REGIONS, SOMA))


class Point(NamedTuple):
    """A point of an SWC morphology; coordinates and radius in um, the root's parent is -1."""

    id: int
    type: int
    x: float
    y: float
    z: float
    radius: float
    parent: int


@dataclass(frozen=True)
class Morphology:
    """A morphology.

    content: what alone counts of the file, written in one way; no comments.
    points: of an SWC file; ids 1 to n, parents before children.
    sections: region -> number of its sections.
    repairs: what was mended in reading, as sentences.
    """

    path: Path
    format: Literal["swc", "asc"]
    content: str = field(repr=False)
    points: tuple[Point, ...] = field(default=(), repr=False)
    sections: dict[str, int] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """The hash of the content."""
        return sha256(self.content)


def region(type: int) -> str:
    """Return the region of an SWC type: soma, axon, basal, apical; others as NEURON names them."""
    return _REGIONS.get(type) or (f"dend_{type}" if type >= 0 else f"minus_{-type}")


def write_normalised(morphology: Morphology, path: Path) -> None:
    """Write the content of a morphology, for NEURON to read."""
    with written(path) as temporary:
        temporary.write_text(morphology.content, encoding="latin-1", newline="\n")
