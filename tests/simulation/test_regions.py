"""Regions that a sweep file names: what rules and axes of them reach."""

import pytest

from anatomy import column, documents, more
from spikesweep.errors import UserError
from spikesweep.jobs.structure import structure
from spikesweep.simulation.simulator import Simulator

# Middles lie at 0, 60, 60, 160 and 260 um of path from soma(0.5).
REGIONS = """
title: Regions
model:
  parameters: {cut: 100}
  cells:
    cell:
      regions:
        far: {in: basal, where: "distance > cut"}
        thin: {in: "*", where: "diam < 1.5"}
        tips: {in: [far, thin]}
        lone: {in: "b?", where: "distance > 5000"}
      sections:
        soma: {L: 20, diam: 20}
        a1: {L: 100, diam: 1, region: apical, parent: soma(0)}
        b1: {L: 100, diam: 3, region: basal, parent: soma(1)}
        b2: {L: 100, diam: 2, region: basal, parent: b1(1)}
        b3: {L: 100, diam: 1, region: basal, parent: b2(1)}
      biophysics: BIOPHYSICS
protocol: {tstop: 1}
record: {traces: {v: {of: cell.soma(0.5).v}}}
axes: AXES
"""


@pytest.fixture
def g_pas(plan_text):
    """Return a function: biophysics and axes of REGIONS -> g of pas by section, a simulation each.

    None where pas is not inserted.
    """

    def g_pas(biophysics, axes="{}"):
        text = REGIONS.replace("BIOPHYSICS", biophysics).replace("AXES", axes)
        made = [column(document, "pas.g") for document in documents(plan_text(text))]
        return [[values[0] for values in of.values()] for of in made]  # a segment a section

    return g_pas


ALL = "{in: all, insert: {pas: {g: 1}}}"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # soma, a1, b1, b2, b3
        ("far", [1, 1, 1, 7, 7]),
        ("thin", [1, 7, 1, 1, 7]),
        ("tips", [1, 7, 1, 7, 7]),
        ("lone", [1, 1, 1, 1, 1]),  # a condition that holds nowhere
        ("b*", [1, 1, 7, 7, 7]),
        ("'?1'", [1, 7, 7, 1, 1]),
        ("[soma, far]", [7, 1, 1, 7, 7]),
    ],
)
def test_rules_in_named_regions(g_pas, names, expected):
    rules = f"[{ALL}, {{in: {names}, insert: {{pas: {{g: 7}}}}}}]"
    assert g_pas(rules) == [expected]


FAR = "{in: far, insert: {pas: {g: 2}}}"
SETS = "{g: {values: [8], sets: cell.REGION.pas.g}}"
HALVES = "{g: {values: [1], drug: {scales: cell.REGION.pas.g, ic50: 1}}}"


