"""Jobs of a length that is asked for: of as many simulations as were measured to take so long."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import plan_stick
from spikesweep.errors import UserError
from spikesweep.plan.late import LatePlan
from spikesweep.plan.measured import Measured, keep, measured_file, read_measured

AXIS = {"axes": {"amp": {"values": {"linspace": [0.1, 0.5, 100]}, "sets": "step.amp"}}}
ONE = Measured(seconds=0.5, stored=1000.0, memory=2e8)


@pytest.fixture
def planned(tmp_path):
    return lambda **changes: plan_stick(tmp_path, AXIS, changes)


def sizes(plan):
    return [len(batch) for batch in plan.batches]


def test_jobs_last_as_long_as_asked(planned, tmp_path):
    before = planned(seconds_per_job=10)
    assert sizes(before) == sizes(planned())  # nothing is measured: as `auto`
    keep(tmp_path, "stick", ONE)
    assert sizes(planned(seconds_per_job=10)) == [20] * 5  # of 0.5 s
    assert sizes(planned(seconds_per_job="0.5 min")) == [64, 36]  # 60, rounded up
    assert sizes(planned(seconds_per_job=0.1)) == [1] * 100
    assert sizes(planned(simulations_per_job=50)) == [50, 50]  # as asked, whatever was measured
    after = planned(seconds_per_job=10)
    assert (after.keys, after.files, after.figures) == (before.keys, before.files, before.figures)


def test_one_size_is_asked_for(planned):
    with pytest.raises(UserError, match="seconds_per_job: 10 and simulations_per_job: 5 both say"):
        planned(seconds_per_job=10, simulations_per_job=5)


@pytest.mark.parametrize("seconds", [0, -1, "5 mV"])
def test_no_time_is_refused(planned, seconds):
    with pytest.raises(UserError, match="seconds_per_job"):
        planned(seconds_per_job=seconds)


@given(times=st.lists(st.floats(0.51, 1.99), min_size=1, max_size=5))
def test_what_still_holds_stays(tmp_path_factory, times):
    root = tmp_path_factory.mktemp("kept")
    keep(root, "stick", ONE)
    for factor in times:
        now = Measured(ONE.seconds * factor, ONE.stored / factor, ONE.memory)
        assert keep(root, "stick", now) == ONE == read_measured(root, "stick")


@pytest.mark.parametrize("name", ["seconds", "stored", "memory"])
@pytest.mark.parametrize("factor", [0.49, 2.01])
def test_what_does_not_is_replaced(tmp_path, name, factor):
    keep(tmp_path, "stick", ONE)
    now = Measured(**{**vars(ONE), name: getattr(ONE, name) * factor})
    assert keep(tmp_path, "stick", now) == now == read_measured(tmp_path, "stick")


NONSENSE = st.sampled_from([0, -1, "1", None, True, [], 1e300, float("nan"), float("inf")])


@given(
    st.binary(max_size=40)
    | st.builds(lambda n: json.dumps({**vars(ONE), "seconds": n}).encode(), NONSENSE)
    | st.sampled_from([b"[" * 10_000, b"{}", b"[1, 2]", b"null"])
)
def test_what_makes_no_sense_counts_as_nothing(tmp_path_factory, content):
    root = tmp_path_factory.mktemp("kept")
    path = root / measured_file("stick")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert read_measured(root, "stick") is None
    assert keep(root, "stick", ONE) == ONE == read_measured(root, "stick")


def test_what_a_job_takes(planned, tmp_path):
    keep(tmp_path, "stick", ONE)
    plan = planned(simulations_per_job=64)
    first, last = (product.path.name for product in plan.simulations)
    assert plan.measured_of_job(first) == Measured(32.0, 64_000.0, 2e8, 64)
    assert plan.measured_of_job(last) == Measured(18.0, 36_000.0, 2e8, 36)
    assert plan.measured_of_job("structure_000000000000.csv") is None


def test_refined_simulations_take_as_much_longer(planned, tmp_path):
    keep(tmp_path, "stick", ONE)
    plan = planned(seconds_per_job=10, trust={"dt": [0.5, 0.125], "sample": "all"})
    assert sizes(plan) == [20] * 5
    assert plan.refined.measured.seconds == 4.0  # at an eighth of the step
    assert sizes(plan.refined) == [3] * 66 + [2]  # 10 s of 4 s each, of 200


def test_slots_hold_what_may_be_found(planned, tmp_path):
    keep(tmp_path, "stick", ONE)
    search = {"threshold": {"of": "n_spikes", "at": 1, "axis": "amp", "to": 0.001}}
    axis = {"amp": {"values": [0.0, 1.0], "sets": "step.amp"}}
    plan = planned(design=search, axes=axis, seconds_per_job=0.5)
    late = plan.rounds[-1]
    assert isinstance(late, LatePlan)
    assert not late.is_known
    taken = [late.measured_of_job(slot.path.name) for slot in late.slots]
    assert all(one.simulations * len(taken) >= late.finding.new for one in taken)
