"""Parameters of a sweep: expressions and axes that speak of them, against plain NEURON."""

import numpy as np
import pytest

from anatomy import NO_NSEG, PLAIN, documents, more
from simulating import plain_neuron, simulate_well
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_together
from spikesweep.simulation.simulator import Simulator


@pytest.mark.parametrize("lam", [50, 100])
def test_parameters_of_expressions_are_plain_neuron(plan_cell, lam):
    axes = "{length: {values: [0.05 mm, 0.1 mm], unit: mm, sets: parameters.lam}}"
    made = {d["parameters"]["lam"]: d for d in documents(plan_cell(axes=axes))}
    oracle = plain_neuron(f"""{PLAIN}
for section in n.allsec():
    for segment in section:
        segment.pas.g = 2e-4 * n.exp(-n.distance(soma(0.5), segment) / {lam})
run(10)
""")
    np.testing.assert_array_equal(simulate_well(made[lam]).traces["v"], oracle["v"])


def test_a_document_holds_the_parameters_that_it_uses(plan_cell):
    """So a parameter that nothing speaks of changes no key."""
    plan = plan_cell()
    assert plan.template.document["parameters"] == {"lam": 100, "g0": 2e-4}
    more = plan_cell(("g0: 2e-4}", "g0: 2e-4, other: 3 mV}"))
    assert more.keys == plan.keys
    written = (("g0 * exp(-distance / lam)", "2e-4"),)
    assert "parameters" not in plan_cell(*written).template.document


def test_formulas_of_axes_speak_of_parameters(plan_cell):
    """Q10 as a parameter: 2.3 ** 1 at ten degrees above."""
    axes = '{T: {values: [16.3], sets: {step.amp: "0.1 * q10 ** ((T - 6.3) / 10)"}}}'
    [document] = documents(plan_cell(("{lam:", "{q10: 2.3, lam:"), axes=axes))
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
def test_axes_that_set_no_parameter(plan_cell, axes, said):
    with pytest.raises(UserError) as caught:
        plan_cell(("{lam:", "{spare: 3, lam:"), axes=axes)
    assert said in str(caught.value)


def test_members_of_a_pack_keep_their_own_parameters_and_regions(plan_cell):
    """Three members differ in a parameter of conductances, of a region's border and of nseg."""
    lines = (
        'regions: {far: {in: all, where: "distance > lam"}}',
        'spatial: [{in: far, nseg: "1 + 2 * floor(lam / 50)"}]',
    )
    cm = ("insert: {hh: {}}}", "insert: {hh: {}}}\n        - {in: far, cm: 2}")
    axes = "{length: {values: [50, 100, 150], sets: parameters.lam}}"
    made = documents(plan_cell(more(*lines), *NO_NSEG, cm, axes=axes))
    members = [(str(i), document) for i, document in enumerate(made)]
    packed = in_child(lambda: run_together(members, Simulator())).value
    alone = [simulate_well(document).traces["v"] for document in made]
    for result, v in zip(packed, alone, strict=True):
        np.testing.assert_array_equal(result.traces["v"], v)
    assert len({v.tobytes() for v in alone}) == 3
