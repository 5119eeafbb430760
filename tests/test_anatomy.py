"""What a sweep file says of cells comes out in NEURON as in a plain script of the same set-up."""

from pathlib import Path

import numpy as np
import pytest
from simulating import plain_neuron, simulate_well

from spikesweep.errors import UserError
from spikesweep.plan import make_plan
from spikesweep.simulation.engine import Engine
from spikesweep.simulation.structure import structure

# A soma, a dendrite that bends, and one that branches off its middle.
SWEEP = """
title: A cell
model:
  parameters: {lam: 0.1 mm, g0: 2e-4}
  cells:
    cell:
      sections:
        soma: {L: 20, diam: 20}
        dend: {L: 200, diam: 2, region: basal, parent: soma(1), nseg: 5}
        tuft: {L: 100, diam: 1, region: apical, parent: dend(0.5), nseg: 3}
      biophysics:
        - {in: all, Ra: 100, insert: {pas: {g: "g0 * exp(-distance / lam)"}}}
        - {in: soma, insert: {hh: {}}}
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 1, dur: 5, amp: 0.5}}
record: {precision: float64, traces: {v: {of: cell.tuft(1).v, every: 0.025}}}
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that plans the sweep with some of its text replaced."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def write(*replaced, axes="{}"):
        text = SWEEP
        for old, new in replaced:
            assert text.count(old) == 1
            text = text.replace(old, new)
        text += f"axes: {axes}\n"
        (tmp_path / "config/sweeps/s.yaml").write_text(text)
        return make_plan(Path(), "s")

    return write


def documents(plan):
    """Return the document of each simulation of a plan."""
    return [plan.template.fill(values) for values in zip(*plan.columns, strict=True)] or [
        plan.template.document
    ]


def column(document, name):
    """Return a column of the structure table, a value a segment, by section."""
    values = {}
    for row in structure(document, Engine()):
        values.setdefault(f"{row['section']}[{row['index']}]", []).append(row.get(name))
    return values


PLAIN = """
soma, dend, tuft = (n.Section(name) for name in ("soma", "dend", "tuft"))
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 5
tuft.L, tuft.diam, tuft.nseg = 100, 1, 3
dend.connect(soma(1))
tuft.connect(dend(0.5))
for section in n.allsec():
    section.Ra = 100
    section.insert("pas")
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", tuft(1)._ref_v)
"""


# ---- parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize("lam", [50, 100])
def test_parameters_of_expressions_are_plain_neuron(write, lam):
    axes = "{length: {values: [0.05 mm, 0.1 mm], unit: mm, sets: parameters.lam}}"
    made = {d["parameters"]["lam"]: d for d in documents(write(axes=axes))}
    oracle = plain_neuron(f"""{PLAIN}
for section in n.allsec():
    for segment in section:
        segment.pas.g = 2e-4 * n.exp(-n.distance(soma(0.5), segment) / {lam})
run(10)
""")
    np.testing.assert_array_equal(simulate_well(made[lam]).traces["v"], oracle["v"])


def test_a_document_holds_the_parameters_that_it_uses(write):
    """So a parameter that nothing speaks of changes no key."""
    plan = write()
    assert plan.template.document["parameters"] == {"lam": 100, "g0": 2e-4}
    more = write(("g0: 2e-4}", "g0: 2e-4, other: 3 mV}"))
    assert more.keys == plan.keys
    written = (("g0 * exp(-distance / lam)", "2e-4"),)
    assert "parameters" not in write(*written).template.document


def test_formulas_of_axes_speak_of_parameters(write):
    """Q10 as a parameter: 2.3 ** 1 at ten degrees above."""
    axes = '{T: {values: [16.3], sets: {step.amp: "0.1 * q10 ** ((T - 6.3) / 10)"}}}'
    [document] = documents(write(("{lam:", "{q10: 2.3, lam:"), axes=axes))
    step = document["protocol"]["processes"]["step"]
    assert step["parameters"]["amp"] == pytest.approx(0.23, rel=1e-15)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ("{a: {values: [1], sets: parameters.lamb}}", 'no "lamb", did you mean "lam"'),
        ("{a: {values: [1 mV], sets: parameters.lam}}", '"1 mV" has the wrong kind of unit'),
        ("{a: {values: [1], sets: parameters.spare}}", "no expression of the model speaks of"),
        ("{lam: {values: [1], sets: step.amp}}", "axes.lam: a parameter bears this name as well"),
        ('{a: {values: [1], sets: {step.amp: "a * lan"}}}', 'unknown name "lan"'),
    ],
)
def test_axes_that_set_no_parameter(write, axes, said):
    with pytest.raises(UserError) as caught:
        write(("{lam:", "{spare: 3, lam:"), axes=axes)
    assert said in str(caught.value)


# ---- where things are --------------------------------------------------------------------------


def test_distances_from_a_place_of_the_cell(write):
    """From the far end of the tuft: 100 um to its start, 100 um back along the dendrite."""
    changed = (("cell:\n      sections", "cell:\n      distance_from: tuft(1)\n      sections"),
               ('"g0 * exp(-distance / lam)"', '"distance"'))  # fmt: skip
    [document] = documents(write(*changed))
    found = column(document, "pas.g")
    assert found["tuft[0]"] == pytest.approx([100 * 5 / 6, 50, 100 / 6])
    assert found["dend[0]"] == pytest.approx([180, 140, 100, 140, 180])
    assert found["soma[0]"] == pytest.approx([210])
    assert column(document, "distance") == found


def test_the_length_of_a_section(write):
    [document] = documents(write(('"g0 * exp(-distance / lam)"', '"L"')))
    assert column(document, "pas.g") == {
        "soma[0]": [20],
        "dend[0]": [200] * 5,
        "tuft[0]": [100] * 3,
    }
