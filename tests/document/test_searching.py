"""Which value a search tries next: against thresholds that are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.document.axes.searching import bracket, may_try, next_value, rounds
from spikesweep.errors import UserError

VALUES = [0.0, 1.0, 4.0]


@given(threshold=st.floats(0, 4, exclude_min=True), to=st.floats(1e-6, 4))
def test_bracket_holds_the_threshold_and_is_narrow_after_the_rounds_that_are_told(threshold, to):
    reached = {value: value >= threshold for value in VALUES}
    for _ in range(rounds(VALUES, to)):
        if (value := next_value(reached, to)) is not None:
            reached[value] = value >= threshold
    lower, upper, crossings = bracket(reached)
    assert lower < threshold <= upper
    assert upper - lower <= to * (1 + 1e-8)
    assert crossings == 1
    assert next_value(reached, to) is None


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ({0: False, 1: False}, (None, None, 0)),  # never reached
        ({0: True, 1: True}, (None, None, 0)),  # always
        ({0: True, 1: False}, (None, None, 1)),  # only downwards
        ({0: False, 1: True, 2: False, 3: True}, (0, 1, 3)),  # the first crossing from below
        ({0: False, 1: None, 2: True}, (0, 2, 1)),  # of a failed one nothing is known
    ],
)
def test_bracket(reached, expected):
    assert bracket(reached) == expected


def test_middle_that_failed_is_not_tried_again():
    assert next_value({0.0: False, 1.0: None, 2.0: True}, 0.5) is None


def test_order_of_values_says_nothing():
    assert next_value({4.0: True, 0.0: False}, 1.0) == next_value({0.0: False, 4.0: True}, 1.0) == 2


@pytest.mark.parametrize(
    ("values", "to", "expected"),
    [([0, 1], 1, 0), ([0, 1], 0.5, 1), ([0, 1], 0.3, 2), ([0, 1, 9], 1, 3), ([0, 0.3], 0.1, 2)],
)
def test_rounds(values, to, expected):
    assert rounds(values, to) == expected


@given(
    values=st.lists(st.integers(-1000, 1000), min_size=2, max_size=4, unique=True).map(sorted),
    halvings=st.integers(0, 5),
    threshold=st.floats(-1000, 1000),
)
def test_where_those_that_may_be_tried_are_whole_so_are_all(values, halvings, threshold):
    to = (values[-1] - values[0]) / 2**halvings
    whole = all(value.is_integer() for value in may_try(values, to))
    tried = {float(value): value >= threshold for value in values}
    while (value := next_value(tried, to)) is not None:
        tried[value] = value >= threshold
    assert not whole or all(value.is_integer() for value in tried)


TRACE = {"record": {"traces": {"v": {"of": "cell.soma(0.5).v", "every": 0.1}}}}


def searched(sets, values, **asked):
    threshold = {"of": "n_spikes", "at": 1, "axis": "a", "to": 1, **asked}
    return {
        "axes": {"a": {"values": values, "sets": sets}},
        "design": {"threshold": threshold},
    }


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        (searched("protocol.seed", [0, 10]), r"seed 0.625: expected a whole number. It is a value"),
        (searched("cell.dend.nseg", [1, 4]), "that design.threshold may try"),
        (searched("protocol.dt", [0.0125, 0.025], to=0.001) | TRACE, "may try: expected another"),
        (searched("step.amp", [0, 0.2], to=1e-30), "expected 2e-13 at least"),
        (searched("step.amp", [0, 2], of="class", at=["tonik"]), "'tonik': expected 'silent'"),
        (searched("step.amp", [0, 2], of="class", at=[]), "expected at least one"),
        (searched("step.amp", [0, 2], of="class", at="tonic"), "at: 'tonic': expected a list"),
        (searched("step.amp", [0, 2], at="1 mV"), "at: '1 mV': expected a number$"),
    ],
)
def test_searches_refused(plan, sweep, said):
    with pytest.raises(UserError, match=said) as error:
        plan(sweep)
    assert str(error.value).count("\n") == 0


def test_whole_numbers_are_searched_where_all_halves_are_whole(plan):
    assert len(plan(searched("protocol.seed", [0, 8])).keys) == 2
    assert len(plan(searched("cell.dend.nseg", [1, 9])).keys) == 2
    window = {"statistics": {"window": [0, 40]}}  # within the longest of them alone
    assert len(plan(searched("protocol.tstop", [10, 40]) | window).keys) == 2
