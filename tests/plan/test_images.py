"""Images of figure sets: what is no PNG file that can be drawn is refused before anything runs."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from spikesweep.errors import UserError
from spikesweep.plan.images import check_image


def png(mode="L", size=(40, 30), **options) -> bytes:
    Image.new(mode, size).save(file := io.BytesIO(), "PNG", **options)
    return file.getvalue()


def jpeg() -> bytes:
    Image.new("CMYK", (40, 30)).save(file := io.BytesIO(), "JPEG")
    return file.getvalue()


ANIMATED = png(save_all=True, append_images=[Image.new("L", (40, 30), 200)])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png()[:-30], "cannot be read as a PNG file"),
        (b"", "cannot be read as a PNG file"),
        (jpeg(), "cannot be read as a PNG file"),
        (png("1", (10_000, 9_000)), "90,000,000 pixels; expected"),
        (png("1", (30_000, 30_000)), "too large; expected"),
        (ANIMATED, "2 pictures, an animation"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path, content, said):
    path = tmp_path / "scheme.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"panels.A.image: .*scheme.png: {said}"):
        check_image(path, "panels.A.image")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "P", "RGB", "RGBA"])
def test_png_files_of_all_modes_are_taken(tmp_path, mode):
    (tmp_path / "scheme.png").write_bytes(png(mode))
    check_image(tmp_path / "scheme.png", "here")


@given(cuts=st.lists(st.tuples(st.integers(0, 90), st.binary(min_size=1, max_size=4)), min_size=1))
def test_any_damage_is_one_message_or_none(tmp_path_factory, cuts):
    content = bytearray(png())
    for start, replacement in cuts:
        content[start : start + len(replacement)] = replacement
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        check_image(path, "here")
