"""Cells: sections and regions, their division into segments, rules, and the structure table."""

import math
from itertools import pairwise

import numpy as np
import pytest

from project import PYRAMIDAL
from simulating import make_cell, make_document, plain_neuron
from spikesweep.execution.child import in_child
from spikesweep.jobs.structure import structure
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.segments import d_lambda_count
from spikesweep.simulation.simulator import Simulator

# A soma of 20 um with two dendrites, one on the other.
SECTIONS = {
    "soma": {"L": 20, "diam": 20, "region": "soma"},
    "dend[0]": {"L": 100, "diam": 2, "region": "basal", "parent": ["soma", 1.0]},
    "dend[1]": {"L": 60, "diam": 1, "region": "apical", "parent": ["dend[0]", 0.75]},
    "spine": {"L": 2, "diam": 0.5, "parent": ["soma", 0.0]},
}
PAS = {"in": ["all"], "insert": {"pas": {}}}


def rows_of(*biophysics: dict, sections: dict = SECTIONS, segments: dict | None = None) -> list:
    cell = make_cell(sections, *biophysics, segments=segments)
    return structure(make_document({"cell": cell}), Simulator())


def column(rows: list[dict], name: str) -> dict:
    """Return a column of a table with one segment a section, by section name."""
    return {f"{row['section']}[{row['index']}]": row[name] for row in rows if name in row}


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["all"], ["soma[0]", "dend[0]", "dend[1]", "spine[0]"]),
        (["soma"], ["soma[0]"]),
        (["basal"], ["dend[0]"]),  # a region
        (["dend"], ["dend[0]", "dend[1]"]),  # a name, of two regions
        (["dend[1]"], ["dend[1]"]),
        (["spine", "apical"], ["dend[1]", "spine[0]"]),
        (["spine", "all", "spine"], ["soma[0]", "dend[0]", "dend[1]", "spine[0]"]),
    ],
)
def test_rules_reach_regions_names_and_sections(names, chosen):
    rows = rows_of(PAS, {"in": names, "insert": {"pas": {"g": 0.25}}})
    assert [name for name, g in column(rows, "pas.g").items() if g == 0.25] == chosen


def test_later_rules_override_and_mechanisms_are_only_where_inserted():
    rows = rows_of(
        {"in": ["all"], "Ra": 100, "cm": 1, "insert": {"pas": {"g": 1, "e": -60}}},
        {"in": ["dend"], "cm": 2, "insert": {"pas": {"g": 2}}},
        {"in": ["dend[1]"], "Ra": 150, "insert": {"hh": {"gl": 4}, "pas": {"g": 3}}},
    )
    assert list(column(rows, "pas.g").values()) == [1, 2, 3, 1]
    assert list(column(rows, "pas.e").values()) == [-60] * 4
    assert list(column(rows, "cm").values()) == [1, 2, 2, 1]
    assert list(column(rows, "Ra").values()) == [100, 100, 150, 100]
    assert column(rows, "hh.gl") == {"dend[1]": 4}


def test_expressions_of_path_distance():
    """From the middle of the soma: 10 um to its end, then along each dendrite."""
    rows = rows_of(
        PAS,
        {"in": ["all"], "insert": {"pas": {"g": "distance", "e": "distance_fraction"}}},
        {"in": ["all"], "cm": "diam / 2", "Ra": "100 + x"},
        sections=SECTIONS | {"soma": SECTIONS["soma"] | {"nseg": 1}},
        segments={"nseg": 2},
    )
    expected = {
        ("soma", 0): [0],
        ("dend", 0): [10 + 25, 10 + 75],
        ("dend", 1): [10 + 75 + 15, 10 + 75 + 45],
        ("spine", 0): [10 + 0.5, 10 + 1.5],
    }
    for (name, index), distances in expected.items():
        found = [row for row in rows if (row["section"], row["index"]) == (name, index)]
        assert [row["pas.g"] for row in found] == pytest.approx(distances)
        assert [row["distance"] for row in found] == pytest.approx(distances)
        assert [row["pas.e"] for row in found] == pytest.approx([d / 130 for d in distances])
        assert [row["cm"] for row in found] == [row["diam"] / 2 for row in found]
        assert {row["Ra"] for row in found} == {100.5}  # a section has one, that of its middle


