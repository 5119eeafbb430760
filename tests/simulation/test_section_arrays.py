"""Literal sections of one name and an index: dend[0], dend[1], as code makes arrays of sections."""

import pytest

from simulating import plain_neuron
from spikesweep.errors import UserError
from spikesweep.jobs.structure import structure
from spikesweep.simulation.simulator import Simulator

SWEEP = """
title: Arrays of sections
model:
  cells:
    cell:
      spatial: {nseg: 1}
      sections:
        soma: {L: 20, diam: 20}
        dend[0]: {L: 100, diam: 2, region: basal, parent: soma(1)}
        dend[1]: {L: 60, diam: 1, region: basal, parent: "dend[0](0.75)"}
        apical[0]: {L: 80, diam: 1, parent: soma(0)}
        apical[1]: {L: 40, diam: 1, parent: apical(1)}
      biophysics: [{in: all, insert: {pas: {g: 1}}}]
protocol: {tstop: 1}
record: {traces: {v: {of: "cell.dend[1](0.5).v"}}}
axes: AXES
"""


def rows(plan_text, axes="{}"):
    plan = plan_text(SWEEP.replace("AXES", axes))
    document = plan.template.fill([column[0] for column in plan.columns])
    return {f"{row['section']}[{row['index']}]": row for row in structure(document, Simulator())}


def test_they_are_connected_as_in_neuron(plan_text):
    oracle = plain_neuron("""
soma, dend, apical = n.Section(), [n.Section() for _ in "01"], [n.Section() for _ in "01"]
for section, L, diam in ((soma, 20, 20), (dend[0], 100, 2), (dend[1], 60, 1),
                         (apical[0], 80, 1), (apical[1], 40, 1)):
    section.L, section.diam = L, diam
dend[0].connect(soma(1)); dend[1].connect(dend[0](0.75))
apical[0].connect(soma(0)); apical[1].connect(apical[0](1))
for name, section in (("soma[0]", soma), ("dend[0]", dend[0]), ("dend[1]", dend[1]),
                      ("apical[0]", apical[0]), ("apical[1]", apical[1])):
    recorded[name] = [section(0.5).area(), n.distance(soma(0.5), section(0.5))]
run(0)
""")
    found = rows(plan_text)
    assert {name: [row["area"], row["distance"]] for name, row in found.items()} == {
        name: pytest.approx(list(values)) for name, values in oracle.items() if name in found
    }
    assert [row["region"] for row in found.values()] == ["soma", *["basal"] * 2, *["apical"] * 2]


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("cell.dend.pas.g", ["dend[0]", "dend[1]"]),
        ("cell.dend[1].pas.g", ["dend[1]"]),
        ("cell.apical.pas.g", ["apical[0]", "apical[1]"]),
        ("cell.apical[0](0.5).pas.g", ["apical[0]"]),
        ("cell.d*[1].pas.g", ["dend[1]"]),
    ],
)
def test_axes_set_all_of_them_or_one(plan_text, target, where):
    found = rows(plan_text, f'{{g: {{values: [7], sets: "{target}"}}}}')
    assert [name for name, row in found.items() if row["pas.g"] == 7] == where


def test_an_axis_sets_the_length_of_one(plan_text):
    found = rows(plan_text, '{L: {values: [7], sets: "cell.dend[1].L"}}')
    assert found["dend[1]"]["area"] == pytest.approx(7 * 3.141592653589793)
    assert found["dend[0]"]["area"] == pytest.approx(200 * 3.141592653589793)


@pytest.mark.parametrize(
    ("text", "by", "message"),
    [
        ("dend[1]:", "dend[01]:", r"sections.dend\[01\]: .*a name, or one copy of it"),
        ("apical[1]:", "apical:", r"sections.apical: apical\[0\] stands above"),
        ("dend[0](0.75)", "dend[2](0.75)", r'no section above it is named "dend\[2\]"'),
        ("dend[0](0.75)", "dend[0](0_1)", r'"dend\[0\]\(0_1\)"; expected a section and a point'),
        ("dend[0](0.75)", "dend[0(0.75)", r'"dend\[0\(0.75\)"; expected a section and a point'),
    ],
)
def test_what_is_none_is_refused(plan_text, text, by, message):
    with pytest.raises(UserError, match=message):
        plan_text(SWEEP.replace("AXES", "{}").replace(text, by, 1))
