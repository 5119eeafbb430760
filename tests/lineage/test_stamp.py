"""Stamped figures, read with other tools than those that stamped them."""

import io
import json
import re
import struct
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pikepdf
import pytest
from matplotlib.figure import Figure
from PIL import Image

from spikesweep.errors import UserError
from spikesweep.lineage.stamp import CARRIERS, is_as_stamped, read_lineage, stamp
from tools import tool

SUFFIXES = (".pdf", ".png", ".svg")

# Everything that might upset a format: quotes, markup, braces, letters beyond ASCII, long texts.
LINEAGE = {
    "sweep": "potassium_block",
    "label": "1a2b3c4d+9f0e",
    "title": 'Größe < 5 µm & (0.1 nA) \\ "quoted" ]]> --> 神経 \n\t\u0000',
    "axes": {"dose": [0.1, 1000.0], "celsius": [16, 26, 36]},
    "empty": {},
    "nothing": None,
    "patch": "+ line\n" * 2000,
}


@pytest.fixture(scope="module")
def figures(tmp_path_factory) -> Path:
    """A folder with one figure in each format, as matplotlib writes it."""
    folder = tmp_path_factory.mktemp("figures")
    with matplotlib.rc_context({"svg.hashsalt": "0"}):
        figure = Figure(figsize=(2, 1.5))
        axes = figure.add_subplot(title="rate (Hz)", xlabel="amplitude (nA) <&>")
        axes.plot([0, 1, 2], [0, 20, 35])
        axes.imshow(np.arange(12).reshape(3, 4), aspect="auto")
        for suffix in SUFFIXES:
            figure.savefig(folder / f"plain{suffix}")
    return folder


def stamped(figures: Path, tmp_path: Path, suffix: str, lineage: dict) -> Path:
    """Return a figure stamped under a labelled name, as the workflow names it."""
    destination = tmp_path / "figures" / f"heatmap_1a2b3c4d+9f0e{suffix}"
    stamp(figures / f"plain{suffix}", destination, lineage)
    return destination


def unsealed(text: str) -> dict:
    """Return a lineage that another tool has read, without its seal."""
    lineage = json.loads(text)
    assert re.fullmatch("[0-9a-f]{64}", lineage.pop("seal"))
    return lineage


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("lineage", [LINEAGE, {}, {"a": 1}], ids=["all", "empty", "short"])
def test_round_trip(figures, tmp_path, suffix, lineage):
    assert read_lineage(stamped(figures, tmp_path, suffix, lineage)) == lineage


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_same_bytes_every_time(figures, tmp_path, suffix):
    backwards = dict(reversed(LINEAGE.items()))
    first = stamped(figures, tmp_path / "a", suffix, LINEAGE)
    second = stamped(figures, tmp_path / "b", suffix, backwards)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_stamping_again_replaces(figures, tmp_path, suffix):
    once = stamped(figures, tmp_path, suffix, LINEAGE)
    again = tmp_path / f"again{suffix}"
    stamp(once, again, {"label": "5e6f7a8b"})
    assert read_lineage(again) == {"label": "5e6f7a8b"}
    assert b"potassium_block" not in again.read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_else_is_written(figures, tmp_path, suffix):
    """One file, readable by others as any new file is, and the figure as it was."""
    before = (figures / f"plain{suffix}").read_bytes()
    made = stamped(figures, tmp_path, suffix, LINEAGE)
    (tmp_path / "new").touch()
    assert list(made.parent.iterdir()) == [made]
    assert made.stat().st_mode == (tmp_path / "new").stat().st_mode
    assert (figures / f"plain{suffix}").read_bytes() == before


def test_png_by_pillow(figures, tmp_path):
    plain, made = figures / "plain.png", stamped(figures, tmp_path, ".png", LINEAGE)
    with Image.open(plain) as before, Image.open(made) as after:
        assert unsealed(after.text["spikesweep"]) == LINEAGE
        assert after.info["dpi"] == before.info["dpi"]
        assert after.text["Software"] == before.text["Software"]
        np.testing.assert_array_equal(np.asarray(after), np.asarray(before))


