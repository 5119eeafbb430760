"""What means nothing is noted by the plan."""

import pytest
import yaml

from planning import merged
from spikesweep.plan.making import make_plan

SEEDS = {"axes": {"seed": {"values": [1, 2], "sets": "protocol.seed"}}}
NOISE = {"protocol": {"processes": {"train": {"type": "NetStim", "noise": 1}}}}
QUIET = {"protocol": {"processes": {"train": {"type": "NetStim", "number": 3}}}}
AXIS_OF_NOISE = {"axes": {"noise": {"values": [0, 1], "sets": "train.noise"}}}
NOISY_WAVEFORM = {
    "protocol": {"play": {"w": {"into": "cell.soma(0.5).ena", "noise": {"sd": 1, "every": 1}}}}
}
LATE = {"protocol": {"processes": {"step": {"delay": 20}}}}
TO_AND_FRO = {"axes": {"delay": {"values": [1, 20], "sets": "step.delay"}}}
HARDER = {"axes": {"amp": {"values": [1, 2], "sets": "step.amp"}}}
# Begins when an event comes, whatever its start.
DRIVEN = {
    "protocol": {
        "processes": {"train": {"type": "NetStim", "number": 3, "start": 1e9}},
        "connections": {"begin": {"from": "cell.soma(0.5)", "to": "train"}},
    }
}


def drug(unit, ic50):
    blocks = {"scales": "cell.soma.hh.gkbar", "ic50": ic50}
    return {"axes": {"dose": {"values": [1, 100], "unit": unit, "drug": blocks}}}


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, None),
        (SEEDS, "axes.seed: nothing in the model draws random numbers"),
        (SEEDS | NOISE, None),
        (drug("mM", "30 uM"), "axes.dose: doses are in mM, ic50 is 30 uM: half of the conductance"),
        (drug("uM", "30 uM"), None),
        (drug("uM", "30 µM"), None),
        (drug("uM", 30), None),
        (
            {"protocol": {"v_init": 10}},
            "spikes.soma: v_init, 10 mV, is above its threshold, -20 mV",
        ),
        ({"protocol": {"v_init": -20}}, None),
        (
            {"protocol": {"tstop": "250 sec"}},
            "protocol.tstop: 250,000 ms, which is 10,000,000 steps of 0.025 ms in each",
        ),
        ({"protocol": {"tstop": "100 s"}}, None),
        (LATE, "processes.step.delay: 20 ms, when the run has ended (tstop, 10 ms): step does"),
        (LATE | TO_AND_FRO, None),
        (LATE | HARDER, "processes.step.delay: 20 ms, when the run has ended"),
        (LATE | {"axes": {"stop": {"values": [10, 30], "sets": "protocol.tstop"}}}, None),
        ({"statistics": {"window": [1, 30]}}, "ends at 30 ms, the run at tstop, 10 ms: rates are"),
        ({"statistics": {"window": [1, 10]}}, None),
        (DRIVEN, None),
        (
            {"record": {"traces": {"v": {"of": "cell.soma(0.5).v", "every": 20}}}},
            "record.traces.v.every: 20 ms is longer than the run (tstop, 10 ms): the one sample",
        ),
        ({"record": {"traces": {"v": {"of": "cell.soma(0.5).v", "every": 10}}}}, None),
        (SEEDS | QUIET, "axes.seed: nothing in the model draws random numbers"),
        (merged(SEEDS | QUIET, AXIS_OF_NOISE), None),
        (merged(SEEDS | QUIET, NOISY_WAVEFORM), None),
        (QUIET | {"design": {"replicates": 2}}, "nothing in the model draws random numbers"),
    ],
)
def test_notes(plan, changes, note):
    notes = plan(changes).template.files.notes
    assert len(notes) == bool(note)
    assert not note or note in notes[0]


HOC = """
create soma, apical[2]
objref dendrites
proc deep() { print "basal_names" }
"""
OF_CODE = {
    "title": "A",
    "model": {"cells": {"cell": {"hoc": "models/cell.hoc"}}},
    "protocol": {"tstop": 5},
    "record": {"traces": {"v": {"of": "cell.soma(0.5).v"}}},
}


@pytest.mark.parametrize(("of", "note"), [
    ("cell.soma(0.5).v", None),
    ("cell.apical[1](0.5).v", None),
    ("cell.dend[1](0.5).v", None),  # as NEURON's import of morphologies calls them
    ("cell.apicl[1](0.5).v", 'traces.v.of: "apicl" stands nowhere in the code of this cell, did '
     'you mean "apical"? The run refuses it'),
    ("cell.trunk(0.5).v", '"trunk" stands nowhere in the code of this cell. The run refuses it'),
])  # fmt: skip
def test_a_section_that_code_does_not_name_is_noted(tmp_path, monkeypatch, of, note):
    monkeypatch.chdir(tmp_path)
    for folder in ("config/sweeps", "models"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "models/cell.hoc").write_text(HOC)
    sweep = {**OF_CODE, "record": {"traces": {"v": {"of": of}}}}
    (tmp_path / "config/sweeps/s.yaml").write_text(yaml.safe_dump(sweep))
    notes = make_plan(tmp_path, "s").template.files.notes
    assert len(notes) == bool(note)
    assert not note or note in notes[0]
