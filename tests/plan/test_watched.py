"""What is looked at for flags: when the first stimulus begins, which trace tells of which site."""

import pytest

from planning import merged

TRACE = {"record": {"traces": {"v": {"of": "cell.soma(0.5).v"}}}}
SYNAPSE = {"type": "ExpSyn", "at": "cell.dend(0.5)"}
STIM = {"type": "NetStim", "start": 4}
LATE_STEP = {"protocol": {"processes": {"step": {"delay": 6}}}}


def with_process(**processes):
    return merged(TRACE, {"protocol": {"processes": processes}})


def with_axis(sets, values=(2, 3)):
    return merged(TRACE, {"axes": {"a": {"values": list(values), "sets": sets}}})


@pytest.mark.parametrize(
    ("changes", "onset"),
    [
        (TRACE, 1.0),  # the step's delay
        (with_process(late={"type": "IClamp", "at": "cell.tip(1)", "delay": 3, "dur": 1}), 1.0),
        (with_process(early={"type": "IClamp", "at": "cell.tip(1)", "delay": 0.5, "dur": 1}), 0.5),
        (with_process(early={"type": "IClamp", "at": "cell.tip(1)", "dur": 1}), None),
        (with_process(clamp={"type": "SEClamp", "at": "cell.tip(1)", "dur1": 1}), None),
        (with_process(syn=SYNAPSE, count={"type": "APCount", "at": "cell.tip(1)"}), 1.0),
        (with_process(alpha={"type": "AlphaSynapse", "at": "cell.tip(1)", "onset": 0.2}), 0.2),
        (merged(with_process(syn=SYNAPSE, stim=STIM), LATE_STEP), 4.0),
        (with_process(events={"type": "VecStim", "times": [0.75, 3]}), 0.75),
        (with_process(cell={"type": "IntFire2", "ib": 1}), None),  # fires by itself
        (with_axis("step.delay"), [2.0, 3.0]),
        (with_axis("step.delay", (-1, 3)), [-1.0, 3.0]),
        (with_axis("step.delay", (-1, 0)), None),
        (with_axis("step.amp", (0.1, 0.2)), 1.0),
        (with_axis({"step.delay": "a", "step.dur": "5 - a"}), [2.0, 3.0]),
        (merged(TRACE, {"flags": {"drift": None}}), None),
    ],
)  # fmt: skip
def test_the_first_stimulus(plan, changes, onset):
    made = plan(changes)
    assert made.watched["onset"] == onset
    assert made.watched["rest"] == ("v" if onset is not None else "")


def test_the_site_of_a_trace(plan):
    assert plan(TRACE).watched["ends"] == {"soma": {"trace": "v", "threshold": -20.0}}
    elsewhere = merged(TRACE, {"record": {"traces": {"v": {"of": "cell.tip(1).v"}}}})
    assert plan(elsewhere).watched["ends"] == {}
    assert plan({}).watched == {"rest": "", "onset": 1.0, "ends": {}}
    off = merged(TRACE, {"flags": {"spike_at_end": False}})
    assert plan(off).watched["ends"] == {}
    finer = {"w": {"of": "cell.soma(0.5).v", "every": "0.025 ms"}}
    both = merged(TRACE, {"record": {"traces": finer | {"u": {"of": "cell.soma(0.5).v"}}}})
    assert plan(both).watched["ends"]["soma"]["trace"] == "w"
    steps = merged(both, {"record": {"traces": {"u": {"of": "cell.soma(0.5).v", "every": "step"}}}})
    assert plan(steps).watched["ends"]["soma"]["trace"] == "u"
    swept = with_axis("record.spikes.soma.threshold", (-30, -10))
    assert plan(swept).watched["ends"]["soma"]["threshold"] == [-30, -10]


def test_limits_change_the_table_alone(plan):
    """No key, no address: other limits simulate nothing."""
    told, other = plan(TRACE), plan(merged(TRACE, {"flags": {"drift": "500 uV", "over": "20 ms"}}))
    assert told.keys == other.keys
    assert [one.path for one in told.simulations] == [one.path for one in other.simulations]
    assert told.files["dataset"] == other.files["dataset"]
    assert told.files["flags"] != other.files["flags"]
    assert other.options["flags"]["drift"] == 0.5
    off = plan(merged(TRACE, {"flags": {"doubtful_count": False}}))
    assert off.files["flags"] != told.files["flags"]
    assert off.options["flags"]["doubtful_count"] is False
