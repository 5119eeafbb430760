"""Morphologies, read and checked before NEURON sees them.

What NEURON would accept in silence, or die of, is refused here with file and line.
"""

from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.asc import read_asc
from spikesweep.morphology.morphology import Morphology, Point, region, write_normalised
from spikesweep.morphology.swc import read_swc

__all__ = [
    "Morphology",
    "Point",
    "read_asc",
    "read_morphology",
    "read_swc",
    "region",
    "write_normalised",
]

_READERS = {".swc": read_swc, ".asc": read_asc}


def read_morphology(path: Path) -> Morphology:
    """Read a morphology of the format that the file's name ends with.

    Raises:
        UserError: another ending, or whatever is wrong with the file.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(
            f"{path}: no known format; expected a file that ends with {' or '.join(_READERS)}"
        )
    return reader(path)
