"""Morphologies, read and checked before NEURON sees them.

What NEURON would accept in silence, or die of, is refused here with file and line.
"""

from itertools import product
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.asc import read_asc
from spikesweep.morphology.morphology import Morphology, Point, region, write_normalised
from spikesweep.morphology.swc import read_swc

__all__ = [
    "Morphology",
    "Point",
    "find_reading",
    "read_asc",
    "read_morphology",
    "read_swc",
    "region",
    "write_normalised",
]

_READERS = {".swc": read_swc, ".asc": read_asc}


def read_morphology(path: Path, axon: bool = True, largest: bool = False) -> Morphology:
    """Read a morphology of the format that the file's name ends with.

    Args:
        axon: whether the axon is kept. One that is not may be what is wrong with a file: then it is
            read without.
        largest: of several trees take the largest.

    Raises:
        UserError: another ending, or whatever is wrong with the file.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(
            f"{path}: no known format; expected a file that ends with {' or '.join(_READERS)}"
        )
    try:
        return reader(path, largest=largest)
    except UserError:
        if axon:
            raise
    return reader(path, axon=False, largest=largest)


def find_reading(path: Path, sha256: str) -> Morphology | None:
    """Return what a file is read as, with or without its axon and loose pieces, by its hash."""
    for reader in filter(None, [_READERS.get(path.suffix.lower())]):
        for largest, axon in product((False, True), (True, False)):
            try:
                found = reader(path, axon=axon, largest=largest)
            except UserError:
                continue
            if found.sha256 == sha256:
                return found
    return None
