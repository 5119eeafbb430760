"""Images of figure sets: what is no PNG file that can be drawn is refused before anything runs."""

import contextlib
import io
import struct
import zlib

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


def blank(width: int, height: int) -> bytes:
    """A PNG file of one bit a pixel, made row by row: Pillow would take a byte for each, which stay
    with this process, and each of its forks would copy the tables of 900 MB."""
    deflating, row = zlib.compressobj(), bytes(1 + (width + 7) // 8)
    rows = b"".join(deflating.compress(row) for _ in range(height)) + deflating.flush()
    head = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )


ANIMATED = png(save_all=True, append_images=[Image.new("L", (40, 30), 200)])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png()[:-30], "cannot be read as a PNG file"),
        (b"", "cannot be read as a PNG file"),
        (jpeg(), "cannot be read as a PNG file"),
        (blank(10_000, 9_000), "90,000,000 pixels; expected"),
        (blank(30_000, 30_000), "too large; expected"),
        (ANIMATED, "2 pictures, an animation"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path, content, said):
    path = tmp_path / "scheme.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"panels.A.image: .*scheme.png: {said}"):
        check_image(path, "panels.A.image")


def test_blank_files_are_whole(tmp_path):
    (tmp_path / "scheme.png").write_bytes(blank(301, 40))
    check_image(tmp_path / "scheme.png", "here")
    with Image.open(tmp_path / "scheme.png") as image:
        assert (image.mode, image.size) == ("1", (301, 40))


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
