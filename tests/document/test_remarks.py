"""What means nothing is noted by the plan."""

import pytest

SEEDS = {"axes": {"seed": {"values": [1, 2], "sets": "protocol.seed"}}}
NOISE = {"protocol": {"processes": {"train": {"type": "NetStim", "noise": 1}}}}


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
            {"protocol": {"processes": {"p": {"type": "PatternStim"}}}},
            "processes.p: PatternStim plays what code gives it",
        ),
    ],
)
def test_notes(plan, changes, note):
    notes = plan(changes).template.files.notes
    assert len(notes) == bool(note)
    assert not note or note in notes[0]
