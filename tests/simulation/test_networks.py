"""Networks: connections, copies of cells and their wiring, bit by bit those of plain NEURON."""

import copy
import hashlib
import math
import struct
import time

import numpy as np
import pytest

from nmodl_sources import DEPRESSING
from simulating import (
    HH,
    clamp,
    compile_mechanisms,
    detector,
    make_cell,
    make_document,
    plain_neuron,
    simulate,
    simulate_well,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.jobs.structure import structure
from spikesweep.recording.results import digest
from spikesweep.simulation.copies import Placement
from spikesweep.simulation.simulator import Simulator


# A synapse of two weights: each event releases a fraction of what is left, which recovers with
# 100 ms; after Tsodyks & Markram (1997), PNAS 94:719-723.
@pytest.fixture(scope="module")
def depressing(tmp_path_factory):
    """The folder and the library of the depressing synapse."""
    folder = tmp_path_factory.mktemp("depressing")
    return folder, compile_mechanisms(folder, {"depressing": DEPRESSING})


def test_several_weights_are_plain_neuron(depressing):
    folder, library = depressing
    first, second = ["first", "soma", 0, 0.5], ["second", "soma", 0, 0.5]
    soma = make_cell({"soma": {"L": 10, "diam": 10}}, HH)
    passive = make_cell({"soma": {"L": 10, "diam": 10}}, {"in": ["all"], "insert": {"pas": {}}})
    document = make_document(
        {"first": soma, "second": passive},
        processes={
            "step": clamp(first, 1, 100, 0.1),
            "synapse": {"type": "Depressing", "at": second, "parameters": {}},
        },
        connections={
            "c": {
                "from": first, "to": "synapse", "threshold": 0, "delay": 1, "weight": [0.001, 0.6]
            }
        },
        traces={
            "v": voltage(second),
            "g": {"process": "synapse", "variable": "g", "every": 0.025},
            "left": {"connection": "c", "index": 0, "variable": "weight[2]", "every": 0.025},
        },
        tstop=60,
    )  # fmt: skip
    oracle = plain_neuron(
        """
first, second = n.Section("first"), n.Section("second")
for soma in (first, second):
    soma.L = soma.diam = 10
first.insert("hh")
second.insert("pas")
step = n.IClamp(first(0.5))
step.delay, step.dur, step.amp = 1, 100, 0.1
synapse = n.Depressing(second(0.5))
netcon = n.NetCon(first(0.5)._ref_v, synapse, sec=first)
netcon.threshold, netcon.delay, netcon.weight[0], netcon.weight[1] = 0, 1, 0.001, 0.6
record("v", second(0.5)._ref_v)
record("g", synapse._ref_g)
record("left", netcon._ref_weight[2])
run(60)
""",
        folder,
    )
    traces = simulate_well(document, library=library).traces
    np.testing.assert_array_equal(traces["v"], oracle["v"])
    np.testing.assert_array_equal(traces["g"], oracle["g"])
    np.testing.assert_array_equal(traces["left"], oracle["left"])
    assert len(np.unique(traces["left"])) > 3  # the synapse changes it at each event
    # The first event in full, a step after it came.
    assert traces["g"].max() == pytest.approx(0.001 * 0.6 * np.exp(-0.025 / 2), rel=1e-12)


def ring(pattern="ring", n=5, tstop=40, weight=0.01, delay=1.0, seed=0, **pyramidal):
    """Return the document of a ring of squid axon membrane: the first cell gets a pulse."""
    soma = ["pyr", "soma", 0, 0.5]
    cell = make_cell({"soma": {"L": 20, "diam": 20, "region": "soma"}}, HH)
    connection = {"from": soma, "to": "syn", "threshold": 0, "delay": delay, "weight": weight}
    document = make_document(
        {"pyr": cell | {"count": n} | pyramidal},
        processes={
            "pulse": clamp(["pyr[0]", *soma[1:]], 1, 1, 1.5),
            "syn": {"type": "ExpSyn", "at": soma, "parameters": {"tau": 2}},
        },
        connections={"net": connection | {"pattern": pattern}},
        traces={f"v[{i}]": voltage([f"pyr[{i}]", *soma[1:]]) for i in range(n)},
        spikes={f"pyr[{i}]": detector([f"pyr[{i}]", *soma[1:]], 0) for i in range(n)},
        tstop=tstop,
    )
    return document | {"seed": seed}


RING_ORACLE = """
somata, synapses, netcons = [], [], []
for i in range({n}):
    soma = n.Section(f"soma{{i}}")
    soma.L = soma.diam = 20
    soma.insert("hh")
    synapse = n.ExpSyn(soma(0.5))
    synapse.tau = 2
    somata.append(soma)
    synapses.append(synapse)
    record(f"v[{{i}}]", soma(0.5)._ref_v)
pulse = n.IClamp(somata[0](0.5))
pulse.delay, pulse.dur, pulse.amp = 1, 1, 1.5
for i, j, delay, weight in {connections}:
    netcon = n.NetCon(somata[i](0.5)._ref_v, synapses[j], sec=somata[i])
    netcon.threshold, netcon.delay, netcon.weight[0] = 0, delay, weight
    netcons.append(netcon)
run({tstop})
"""


def assert_plain_neuron(document, connections):
    n, tstop = document["cells"]["pyr"]["count"], document["protocol"]["tstop"]
    oracle = plain_neuron(RING_ORACLE.format(n=n, tstop=tstop, connections=connections))
    traces = simulate_well(document).traces
    for name, trace in traces.items():
        np.testing.assert_array_equal(trace, oracle[name])
    return traces


def test_ring_is_plain_neuron():
    """A spike goes round: each cell fires after the one before."""
    assert_plain_neuron(ring(), [((j - 1) % 5, j, 1.0, 0.01) for j in range(5)])
    spikes = simulate_well(ring()).spikes
    firsts = [spikes[f"pyr[{i}]"][0] for i in range(5)]
    assert firsts == sorted(firsts)
    assert np.ptp(np.diff(firsts)) < 1
    assert len(spikes["pyr[0]"]) > 1


def by_hand(seed, source, target):
    """The number of a pair: the first 53 bits of a SHA-256 of seed and names."""
    text = repr((seed, "net", f"pyr[{source}]", f"syn[{target}]")).encode()
    high, low = struct.unpack("<2I", hashlib.sha256(text).digest()[:8])
    return (high * 2**32 + low) // 2**11 / 2**53


def test_random_connections_by_distance_are_plain_neuron():
    """Seven cells on a line, 100 um apart; delays and weights follow from the distance."""
    document = ring(
        {"probability": 0.5},
        n=7,
        delay="1 + distance / 300",
        weight="0.02 * exp(-distance / 200)",
        position={"x": "100 * i", "y": 0.0, "z": 0.0},
        seed=4,
    )
    connections = [
        (i, j, 1 + abs(i - j) * 100.0 / 300, 0.02 * math.exp(-abs(i - j) * 100.0 / 200))
        for j in range(7)
        for i in range(7)
        if i != j and by_hand(4, i, j) < 0.5
    ]
    assert 10 < len(connections) < 32
    traces = assert_plain_neuron(document, connections)
    assert sum(trace.max() > 0 for trace in traces.values()) > 2


def test_indegree_is_plain_neuron():
    connections = [
        (i, j, 1.0, 0.01)
        for j in range(6)
        for i in sorted(sorted({*range(6)} - {j}, key=lambda i, j=j: by_hand(9, i, j))[:2])
    ]
    assert_plain_neuron(ring({"indegree": 2}, n=6, seed=9), connections)


def test_copies_are_cells_of_their_own():
    """Three copies give bit by bit what three cells do that are written out."""
    document = ring(n=3)
    cells, processes = document["cells"], document["protocol"]["processes"]
    pyramidal = {name: part for name, part in cells["pyr"].items() if name != "count"}
    soma = ["soma", 0, 0.5]
    written = copy.deepcopy(document)
    written["cells"] = {f"c{i}": pyramidal for i in range(3)}
    written["protocol"]["processes"] = {
        "pulse": processes["pulse"] | {"at": ["c0", *soma]},
        **{f"s{i}": processes["syn"] | {"at": [f"c{i}", *soma]} for i in range(3)},
    }
    net = {
        name: part
        for name, part in document["protocol"]["connections"]["net"].items()
        if name != "pattern"
    }
    written["protocol"]["connections"] = {
        f"n{j}": net | {"from": [f"c{(j - 1) % 3}", *soma], "to": f"s{j}"} for j in range(3)
    }
    for kind in ("traces", "spikes"):
        for i, one in enumerate(written["record"][kind].values()):
            one["at"] = [f"c{i}", *soma]
    assert digest(simulate_well(written)) == digest(simulate_well(document))


def test_a_copy_that_is_singled_out():
    """pyr[1] has no sodium channels, and its synapse decays more slowly."""
    document = ring(n=3)
    silent = copy.deepcopy(document["cells"]["pyr"])
    del silent["count"]
    silent["biophysics"].append({"in": ["all"], "insert": {"hh": {"gnabar": 0}}})
    document["cells"]["pyr[1]"] = silent
    slow = {"type": "ExpSyn", "at": ["pyr[1]", "soma", 0, 0.5], "parameters": {"tau": 5}}
    document["protocol"]["processes"]["syn[1]"] = slow
    oracle = plain_neuron(
        RING_ORACLE.format(
            n=3, tstop=40, connections=[((j - 1) % 3, j, 1.0, 0.01) for j in range(3)]
        ).replace("run(40)", "somata[1].gnabar_hh, synapses[1].tau = 0, 5\nrun(40)")
    )
    result = simulate_well(document)
    for name, trace in result.traces.items():
        np.testing.assert_array_equal(trace, oracle[name])
    assert [len(result.spikes[f"pyr[{i}]"]) for i in range(3)] == [1, 0, 0]


def test_networks_in_a_pack_are_bit_identical():
    documents = [
        ring(pattern, n=n, seed=seed, weight=weight)
        for pattern, n, seed, weight in (
            ("ring", 3, 0, 0.01),
            ("all", 5, 0, 0.004),
            ({"probability": 0.4}, 8, 1, 0.02),
            ({"probability": 0.4}, 8, 2, 0.02),
            ({"indegree": 2}, 6, 1, 0.01),
        )
    ]
    members = [(f"{i:064x}", document) for i, document in enumerate(documents)]
    alone = [in_child(lambda m=m: run_alone(m, Simulator())).value for m in members]
    for order in (members, members[::-1]):
        packed = in_child(lambda order=order: run_together(order, Simulator())).value
        found = {result.key: digest(result) for result in packed}
        assert found == {result.key: digest(result) for result in alone}
    assert len({digest(result) for result in alone}) == 5


def test_a_hundred_copies_are_quick():
    """Building 100 cells and 9,900 connections: 5 s at most, many times what it takes."""
    document = ring("all", n=100, tstop=0.1)
    began = time.perf_counter()
    simulate_well(document)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"delay": "1 - distance"}, "connection net: delay = -199.0; expected a finite number, "),
        ({"weight": "1 / (distance - 100)"}, "divides by zero at distance = 100"),
        ({"pattern": {"indegree": 3}}, "3 sources of each target, of which there are 2"),
    ],
)
def test_what_cannot_be_connected_is_an_error_of_its_own(changes, said):
    document = ring(n=3, position={"x": "100 * i", "y": 0.0, "z": 0.0})
    document["protocol"]["connections"]["net"].update(changes)
    result = simulate(document)
    assert result.status == "error"
    assert said in result.message


