"""Spike train statistics against Elephant, SciPy, eFEL and NumPy, and against arithmetic by hand.

Oracles see one train at a time; the functions under test see all of them, ragged.
"""

import efel
import numpy as np
import pytest
import quantities as pq
from elephant import statistics as elephant
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spikesweep.tables import spiketrain

# Undefined is NaN, never a warning.
pytestmark = pytest.mark.filterwarnings("error")

NAN = np.nan
OF_INTERVALS = (
    spiketrain.isi_mean,
    spiketrain.isi_median,
    spiketrain.isi_sd,
    spiketrain.isi_min,
    spiketrain.isi_max,
    spiketrain.cv,
    spiketrain.cv2,
    spiketrain.lv,
    spiketrain.lvr,
    spiketrain.adaptation_index,
)


def ragged(*trains):
    """Return trains, or the intervals of trains, one after the other, and their counts."""
    values = np.concatenate([np.asarray(train, float) for train in trains] or [np.empty(0)])
    return values, np.array([len(train) for train in trains], int)


# ---- spikes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("train", "window", "n", "rate", "latency"),
    [
        # by the definitions: count, count / length in s, first spike - start in ms
        ([10, 20, 30], (0, 100), 3, 30.0, 10.0),
        ([10, 20, 30], (15, 115), 2, 20.0, 5.0),
        ([10, 20, 30], (20, 30), 2, 200.0, 0.0),  # both edges belong to the window
        ([10, 20, 30], (20.5, 29.5), 0, 0.0, NAN),  # silent between two spikes
        ([10, 20, 30], (40, 50), 0, 0.0, NAN),
        ([0], (0, 500), 1, 2.0, 0.0),
        ([], (0, 100), 0, 0.0, NAN),
        ([10, 20, 30], (20, 20), 1, NAN, 0.0),  # no length: no rate, whatever it holds
        ([10, 20, 30], (30, 10), 0, NAN, NAN),
        ([10, 20, 30], (-10, np.inf), 3, 0.0, 20.0),
    ],
)
def test_spikes_in_a_window(train, window, n, rate, latency):
    trains = ragged([5.0, 25.0], train, [20.0])  # neighbours must not leak in
    counts = spiketrain.n_spikes(*trains, window)
    assert counts[1] == n
    assert np.issubdtype(counts.dtype, np.integer)
    np.testing.assert_array_equal(spiketrain.rate(counts, window)[1], rate)
    np.testing.assert_array_equal(spiketrain.latency(*trains, window)[1], latency)


def test_each_train_can_have_its_own_window():
    trains = ragged([10, 20], [10, 20], [10, 20])
    window = (np.array([0, 15, 0]), np.array([50, 40, 15]))
    times, counts = spiketrain.within(*trains, window)
    assert times.tolist() == [10, 20, 20, 10]
    assert counts.tolist() == [2, 1, 1]
    assert spiketrain.rate(counts, window).tolist() == [40.0, 40.0, pytest.approx(1000 / 15)]
    assert spiketrain.latency(*trains, window).tolist() == [10, 5, 10]


# ---- intervals ---------------------------------------------------------------------------------


def test_intervals_of_the_erice_2015_run():
    # Spike times and intervals as that tutorial printed them (spike detection by last sample).
    train = [3.1750000000000114, 28.149999999998936, 41.6250000000009]
    isi, counts = spiketrain.intervals(*ragged(train))
    assert isi.tolist() == [24.974999999998925, 13.475000000001966]
    assert counts.tolist() == [2]


