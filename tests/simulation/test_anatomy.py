"""Distances, points and segments of a cell of the sweep file, against plain NEURON."""

import numpy as np
import pytest

from anatomy import NO_NSEG, PLAIN, column, documents, more
from simulating import plain_neuron, simulate_well
from spikesweep.jobs.structure import structure
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.simulator import Simulator


def test_distances_from_a_place_of_the_cell(plan_cell):
    """From the far end of the tuft: 100 um to its start, 100 um back along the dendrite."""
    of_distance = ('"g0 * exp(-distance / lam)"', '"distance"')
    [document] = documents(plan_cell(more("distance_from: tuft(1)"), of_distance))
    found = column(document, "pas.g")
    assert found["tuft[0]"] == pytest.approx([100 * 5 / 6, 50, 100 / 6])
    assert found["dend[0]"] == pytest.approx([180, 140, 100, 140, 180])
    assert found["soma[0]"] == pytest.approx([210])
    assert column(document, "distance") == found


def test_the_length_of_a_section(plan_cell):
    [document] = documents(plan_cell(('"g0 * exp(-distance / lam)"', '"L"')))
    assert column(document, "pas.g") == {
        "soma[0]": [20],
        "dend[0]": [200] * 5,
        "tuft[0]": [100] * 3,
    }


BENT = "[[0, 0, 0, 2], [30 um, 0, 0, 2], [30, 40, 0, 1], [30, 40, 0.05 mm, 0.6]]"


def test_sections_with_points_are_plain_neuron(plan_cell):
    """A dendrite that bends twice and thins; its parameters follow its coordinates."""
    points = ("{L: 200, diam: 2,", f"{{points: {BENT},")
    rule = ('"g0 * exp(-distance / lam)"', '"g0"')
    of_space = (
        "- {in: soma, insert: {hh: {}}}",
        "- {in: soma, insert: {hh: {}}}\n"
        '        - {in: dend, insert: {pas: {g: "1e-5 * x3d + 2e-5 * y3d + 3e-5 * z3d"}}}',
    )
    [document] = documents(plan_cell(points, rule, of_space))
    oracle = plain_neuron(
        PLAIN.replace(
            "dend.L, dend.diam, dend.nseg = 200, 2, 5",
            "for point in ((0, 0, 0, 2), (30, 0, 0, 2), (30, 40, 0, 1), (30, 40, 50, 0.6)):\n"
            "    dend.pt3dadd(*point)\ndend.nseg = 5",
        )
        + """
for section in n.allsec():
    section.g_pas = 2e-4
# Segments of 24 um: middles at 12, 36, 60, 84 and 108 um of the 30 + 40 + 50 um.
middles = [(12, 0, 0), (30, 6, 0), (30, 30, 0), (30, 40, 14), (30, 40, 38)]
for segment, (x, y, z) in zip(dend, middles):
    segment.pas.g = 1e-5 * x + 2e-5 * y + 3e-5 * z
recorded["g"] = [segment.pas.g for segment in dend]
recorded["area"] = [segment.area() for segment in dend]
run(10)
"""
    )
    assert column(document, "pas.g")["dend[0]"] == pytest.approx(oracle["g"], rel=1e-6)
    assert column(document, "area")["dend[0]"] == oracle["area"].tolist()
    # Points are in single precision: what follows from places differs in the last digits.
    np.testing.assert_allclose(simulate_well(document).traces["v"], oracle["v"], atol=1e-6)


def test_a_section_without_points_has_no_coordinates(plan_cell):
    [document] = documents(plan_cell(('"g0 * exp(-distance / lam)"', '"x3d"')))
    with pytest.raises(SimulationError, match="has no points, and so no coordinates"):
        structure(document, Simulator())


@pytest.mark.parametrize(
    ("spatial", "expected"),
    [
        # soma 20 um, dend 200 um, tuft 100 um of path 110 to 210 um
        ("{nseg: 3}", [3, 3, 3]),
        ('{nseg: "1 + 2 * floor(L / 40)"}', [1, 11, 5]),
        ('{nseg: "1 + 2 * (distance > 120) + 2 * (diam < 2)"}', [1, 1, 5]),  # tuft(0.5): 160 um
        ('{nseg: "2 * g0 + lam - 100"}', [4, 4, 4]),
        ("[{in: dend, nseg: 4}]", [1, 4, 1]),
        ("[{in: all, max_length: 50 um}, {in: tuft, nseg: 2}]", [1, 5, 2]),
        ("[{in: tuft, nseg: 2}, {in: 't*', nseg: 6}]", [1, 1, 6]),  # the later rule holds
        ("[{in: far, nseg: 6}]", [1, 1, 6]),
    ],
)
def test_rules_of_segments(plan_cell, spatial, expected):
    far = "regions: {far: {in: all, where: distance > 120}}"
    [document] = documents(
        plan_cell(more(far, f"spatial: {spatial}"), *NO_NSEG, ("g0: 2e-4", "g0: 2"))
    )
    assert [len(values) for values in column(document, "pas.g").values()] == expected


def test_rules_of_segments_with_d_lambda_are_plain_neuron(plan_cell):
    """Of d_lambda in one region, of a formula in another; traces bit by bit."""
    spatial = '[{in: all, d_lambda: 0.03}, {in: apical, nseg: "1 + 2 * floor(L / 15)"}]'
    [document] = documents(plan_cell(more(f"spatial: {spatial}"), *NO_NSEG))
    oracle = plain_neuron(f"""{PLAIN}
for section in (soma, dend):
    section.nseg = int((section.L / (0.03 * n.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
tuft.nseg = 1 + 2 * int(tuft.L // 15)
for section in n.allsec():
    for segment in section:
        segment.pas.g = 2e-4 * n.exp(-n.distance(soma(0.5), segment) / 100)
run(10)
""")
    np.testing.assert_array_equal(simulate_well(document).traces["v"], oracle["v"])


def test_axes_of_segments(plan_cell):
    axes = """
  fold: {values: [1, 3], sets: parameters.fold}
  long: {values: [20, 0.1 mm], unit: um, sets: "cell.spatial[1].max_length"}
"""
    spatial = '[{in: dend, nseg: "5 * fold"}, {in: tuft, max_length: 10}]'
    fold = ("{lam:", "{fold: 1, lam:")
    plan = plan_cell(more(f"spatial: {spatial}"), *NO_NSEG, fold, axes=axes)
    counts = [[len(g) for g in column(d, "pas.g").values()] for d in documents(plan)]
    assert counts == [[1, 5, 5], [1, 5, 1], [1, 15, 5], [1, 15, 1]]


def test_a_formula_that_gives_no_whole_number(plan_cell):
    [document] = documents(plan_cell(more('spatial: {nseg: "L / 15"}')))
    with pytest.raises(SimulationError, match=r"1\.33333 segments; expected a whole number"):
        structure(document, Simulator())
