"""The table of thresholds: what is told of searches whose outcome is known."""

import csv

import pytest

from spikesweep.tables.thresholds import COLUMNS, Tried, judged, told, write_thresholds


def tried(*found):
    """Simulations at 0, 1, 2, ... of the searched axis, with what they gave."""
    return [Tried(10 + i, float(i), value) for i, value in enumerate(found)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # lower, upper, what they gave, their simulations, bracketed, monotonic, tried, failed
        ((0, 0, 3, 5), [1, 2, 0, 3, 11, 12, "yes", "yes", 4, 0]),
        ((0, 3, 0, 5), [0, 1, 0, 3, 10, 11, "yes", "no", 4, 0]),
        ((0, "failed", 3), [0, 2, 0, 3, 10, 12, "wide", "yes", 3, 1]),
        ((0, None, 3), [1, 2, None, 3, 11, 12, "yes", "yes", 3, 0]),  # undefined is below
        ((0, 0), [None] * 6 + ["never reached", "yes", 2, 0]),
        ((3, 3), [None] * 6 + ["always reached", "yes", 2, 0]),
        ((3, 0), [None] * 6 + ["only from above", "no", 2, 0]),
        (("failed", "failed"), [None] * 6 + ["all failed", None, 2, 2]),  # which says nothing
        ((0, 1), [0, 1, 0, 1, 10, 11, "yes", "yes", 2, 0]),  # from 1 on it is reached
    ],
)
def test_judgement(found, expected):
    assert judged(tried(*found), at=1, width=1.0) == expected
    assert len(expected) == len(COLUMNS)


def test_order_in_which_values_were_tried_says_nothing():
    one = tried(0, 0, 3, 5)
    assert judged(one[::-1], 1, 1.0) == judged(one, 1, 1.0)


def test_classes():
    found = judged(tried("silent", "tonic", "block"), ["tonic", "bursting"], 1.0)
    assert found[:4] == [0, 1, "silent", "tonic"]
    assert found[7] == "no"


def test_table_and_sentence(tmp_path):
    table = tmp_path / "thresholds.csv"
    searches = {("0.1",): tried(0, 3), ("1.0",): tried(0, 0), ("3.0",): tried(0, 3, 0)}
    write_thresholds(searches, ["dur"], 1, 1.0, table)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["dur"] for row in rows] == ["0.1", "1.0", "3.0"]
    assert rows[0]["threshold_upper"] == "1.0"
    assert rows[1]["threshold_upper"] == ""
    [sentence] = told(table, "n_spikes")
    assert sentence == (
        "n_spikes: 2 of 3 thresholds bracketed, 1 never reached; 1 crossed more than once"
    )