def test_where_copies_stand():
    """A stick of 20 + 100 um along x, turned about z by right angles and moved outwards."""
    sections = {
        "soma": {"L": 20, "diam": 20, "region": "soma"},
        "dend": {"L": 100, "diam": 1, "region": "basal", "parent": ["soma", 1.0]},
    }
    cell = make_cell(sections) | {
        "count": 4,
        "position": {"x": "50 * cos(pi / 2 * i)", "y": "50 * sin(pi / 2 * i)", "z": 7.0},
        "rotation": {"x": 0.0, "y": 0.0, "z": "90 * i"},
    }
    rows = structure(make_document({"stick": cell}), Simulator())
    tips = {row["cell"]: [row[axis] for axis in ("x1", "y1", "z1")] for row in rows}
    assert list(tips) == [f"stick[{i}]" for i in range(4)]
    expected = [[170, 0, 7], [0, 170, 7], [-170, 0, 7], [0, -170, 7]]
    np.testing.assert_allclose(list(tips.values()), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        # The right hand rule; x first, then y, then z. The stick points along x.
        ((90, 0, 0), (1, 0, 0)),
        ((0, 90, 0), (0, 0, -1)),
        ((0, 0, 90), (0, 1, 0)),
        ((0, 90, 90), (0, 0, -1)),
        ((90, 0, 90), (0, 1, 0)),
    ],
)
def test_rotations(rotation, expected):
    placed = Placement((0, 0, 0), rotation).place(np.array([[1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(placed, [expected], rtol=0, atol=1e-15)


def test_a_network_that_cannot_be_built_takes_nothing_down():
    """What was connected before the mistake goes without a crash, a NetStim's NetCons as well."""
    document = ring(n=3)
    document["protocol"]["processes"]["stim"] = {"type": "NetStim", "count": 3, "parameters": {}}
    connections = document["protocol"]["connections"]
    drive = {"from": "stim", "to": "syn", "delay": 1, "weight": 0.01, "pattern": "one_to_one"}
    connections |= {"drive": drive, "wrong": drive | {"weight": [1, 2]}}
    result = simulate(document)
    assert (result.status, result.message) == (
        "error", "connection wrong: 2 weights; expected at most 1"
    )  # fmt: skip
