"""SWC morphologies: what is read, what is refused; sections against NEURON's Import3d."""

import math
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from project import C91662
from spikesweep.errors import UserError
from spikesweep.morphology.morphology import Point, region, write_normalised
from spikesweep.morphology.reading import find_reading, read_morphology
from spikesweep.morphology.swc import read_swc


@pytest.fixture
def swc(tmp_path):
    """Return a function that writes text to a file and reads it as SWC."""

    def read(text, **options):
        path = tmp_path / "cell.swc"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_swc(path, **options)

    return read


def text_of(points):
    return "".join(" ".join(map(repr, point)) + "\n" for point in points)


@st.composite
def trees(draw, grid=4, types=(0, 1, 1, 1, 2, 3, 4, 5)):
    """Trees with ids 1 to n, parents first; coordinates on a small grid, so that some coincide."""
    points = []
    for i in range(draw(st.integers(1, 20))):
        near = draw(st.booleans())
        parent = -1 if i == 0 else i if near else draw(st.integers(1, i))
        keeps_type = i > 0 and draw(st.booleans())
        type = points[parent - 1].type if keeps_type else draw(st.sampled_from(types))
        place = [float(draw(st.integers(0, grid))) for _ in range(3)]
        points.append(Point(i + 1, type, *place, float(draw(st.integers(1, 2))), parent))
    return points


def paths(points):
    """Return each point as its way from the root: what of a tree does not depend on ids."""
    by_id = {point.id: point for point in points}

    def way(point):
        own = point[1:6]
        return (*way(by_id[point.parent]), own) if point.parent >= 0 else (own,)

    return Counter(way(point) for point in points)


# --- what is read ---------------------------------------------------------------------------


def test_reads_points_in_whatever_layout(swc):
    plain = swc("1 1 0 0 0 5 -1\n2 3 0 10 0 0.5 1\n")
    assert plain.content == "1 1 0.0 0.0 0.0 5.0 -1\n2 3 0.0 10.0 0.0 0.5 1\n"
    assert plain.sections == {"soma": 1, "basal": 1}
    assert plain.repairs == ()
    for other in (
        b"\xef\xbb\xbf1 1 0 0 0 5 -1\n2 3 0 10 0 0.5 1",  # byte order mark, no last newline
        b"# \xb5m in latin-1\r\n\r\n  1 1 0 0 0 5 -1\r\n2\t3 0 10 0 .5 1\r\n",
        "1 1 -0.0 0 0 5e0 -1 9 9\n2 3.0 0 1.0E1 0 0.50 1 extra # and a comment\n",
        "0 1 0 0 0 5 -1\n7 3 0 10 0 0.5 0\n",  # ids from 0, with a gap
        "1 1 0 0 0 5 -2\n2 3 0 10 0 0.5 1\n",  # any negative parent means none
    ):
        assert swc(other).sha256 == plain.sha256


