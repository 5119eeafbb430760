"""Morphologies: what is read, what is refused; sections against NEURON's Import3d."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spikesweep.errors import UserError
from spikesweep.morphology import Point, read_asc, read_swc, region, write_normalised

# Rat CA1 pyramidal cell (Amaral; NeuroMorpho.org), as distributed with NEURON.
C91662 = Path(__file__).parents[2] / "shared" / "data" / "c91662.swc"

# Reads paths, answers with what Import3d makes of each: {NEURON's name of a section: how many},
# membrane area (um2) and length (um). Import3d prints to stdout, so answers go elsewhere.
IMPORT3D = """
import json, os, sys
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
from neuron import n
n.load_file("stdlib.hoc"), n.load_file("import3d.hoc")
class Cell: pass
for line in sys.stdin:
    path = line.rstrip("\\n")
    reader = n.Import3d_SWC_read() if path.endswith(".swc") else n.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(path)
    cell = Cell()
    n.Import3d_GUI(reader, False).instantiate(cell)
    counts = {}
    for section in cell.all:
        name = section.name().split(".")[-1].split("[")[0]
        counts[name] = counts.get(name, 0) + 1
    area = sum(segment.area() for section in cell.all for segment in section)
    length = sum(section.L for section in cell.all)
    for section in list(cell.all):
        n.delete_section(sec=section)
    print(json.dumps([counts, area, length]), file=answers)
"""
REGION_OF = {"dend": "basal", "apic": "apical"}  # NEURON's names that differ from ours


@pytest.fixture(scope="module")
def import3d(tmp_path_factory):
    """Return a function that asks a NEURON in another process what it makes of a file."""
    worker = subprocess.Popen(
        [sys.executable, "-c", IMPORT3D],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path_factory.mktemp("neuron"),
    )

    def ask(path):
        worker.stdin.write(f"{path}\n")
        worker.stdin.flush()
        counts, area, length = json.loads(worker.stdout.readline())
        return {REGION_OF.get(name, name): n for name, n in counts.items()}, area, length

    yield ask
    worker.stdin.close()
    worker.wait(timeout=30)


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

quick = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


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


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=250
)
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


# --- ASC ------------------------------------------------------------------------------------

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
    assert morphology.sections is None
    assert (
        morphology.sha256 == asc(ASC.replace("; a comment", ";  another").replace("  ", " ")).sha256
    )
    assert morphology.sha256 != asc(ASC.replace("99.0", "98.0")).sha256
    normalised = tmp_path / "normalised.asc"
    write_normalised(morphology, normalised)
    (tmp_path / "cell.asc").write_text(ASC)
    assert import3d(normalised) == import3d(tmp_path / "cell.asc")
    assert import3d(normalised)[0] == {"soma": 1, "basal": 3}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no points"),
        ("; (only a comment)\n", "no points"),
        (
            "((Dendrite)\n(1 2 3 4)\n",
            r'line 1: "\(" is never closed \(1 in all\); was the file cut',
        ),
        ("((Dendrite)\n(1 2 3 4)))\n", r'line 2: "\)" closes no bracket'),
        ('("Cell\n)', "line 1: a quotation mark is never closed"),
        (b"(\0)", "not plain text"),
    ],
)
def test_asc_refuses(asc, text, says):
    with pytest.raises(UserError, match=says):
        asc(text)
