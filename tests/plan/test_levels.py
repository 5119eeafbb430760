"""The words for values of axes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.plan.levels import no_value, value_words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (9.0, "9"), (-65.0, "-65"), (0.5, "0.5"), (1e22, "1e+22"), ("v1.0", "v1.0")],
)
def test_whole_numbers_have_no_point(value, words):
    assert value_words(value) == words


@given(st.floats(allow_nan=False))
def test_no_digit_is_lost(value):
    assert float(value_words(value)) == value


def test_a_value_that_an_axis_has_not():
    said = no_value("seed", 9.0, (0.0, 1.0, 2.0), "--at seed=9")
    assert said == "--at seed=9: 9 is no value of seed; expected one of: 0, 1, 2"
