"""Says whether a picture of the documentation is still what the workflow draws.

    python docs/same_picture.py docs/axon_and_synapses.png results/figure_sets/.../fig1_<label>.png

Pixels are compared, by their root mean square difference of 0 to 255: what a picture carries
beside them has no say.
"""

import sys
import tempfile
from pathlib import Path

from matplotlib.image import imread, imsave
from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure

TOLERANCE = 2.0  # another build of FreeType moves edges of letters by less


def main(documented: str, drawn: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pictures = [str(Path(scratch, name)) for name in ("documented.png", "drawn.png")]
        for source, picture in zip((documented, drawn), pictures, strict=True):
            imsave(picture, imread(source))
        try:
            differs = compare_images(*pictures, tol=TOLERANCE)
        except ImageComparisonFailure as failure:  # their sizes differ
            differs = str(failure)
        if differs:
            sys.exit(f"{documented} is not as {drawn}: {differs}")


if __name__ == "__main__":
    main(*sys.argv[1:])
