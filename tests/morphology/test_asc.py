"""ASC morphologies: what is read, what is refused; sections against NEURON's Import3d."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesweep.errors import UserError
from spikesweep.morphology.asc import read_asc
from spikesweep.morphology.morphology import write_normalised
from spikesweep.morphology.reading import read_morphology

quick = settings(max_examples=60)

# A soma contour and one dendrite that branches once; 4 sections in NEURON.
ASC = """; V3 text file written for MicroBrightField products.
("CellBody"
  (Color Red)   ; a comment with a ( in it
  (CellBody)
  (  5.0  0.0 0.0 0.1)
  (  0.0  5.0 0.0 0.1)
  ( -5.0  0.0 0.0 0.1)
  (  0.0 -5.0 0.0 0.1)
)
( (Dendrite)
  (  0.0  5.0 0.0 1.0)
  (  0.0 50.0 0.0 1.0)
  (
    ( 10.0 90.0 0.0 0.5)
    ( 20.0 99.0 0.0 0.5)
   |
    (-10.0 90.0 0.0 0.5)
    (-20.0 99.0 0.0 0.5)
  )
)
"""


@pytest.fixture
def asc(tmp_path):
    def read(text):
        path = tmp_path / "cell.asc"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_asc(path)

    return read


def test_asc_content_is_read_by_neuron_as_the_file_is(asc, import3d, tmp_path):
    morphology = asc(ASC)
    assert morphology.sections == {"soma": 1, "basal": 3}
    assert morphology.sha256 == asc(ASC.replace("; a comment", "(Closed) ; another")).sha256
    assert morphology.sha256 != asc(ASC.replace("99.0", "98.0")).sha256
    normalised = tmp_path / "normalised.asc"
    write_normalised(morphology, normalised)
    assert import3d(normalised) == import3d(asc(ASC).path)
    assert import3d(normalised)[0] == morphology.sections


ASC_KINDS = {"Axon": "axon", "Dendrite": "basal", "Apical": "apical"}


@st.composite
def asc_branches(draw, start, depth=0):
    """The points of a branch, what ends it, and the branches behind it, as text; and their number.

    Coordinates on a coarse grid, so that some points coincide.
    """
    places = draw(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=4))
    if len(set(places)) == 1:
        places.append((places[0][0] + 1, *places[0][1:]))
    points = [f"({10 * x} {10 * y} {10 * z} {draw(st.integers(1, 3))})" for x, y, z in places]
    if draw(st.booleans()):
        points[-1] += '<(Class 1 "thin") (Color Red) (1 2 3 0.5)>'
    text, number = "\n".join(points), 1
    if draw(st.booleans()):
        text += '\n(Dot (Color White) (Name "Marker 3") (1 2 3 0.5))'
    if depth < 3 and draw(st.booleans()):
        behind = draw(st.lists(asc_branches(places[-1], depth + 1), min_size=2, max_size=3))
        text += "\n(" + "\n|\n".join(inner for inner, _ in behind) + ")"
        number += sum(n for _, n in behind)
    elif draw(st.booleans()):
        text += draw(st.sampled_from(["\n Normal", "\n Incomplete", "\n High ; a comment\n"]))
    return text, number


@st.composite
def asc_cells(draw):
    """An ASC file, and the sections that it has by region."""
    square = [(-8, -8), (8, -8), (9, 8), (-8, 8)]
    text, sections = "(ImageCoords)\n", Counter()
    for z in range(draw(st.integers(0, 3))):  # outlines above one another are one body
        outline = "\n".join(f"({x} {y} {z} 0.1)" for x, y in square)
        text += f'("CellBody" (Color Blue) (CellBody)\n{outline}\n)\n'
        sections["soma"] = 1
    for _ in range(draw(st.integers(1, 3)) if sections else 1):
        kind = draw(st.sampled_from(sorted(ASC_KINDS)))
        branch, number = draw(asc_branches((0, 0, 0)))
        text += f"( (Color Red) ({kind})\n{branch}\n)\n"
        sections[ASC_KINDS[kind]] += number
    return text + '("Outline" (Color Red) (1 2 3 0) (1 3 3 0) (2 2 3 0))\n', sections


@settings(max_examples=150)
@given(cell=asc_cells())
def test_asc_sections_are_those_of_import3d(asc, import3d, tmp_path, cell):
    text, sections = cell
    morphology = asc(text)
    normalised = tmp_path / "normalised.asc"
    write_normalised(morphology, normalised)
    of_file = import3d(morphology.path)
    assert import3d(normalised) == of_file
    assert morphology.sections == of_file[0] == sections


@quick
@given(
    cell=asc_cells(),
    cuts=st.lists(
        st.tuples(st.integers(0, 600), st.integers(0, 9), st.binary(max_size=4)), min_size=1
    ),
)
def test_corrupted_asc_is_refused_or_read(asc, cell, cuts):
    text = bytearray(cell[0].encode())
    for start, length, replacement in cuts:
        text[start : start + length] = replacement
    try:
        morphology = asc(bytes(text))
    except UserError:
        return
    assert sum(morphology.sections.values()) >= 1


def test_asc_branches_of_no_length_are_left_out(asc, import3d):
    """NEURON leaves out a branch of one point where its parent ends, and keeps what hangs on it."""
    start = "((Dendrite)\n(0 0 0 2) (0 20 0 2)\n"
    behind = "( (9 30 0 1) (9 40 0 1) | (0 40 0 1) (0 50 0 1) )"
    morphology = asc(f"{start}( (0 20 0 1) {behind} | (5 30 0 1) (5 60 0 1) ))\n")
    assert morphology.repairs == ("1 branches of no length left out",)
    assert morphology.sections == {"basal": 4} == import3d(morphology.path)[0]


BODY = '("CellBody" (CellBody) (0 0 0 0) (9 0 0 0) (9 9 0 0) (0 9 0 0))\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no points"),
        ("; (only a comment)\n", "no points"),
        ('("Outline" (1 2 3 0) (2 2 3 0) (2 3 3 0))\n', "no points"),
        (
            "((Dendrite)\n(1 2 3 4)\n",
            r'line 1: "\(" is never closed \(1 in all\); was the file cut',
        ),
        ("((Dendrite)\n(1 2 3 4)))\n", r'line 2: "\)" closes no bracket'),
        ("((Dendrite)\n(1 2 3 4) <(1 2 3)\n)\n", r'line 3: "\)" closes no bracket'),
        ('("Cell\n)', "line 1: a quotation mark is never closed"),
        (b"(\0)", "not plain text"),
        ("word (Dendrite)\n", 'line 1: "word" stands outside of all brackets'),
        ("((Color Red)\n(1 2 3 4) (1 9 3 4))\n", "line 1: a tree of no kind; expected a property"),
        ("((Axon) (Dendrite)\n(1 2 3 4) (1 9 3 4))\n", "line 1: a tree of Axon and Dendrite"),
        ("((Dendrite)\n)\n", "line 1: a branch without points"),
        ("((Axon)\n(1 2 3 4) (1 9 3 4)\n( (1 19 3 4) | ))\n", "line 3: a branch without points"),
        ("((Dendrite)\n(1 2 3)\n(1 9 3 4))\n", "line 2: a point of 3 numbers; expected x, y, z"),
        ("((Dendrite)\n(1 2 3 0)\n(1 9 3 4))\n", "line 2: diameter 0; expected more than 0"),
        ("((Dendrite)\n(1 2 3 4)\n(1 9 3e999 4))\n", "line 3: a number that is not finite"),
        ("((Axon)\n(1 2 3 4)\n12 (1 9 3 4))\n", 'line 3: "12" between the points of a branch'),
        (
            "((Dendrite)\n(1 2 3 4)\n((1 9 3 4) | (2 9 3 4))\n(3 3 3 3))\n",
            "line 4: a point behind a branching",
        ),
        (
            "((Dendrite)\n(1 2 3 4)\n((1 9 3 4) | (2 9 3 4))\n((3 3 3 3)))\n",
            "line 4: a second branching",
        ),
        ("((Axon)\n(1 2 3 4) (1 9 3 4))\n" * 2, "line 4: another tree than that of line 2, and no"),
        (BODY + '("Soma" (90 0 0) (99 0 0) (99 9 0))\n', "line 2: another cell body than that of"),
        (BODY + "((Axon)\n(1 2 3 4))\n", "line 3: a tree that begins with a branch of no length"),
        ('("CellBody" (1 2 3 0) (2 2 3 0))\n', "line 1: an outline of the cell body with 2 points"),
        ("((Axon)\n(1 2 3 4) (1 9 3 9000))\n", "line 2: radius 4500 um is more than 200 um"),
        ("((Axon)\n(1 2 3 4) (1 90000 3 4))\n", "line 2: y 90000 um is 89998 um away"),
        ("((Axon)\n" + "(1 2 3 4) (1 9 3 4) (" * 200 + ")" * 201, "branches behind one another"),
        ("(" * 100_000, "never closed"),
        ("(" * 100_000 + ")" * 100_000, "line 1: a tree of no kind"),
    ],
)  # fmt: skip
def test_asc_refuses(asc, text, says):
    with pytest.raises(UserError, match=says):
        asc(text)


def test_the_format_is_that_of_the_name(tmp_path):
    for name, text in (("cell.SWC", "1 1 0 0 0 5 -1\n"), ("cell.asc", ASC)):
        (tmp_path / name).write_text(text)
        assert read_morphology(tmp_path / name).format == name[-3:].lower()
    with pytest.raises(UserError, match=r"cell\.hoc: no known format; expected .* \.swc or \.asc"):
        read_morphology(tmp_path / "cell.hoc")


OUTLINE_BODY = '("CellBody"\n(CellBody)\n{})\n((Dendrite)\n(0 5 0 1)\n(0 50 0 1)\n)\n'


@pytest.mark.parametrize(
    "points",
    [
        "(0 0 0 0)\n(5 0 0 0)\n(10 0 0 0)\n",
        "(0 0 0 0)\n(5 5 0 0)\n(10 10 0 0)\n(20 20 0 0)\n",
        "(0 0 0 0)\n(5 0 5 0)\n(10 0 0 0)\n",  # upright: no area in x and y
        "(1 1 0 0)\n(1 1 0 0)\n(1 1 0 0)\n",
    ],
)
def test_an_outline_on_a_line_is_refused(tmp_path, points):
    """On each of these NEURON's Import3d ends in a segmentation fault."""
    path = tmp_path / "cell.asc"
    path.write_text(OUTLINE_BODY.format(points))
    with pytest.raises(UserError, match=r"cell.asc, line 3: .*on a line in x and y.* an area"):
        read_morphology(path)
    path.write_text(OUTLINE_BODY.format("(0 0 0 0)\n(5 0.1 0 0)\n(10 0 0 0)\n"))
    assert read_morphology(path).sections == {"soma": 1, "basal": 1}
