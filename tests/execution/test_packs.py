"""Packs: which simulations share one, and that sharing changes no bit."""

import copy

import numpy as np
import pytest

from project import PYRAMIDAL
from simulating import (
    HH,
    SOMA,
    clamp,
    detector,
    judged,
    make_cell,
    make_document,
    make_soma_document,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.execution.packs import read_morphologies
from spikesweep.execution.sharing import models_of, share_out
from spikesweep.execution.together import run_alone, run_together
from spikesweep.recording.results import Result, digest
from spikesweep.simulation.globals import pack_group
from spikesweep.simulation.simulator import Simulator

# What a protocol has only where it is asked for.
OF_PROTOCOL = ("protocol.globals", "protocol.settle", "protocol.cvode")


def changed(path: str, value, document: dict | None = None) -> dict:
    """Return a document with the value at a path such as "protocol.dt" changed."""
    document = copy.deepcopy(document or make_soma_document())
    *folders, name = path.split(".")
    place = document
    for folder in folders:
        place = place[folder]
    assert path.startswith(("seed", *OF_PROTOCOL)) or name in place
    place[name] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "same_group", "same_model"),
    [
        # What is global in NEURON parts packs; what is no number makes another model.
        ("protocol.celsius", 20, False, True),
        ("protocol.v_init", -70, False, True),
        ("protocol.dt", 0.05, False, True),
        ("protocol.tstop", 20, False, True),
        ("protocol.tstop", 10.0, True, True),  # as it was
        ("protocol.settle", 50, False, False),
        ("protocol.cvode", {"atol": 1e-3, "rtol": 0}, False, False),
        ("protocol.globals.usetable_hh", 0, False, False),
        ("protocol.processes.pulse.parameters.amp", 0.2, True, True),
        ("protocol.processes.pulse.type", "SEClamp", True, False),
        ("cells.cell.sections.soma.L", 20, True, True),
        ("cells.cell.segments", {"d_lambda": 0.1}, True, False),
        ("cells.cell.biophysics", [{"in": ["all"], "insert": {"pas": {}}}], True, False),
        ("record.traces", {}, True, False),
        ("mechanisms", {"nat": "0"}, True, False),
        ("seed", 3, True, True),
    ],
)
def test_groups_and_models(path, value, same_group, same_model):
    before, after = make_soma_document(), changed(path, value)
    assert (pack_group(before) == pack_group(after)) == same_group
    models = models_of([("before", before), ("after", after)])
    assert (models["before"] == models["after"]) == same_model
    assert hash(pack_group(after)) == hash(pack_group(copy.deepcopy(after)))


@pytest.mark.parametrize(
    ("shares", "sizes"),
    [
        ([], []),
        ([1 / 3] * 7, [3, 3, 1]),
        ([1 / 49] * 99, [49, 49, 1]),  # added up 49 times, that gives 1.0000000000000007
        ([1, 1], [1, 1]),
        ([5, 0.5, 0.5, 5], [1, 2, 1]),  # one that is too large goes alone
        ([0.75, 0.5, 0.5], [1, 2]),
    ],
)
def test_share_out_by_size(shares, sizes):
    members = [(str(i), make_soma_document()) for i in range(len(shares))]
    packs = list(share_out(members, lambda member: shares[int(member[0])]))
    assert [len(pack) for pack in packs] == sizes
    assert [member for pack in packs for member in pack] == members


def test_share_out_by_group_longest_first():
    tstops, temperatures = (10, 50, 20), (6.3, 20)
    members = [
        (f"{tstop} {celsius} {i}", make_soma_document(tstop=tstop, celsius=celsius))
        for i in range(2)
        for tstop in tstops
        for celsius in temperatures
    ]
    packs = [[key for key, _ in pack] for pack in share_out(members, lambda member: 0.1)]
    assert packs == [
        [f"{tstop} {celsius} 0", f"{tstop} {celsius} 1"]
        for tstop in (50, 20, 10)
        for celsius in temperatures
    ]


# One member after another of these is put into packs: two morphologies, synapses, expressions.


def traced_document(amp: float, **settings) -> dict:
    cell = {
        "morphology": {"format": "swc", "sha256": "m"},
        "segments": {"max_length": 60},
        "biophysics": [
            {"in": ["all"], "Ra": 150, "insert": {"pas": {"g": 1e-4, "e": -65}}},
            {"in": ["soma", "axon"], "insert": {"hh": {"gnabar": 0.5}}},
            {"in": ["apical"], "insert": {"pas": {"g": "1e-4 * (1 + distance_fraction)"}}},
        ],
    }
    return make_document(
        {"cell": cell},
        processes={"pulse": clamp(SOMA, 1, 10, amp)},
        traces={"soma": voltage(SOMA), "tuft": voltage(["cell", "apical", 5, 1.0], 0.1)},
        spikes={"soma": detector(SOMA, 0)},
        **settings,
    )


