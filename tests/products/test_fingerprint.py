"""Values have fingerprints by their canonical JSON."""

import pytest

from spikesweep.products.fingerprint import canonical_json, fingerprint


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 0.1}, {"a": 0.1000000000000000055}, True),
        ({"a": 1}, {"a": 1.0}, False),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
        ("µ", "\u00b5", True),
    ],
)
def test_fingerprint_of_values(one, other, same):
    assert (fingerprint(one) == fingerprint(other)) is same


def test_not_a_number_has_no_fingerprint():
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
