"""The companion of a sweep that asks for trust: which simulations it has, and what is refused."""

import pytest

from planning import plan_stick
from spikesweep.errors import UserError

AXIS = {"axes": {"amp": {"values": [0.1, 0.2, 0.3, 0.4], "sets": "step.amp"}}}


@pytest.fixture
def planned(tmp_path):
    return lambda changes: plan_stick(tmp_path, AXIS, changes)


def test_refined_simulations_are_those_of_smaller_steps(planned):
    """Key by key those of a sweep that is written so; the sweep's own keys stay."""
    plain, trusted = planned({}), planned({"trust": {"dt": [0.5, 0.2], "sample": "all"}})
    assert trusted.keys == plain.keys
    finer = [planned({"protocol": {"dt": dt}}).keys for dt in (0.0125, 0.005)]
    assert trusted.refined.keys == [key for keys in zip(*finer, strict=True) for key in keys]


def test_segments_are_folded_in_the_companion_alone(planned):
    asked = planned({"trust": {"dt": [0.5], "nseg": [3, 9], "sample": "all"}})
    assert asked.keys == planned({}).keys
    slots = [slot.path for slot in asked.refined.template.slots]
    folds = asked.refined.columns[slots.index(("cells", "cell", "fold"))]
    steps = asked.refined.columns[slots.index(("protocol", "dt"))]
    assert [*zip(steps, folds, strict=True)] == [(0.0125, 1), (0.025, 3), (0.025, 9)] * 4
    assert "fold" not in asked.template.document["cells"]["cell"]


def test_a_share_is_drawn_by_the_keys(planned):
    many = {"axes": {"amp": {"values": {"linspace": [0.01, 1, 100]}}}}
    few = {"axes": {"amp": {"values": {"linspace": [0.01, 0.5, 50]}}}}
    trust = {"dt": [0.5], "sample": "20%"}

    def drawn(axes, **more):
        plan = planned({**axes, "trust": {**trust, **more}})
        return {plan.combination.axes[0].values[row[0]] for row in plan.refined.combination.rows}

    assert (len(drawn(many)), len(drawn(few)), len(drawn(few, sample="0.1%"))) == (20, 10, 1)
    assert len(drawn(few, sample="0.00000001%")) == 1
    assert drawn(many) != drawn(many, seed=1)
    of_few = {amp for amp in drawn(many) if amp <= 0.5}
    assert of_few <= drawn(few) or drawn(few) <= of_few  # the same order of all


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trust": {"sample": "all"}}, "nothing is refined"),
        ({"trust": {"nseg": 2}}, "odd number"),
        ({"trust": {"dt": [2.0]}}, "below 1"),
        ({"trust": {"dt": [0.5], "sample": "0%"}}, "more than 0%"),
        ({"trust": {"dt": [0.5], "of": ["n_spike"]}}, r'named "n_spike", did you mean "n_spikes"'),
        ({"trust": {"dt": [0.5], "of": ["rate", "rate"]}}, "stands twice"),
        (
            {"trust": {"dt": [0.5]}, "protocol": {"cvode": {"atol": 1e-4}}},
            "cvode chooses its own steps",
        ),
        (
            {
                "trust": {"dt": [0.3]},
                "record": {"traces": {"v": {"of": "cell.soma(0.5).v", "every": "0.1 ms"}}},
            },
            "It is a step of trust.dt",
        ),
        (
            {
                "trust": {"dt": [0.5]},
                "axes": {"robust": {"values": [6], "sets": "protocol.celsius"}},
            },
            "trust.csv holds",
        ),
    ],
)
def test_mistakes(planned, changes, message):
    with pytest.raises(UserError, match=message):
        planned(changes)