def test_png_pixels_are_not_encoded_again(figures, tmp_path):
    plain = (figures / "plain.png").read_bytes()
    made = stamped(figures, tmp_path, ".png", LINEAGE).read_bytes()
    assert made.endswith(plain[plain.index(b"IDAT") - 4 :])


def test_pdf_by_text(figures, tmp_path):
    """The entry is found without any PDF library, and no date or identity but the content's."""
    content = stamped(figures, tmp_path, ".pdf", {"label": "1a2b3c4d+9f0e"}).read_bytes()
    entry = rb'/spikesweep \(\{"label": "1a2b3c4d\+9f0e", "seal": "[0-9a-f]{64}"\}\)'
    assert re.search(entry, content)
    assert b"ModDate" not in content
    assert re.search(rb"startxref\s+\d+\s+%%EOF\s*$", content)


def read_by(*command: str | Path) -> dict:
    """Return the lineage that another program prints, alone or at the end of a line."""
    words = [tool(str(command[0])), *map(str, command[1:])]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return unsealed(re.search(r"\{.*\}", shown)[0])


@pytest.mark.parametrize(
    ("suffix", "command"),
    [
        (".pdf", ["pdfinfo", "-custom"]),
        (".pdf", ["exiftool", "-b", "-Spikesweep"]),
        (".png", ["exiftool", "-b", "-Spikesweep"]),
        (".svg", ["exiftool", "-b", "-Lineage"]),
        (".svg", ["xmllint", "--xpath", "string(//*[local-name()='lineage'])"]),
    ],
)
def test_lineage_by_other_programs(figures, tmp_path, suffix, command):
    assert read_by(*command, stamped(figures, tmp_path, suffix, LINEAGE)) == LINEAGE


def test_pdf_draws_the_same(figures, tmp_path):
    made = stamped(figures, tmp_path, ".pdf", LINEAGE)
    with pikepdf.open(figures / "plain.pdf") as before, pikepdf.open(made) as after:
        assert after.check_pdf_syntax() == []
        assert len(after.pages) == 1
        drawing = after.pages[0].Contents.read_raw_bytes()
        assert drawing == before.pages[0].Contents.read_raw_bytes()
        kept = {key: value for key, value in after.docinfo.items() if key != "/spikesweep"}
        assert kept == dict(before.docinfo.items())


def test_pdf_without_information(tmp_path):
    """matplotlib leaves the dictionary out when all its entries are None."""
    empty = dict.fromkeys(("Creator", "Producer", "CreationDate"))
    Figure().savefig(tmp_path / "bare.pdf", metadata=empty)
    stamp(tmp_path / "bare.pdf", tmp_path / "made.pdf", LINEAGE)
    assert read_lineage(tmp_path / "made.pdf") == LINEAGE


def test_svg_by_element_tree(figures, tmp_path):
    made = ElementTree.parse(stamped(figures, tmp_path, ".svg", LINEAGE)).getroot()
    metadata, *drawing = made
    assert metadata.tag == "{http://www.w3.org/2000/svg}metadata"
    assert unsealed(metadata.findtext("{urn:spikesweep}lineage")) == LINEAGE

    plain = ElementTree.parse(figures / "plain.svg").getroot()
    assert made.attrib == plain.attrib
    assert [ElementTree.tostring(e) for e in drawing] == [ElementTree.tostring(e) for e in plain]


# Beginnings that an SVG may have; the element belongs behind the tag of <svg> in each.
SVG_BEGINNINGS = {
    "plain": '<svg xmlns="http://www.w3.org/2000/svg">',
    "declaration": '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">\n',
    "byte order mark": '\ufeff<svg xmlns="http://www.w3.org/2000/svg">',
    "comment": '<!-- <svg> -->\n<svg xmlns="http://www.w3.org/2000/svg"><!-- µ -->',
    "> in a value": '<svg xmlns="http://www.w3.org/2000/svg" id="a>b" class="µ">',
    "text": '<svg xmlns="http://www.w3.org/2000/svg"> text',
}