def test_intervals_never_span_two_trains():
    isi, counts = spiketrain.intervals(*ragged([], [100, 110], [7], [], [1, 3, 6], []))
    assert isi.tolist() == [10, 2, 3]
    assert counts.tolist() == [0, 1, 0, 0, 2, 0]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        # by hand, for the intervals 10, 20, 30 ms: (I2 - I1) / (I2 + I1) is 1/3, then 1/5
        (spiketrain.isi_mean, 20),
        (spiketrain.isi_median, 20),
        (spiketrain.isi_sd, np.sqrt(200 / 3)),
        (spiketrain.isi_min, 10),
        (spiketrain.isi_max, 30),
        (spiketrain.cv, np.sqrt(200 / 3) / 20),
        (spiketrain.cv2, 2 * (1 / 3 + 1 / 5) / 2),
        (spiketrain.lv, 3 * (1 / 9 + 1 / 25) / 2),
        (spiketrain.lvr, 3 * (1 / 9 * (1 + 20 / 30) + 1 / 25 * (1 + 20 / 50)) / 2),
        (spiketrain.adaptation_index, (1 / 3 + 1 / 5) / 2),
    ],
)
def test_statistics_of_three_intervals(statistic, expected):
    values = statistic(*ragged([10, 20, 30]))
    assert values == pytest.approx([expected], rel=1e-15)


# The intervals of Elephant's own tests (elephant/test/test_statistics.py), with its targets.
ELEPHANTS_INTERVALS = [
    1, 28, 4, 47, 5, 16, 2, 5, 21, 12, 4, 12, 59, 2, 4, 18, 33, 25, 2, 34,
    4, 1, 1, 14, 8, 1, 10, 1, 8, 20, 5, 1, 6, 5, 12, 2, 8, 8, 2, 8,
    2, 10, 2, 1, 1, 2, 15, 3, 20, 6, 11, 6, 18, 2, 5, 17, 4, 3, 13, 6,
    1, 18, 1, 16, 12, 2, 52, 2, 5, 7, 6, 25, 6, 5, 3, 15, 4, 3, 16, 3,
    6, 5, 24, 21, 3, 3, 4, 8, 4, 11, 5, 7, 5, 6, 8, 11, 33, 10, 7, 4,
]  # fmt: skip


@pytest.mark.parametrize(
    ("statistic", "target"),
    [
        (spiketrain.cv2, 1.0022235296529176),
        (spiketrain.lv, 0.971826029994),
        (spiketrain.lvr, 2.1845363464753134),
    ],
)
def test_elephants_targets(statistic, target):
    train = np.cumsum([0, *ELEPHANTS_INTERVALS])
    intervals = spiketrain.intervals(*ragged([3.0], train, []))
    np.testing.assert_allclose(statistic(*intervals), [NAN, target, NAN], rtol=1e-12)


# Intervals in multiples of 1/8 ms, up to 1 s; trains of none to thirty.
interval = st.integers(1, 8000).map(lambda eighths: eighths / 8)
trains_of_intervals = st.lists(st.lists(interval, max_size=30), max_size=8)


def defined(n, oracle):
    """Return the oracle, NaN below n intervals."""
    return lambda isi: oracle(isi) if len(isi) >= n else NAN


ORACLES = {
    spiketrain.isi_mean: defined(1, np.mean),
    spiketrain.isi_median: defined(1, np.median),
    spiketrain.isi_sd: defined(2, np.std),
    spiketrain.isi_min: defined(1, np.min),
    spiketrain.isi_max: defined(1, np.max),
    spiketrain.cv: defined(2, stats.variation),
    spiketrain.cv2: defined(2, elephant.cv2),
    spiketrain.lv: defined(2, elephant.lv),
    spiketrain.lvr: defined(2, lambda isi: elephant.lvr(isi * pq.ms, R=5 * pq.ms)),
}


@pytest.mark.workflow
@given(trains_of_intervals)
def test_every_train_is_judged_as_if_alone(trains):
    isi = ragged(*trains)
    for statistic, oracle in ORACLES.items():
        expected = [oracle(np.array(train)) for train in trains]
        np.testing.assert_allclose(
            statistic(*isi), expected, rtol=1e-12, atol=1e-11, err_msg=statistic.__name__
        )


@pytest.mark.workflow
@given(trains_of_intervals, st.floats(0, 20))
def test_refractoriness_constant(trains, refractory):
    values = spiketrain.lvr(*ragged(*trains), refractory)
    oracle = defined(2, lambda isi: elephant.lvr(isi * pq.ms, R=refractory * pq.ms))
    expected = [oracle(np.array(train)) for train in trains]
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-11)


