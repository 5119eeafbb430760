"""How plans are told."""

import pytest

from spikesweep.plan.telling import with_unit


@pytest.mark.parametrize(
    ("text", "unit", "told"),
    [
        ("1, 3", "uM", "1, 3 uM"),
        ("1, 3", "", "1, 3"),
        ("1, 3", "1", "1, 3"),
        ("2", "1/ms", "2 1/ms"),
    ],
)
def test_plain_numbers_have_no_unit(text, unit, told):
    assert with_unit(text, unit) == told