@pytest.mark.parametrize(
    ("rules", "axis", "region", "expected"),
    [
        # soma, a1, b1, b2, b3
        (f"[{ALL}]", SETS, "far", [1, 1, 1, 8, 8]),
        (f"[{ALL}]", SETS, "b*", [1, 1, 8, 8, 8]),
        (f"[{ALL}]", SETS, "tips", [1, 8, 1, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "far", [1, 1, 1, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "basal", [1, 1, 8, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "thin", [1, 8, 1, 2, 8]),
        (f"[{ALL}, {FAR}]", SETS, "all", [8, 8, 8, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "soma", [8, 1, 1, 2, 2]),
        (f"[{ALL}, {FAR}]", HALVES, "thin", [1, 0.5, 1, 2, 1]),
        (f"[{ALL}, {FAR}]", HALVES, "basal", [1, 1, 0.5, 1, 1]),
        (f"[{FAR}, {ALL}]", HALVES, "far", [1, 1, 1, 0.5, 0.5]),  # the later rule holds
        (f"[{FAR}]", SETS, "thin", [None, None, None, 2, 8]),  # nothing is inserted anew
        # Without the parameter the mechanism comes with its default, 0.001.
        ("[{in: far, insert: {pas: }}]", HALVES, "thin", [None, None, None, 0.001, 0.0005]),
        (f"[{FAR}, {{in: all, insert: {{pas: }}}}]", SETS, "thin", [0.001, 8, 0.001, 2, 8]),
        (f"[{FAR}, {{in: all, insert: {{pas: }}}}]", HALVES, "b1", [0.001, 0.001, 0.0005, 2, 2]),
        (f"[{FAR}, {{in: all, insert: {{pas: }}}}]", HALVES, "basal", [0.001, 0.001, 0.0005, 1, 1]),
    ],
)  # fmt: skip
def test_axes_reach_into_regions_and_no_further(g_pas, rules, axis, region, expected):
    """The value of the rule that holds last, set to 8 or scaled by 1 / (1 + 1/1) in the region."""
    assert g_pas(rules, axis.replace("REGION", region)) == [pytest.approx(expected)]


def test_more_conditions_than_can_be_gone_through(plan_cell):
    """Only those count that stand behind the rules of what the axis sets."""
    bands = "".join(f"b{i}: {{in: all, where: distance > {i}}}, " for i in range(11))
    region = more(f"regions: {{{bands}}}")
    of = ("insert: {hh: {}}}", "insert: {hh: {}}}" + "".join(
        f"\n        - {{in: b{i}, insert: {{pas: {{e: -{60 + i}}}}}}}" for i in range(11)
    ))  # fmt: skip
    axes = "{a: {values: [1], sets: cell.QUANTITY}}"
    assert plan_cell(region, of, axes=axes.replace("QUANTITY", "soma.hh.gnabar")).keys
    with pytest.raises(UserError, match=r"a\.sets: the rules that set this speak of 11 regions"):
        plan_cell(region, of, axes=axes.replace("QUANTITY", "all.pas.e"))


def test_an_axis_moves_the_border_of_a_region(g_pas):
    axes = "{cut: {values: [0, 200, 1000], sets: parameters.cut}}"
    assert g_pas(f"[{ALL}, {FAR}]", axes) == [[1, 1, 2, 2, 2], [1, 1, 1, 1, 2], [1] * 5]


def test_a_region_that_is_not_used_changes_no_key(plan_cell):
    region = more("regions: {far: {in: basal}}")
    assert plan_cell(region).keys == plan_cell().keys
    used = plan_cell(region, ("{in: soma, insert", "{in: [soma, far], insert"))
    assert used.template.document["cells"]["cell"]["regions"] == {"far": {"in": ["basal"]}}


def test_rules_of_regions_hold_in_every_morphology(tmp_path, plan_text):
    """Where an axis changes the morphology, rules follow: another number of basal sections."""
    soma = "1 1 0 0 0 10 -1\n2 1 20 0 0 10 1\n"
    basal = [f"{i} 3 {20 + i} {i} 0 1 2\n{i + 1} 3 {50 + i} {i} 0 1 {i}\n" for i in (3, 5)]
    (tmp_path / "one.swc").write_text(soma + basal[0] + "9 4 0 -9 0 1 1\n10 4 0 -40 0 1 9\n")
    (tmp_path / "two.swc").write_text(soma + basal[0] + basal[1])
    plan = plan_text("""
title: Shapes
model: {cells: {cell: {morphology: one.swc, biophysics: [{in: all, insert: {pas: {g: 1}}}]}}}
protocol: {tstop: 1}
record: {traces: {v: {of: cell.soma(0.5).v}}}
axes:
  shape: {values: [one.swc, two.swc], sets: cell.morphology}
  g: {values: [8], sets: cell.basal.pas.g}
""")
    files = {sha: tmp_path / path for sha, path in plan.template.files.morphologies.items()}
    rows = [structure(d, Simulator(morphologies=files)) for d in documents(plan)]
    found = [[(row["region"], row["pas.g"]) for row in of] for of in rows]
    assert found == [
        [("soma", 1), ("basal", 8), ("apical", 1)],
        [("soma", 1), ("basal", 8), ("basal", 8)],
    ]