def pair_document(weight: float, **settings) -> dict:
    soma = make_cell({"soma": {"L": 10, "diam": 10}}, HH)
    first, second = (["first", "soma", 0, 0.5], ["second", "soma", 0, 0.5])
    return make_document(
        {"first": soma, "second": soma},
        processes={
            "pulse": clamp(first, 1, 1, 0.2),
            "synapse": {"type": "ExpSyn", "at": second, "parameters": {"tau": 2}},
        },
        connections={
            "c": {"from": first, "to": "synapse", "threshold": 0, "delay": 1.3, "weight": weight}
        },
        traces={"v": voltage(second), "i": {"process": "synapse", "variable": "i", "every": 0.5}},
        spikes={"second": detector(second, 0, "sample_before")},
        **settings,
    )


def mixed_members(**settings) -> list:
    documents = [
        *(make_soma_document(0.02 * i, diam=5 + i, **settings) for i in range(8)),
        *(traced_document(0.5 * i, **settings) for i in range(3)),
        *(pair_document(0.005 * i, precision="float32", **settings) for i in range(4)),
    ]
    mixed = documents[::2] + documents[1::2]
    return [(f"{i:064x}", document) for i, document in enumerate(mixed)]


@pytest.mark.parametrize("celsius", [6.3, 20.0])
@pytest.mark.parametrize("size", [2, 5, 15])
def test_packs_are_bit_identical_with_running_alone(celsius, size):
    engine = Simulator(morphologies={"m": PYRAMIDAL})
    members = mixed_members(celsius=celsius, tstop=15, globals={"usetable_hh": 0})
    read_morphologies((document for _, document in members), engine)
    packed = []
    for start in range(0, len(members), size):
        pack = members[start : start + size]
        packed += in_child(lambda pack=pack: run_together(pack, engine)).value
    alone = [in_child(lambda member=member: run_alone(member, engine)).value for member in members]
    assert [result.key for result in packed] == [key for key, _ in members]
    assert [digest(result) for result in packed] == [digest(result) for result in alone]
    assert {result.status for result in packed} == {"ok"}
    assert sum(len(times) > 0 for result in packed for times in result.spikes.values()) > 5


def test_a_member_that_is_not_finite_leaves_its_neighbours_alone():
    members = [(str(i), make_soma_document(amp)) for i, amp in enumerate([0.1, 1e308, 0.2])]
    results = in_child(lambda: run_together(members, Simulator())).value
    alone = [in_child(lambda member=m: run_alone(member, Simulator())).value for m in members]
    assert [judged(result).status for result in results] == ["ok", "not_finite", "ok"]
    assert [digest(result) for result in results] == [digest(result) for result in alone]


def test_what_is_global_cannot_differ_in_a_pack():
    members = [("a", make_soma_document()), ("b", make_soma_document(celsius=20))]
    outcome = in_child(lambda: run_together(members, Simulator()))
    assert (outcome.status, outcome.message[:10]) == ("error", "ValueError")


def test_digest_is_of_every_bit():
    """Each change of one bit, one name or one length gives another digest."""

    def make(**change) -> Result:
        content = {
            "status": "ok",
            "message": "",
            "traces": {"v": np.array([0.0, 1.0])},
            "spikes": {"s": np.array([2.5])},
            "extremes": {"v": (0.0, 1.0)},
        }
        for name, value in change.items():
            is_data = isinstance(value, dict) and name != "extremes"
            content[name] = {n: np.array(v) for n, v in value.items()} if is_data else value
        return Result("key", **content)

    changes = [
        {},
        {"status": "error"},
        {"message": "x"},
        {"traces": {"v": [-0.0, 1.0]}},
        {"traces": {"v": [0.0, 1.0000000000000002]}},
        {"traces": {"v": [0.0, 1.0, 0.0]}},
        {"traces": {"w": [0.0, 1.0]}},
        {"traces": {"v": [0.0, 1.0], "w": []}},
        {"spikes": {"s": []}},
        {"spikes": {"s": [2.5], "t": []}},
        {"extremes": {"v": (0.0, 2.0)}},
        {"extremes": {}},
    ]
    assert len({digest(make(**change)) for change in changes}) == len(changes)
    assert digest(make()) == digest(make())