@pytest.mark.parametrize(
    ("type", "name"),
    [(1, "soma"), (2, "axon"), (3, "basal"), (4, "apical"), (0, "dend_0"), (5, "dend_5")],
)
def test_regions_of_types(swc, import3d, tmp_path, type, name):
    assert region(type) == name
    morphology = swc(f"1 {type} 0 0 0 5 -1\n2 {type} 0 10 0 0.5 1\n")
    assert morphology.sections == {name: 1} == import3d(morphology.path)[0]


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ("2 3 0 10 0 1 1\n1 1 0 0 0 5 -1\n", "lines were put in the order of their ids"),
        ("1 3 0 10 0 1 2\n2 1 0 0 0 5 -1\n", "points were renumbered so that parents come first"),
    ],
)
def test_says_what_it_mended(swc, text, repair):
    morphology = swc(text)
    assert morphology.repairs == (repair,)
    assert morphology.content == "1 1 0.0 0.0 0.0 5.0 -1\n2 3 0.0 10.0 0.0 1.0 1\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no points"),
        ("# a comment only\n", "no points"),
        ("1 1 0 0 0 5 -1\n2 3 0 10 0 1\n", "line 2.*6 of 7 numbers.*cut off"),
        ("1 1 0 0 0 5 -1\n2 3 0 ten 0 1 1\n", 'line 2: y "ten"; expected a finite number'),
        ("1 1 0 0 0 5 -1\n2 3 0 nan 0 1 1\n", 'line 2: y "nan"'),
        ("1 1 0 0 0 5 -1\n2 3 0 0 1e999 1 1\n", 'line 2: z "1e999"'),
        ("1 1 0 0 0 5 -1\n2 3 0 1_0 0 1 1\n", 'line 2: y "1_0"'),  # Python's float() would take it
        ("1 1 0 0 0 5 -1\n2.5 3 0 0 0 1 1\n", 'line 2: id "2.5"; expected a whole number'),
        ("-1 1 0 0 0 5 -1\n", 'line 1: id "-1"; expected 0 or more'),  # it would be its own parent
        ("1 1 0 0 0 5 -1\n-1 3 0 9 0 1 1\n", 'line 2: id "-1"; expected 0 or more'),
        ("1 soma 0 0 0 5 -1\n", 'line 1: type "soma"; expected a whole number'),
        ("1 1 0 0 0 0 -1\n", 'line 1: radius "0"; expected more than 0'),
        ("1 1 0 0 0 -5 -1\n", 'line 1: radius "-5"'),
        ("1 1 0 0 0 nan -1\n", 'line 1: radius "nan"'),
        ("1 1 0 0 0 5 -1\n1 3 0 0 0 1 1\n", "line 2: id 1 was used in line 1"),
        ("1 1 0 0 0 5 -1\n\n2 3 0 0 0 1 7\n", "line 3: the parent 7 of point 2 is missing"),
        ("1 1 0 0 0 5 -1\n2 3 0 0 0 1 -1\n", "line 2: point 2 is another root, as point 1"),
        ("1 1 0 0 0 5 -1\n2 3 0 0 0 1 2\n", "line 2: point 2 is its own ancestor"),
        ("1 1 0 0 0 5 -1\n2 3 0 0 0 1 3\n3 3 0 0 0 1 2\n", "line 2: point 2 is its own ancestor"),
        ("1 1 0 0 0 5 2\n2 3 0 0 0 1 1\n", "line 1: point 1 is its own ancestor"),
        ("1 1 0 0 0 5000 -1\n", "line 1: soma radius 5000 um is more than 200 um.*nanometres"),
        ("1 1 0 0 0 5 -1\n2 3 0 0 0 201 1\n", "line 2: radius 201 um is more than 200 um"),
        ("1 1 0 0 0 5 -1\n2 3 0 9 0 0.004 1\n", "line 2: radius 0.004 um is less than .*milli"),
        ("1 1 0 0 0 0.01 -1\n2 3 0 0.4 0 0.01 1\n", "the whole cell is 0.4 um large.*millimetres"),
        ("1 1 0 0 0 5 -1\n2 3 0 20001 0 1 1\n", "line 2: y 20001 um is 20001 um away from line 1"),
        (b"1 1 0 0 0 5 -1\n\0\0", "not plain text"),
        ("1 1 0 0 0 5 -1\n".encode("utf-16"), "not plain text"),
        (b"\x7fELF\x02\x01\xff\xfe\n", "line 1"),
        ("1,1,0,0,0,5,-1\n", "line 1.*1 of 7 numbers"),
    ],
)
def test_refuses_what_neuron_would_take_or_die_of(swc, text, says):
    with pytest.raises(UserError, match=says) as error:
        swc(text)
    assert "cell.swc" in str(error.value)


def test_largest_sizes_are_still_accepted(swc):
    assert swc("1 1 0 0 0 200 -1\n2 3 0 20000 0 1 1\n").points[1].y == 20000


def test_soma_only_where_it_is_required(swc):
    without = "1 2 0 0 0 1 -1\n2 2 0 9 0 1 1\n"
    assert swc(without).sections == {"axon": 1}
    with pytest.raises(UserError, match=r"no point of the soma; expected points of type 1"):
        swc(without, soma_required=True)
    assert swc("1 1 0 0 0 5 -1\n", soma_required=True).sections == {"soma": 1}


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"none\.swc: cannot be read"):
        read_swc(tmp_path / "none.swc")


# --- properties -----------------------------------------------------------------------------

quick = settings(max_examples=60)


@quick
@given(points=trees(), random=st.randoms(use_true_random=False))
def test_order_of_lines_does_not_matter(swc, tmp_path, points, random):
    expected = swc(text_of(points))
    assert expected.points == tuple(points)
    shuffled = random.sample(points, len(points))
    assert swc(text_of(shuffled)).content == expected.content


@quick
@given(points=trees(), random=st.randoms(use_true_random=False))
def test_any_numbering_gives_the_same_tree(swc, tmp_path, points, random):
    ids = random.sample(range(1000), len(points))
    renamed = [
        p._replace(id=ids[p.id - 1], parent=ids[p.parent - 1] if p.parent > 0 else -1)
        for p in random.sample(points, len(points))
    ]
    morphology = swc(text_of(renamed))
    assert paths(morphology.points) == paths(points)
    assert all(p.parent < p.id == i for i, p in enumerate(morphology.points, 1))
    again = tmp_path / "again.swc"
    write_normalised(morphology, again)
    assert read_swc(again).content == morphology.content
    assert read_swc(again).repairs == ()


