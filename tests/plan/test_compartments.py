"""How many compartments cells have, told from lengths and diameters, against what NEURON builds."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project import PYRAMIDAL
from simulating import make_document
from spikesweep.jobs.structure import structure
from spikesweep.morphology.reading import read_morphology
from spikesweep.plan.compartments import count_compartments
from spikesweep.simulation.simulator import Simulator

# Of the resistivity and capacitance that the count takes every cable to have.
BIOPHYSICS = [{"in": ["all"], "Ra": 100, "cm": 1, "insert": {"pas": {}}}]
RULES = st.one_of(
    st.builds(lambda nseg: {"nseg": nseg}, st.integers(1, 9)),
    st.builds(lambda length: {"max_length": length}, st.floats(2, 500)),
    st.builds(lambda part: {"d_lambda": part}, st.floats(0.02, 1)),
)
CYLINDERS = st.fixed_dictionaries(
    {"L": st.floats(1, 1000), "diam": st.floats(0.2, 50)},
    optional={"nseg": st.integers(1, 9)},
)


def count(cell: dict, morphologies=()) -> float:
    return count_compartments({"cell": cell}, dict(morphologies))


def built(cell: dict, **simulator) -> int:
    document = make_document({"cell": cell | {"biophysics": BIOPHYSICS}})
    return len(structure(document, Simulator(**simulator)))


@settings(max_examples=60)
@given(st.lists(CYLINDERS, min_size=1, max_size=4), RULES, st.integers(1, 3))
def test_a_literal_cell_has_as_many_but_for_rounding(cylinders, rule, fold):
    sections = {"soma": cylinders[0] | {"region": "soma"}}
    for i, cylinder in enumerate(cylinders[1:]):
        sections[f"dend[{i}]"] = cylinder | {"region": "basal", "parent": ["soma", 1.0]}
    cell = {"sections": sections, "segments": rule, "fold": fold}
    assert count(cell) == pytest.approx(built(cell), abs=1.1 * fold * len(sections))


def test_points_count_as_the_cable_along_them():
    points = [[0, 0, 0, 2], [30, 40, 0, 2], [30, 40, 120, 2]]  # 50 and 120 um
    segments = {"max_length": 10}
    drawn = {"sections": {"dend": {"points": points, "region": None}}, "segments": segments}
    straight = {"sections": {"dend": {"L": 170, "diam": 2, "region": None}}, "segments": segments}
    assert count(drawn) == count(straight)


@pytest.mark.parametrize(
    ("segments", "part"),
    [
        ({"nseg": 3}, 0),
        ({"max_length": 10}, 0.1),
        ({"d_lambda": 0.1}, 0.1),
        ({"d_lambda": 0.03}, 0.1),
        ([{"in": ["soma"], "nseg": 1}, {"in": ["all"], "d_lambda": 0.05}], 0.1),
    ],
)
def test_a_traced_cell_has_about_as_many(segments, part):
    cell = {"morphology": {"format": "swc", "sha256": "m"}, "segments": segments}
    counted = count(cell, {"m": read_morphology(PYRAMIDAL)})
    assert counted == pytest.approx(built(cell, morphologies={"m": PYRAMIDAL}), rel=part)


def test_copies_count_once_each():
    cell = {"sections": {"soma": {"L": 20, "diam": 20}}, "segments": {"nseg": 5}}
    assert count_compartments({"cell": cell | {"count": 30}, "cell[3]": cell}, {}) == 150


@pytest.mark.parametrize(
    "cell",
    [
        {"python": {"file": "cell.py", "class": "Cell"}},
        {"sections": {"soma": {"L": 20, "diam": 20}}, "segments": {"nseg": "1 + 2 * floor(L)"}},
    ],
)
def test_code_and_formulas_only_neuron_can_tell(cell):
    assert count(cell) == math.inf
