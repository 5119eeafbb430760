"""Distances between recorded places in derived quantities, against NEURON and by hand."""

import numpy as np
import pytest

from planning import merged
from simulating import plain_neuron, simulate_well
from spikesweep.errors import UserError
from spikesweep.language.distances import by_names, distances_in
from spikesweep.tables.derived import derive

STICK = {
    "record": {
        "spikes": {"soma": {"at": "cell.soma(0.5)"}, "far": {"at": "cell.tip(0.3)"}},
        "traces": {"v": {"of": "cell.dend(0.25).v"}},
    },
    "derived": {
        "velocity": {"formula": "distance(soma, far) / (latency_far - latency_soma)"},
        "part": {"formula": "distance( v,far ) + distance(far, v)"},
    },
}


def distances(plan):
    found = simulate_well(plan.template.members().document()).features
    items = plan.template.members().items()
    return {name: found[address] for name, address in items.features.items()}


@pytest.mark.parametrize("nseg", [1, 4, 101])
def test_distances_follow_the_sections(plan, nseg):
    """10 um from the soma's middle, 100 of dend, 0.3 * 50 of tip; whatever the segments are."""
    made = plan(merged(STICK, {"model": {"cells": {"cell": {"spatial": {"nseg": nseg}}}}}))
    found = distances(made)
    assert found == pytest.approx(
        {"soma_far_distance": 125, "v_far_distance": 90, "far_v_distance": 90}, rel=1e-12
    )
    assert [made.quantities[name]["unit"] for name in found] == ["um"] * 3


def test_distances_are_neurons(plan):
    found = distances(plan(STICK))
    oracle = plain_neuron("""
soma, dend, tip = (n.Section(name) for name in ("soma", "dend", "tip"))
for section, length in ((soma, 20), (dend, 100), (tip, 50)):
    section.L, section.nseg = length, 10001
dend.connect(soma(1)), tip.connect(dend(1))
recorded["d"] = [n.distance(soma(0.5), tip(0.3)), n.distance(dend(0.25), tip(0.3))]
np.savez(sys.argv[1], **recorded)
""")["d"]
    ours = [found["soma_far_distance"], found["v_far_distance"]]
    np.testing.assert_allclose(ours, oracle, atol=0.02)


def test_an_axis_of_length_moves_them(plan):
    made = plan(merged(STICK, {"axes": {"l": {"values": [100, 300], "sets": "cell.dend.L"}}}))
    members = made.template.members()
    written = list(made.template.written(made.columns, 2))
    address = members.items(written[0]).features["soma_far_distance"]
    found = [simulate_well(members.document(v)).features[address] for v in written]
    assert found == pytest.approx([125, 325])


def test_formulas_take_them():
    known = {"a_b_distance": np.array([100.0, np.nan]), "t": np.array([2.0, 4.0])}
    column = derive({"v": "distance(a, b) / t"}, known)["v"]
    np.testing.assert_array_equal(column, [50, np.nan])
    assert by_names("1 + distance(a,b) * distances") == "1 + a_b_distance * distances"
    assert distances_in("distance(a, b) - distance( b , c)") == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"derived": {"d": {"formula": "distance(soma, fra)"}}},
         'distance: no spike site and no trace is named "fra", did you mean "far"?'),
        ({"derived": {"d": {"formula": "distance(soma)"}}}, "derived.d.formula"),
        ({"derived": {"d": {"formula": "distance(soma, net)"}},
          "protocol": {"processes": {"net": {"type": "NetStim"}}},
          "record": {"spikes": {"net": {"at": "net"}}}}, "net lies at no place of a cell"),
        ({"model": {"cells": {"cell": {"count": 2}}}}, "is recorded in 2 copies of cell"),
        ({"record": {"traces": {"soma_far_distance": {"of": "cell.soma(0.5).v"}}}},
         'would be named "soma_far_distance"'),
    ],
)  # fmt: skip
def test_what_has_no_distance_is_refused(plan, changes, words):
    with pytest.raises(UserError) as error:
        plan(merged(STICK, changes))
    assert words in str(error.value)