@pytest.mark.parametrize("beginning", SVG_BEGINNINGS.values(), ids=SVG_BEGINNINGS)
def test_svg_beginnings(tmp_path, beginning):
    plain = tmp_path / "plain.svg"
    plain.write_text(f"{beginning}<g/></svg>", encoding="utf-8")
    stamp(plain, tmp_path / "made.svg", LINEAGE)
    root = ElementTree.parse(tmp_path / "made.svg").getroot()
    assert [child.tag.rpartition("}")[2] for child in root] == ["metadata", "g"]
    assert unsealed(root[0][0].text) == LINEAGE


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_changed_byte_breaks_the_seal(figures, tmp_path, suffix):
    """Also in the seal, in its chunk's length and checksum, and in what is appended."""
    made = stamped(figures, tmp_path, suffix, {"label": "1a2b3c4d"})
    content = made.read_bytes()
    assert is_as_stamped(made)
    near = content.index(b'"seal"')
    places = {*range(near - 60, near + 120), *range(0, len(content), len(content) // 40)}
    unseen = []
    for place in sorted(places):
        made.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        if is_as_stamped(made):
            unseen.append(place)
    assert unseen == []
    made.write_bytes(content + b"\n")
    assert not is_as_stamped(made)


def png_of_one_pixel() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (1, 1)).save(content, "png")
    return content.getvalue()


def cut(content: bytes) -> bytes:
    return content[:-3]


def flipped(content: bytes) -> bytes:
    """One bit of the pixels is wrong."""
    place = content.index(b"IDAT") + 6
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def too_long(content: bytes) -> bytes:
    """The first chunk claims four gigabytes."""
    return content[:8] + struct.pack(">I", 2**32 - 1) + content[12:]


DAMAGED = {
    "cut.png": (cut(png_of_one_pixel()), "its part IEND is damaged"),
    "cut_between.png": (png_of_one_pixel()[:-12], "it ends too early"),
    "flipped.png": (flipped(png_of_one_pixel()), "its part IDAT is damaged"),
    "too_long.png": (too_long(png_of_one_pixel()), "its part IHDR is damaged"),
    "empty.png": (b"", "it does not begin like one"),
    "text.png": (b"not a picture", "it does not begin like one"),
    "empty.pdf": (b"", "cannot be read as PDF"),
    "text.pdf": (b"not a picture", "cannot be read as PDF"),
    "empty.svg": (b"", "no element found"),
    "blank.svg": (b"<svg/>", "it is empty"),
    "cut.svg": (b"<svg><g>", "no element found"),
    "page.svg": (b"<html><body/></html>", "its outermost element is <html>"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(tmp_path, name):
    content, words = DAMAGED[name]
    damaged = tmp_path / name
    damaged.write_bytes(content)
    for act in (read_lineage, lambda path: stamp(path, path.with_stem("made"), LINEAGE)):
        with pytest.raises(UserError) as refused:
            act(damaged)
        assert str(refused.value).startswith(f"{damaged}: cannot be read as ")
        assert words in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_figure_without_lineage(figures, suffix):
    with pytest.raises(UserError, match="carries no lineage"):
        read_lineage(figures / f"plain{suffix}")


def test_other_formats_and_missing_files(figures, tmp_path):
    with pytest.raises(UserError, match=r"ends in one of \.pdf, \.png, \.svg"):
        read_lineage(tmp_path / "figure.jpg")
    with pytest.raises(UserError, match="there is no such file"):
        read_lineage(tmp_path / "figure.png")
    with pytest.raises(ValueError, match="formats are not converted"):
        stamp(figures / "plain.png", tmp_path / "made.pdf", LINEAGE)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a": ' + "9" * 6000 + "}", "{", "3", "null"],
    ids=["nested", "a huge number", "no JSON", "a number", "nothing"],
)  # fmt: skip
def test_a_text_that_is_no_lineage(figures, tmp_path, suffix, text):
    """It is told in our words, whatever Python says of it."""
    forged = tmp_path / f"figure{suffix}"
    forged.write_bytes(CARRIERS[suffix].embed((figures / f"plain{suffix}").read_bytes(), text))
    with pytest.raises(UserError) as refused:
        read_lineage(forged)
    assert str(refused.value).endswith("its lineage is none that spikesweep writes")
