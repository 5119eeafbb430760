"""Axes of the distance at which a place is found: bit by bit those of places that are written."""

import numpy as np
import pytest

from planning import merged
from simulating import plain_neuron, simulate_well
from spikesweep.commands.structure import first_cells, tell_places
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_together
from spikesweep.simulation.simulator import Simulator

BASE = {
    "model": {"cells": {"cell": {"spatial": {"nseg": 11}}}},
    "protocol": {
        "tstop": 30,
        "processes": {
            "syn": {"type": "ExpSyn", "at": "cell.basal(distance=20)", "tau": 2},
            "train": {"type": "VecStim", "times": [1, 4]},
        },
        "connections": {"c": {"from": "train", "to": "syn", "weight": 0.01}},
    },
    "record": {
        "traces": {"v": {"of": "cell.soma(0.5).v", "every": 0.025}},
        "spikes": {"soma": {"at": "cell.soma(0.5)"}},
    },
}
DISTANCES = [15, 65, 135]
PLACES = ["cell.dend(0.05)", "cell.dend(0.55)", "cell.tip(0.5)"]  # the soma's middle is the origin


def swept(targets, values=DISTANCES, **changes):
    return merged(merged(BASE, {"axes": {"d": {"values": values, "sets": targets}}}), changes)


def simulated(plan, members=None):
    members = members or plan.template.members()
    written = plan.template.written(plan.columns, len(plan.keys))
    return [simulate_well(members.document(values)) for values in written]


def test_a_synapse_moves_along_the_dendrite(plan):
    """Against the same places as they are written, and against plain NEURON."""
    found = simulated(plan(swept("syn.distance")))
    for place, result in zip(PLACES, found, strict=True):
        there = plan(merged(BASE, {"protocol": {"processes": {"syn": {"at": place}}}}))
        [expected] = simulated(there)
        [v], [w] = result.traces.values(), expected.traces.values()
        np.testing.assert_array_equal(v, w)
    oracle = plain_neuron("""
soma, dend, tip = (n.Section(name) for name in ("soma", "dend", "tip"))
for section, L, diam in ((soma, 20, 20), (dend, 100, 1), (tip, 50, 1)):
    section.L, section.diam, section.nseg, section.Ra = L, diam, 11, 100
    section.insert("hh"), section.insert("pas")
    for segment in section:
        segment.hh.gkbar = 0.04 if section == soma else 0.01
dend.connect(soma(1)), tip.connect(dend(1))
synapse, clamp = n.ExpSyn(tip(0.5)), n.IClamp(soma(0.5))
synapse.tau = 2
clamp.delay, clamp.dur, clamp.amp = 1, 5, 0.3
connection = n.NetCon(None, synapse)
connection.delay, connection.weight[0] = 1, 0.01
handler = n.FInitializeHandler(lambda: [connection.event(t + 1) for t in (1, 4)])
record("v", soma(0.5)._ref_v)
run(30)
""")["v"]
    [v] = found[-1].traces.values()
    np.testing.assert_allclose(v, oracle, rtol=1e-5, atol=1e-5)  # float32
    assert len({result.traces[next(iter(result.traces))].max() for result in found}) == 3


@pytest.mark.parametrize(
    ("unit", "values"),
    [("um", DISTANCES), ("mm", [0.015, 0.065, 0.135]), (None, ["15 um", 65, 135])],
)
def test_units(plan, unit, values):
    sweep = swept("syn.distance", values)
    sweep["axes"]["d"] |= {"unit": unit} if unit else {}
    assert plan(sweep).keys == plan(swept("syn.distance")).keys


def test_what_is_recorded_moves_and_nothing_is_simulated_for_it(plan):
    """A trace, spikes, a feature, a measure, and the distance that a formula takes: one key."""
    targets = [
        "record.traces.w.distance", "record.spikes.far.distance", "record.features.f.distance",
        "record.measures.m.distance",
    ]  # fmt: skip
    record = {
        "traces": {"w": {"of": "cell.basal(distance=20).v", "every": 0.025}},
        "spikes": {"far": {"at": "cell.basal(distance=20)", "threshold": -50}},
        "features": {"f": {"of": "cell.basal(distance=20).v", "names": ["maximum_voltage"]}},
        "measures": {"m": {"of": "cell.basal(distance=20).v", "names": ["max"]}},
    }
    derived = {
        "way": {"formula": "distance(soma, far) + 0 * d"},
        "back": {"formula": "distance(far, soma)"},
        "long": {"formula": "distance(v, w)"},
    }
    made = plan(swept(targets, record=record, derived=derived))
    assert len({*made.keys}) == 1
    assert made.keys[0] == plan(merged(BASE, {})).keys[0]
    members = made.template.members()
    written = list(made.template.written(made.columns, 3))
    for d, place, values in zip(DISTANCES, PLACES, written, strict=True):
        result, items = simulate_well(members.document(values)), members.items(values)
        moved = {kind: {n: {**one, ("of" if "of" in one else "at"): place + ".v" * ("of" in one)}
                        for n, one in named.items()} for kind, named in record.items()}  # fmt: skip
        there = plan(merged(BASE, {"record": moved}))
        other = there.template.members()
        expected, named = simulate_well(other.document()), other.items()
        np.testing.assert_array_equal(
            result.traces[items.traces["w"]], expected.traces[named.traces["w"]]
        )
        assert list(result.spikes[items.spikes["far"]]) == list(
            expected.spikes[named.spikes["far"]]
        )
        for name in ("f_maximum_voltage", "m_max"):
            assert result.features[items.features[name]] == expected.features[named.features[name]]
        for name in ("soma_far_distance", "far_soma_distance", "v_w_distance"):
            assert result.features[items.features[name]] == pytest.approx(d)