def test_structure_of_cylinders():
    """Areas and ends by hand: membrane area is that of the side, pi d L / nseg."""
    rows = rows_of(PAS, segments={"nseg": 4})
    assert len(rows) == 16
    assert {row["cell"] for row in rows} == {"cell"}
    assert [row["region"] for row in rows[::4]] == ["soma", "basal", "apical", None]
    assert [row["x"] for row in rows[:4]] == [0.125, 0.375, 0.625, 0.875]
    for row in rows:
        name = row["section"] + (f"[{row['index']}]" if row["section"] == "dend" else "")
        length, diam = SECTIONS[name]["L"], SECTIONS[name]["diam"]
        assert row["diam"] == diam
        assert row["area"] == pytest.approx(math.pi * diam * length / 4)
        ends = np.array([[row[f"{axis}{end}"] for axis in "xyz"] for end in (0, 1)])
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(length / 4, rel=1e-6)
    for before, after in pairwise(rows[:4]):  # segments touch
        assert [before[f"{axis}1"] for axis in "xyz"] == [after[f"{axis}0"] for axis in "xyz"]


@pytest.mark.parametrize(
    ("rule", "counts"),
    [
        ({"nseg": 1}, [1, 1, 1, 1]),
        ({"nseg": 6}, [6, 6, 6, 6]),  # as given, also even
        ({"nseg": 3.0}, [3, 3, 3, 3]),  # an axis of numbers
        ({"max_length": 20}, [1, 5, 3, 1]),
        ({"max_length": 25}, [1, 5, 3, 1]),  # 4 would do, and is even
        ({"max_length": 1000}, [1, 1, 1, 1]),
    ],
)
def test_segments(rule, counts):
    rows = rows_of(PAS, segments=rule)
    names = [(row["section"], row["index"]) for row in rows]
    assert [names.count(name) for name in dict.fromkeys(names)] == counts


def test_a_section_may_have_its_own_number_of_segments():
    sections = SECTIONS | {"spine": SECTIONS["spine"] | {"nseg": 7}}
    assert len(rows_of(PAS, sections=sections, segments={"nseg": 2})) == 3 * 2 + 7


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0, 1), (10.9, 1), (11.1, 3), (30.9, 3), (31.1, 5), (50.9, 5), (51.1, 7), (1000, 101)],
)
def test_d_lambda(length, expected):
    """Of a length constant of 100 um, at most 0.1; the next odd number above, with 0.9 to spare."""
    assert d_lambda_count(length, 100, 0.1) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"segments": {"nseg": 0}}, "expected 1 to 32767"),
        ({"segments": {"max_length": 1e-4}}, "200001 segments"),
        ({"segments": {"length": 3}}, "expected nseg, d_lambda or max_length"),
        ({"sections": {"dend": {"L": 1, "diam": 1, "parent": ["soma", 1]}}}, 'no parent "soma[0]"'),
        ({"sections": {"dend": {"L": 0, "diam": 1}}}, "expected more than 0"),
    ],
)
def test_what_cannot_be_built(change, message):
    with pytest.raises(SimulationError) as error:
        rows_of(PAS, **change)
    assert message in str(error.value)


# Morphologies.


def traced(sha256: str = "m", form: str = "swc", **segments) -> dict:
    cell = {
        "morphology": {"format": form, "sha256": sha256},
        "segments": segments or {"nseg": 3},
        "biophysics": [{"in": ["all"], "Ra": 100, "insert": {"pas": {}}}],
    }
    return make_document({"cell": cell})


