"""Balance: v_init is at rest. The oracle is the old idiom, by hand, in plain NEURON."""

import numpy as np
import pytest

from planning import merged
from simulating import (
    clamp,
    make_cell,
    make_document,
    plain_neuron,
    simulate,
    simulate_well,
    voltage,
)
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator

SOMA, DEND = ["cell", "soma", 0, 0.5], ["cell", "dend", 0, 0.5]
SECTIONS = {
    "soma": {"L": 20, "diam": 20},
    "dend": {"L": 200, "diam": 2, "nseg": 3, "parent": ["soma", 1]},
}
RULES = (
    {"in": ["all"], "Ra": 100, "insert": {"hh": {}}},
    {"in": ["dend"], "insert": {"pas": {"g": 1e-4}, "hh": {"gl": 0.0002, "gkbar": 0.01}}},
)
BUILT = """
soma, dend = n.Section("soma"), n.Section("dend")
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 3
dend.connect(soma(1))
for section in (soma, dend):
    section.Ra = 100
    section.insert("hh")
dend.insert("pas")
for segment in dend:
    segment.pas.g, segment.hh.gl, segment.hh.gkbar = 1e-4, 0.0002, 0.01
record("v", soma(0.5)._ref_v)
record("far", dend(0.5)._ref_v)
n.celsius = 6.3
"""
# As HOC models write it: pas where it is, the leak of hh elsewhere.
IDIOM = """
n.finitialize(-58)
for segment in soma:
    segment.hh.el = segment.v + (segment.ina + segment.ik) / segment.hh.gl
for segment in dend:
    segment.pas.e = segment.v + (segment.ina + segment.ik + segment.hh.il) / segment.pas.g
"""


def at_rest(v_init=-58.0, sets=(["pas", "e"], ["hh", "el"]), **settings):
    currents = {"hh": ["il"], "pas": ["i"]}
    balance = {"balance": {"sets": [list(one) for one in sets], "currents": currents}}
    return make_document(
        {"cell": make_cell(SECTIONS, *RULES)},
        traces={"v": voltage(SOMA), "far": voltage(DEND)},
        v_init=v_init,
        **balance | {"tstop": 20} | settings,
    )


def pulse(amp):
    return {"step": clamp(SOMA, delay=2, dur=5, amp=amp)}


def test_nothing_moves_where_all_is_balanced():
    traces = simulate_well(at_rest()).traces
    for name in ("v", "far"):
        np.testing.assert_allclose(traces[name], -58, rtol=0, atol=1e-9)
    del (free := at_rest())["protocol"]["balance"]
    assert np.ptp(simulate_well(free).traces["v"]) > 3  # mV


def test_a_response_is_that_of_the_old_idiom():
    oracle = plain_neuron(
        f"{BUILT}clamp = n.IClamp(soma(0.5))\n"
        f"clamp.dur, clamp.delay, clamp.amp = 5, 2, 0.3\n{IDIOM}run(20, v_init=-58)"
    )
    traces = simulate_well(at_rest(processes=pulse(0.3))).traces
    for name in ("v", "far"):
        np.testing.assert_allclose(traces[name], oracle[name], rtol=0, atol=1e-8)
    assert np.ptp(traces["v"]) > 10


@pytest.mark.parametrize(
    "settings",
    [{"settle": 50}, {"cvode": {"atol": 1e-6, "rtol": 0}}],
    ids=["settled", "cvode"],
)
def test_it_holds_however_it_is_integrated(settings):
    document = at_rest(**settings)
    if "cvode" in settings:
        del document["protocol"]["dt"]
    np.testing.assert_allclose(simulate_well(document).traces["v"], -58, rtol=0, atol=1e-6)


def test_a_pack_gives_what_each_gives_alone():
    members = [
        (str(i) * 64, at_rest(processes=pulse(amp))) for i, amp in enumerate([0.1, 0.5, 1.0])
    ]
    members[2][1]["cells"]["cell"]["biophysics"][1]["insert"]["hh"]["gkbar"] = 0.02
    together = in_child(lambda: [digest(r) for r in run_together(members, Simulator())]).value
    alone = [
        in_child(lambda m=member: digest(run_together([m], Simulator())[0])).value
        for member in members
    ]
    assert together == alone


def test_a_parameter_without_a_current_is_an_error():
    document = at_rest()
    document["cells"]["cell"]["biophysics"][1]["insert"]["pas"]["g"] = 0
    result = simulate(document)
    assert result.status == "error"
    assert "balance: pas.e at cell.dend" in result.message
    assert "makes no current there" in result.message


def test_the_plan_writes_what_currents_there_are(plan):
    document = plan({"protocol": {"balance": ["pas.e"]}}).template.document
    assert document["protocol"]["balance"] == {
        "sets": [["pas", "e"]],
        "currents": {"hh": ["il"], "pas": ["i"]},
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"protocol": {"balance": ["e_pas"]}}, '"e_pas"; expected a mechanism and a parameter'),
        ({"protocol": {"balance": ["pass.e"]}}, '"pass" is not inserted in any cell, did you mean'),
        ({"protocol": {"balance": ["pas.el"]}}, '"el" is no parameter of pas'),
        (
            {"protocol": {"balance": ["pas.e"]}, "model": {"initialise": "init"}},
            "expected no balance with model.initialise",
        ),
    ],
)
def test_mistakes_are_told(plan, changes, words):
    with pytest.raises(UserError) as error:
        plan(merged({}, changes))
    assert words in str(error.value)