@quick
@given(
    points=trees(),
    cuts=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), st.binary(max_size=4))),
)
def test_corruption_is_refused_or_read(swc, points, cuts):
    text = bytearray(text_of(points).encode())
    for start, length, replacement in cuts:
        text[start : start + length] = replacement
    try:
        morphology = swc(bytes(text))
    except UserError:
        return
    assert sum(morphology.sections.values()) >= 1


SPHERE = [
    Point(1, 1, 0.0, 0.0, 0.0, 5.0, -1),
    Point(2, 1, 0.0, 5.0, 0.0, 5.0, 1),
    Point(3, 1, 0.0, -5.0, 0.0, 5.0, 1),
]


@settings(max_examples=250)
@given(points=trees())
@example([*SPHERE, Point(4, 3, 0.0, 9.0, 0.0, 1.0, 1)])  # a soma of three points
@example([*SPHERE, Point(4, 1, 0.0, 9.0, 0.0, 1.0, 1)])  # one that only looks like it
@example([SPHERE[0], Point(2, 3, 0.0, 9.0, 0.0, 1.0, 1), Point(3, 3, 9.0, 9.0, 0.0, 1.0, 1)])
def test_sections_are_those_of_import3d(swc, import3d, points):
    morphology = swc(text_of(points))
    assert morphology.sections == import3d(morphology.path)[0]


# --- a real cell ----------------------------------------------------------------------------


@pytest.mark.skipif(not C91662.exists(), reason="the shared test data are not here")
def test_real_cell(import3d, tmp_path):
    """Rat CA1 pyramidal cell (Amaral; NeuroMorpho.org), as distributed with NEURON."""
    morphology = read_swc(C91662, soma_required=True)
    assert morphology.repairs == ()
    assert sum(morphology.sections.values()) == 194  # README of the data
    normalised = tmp_path / "normalised.swc"
    write_normalised(morphology, normalised)
    sections, area, length = import3d(normalised)
    assert sections == morphology.sections
    assert area == pytest.approx(19505.5392, abs=1e-4)  # README of the data
    assert length == pytest.approx(15346.1085, abs=1e-4)
    assert (sections, area, length) == import3d(C91662)


# --- what is left out ------------------------------------------------------------------------

CELL_AND_PIECES = """1 1 0 0 0 5 -1
2 3 10 0 0 1 1
3 3 90 0 0 1 2
4 2 0 9 0 1 -1
5 2 0 19 0 0 4
6 3 200 0 0 1 -1
7 3 210 0 0 1 6
"""


def test_loose_pieces_have_a_remedy(tmp_path):
    path = tmp_path / "cell.swc"
    path.write_text(CELL_AND_PIECES)
    with pytest.raises(UserError, match="radius"):
        read_morphology(path)
    with pytest.raises(UserError, match=r"`roots: largest` .*`axon: remove`"):
        read_morphology(path, axon=False)
    found = read_morphology(path, axon=False, largest=True)
    assert len(found.points) == 3
    assert found.sections == {"soma": 1, "basal": 1}
    assert found.repairs == ("4 points beside the largest tree left out",)
    axon = tmp_path / "axon.swc"
    axon.write_text("".join(CELL_AND_PIECES.splitlines(keepends=True)[:5]))
    assert read_morphology(axon, axon=False).content == found.content
    assert read_morphology(axon, axon=False).repairs == ("2 points of the axon left out",)
    assert find_reading(path, found.sha256) == found
    assert find_reading(path, "0" * 64) is None
    whole = tmp_path / "whole.swc"  # which is what it is, whatever is asked for
    whole.write_text("".join(CELL_AND_PIECES.splitlines(keepends=True)[:3]))
    assert read_morphology(whole).content == found.content
    assert read_morphology(whole, axon=False, largest=True).content == found.content


def test_an_outline_of_no_radius_has_a_remedy(tmp_path):
    """A circle of 8 points around (1, 2, 3), 6 um from it."""
    path = tmp_path / "cell.swc"
    circle = [
        f"{i + 1} 1 {1 + 6 * math.cos(i * math.pi / 4)} {2 + 6 * math.sin(i * math.pi / 4)} 3 0 "
        f"{i or -1}"
        for i in range(8)
    ]
    path.write_text("\n".join([*circle, "9 3 20 0 0 1 1", "10 3 90 0 0 1 9"]))
    with pytest.raises(UserError, match=r'line 1: radius "0": .*8 points.*"1 1 1 2 3 6 -1"'):
        read_morphology(path)
