"""What means nothing is noted by the plan."""

import pytest

from planning import merged

SEEDS = {"axes": {"seed": {"values": [1, 2], "sets": "protocol.seed"}}}
NOISE = {"protocol": {"processes": {"train": {"type": "NetStim", "noise": 1}}}}
QUIET = {"protocol": {"processes": {"train": {"type": "NetStim", "number": 3}}}}
AXIS_OF_NOISE = {"axes": {"noise": {"values": [0, 1], "sets": "train.noise"}}}
NOISY_WAVEFORM = {
    "protocol": {"play": {"w": {"into": "cell.soma(0.5).ena", "noise": {"sd": 1, "every": 1}}}}
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
