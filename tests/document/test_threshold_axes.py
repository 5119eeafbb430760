"""Axes of detectors' thresholds: what is recorded follows them, what is simulated does not."""

import json

import pytest

from planning import merged
from spikesweep.errors import UserError
from spikesweep.plan.telling import tell
from spikesweep.products.items import Members

FEATURES = {"f": {"of": "cell.soma(0.5).v", "names": ["spike_count"]}}


def with_axis(target, **changes):
    return merged({"axes": {"a": {"values": [-30, "-0.01 V"], "sets": target}}}, changes)


def recorded(plan):
    members = plan.template.members()
    return [members.document(v)["record"] for v in plan.template.written(plan.columns, 2)]


def test_thresholds_are_recorded_of_one_simulation(plan):
    """One key, two addresses, each that of a sweep which has the threshold without an axis."""
    found = plan(with_axis("record.spikes.soma.threshold"))
    alone = [plan({"record": {"spikes": {"soma": {"threshold": one}}}}) for one in (-30, -10)]
    assert {*found.keys} == {key for one in alone for key in one.keys}
    assert [one.addresses for one in found.items] == [one.items[0].addresses for one in alone]
    assert len(found.items[0].addresses | found.items[1].addresses) == 2
    thresholds = [one["threshold"] for r in recorded(found) for one in r["spikes"].values()]
    assert thresholds == [-30, -10]


def test_what_is_in_the_store_is_told_of_different_simulations(plan):
    found = plan(with_axis("record.spikes.soma.threshold"))
    assert "2 (grid) in 1 job, 1 different, 0 of them in the store" in tell(found, [0, 1])
    assert "1 different, 1 of them in the store" in tell(found, [])


def test_thresholds_of_features(plan):
    found = plan(with_axis("record.features.f.threshold", record={"features": FEATURES}))
    assert [[one["threshold"] for one in r["features"].values()] for r in recorded(found)] == [
        [-30],
        [-10],
    ]


def test_of_copies_all_or_one(plan):
    copies = {"model": {"cells": {"cell": {"count": 2}}}}
    for target, thresholds in (("soma", {-30}), ("soma[1]", {-30, -20})):
        found = plan(with_axis(f"record.spikes.{target}.threshold", **copies))
        spikes = recorded(found)[0]["spikes"].values()
        assert {one["threshold"] for one in spikes} == thresholds
        assert len(spikes) == 2


def test_beside_axes_of_the_model(plan):
    """Slots of both kinds, in whatever order they stand, go each to its own place."""
    axes = {
        "z": {"values": [0.1, 0.2], "sets": "step.amp"},
        "a": {"values": [-30, -10], "sets": "record.spikes.soma.threshold"},
        "v": {"values": [-70, -60], "sets": "protocol.v_init"},
    }
    found = plan({"axes": axes, "design": {"grid": ["z", "a", "v"]}})
    assert len({*found.keys}) == 4
    members = Members(found.template.document, [slot.path for slot in found.template.slots])
    for (z, a, v), values in zip(
        found.combination.rows, found.template.written(found.columns, 8), strict=True
    ):
        document = json.loads(json.dumps(members.document(values)))
        [process] = document["protocol"]["processes"].values()
        [spikes] = document["record"]["spikes"].values()
        assert process["parameters"]["amp"] == [0.1, 0.2][z]
        assert spikes["threshold"] == [-30, -10][a]
        assert document["protocol"]["v_init"] == [-70, -60][v]


def test_under_cvode_thresholds_make_steps(plan):
    """CVode looks for crossings, and so goes another way: a simulation for each threshold."""
    found = plan(with_axis("record.spikes.soma.threshold", protocol={"cvode": {}}))
    assert len({*found.keys}) == 2
    alone = plan({"protocol": {"cvode": {}}, "record": {"spikes": {"soma": {"threshold": -10}}}})
    assert found.keys[1] == alone.keys[0]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("record.spikes.axon.threshold", 'record has no "spikes.axon.threshold", did you mean'),
        ("record.spikes.soma.times", 'record has no "spikes.soma.times"'),
        ("record.spikes.net.threshold", 'record has no "spikes.net.threshold"'),
        ("record", 'record has no ""'),
    ],
)
def test_what_has_no_threshold_is_refused(plan, target, words):
    net = {"protocol": {"processes": {"net": {"type": "NetStim"}}},
           "record": {"spikes": {"net": {"at": "net"}}}}  # fmt: skip
    with pytest.raises(UserError) as error:
        plan(with_axis(target, **net))
    assert words in str(error.value)
