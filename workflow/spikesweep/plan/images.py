"""Images that stand in panels: whether they can be shown, before anything is made."""

import warnings
from pathlib import Path

from spikesweep.errors import UserError

MOST_PIXELS = 80_000_000  # a page at 1,200 dpi has 60 million within its margins


def check_image(path: Path, place: str) -> None:
    """Refuse a file that is no PNG file of one picture, whole, of a size that can be drawn.

    Raises:
        UserError: what it is instead.
    """
    from PIL import Image  # few sets have images

    expected = f"expected a PNG file of one picture, of at most {MOST_PIXELS:,} pixels"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=["PNG"]) as image:
                pixels, frames = image.width * image.height, getattr(image, "n_frames", 1)
                if pixels <= MOST_PIXELS:
                    image.load()
    except Image.DecompressionBombError:
        raise UserError(f"{place}: {path}: too large; {expected}") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError):  # as Pillow tells damage
        raise UserError(f"{place}: {path}: cannot be read as a PNG file; {expected}") from None
    if pixels > MOST_PIXELS:
        raise UserError(f"{place}: {path}: {pixels:,} pixels; {expected}")
    if frames > 1:
        raise UserError(f"{place}: {path}: {frames} pictures, an animation; {expected}")
