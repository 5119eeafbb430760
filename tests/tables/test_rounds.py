"""What is said of designs that grew: what was looked for, and how many rounds ran."""

import pytest

from spikesweep.tables.rounds import sentence

AXES = [
    {"name": "amp", "unit": "nA", "values": [0, 1]},
    {"name": "gk", "unit": "mS/cm2", "values": [0, 1, 2]},
]
SEARCH = {"of": "n_spikes", "at": 1, "axis": "amp", "to": "10 pA", "site": None}
MAP = {
    **{"by": "class", "axes": ["amp", "gk"], "first": 8, "to": 32, "tolerance": 0, "site": None},
}


@pytest.mark.parametrize(("asked", "count", "ran", "said"), [
    (SEARCH, 10, 1, ", in 1 round, after which there was nothing left to find"),
    (SEARCH, 10, 10, ", in 10 rounds"),
    (SEARCH, 10, None, ", in 10 rounds at most"),
    (SEARCH, 10, 1, "to brackets of 10 pA where values that were tried enclose it"),
    (MAP, 9, 3, ", in 3 rounds, after which there was nothing left to find"),
    (MAP, 9, 3, "of the 2 x 3 points over amp and gk"),
])  # fmt: skip
def test_rounds_that_ran(asked, count, ran, said):
    plan = {"axes": AXES, "rounds": {"asked": asked, "count": count}}
    text = sentence(plan if ran is None else {**plan, "ran": ran})
    assert said in text
    assert text.count("round") == 1