@pytest.mark.parametrize("segments", [{"nseg": 3}, {"d_lambda": 0.05}])
def test_traced_cell_is_that_of_import3d(segments):
    """Every segment's size and place, bit by bit, although the sections are built anew."""
    rows = structure(traced(**segments), Simulator(morphologies={"m": PYRAMIDAL}))
    rule = "int((section.L / (0.05 * n.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1"
    oracle = plain_neuron(f"""
n.load_file("import3d.hoc")
class Cell: pass
cell = Cell()
reader = n.Import3d_SWC_read()
reader.input({str(PYRAMIDAL)!r})
n.Import3d_GUI(reader, False).instantiate(cell)
for section in cell.all:
    section.Ra = 100
    section.nseg = {segments.get("nseg", rule)}
segments = [segment for section in cell.all for segment in section]
for name, of in {{
    "diam": lambda segment: segment.diam,
    "area": lambda segment: segment.area(),
    "distance": lambda segment: n.distance(cell.soma[0](0.5), segment),
    "x": lambda segment: segment.x,
}}.items():
    recorded[name] = [of(segment) for segment in segments]
recorded["sections"] = [len(kind) for kind in (cell.soma, cell.axon, cell.dend, cell.apic)]
run(0)
""")
    for name in ("diam", "area", "distance", "x"):
        np.testing.assert_array_equal([row[name] for row in rows], oracle[name])
    regions = [region for region, index in {(row["region"], row["index"]): 0 for row in rows}]
    counts = [regions.count(region) for region in ("soma", "axon", "basal", "apical")]
    assert counts == oracle["sections"].tolist()


def test_ends_of_traced_segments_follow_its_points(tmp_path):
    """A bent dendrite: 30 um along x, then 10 um along y, in two segments of 20 um."""
    swc = """\
1 1 0 0 0 5 -1
2 1 -5 0 0 5 1
3 1 5 0 0 5 1
4 3 10 0 0 1 1
5 3 40 0 0 1 4
6 3 40 10 0 1 5
"""
    (tmp_path / "bent.swc").write_text(swc)
    engine = Simulator(morphologies={"m": tmp_path / "bent.swc"})
    soma, *dendrite = structure(traced(nseg=2), engine)[1:]
    assert soma["region"] == "soma"
    assert [row["region"] for row in dendrite] == ["basal", "basal"]
    ends = [[row[axis + end] for axis in "xyz"] for row in dendrite for end in "01"]
    assert ends == [[10, 0, 0], [30, 0, 0], [30, 0, 0], [40, 10, 0]]


@pytest.mark.parametrize(
    ("form", "text", "message"),
    [
        # What NEURON 9.0.2 does: a child before its parent, equal ids, no points, no section.
        ("swc", "1 1 0 0 0 5 -1\n2 1 0 0 0 5 3\n3 3 0 9 0 1 1\n", "Arg out of range"),
        ("swc", "1 1 0 0 0 5 -1\n1 1 0 5 0 5 1\n1 3 0 9 0 1 1\n", "SIGSEGV"),
        ("swc", "# nothing\n", "Arg out of range"),
        ("asc", "(nothing", "finds no section"),
        ("hoc", "", 'format "hoc"; expected swc or asc'),
    ],
)
def test_broken_morphology_costs_its_simulation_alone(tmp_path, form, text, message):
    (tmp_path / "broken").write_text(text)
    engine = Simulator(morphologies={"broken": tmp_path / "broken", "m": PYRAMIDAL})
    with pytest.raises(SimulationError, match=message):
        structure(traced("broken", form), engine)
    assert structure(traced(), engine)


def test_neurolucida_morphology(tmp_path):
    """A soma contour of 10 um square, and one dendrite of 30 um."""
    (tmp_path / "cell.asc").write_text("""("CellBody" (CellBody)
  (-5 -5 0 0) (5 -5 0 0) (5 5 0 0) (-5 5 0 0)
)
((Dendrite)
  (0 5 0 2) (0 20 0 2) (0 35 0 2)
)
""")
    rows = structure(
        traced("m", "asc", nseg=1), Simulator(morphologies={"m": tmp_path / "cell.asc"})
    )
    assert [row["region"] for row in rows] == ["soma", "basal"]
    assert rows[1]["area"] == pytest.approx(math.pi * 2 * 30)


def test_a_morphology_is_read_once(tmp_path):
    path = tmp_path / "cell.swc"
    path.write_text(PYRAMIDAL.read_text())
    engine = Simulator(morphologies={"m": path})
    first = structure(traced(), engine)
    path.unlink()
    assert structure(traced(), engine) == first


def test_morphology_that_is_not_at_hand():
    with pytest.raises(SimulationError, match="no morphology of the hash m is at hand"):
        structure(traced(), Simulator())


def test_nothing_is_left_in_the_parent():
    structure(traced(), Simulator(morphologies={"m": PYRAMIDAL}))
    rows_of(PAS)
    from spikesweep.simulation.nrn import n

    assert list(n.allsec()) == []
    assert in_child(lambda: len(list(n.allsec()))).value == 0
