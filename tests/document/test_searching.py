"""Which value a search tries next: against thresholds that are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.document.axes.searching import bracket, next_value, rounds

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
