"""Events at times that the sweep file gives: bit by bit those of a VecStim, or of a NetStim."""

import numpy as np
import pytest

from planning import merged
from simulating import (
    HH,
    SOMA,
    compile_mechanisms,
    make_cell,
    make_document,
    plain_neuron,
    simulate_well,
    voltage,
)
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator

TIMES = [0.0, 1.3, 2.0, 2.025, 7.123456789, 30.0]
ORACLE = """
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
synapse = n.ExpSyn(soma(0.5))
synapse.tau = 2
record("v", soma(0.5)._ref_v)
"""
# An artificial cell that makes events at the times in an array: what VecStim does.
AT_TIMES = """
NEURON { ARTIFICIAL_CELL AtTimes RANGE number, at }
PARAMETER { number = 0 }
ASSIGNED { at[10] next }
INITIAL {
    next = 0
    if (number > 0) { net_send(at[0], 1) }
}
NET_RECEIVE (w) {
    if (flag == 1) {
        net_event(t)
        next = next + 1
        if (next < number) { net_send(at[next] - t, 1) }
    }
}
"""


def driven(times: list, count: int | None = None, **settings) -> dict:
    relay = {"type": "IntFire1", "parameters": {"refrac": 0.0, "tau": 1e9}, "times": times}
    return make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, HH)},
        processes={
            "input": relay if count is None else relay | {"count": count},
            "synapse": {"type": "ExpSyn", "at": SOMA, "parameters": {"tau": 2}},
        },
        connections={"c": {"from": "input", "to": "synapse", "delay": 1.3, "weight": 0.005}},
        traces={"v": voltage(SOMA)},
        spikes={"input": {"process": "input"}},
        **{"tstop": 50} | settings,
    )


def test_events_are_those_of_a_mechanism_that_makes_them(tmp_path):
    """Of a mechanism that sends itself an event at each time, as VecStim does."""
    compile_mechanisms(tmp_path, {"attimes": AT_TIMES})
    oracle = plain_neuron(
        f"""{ORACLE}
source = n.AtTimes()
times = {TIMES}
source.number = len(times)
for i, time in enumerate(times):
    source.at[i] = time
connection = n.NetCon(source, synapse)
connection.delay, connection.weight[0] = 1.3, 0.005
run(50)
""",
        tmp_path,
    )
    result = simulate_well(driven([TIMES]))
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])
    assert result.spikes["input"].tolist() == TIMES
    assert np.ptp(result.traces["v"]) > 80  # mV: they drive spikes


@pytest.mark.parametrize("protocol", [{}, {"settle": 20}], ids=["", "settled"])
def test_a_regular_list_is_a_netstim(protocol):
    times = [3.0 + 7 * i for i in range(5)]
    listed = driven([times], **protocol)
    regular = driven([times], **protocol)
    regular["protocol"]["processes"]["input"] = {
        "type": "NetStim",
        "parameters": {"start": 3, "interval": 7, "number": 5, "noise": 0},
    }
    a, b = simulate_well(listed), simulate_well(regular)
    np.testing.assert_array_equal(a.traces["v"], b.traces["v"])
    np.testing.assert_array_equal(a.spikes["input"], b.spikes["input"])


def test_copies_are_the_gids_of_a_patternstim():
    """NEURON's PatternStim plays times and gids; NetCons listen to gids without cells."""
    trains = [[0.5, 9.0, 30.0], [1.3, 7.123456789], [7.1, 7.15]]
    pairs = sorted((time, gid) for gid, times in enumerate(trains) for time in times)
    oracle = plain_neuron(f"""{ORACLE}
pc = n.ParallelContext()
connections = [pc.gid_connect(gid, synapse) for gid in range(3)]
for connection in connections:
    connection.delay, connection.weight[0] = 1.3, 0.005
pattern = n.PatternStim()
pattern.play(n.Vector({[time for time, _ in pairs]}), n.Vector({[gid for _, gid in pairs]}))
run(50)
""")
    document = driven(trains, count=3)
    document["protocol"]["connections"]["c"]["pattern"] = "all"
    document["record"]["spikes"] = {}
    result = simulate_well(document)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])
    assert np.ptp(result.traces["v"]) > 80  # mV