spike_times = st.lists(st.floats(0, 1000), min_size=1, max_size=20).map(sorted)


@given(st.lists(spike_times, min_size=1, max_size=6))
def test_spikes_in_a_window_as_elephant_counts_them(trains):
    start, stop = 100.0, 700.0
    counts = spiketrain.n_spikes(*ragged(*trains), (start, stop))
    expected = [
        elephant.mean_firing_rate(np.array(train), t_start=start, t_stop=stop) * 1000
        for train in trains
    ]
    np.testing.assert_allclose(spiketrain.rate(counts, (start, stop)), expected, rtol=1e-12)


# ---- eFEL --------------------------------------------------------------------------------------


def voltage_trace(train, tstop=1000.0, dt=0.1):
    """Return an eFEL trace at -70 mV with a spike of 100 mV peaking at each time."""
    time = np.arange(0, tstop, dt)
    voltage = -70 + 100 * np.exp(-(((time[:, None] - train) / 0.7) ** 2)).sum(axis=1)
    return {"T": time, "V": voltage, "stim_start": [0.0], "stim_end": [tstop]}


@pytest.mark.parametrize(
    "train",
    [
        [100, 110, 125, 150],
        [100, 110, 125, 150, 200, 230, 300, 330],
        [50, 400, 600, 700, 750],  # firing speeds up: below 0
        [100, 150, 200, 250, 300],  # regular: 0
    ],
)
def test_adaptation_index_is_efels_with_the_first_interval(train):
    # eFEL leaves out the first interval, so it is shown one spike more than we are.
    efel.reset()
    features = ["adaptation_index2", "all_ISI_values"]
    (values,) = efel.get_feature_values([voltage_trace(train)], features)
    isi, counts = spiketrain.intervals(*ragged(train[1:]))
    np.testing.assert_allclose(isi, values["all_ISI_values"][1:], atol=1e-9)
    np.testing.assert_allclose(
        spiketrain.adaptation_index(isi, counts), values["adaptation_index2"], atol=1e-9
    )


# ---- degenerate trains -------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", OF_INTERVALS, ids=lambda statistic: statistic.__name__)
def test_too_few_spikes(statistic):
    # None, one and two spikes have no, no and one interval; the third train is 8 ms long.
    values = statistic(*spiketrain.intervals(*ragged([], [5], [5, 13], [5, 13, 24])))
    of_one_interval = {"isi_mean": 8, "isi_median": 8, "isi_min": 8, "isi_max": 8}
    expected = of_one_interval.get(statistic.__name__, NAN)
    np.testing.assert_array_equal(values[:3], [NAN, NAN, expected])
    assert np.isfinite(values[3])


@pytest.mark.parametrize("statistic", OF_INTERVALS, ids=lambda statistic: statistic.__name__)
@pytest.mark.parametrize("trains", [[], [[]], [[], []], [[1.0], []]], ids=str)
def test_nothing_to_judge(statistic, trains):
    times, counts = ragged(*trains)
    values = statistic(*spiketrain.intervals(times, counts))
    assert values.shape == (len(trains),)
    assert np.isnan(values).all()


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        (spiketrain.isi_mean, 0),
        (spiketrain.isi_sd, 0),
        (spiketrain.cv, NAN),  # 0 / 0
        (spiketrain.cv2, NAN),
        (spiketrain.lv, NAN),
        (spiketrain.lvr, NAN),
        (spiketrain.adaptation_index, NAN),
    ],
)
def test_spikes_at_one_time(statistic, expected):
    values = statistic(*spiketrain.intervals(*ragged([5, 5, 5])))
    np.testing.assert_array_equal(values, [expected])


def test_a_regular_train_has_no_variation():
    isi = spiketrain.intervals(*ragged(np.arange(0, 500, 12.5)))
    for statistic in (spiketrain.cv, spiketrain.cv2, spiketrain.lv, spiketrain.lvr):
        assert statistic(*isi).tolist() == [0.0]


def test_negative_refractoriness_is_refused():
    with pytest.raises(ValueError, match="-1 ms, expected 0 or more"):
        spiketrain.lvr(*ragged([10, 20]), refractory=-1)