def test_stimulus_and_recording_move_together(plan):
    made = plan(swept(["syn.distance", "record.traces.v.distance"], record={
        "traces": {"v": {"of": "cell.basal(distance=11).v"}}}))  # fmt: skip
    assert len({*made.keys}) == 3
    for values, result in zip(DISTANCES, simulated(made), strict=True):
        [trace] = result.traces.values()
        assert np.ptp(trace) > 5, values  # mV: at the synapse itself


def test_by_a_formula_and_of_what_else_lies_at_a_distance(plan):
    there = "cell.basal(distance=30)"
    sweep = swept(
        {"i.distance": "d", "k.distance": "2 * d", "w.distance": "d + 10"},
        [30, 60],
        protocol={
            "processes": {"i": {"type": "IClamp", "at": there, "dur": 5, "amp": 0.1}},
            "connections": {"k": {"from": there, "to": "syn", "weight": 0.001}},
            "play": {"w": {"into": f"{there}.pas.e", "expression": "-70 + t", "every": 1}},
        },
    )
    made = plan(sweep)
    documents = [
        made.template.fill(values) for values in zip(*made.columns, strict=True)
    ]  # fmt: skip
    for d, document in zip([30, 60], documents, strict=True):
        protocol = document["protocol"]
        assert protocol["processes"]["i"]["at"][3] == f"distance={d}"
        assert protocol["connections"]["k"]["from"][3] == f"distance={2 * d}"
        assert protocol["play"]["w"]["into"]["at"][3] == f"distance={d + 10}"
    assert made.template.axes["d"].unit == "um"


def test_the_first_is_told(plan):
    told = list(tell_places(first_cells(plan(swept("syn.distance")))))
    assert told[1:] == ["  cell.basal(distance=15) is cell.dend(0.05)"]


@pytest.mark.parametrize(
    ("target", "changes", "words"),
    [
        ("syn.distance", {"protocol": {"processes": {"syn": {"at": "cell.basal(farthest)"}}}},
         "syn lies at cell.basal(farthest), which is found by no distance; expected a place"),
        ("syn.distance", {"protocol": {"processes": {"syn": {"at": "cell.dend(0.5)"}}}},
         "found by no distance; expected a place such as cell.dend(distance=100)"),
        ("c.distance", {}, 'c has no "distance"'),
        ("record.traces.v.distance", {}, "record has no"),
        ("syn.distance", {"axes": {"d": {"unit": "mV"}}}, "mV"),
    ],
)  # fmt: skip
def test_mistakes(plan, target, changes, words):
    with pytest.raises(UserError) as error:
        plan(swept(target, **changes))
    assert words in str(error.value)


def test_a_drug_blocks_no_distance(plan):
    drug = {"values": [1, 2], "drug": {"scales": "syn.distance", "ic50": 1}}
    with pytest.raises(UserError, match=r"syn\.distance is no conductance"):
        plan(merged(BASE, {"axes": {"d": drug}}))


def test_beyond_the_cell_is_that_simulation_s_error(plan):
    made = plan(swept("syn.distance", [50, 900]))
    members = made.template.members()
    found = []
    for values in made.template.written(made.columns, 2):
        one = [("0" * 64, members.document(values))]
        found.append(in_child(lambda one=one: run_together(one, Simulator())))
    assert [one.status for one in found] == ["ok", "error"]
    assert "lies 900 um from the origin" in found[1].message


def test_names_of_distances_that_could_be_two_are_refused(plan):
    """a_b and c, a and b_c would have one column."""
    spikes = {name: {"at": "cell.soma(0.5)"} for name in ("a_b", "c", "a", "b_c")}
    with pytest.raises(UserError, match=r"could be that of distance\(a, b_c\) as well"):
        plan(merged(BASE, {"record": {"spikes": spikes}, "derived": {
            "x": {"formula": "distance(a_b, c)"}}}))  # fmt: skip