def test_packed_events_are_those_of_each_alone():
    members = [(str(i) * 64, driven([times])) for i, times in enumerate([TIMES, [5.0], [1.3, 9.0]])]
    together = in_child(lambda: [digest(r) for r in run_together(members, Simulator())]).value
    alone = [
        in_child(lambda m=member: digest(run_together([m], Simulator())[0])).value
        for member in members
    ]
    assert together == alone


SYNAPSE = {
    "protocol": {
        "processes": {"syn": {"type": "ExpSyn", "at": "cell.soma(0.5)"}},
        "connections": {"c": {"from": "input", "to": "syn", "weight": "1 nS", "pattern": "all"}},
    }
}


@pytest.mark.parametrize("times", [[1, 3], "spikes.csv"])
def test_patternstim_and_vecstim_are_one(plan, tmp_path, times):
    (tmp_path / "spikes.csv").write_text("t (ms),gid\n1,1\n3,0\n2,1\n")
    one, other = (input_of(plan, type=t, times=times, count=2) for t in ("VecStim", "PatternStim"))
    assert one == other


def input_of(plan, **process) -> dict:
    sweep = merged(SYNAPSE, {"protocol": {"processes": {"input": {"type": "VecStim"} | process}}})
    return plan(sweep).template.document["protocol"]["processes"]["input"]


def test_a_list_and_a_file(plan, tmp_path):
    assert input_of(plan, times=[1, "2 ms", "0.003 s"])["times"] == [[1.0, 2.0, 3.0]]
    (tmp_path / "spikes.csv").write_text("t (s),cell\n0.001,1\n0.003,0\n0.002,1\n")
    assert input_of(plan, times="spikes.csv", count=3)["times"] == [[3.0], [1.0, 2.0], []]
    (tmp_path / "spikes.csv").write_text("3\n1\n")
    assert input_of(plan, times="spikes.csv", count=2)["times"] == [[1.0, 3.0]] * 2


@pytest.mark.parametrize(
    ("process", "words"),
    [
        ({}, "input.times: this key is required"),
        ({"times": []}, "times: []; expected a list of times, or a CSV file"),
        ({"times": [2, 1]}, "input.times: 1 ms after 2 ms; expected times that rise"),
        ({"times": [1, 1]}, "1 ms after 1 ms"),
        ({"times": [-1]}, "-1 ms; expected 0 ms or more"),
        ({"times": ["1 mV"]}, 'times[0]: "1 mV" has the wrong kind of unit'),
        ({"times": [1], "interval": 3}, '"interval" is no parameter of VecStim'),
        ({"times": [1], "at": "cell.soma(0.5)"}, "stands nowhere"),
        ({"times": [1], "pointers": {"p": "cell.soma(0.5).v"}}, '"pointers" is no parameter of V'),
        ({"type": "PatternStim"}, "input.times: this key is required"),
        ({"type": "PatternStim", "times": [1], "fake_output": 1}, "no parameter of PatternStim"),
        ({"times": [1], "type": "NetStim"}, "NetStim makes events of its own"),
        ({"times": "no.csv"}, "no such file"),
        ({"times": "other.csv"}, 'line 2: "x" is not a finite number'),
        ({"times": "copies.csv", "count": 2}, "a time of copy 2; expected one of 0 to 1"),
    ],
)  # fmt: skip
def test_mistakes_are_told(plan, tmp_path, process, words):
    (tmp_path / "other.csv").write_text("1\nx\n")
    (tmp_path / "copies.csv").write_text("1,0\n2,2\n")
    with pytest.raises(UserError) as error:
        input_of(plan, **process)
    assert words in str(error.value)
