"""A small picture of each kind of figure, against the one that was looked at and kept.

After a change that is meant, run this file with PYTHONPATH=workflow:tests/helpers: it
draws them anew; look at each before it is committed.
"""

import io
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drawing import KINDS, PLACES, SWEEPS, draw, write_structure
from spikesweep.figures.data import FigureData

pytestmark = pytest.mark.workflow  # many drawings

PICTURES = Path(__file__).parent / "pictures"
DPI = 80
BLOCK = (
    16  # pixels; what differs is looked for block by block, so that no small thing slips through
)
TOLERANCE = 10.0  # of 255, the mean over a block: edges of letters by another FreeType stay below


def small(fig) -> np.ndarray:
    """A figure as an array of (height, width, 3)."""
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=DPI)
    return np.asarray(Image.open(file).convert("RGB"))


def drawn(kind: str, folder: Path):
    """A figure of a synthetic sweep, as large as it is printed."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    data = SWEEPS["grid"].write(folder)
    structure = write_structure(folder / "structure.csv")._paths["structure"]
    paths = data._paths | {"structure": structure}
    return draw(kind, FigureData(**paths, places=PLACES))


def worst(one: np.ndarray, other: np.ndarray) -> float:
    """The greatest mean difference over any block."""
    apart = np.abs(one.astype(float) - other).mean(axis=2)
    height, width = (-(-n // BLOCK) * BLOCK for n in apart.shape)
    padded = np.zeros((height, width))
    padded[: apart.shape[0], : apart.shape[1]] = apart
    blocks = padded.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_looks_as_it_did(kind, tmp_path):
    kept = np.asarray(Image.open(PICTURES / f"{kind}.png").convert("RGB"))
    now = small(drawn(kind, tmp_path))
    assert now.shape == kept.shape
    assert worst(now, kept) < TOLERANCE


def test_a_small_change_is_seen(tmp_path):
    """One marker of another colour, one letter, a line twice as thick."""
    before = small(drawn("curve", tmp_path))
    for change in (
        lambda panel: panel.lines[0].set_linewidth(2.5),
        lambda panel: panel.set_xlabel("Dose (µM)"),
        lambda panel: panel.plot(10, 60, "o", color="red"),
    ):
        fig = drawn("curve", tmp_path)
        change(fig.axes[0])
        assert worst(small(fig), before) > TOLERANCE
    assert worst(small(drawn("curve", tmp_path)), before) == 0.0


def test_there_is_a_picture_of_each_kind_and_no_other():
    assert {path.stem for path in PICTURES.glob("*.png")} == set(KINDS)


if __name__ == "__main__":
    for each in sys.argv[1:] or KINDS:
        with tempfile.TemporaryDirectory() as scratch:
            image = Image.fromarray(small(drawn(each, Path(scratch))))
            image.quantize(128).save(PICTURES / f"{each}.png", optimize=True)
