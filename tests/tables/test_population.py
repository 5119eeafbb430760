"""Who is accepted, why others are not, and the intervals of shares and correlations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spikesweep.tables.population import (
    ALL,
    correlations,
    counted,
    judge,
    pearson,
    reason,
    share,
    spearman,
)


def criterion(**of):
    plain = {"of": "rate", "unit": "Hz", "at": {}, "low": None, "high": None, "source": ""}
    return {**plain, "mean": None, "sd": None, "z": None, **of}


RANGE = criterion(low=75.0, high=100.0)
CLASS = criterion(of="class", unit="", classes=["bursting", "tonic"])
SDS = criterion(unit="mV", low=-69.0, high=-61.0, mean=-65.0, sd=2.0, z=2.0)


@pytest.mark.parametrize(
    ("one", "values", "why"),
    [
        (RANGE, [75.0], ""),  # both ends are included
        (RANGE, [100.0], ""),
        (RANGE, [74.5], "74.5 Hz is below 75 Hz"),
        (RANGE, [100.5], "100.5 Hz is above 100 Hz"),
        (
            RANGE,
            [80.0, 101.0, 60.0],
            "60 Hz is below 75 Hz",
        ),  # each must hold; the farthest is told
        (RANGE, [80.0, math.nan], "undefined"),
        (RANGE, [], "undefined"),
        (criterion(high=0.0, unit=""), [2.0], "2 is above 0"),
        (criterion(low=1.0), [1e9], ""),
        (SDS, [-61.0], ""),
        (SDS, [-58.0], "-58 mV, 3.5 SD above the mean"),
        (SDS, [-72.0], "-72 mV, 3.5 SD below the mean"),
        (CLASS, ["tonic", "bursting"], ""),
        (CLASS, ["block", "tonic", "silent", "block"], "block, silent"),
        (CLASS, [], "undefined"),
    ],
)
def test_why_a_criterion_is_not_met(one, values, why):
    assert reason(one, np.array(values)) == why


def test_a_candidate_is_accepted_where_it_meets_all():
    both = {"fires": RANGE, "rest": SDS}

    def verdict(rate, rest, failed=0):
        return judge(both, {"fires": np.array([rate]), "rest": np.array([rest])}, failed)

    assert verdict(80.0, -65.0).verdict == "accepted"
    rejected = verdict(70.0, -58.0)
    assert rejected.verdict == "rejected"
    assert list(rejected.unmet) == ["fires", "rest"]
    assert verdict(80.0, -58.0).unmet.keys() == {"rest"}
    failed = verdict(math.nan, -65.0, failed=1)
    assert (failed.verdict, failed.unmet) == ("failed", {})


# Newcombe (1998), Statistics in Medicine 17:857, table I, method 3: Wilson's score.
@pytest.mark.parametrize(
    ("met", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_as_published(met, of, low, high):
    found = share(met, of)
    assert found.value == met / of
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_shares_without_an_interval():
    assert math.isnan(share(0, 0).value)
    grid = share(3, 4, is_sample=False)
    assert grid.value == 0.75
    assert math.isnan(grid.low)


def test_the_interval_of_pearson_is_fishers():
    """As SciPy's own; by hand for r = 0.6 of 16: tanh(0.693147 +- 1.959964 / sqrt(13))."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=40)
    y = 0.5 * x + rng.normal(size=40)
    known = stats.pearsonr(x, y)
    ends = known.confidence_interval(0.95)
    assert pearson(x, y) == pytest.approx((known.statistic, ends.low, ends.high))
    # Centred, of length 1, orthogonal: r is what the mixture says.
    basis, _ = np.linalg.qr(np.column_stack([np.ones(16), rng.normal(size=(16, 2))]))
    found = pearson(basis[:, 1], 0.6 * basis[:, 1] + 0.8 * basis[:, 2])
    assert found == pytest.approx((0.6, 0.148444, 0.844524), abs=2e-6)


def test_the_interval_of_spearman_is_that_of_bonett_and_wright():
    """By hand: ranks 1 to 10 with two neighbours exchanged, rho = 1 - 6 * 2 / 990 = 0.987879, and
    the standard error of its transform is sqrt((1 + rho^2 / 2) / 7) = 0.461048."""
    x = np.arange(10.0)
    y = x.copy()
    y[[3, 4]] = y[[4, 3]]
    found = spearman(x, np.exp(y))
    middle, half = math.atanh(1 - 12 / 990), 1.959964 * 0.461048
    assert found == pytest.approx(
        (1 - 12 / 990, math.tanh(middle - half), math.tanh(middle + half)), abs=1e-5
    )


def test_a_line_has_no_interval():
    x = np.arange(5.0)
    assert pearson(x, -2 * x).value == -1
    assert math.isnan(pearson(x, -2 * x).low)


def test_correlations_say_why_there_are_none():
    columns = {
        "a": np.array([1.0, 2.0, 3.0, 5.0, math.nan]),
        "b": np.array([2.0, 1.0, 4.0, 3.0, 5.0]),
        "same": np.ones(5),
        "few": np.array([1.0, 2.0, math.nan, math.nan, 3.0]),
    }
    rows = {(row["first"], row["second"]): row for row in correlations(columns)}
    assert len(rows) == 6
    assert rows["a", "b"]["n"] == 4
    assert rows["a", "b"]["pearson"] == pytest.approx(np.corrcoef([1, 2, 3, 5], [2, 1, 4, 3])[0, 1])
    assert rows["a", "same"]["note"] == "undefined: same does not change"
    assert rows["b", "few"]["note"] == "undefined: 3 candidates; expected 4"
    [none] = correlations({"a": np.array([]), "b": np.array([])})
    assert none["n"] == 0


@given(st.lists(st.tuples(st.floats(0, 200) | st.just(math.nan), st.floats(-90, -40),
                          st.booleans()), max_size=30))  # fmt: skip
def test_counts_add_up(points):
    both = {"fires": RANGE, "rest": SDS}
    judged = [
        judge(both, {"fires": np.array([rate]), "rest": np.array([rest])}, failed)
        for rate, rest, failed in points
    ]
    of_all, fires, rest = counted(both, judged, True)
    whole = [(rate, v) for rate, v, failed in points if not failed]
    assert of_all["criterion"] == ALL
    assert of_all["candidates"] - of_all["failed"] == len(whole)
    assert of_all["met"] == sum(75 <= rate <= 100 and -69 <= v <= -61 for rate, v in whole)
    assert fires["met"] == sum(75 <= rate <= 100 for rate, _ in whole)
    assert rest["met"] == sum(-69 <= v <= -61 for _, v in whole)
    assert fires["undefined"] == sum(math.isnan(rate) for rate, _ in whole)
    # Those whom one criterion alone rejects meet the other.
    assert fires["alone"] == rest["met"] - of_all["met"]
    if whole:
        assert 0 <= of_all["share_low"] <= of_all["share"] + 1e-12
        assert of_all["share"] <= of_all["share_high"] + 1e-12 <= 1 + 1e-9
