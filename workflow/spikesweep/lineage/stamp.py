"""Figures that carry their lineage: what they were made from, as JSON, inside the file.

    PNG   a tEXt chunk with the keyword "spikesweep"
    PDF   the entry /spikesweep of the document information dictionary
    SVG   an element {urn:spikesweep}lineage in a <metadata> of its own

Each is the format's own place for such things, so other tools show it and keep it: exiftool,
`pdfinfo -custom`, Pillow's `Image.text`, any XML library. The drawing itself is untouched, and
the same figure and lineage always give the same bytes. A seal in the lineage (see
`spikesweep.products.seal`) tells whether any byte of the file was changed since.
"""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from spikesweep.errors import UserError, listing
from spikesweep.lineage.carriers import pdf, png, svg
from spikesweep.products.atomic import written
from spikesweep.products.plain import content
from spikesweep.products.seal import BLANK, SEAL, is_intact, seal

CARRIERS = {".pdf": pdf, ".png": png, ".svg": svg}


def stamp(figure: Path, destination: Path, lineage: dict[str, Any]) -> None:
    """Copy a figure to `destination`, with its lineage inside in place of one that it had.

    Both names end in the same of .pdf, .png and .svg. The destination, in a folder that is made
    if need be, appears whole or not at all.

    Raises:
        UserError: the figure is not of its format, or damaged.
    """
    carrier = _carrier(figure)
    if _carrier(destination) is not carrier:
        raise ValueError(f"{figure} cannot be stamped as {destination}: formats are not converted")
    # ASCII is what all carriers take; other letters become \uXXXX.
    text = json.dumps({**lineage, SEAL: BLANK}, sort_keys=True, allow_nan=False)
    try:
        stamped = seal(carrier.embed(figure.read_bytes(), text), carrier.replaced)
    except ValueError as error:
        raise UserError(_damaged(figure, error)) from error
    with written(destination) as temporary:
        temporary.write_bytes(stamped)


def read_lineage(figure: Path) -> dict[str, Any]:
    """Return the lineage that a figure carries, whatever stands in it.

    Raises:
        UserError: the figure is missing, of another format, or damaged; or carries no lineage.
    """
    carrier = _carrier(figure)
    if not figure.is_file():
        raise UserError(f"{figure}: there is no such file")
    try:
        text = carrier.extract(content(figure))
    except OSError as error:
        raise UserError(f"{figure}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise UserError(_damaged(figure, error)) from error
    if text is None:
        raise UserError(
            f"{figure}: carries no lineage; the figures in results/<sweep>/figures do, unless "
            "another program has saved them again"
        )
    try:
        lineage = json.loads(text)
    except (ValueError, RecursionError):  # numbers without end, brackets in brackets, no JSON
        lineage = None
    if not isinstance(lineage, dict):
        raise UserError(_damaged(figure, ValueError("its lineage is none that spikesweep writes")))
    lineage.pop(SEAL, None)
    return lineage


def is_as_stamped(figure: Path) -> bool:
    """Return whether a figure that carries a lineage is, byte by byte, as it was stamped."""
    return is_intact(content(figure), _carrier(figure).replaced)


def _carrier(figure: Path) -> ModuleType:
    carrier = CARRIERS.get(figure.suffix.lower())
    if carrier is None:
        raise UserError(f"{figure}: expected a figure that ends in one of {listing(CARRIERS)}")
    return carrier


def _damaged(figure: Path, error: Exception) -> str:
    return f"{figure}: cannot be read as {figure.suffix[1:].upper()}: {error}"
