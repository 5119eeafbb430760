"""Axes that change nothing that is recorded: in the dataset, in the notes of figures."""

import json

import numpy as np
import pytest

from collecting import CELSIUS, DOSE, a_plan
from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.recording.results import Result, lower
from spikesweep.tables import doubtful
from spikesweep.tables.unchanged import UNCHANGED
from synthetic import key
from synthetic_sweep import CELSIUS as TEMPERATURES
from synthetic_sweep import DOSE as AXIS_OF_DOSES
from synthetic_sweep import Sweep

TRACE = np.array([-70, -69, -68, -67, -66], np.float32)


def results(contents, failed=()):
    """Return a result a content: [trace, spike times] differ where these do."""
    return [
        Result(
            key(name),
            "error" if name in failed else "ok",
            "no" if name in failed else "",
            traces={} if name in failed else {"v_soma": TRACE + np.float32(of_trace)},
            spikes={} if name in failed else {"soma": np.array(spikes, float)},
            extremes={} if name in failed else {"v_soma": (-70.0 + extreme, -66.0)},
        )
        for name, (of_trace, spikes, extreme) in enumerate(contents)
    ]


SAME = (0, [0.1], 0)


@pytest.mark.parametrize(
    ("contents", "failed", "unchanged"),
    [
        # dose 0.1, 30, 1000 at 26 and at 36 degC each
        ([SAME] * 6, (), ["dose", "celsius"]),
        ([SAME, (1, [0.1], 0)] * 3, (), ["dose"]),
        ([SAME] * 2 + [(1, [], 0)] * 2 + [SAME] * 2, (), ["celsius"]),
        ([SAME] * 5 + [(1e-5, [0.1], 0)], (), []),  # one sample of one simulation
        ([SAME] * 5 + [(0, [0.1, 0.2], 0)], (), []),  # one spike more
        ([SAME] * 5 + [(0, [0.1], -1)], (), []),  # an extreme between the samples
        ([(0, [0.1], 0), (0, [0.1], 1)] * 3, (), ["dose"]),  # told by extremes, or by samples
        ([SAME, (0, [0.1], 1)] * 2 + [SAME, (1, [0.1], 1)], (), []),
        ([SAME] * 5 + [(0, [0.1000000001], 0)], (), []),
        ([SAME] * 6, (5,), ["dose", "celsius"]),  # one that failed says nothing
        ([SAME] * 6, (0, 1, 2, 3, 5), []),  # nor does one alone
    ],
)
def test_axes_that_change_nothing(collected, contents, failed, unchanged):
    ds = collected(a_plan(DOSE, CELSIUS), results(contents, failed))
    assert json.loads(ds.attrs.get("spikesweep_unchanged", "[]")) == unchanged


def test_axes_that_move_together_are_not_told_apart(collected):
    zipped = {**DOSE, "values": [0.1, 30.0]}
    ds = collected(a_plan(zipped, CELSIUS, kind="zip"), results([SAME] * 2))
    assert "spikesweep_unchanged" not in ds.attrs


def test_counts_that_hang_on_the_threshold(collected):
    """Those that a lower threshold finds, of two of the six; of one that failed nothing is said."""
    found = results([SAME] * 6, failed=(5,))
    found[1].spikes[lower("soma")] = np.array([0.1, 0.2])
    found[3].spikes[lower("soma")] = np.array([])
    found[4].spikes[lower("soma")] = np.array([0.1])  # as many
    ds = collected(a_plan(DOSE, CELSIUS), found)
    assert ds.n_spikes_soma.values.ravel().tolist() == [1, 1, 1, 1, 1, 0]
    assert ds.n_lower_soma.values.ravel().tolist() == [1, 2, 1, 0, 1, 0]
    assert ds.lower_times_soma.values.tolist() == [0.1, 0.1, 0.2, 0.1, 0.1]
    (sentence,) = doubtful.told(ds.attrs, ds["status"].size)
    assert sentence.startswith("soma: in 2 of 6 simulations a threshold 10 mV lower finds another")


def test_counts_that_do_not_leave_no_word(collected):
    ds = collected(a_plan(DOSE, CELSIUS), results([SAME] * 6))
    assert "n_lower_soma" not in ds
    assert not doubtful.told(ds.attrs, 6)


def test_figures_say_so(sweeps):
    data = FigureData(**sweeps["grid"]._paths)
    rows = data.statistics
    before = data.along_text(rows, ["dose"])
    assert "changed nothing" not in before
    data.arrays.attrs[UNCHANGED] = json.dumps(["dose"])
    assert data.along_text(rows, ["dose"]).endswith("changed nothing that is recorded")


def test_figures_say_which_of_their_counts_hang_on_the_threshold(tmp_path):
    """Of 18 simulations the counts of two are others 10 mV lower; of one that failed nothing is."""
    fewer = np.array([60.0])
    below = {2: fewer, 7: fewer, 11: fewer}
    data = Sweep([AXIS_OF_DOSES, TEMPERATURES], failed={2: 1}, lower=below).write(tmp_path)
    rows = data.simulations
    assert "threshold" not in data.along_text(rows, [])  # of traces, which show no counts
    assert "threshold" not in data.along_text(rows, [], ["axon"])
    said = data.along_text(rows, [], data.sites_of("rate", "soma"))
    note = f"2 of {len(rows)} counts hang on the threshold (n_spikes_lower)"
    assert said == note
    assert data.along_text(rows.iloc[[7]], [], ["soma"]).startswith("1 of 1 counts")
    assert not data.along_text(rows.iloc[[8]], [], ["soma"])
    # A line of the smallest figures has room for it; the remedy stands in the summary.
    assert style.wrapped(note, style.COLUMN - 14) == note


def test_copies_of_a_site_are_told_in_one_sentence():
    """Of a network of many cells the notes would fill the page."""
    counts = {"soma[0]": 1, "soma[7]": 3, "axon": 2}
    first, second = doubtful.told({doubtful.DOUBTFUL: json.dumps(counts)}, 20)
    assert first.startswith("soma, 2 copies: each in up to 3 of 20 simulations a threshold 10 mV")
    assert second.startswith("axon: in 2 of 20 simulations a threshold 10 mV lower finds")


def test_of_several_sites_a_figure_knows_no_more_than_the_least():
    counts = {doubtful.DOUBTFUL: json.dumps({"soma[0]": 1, "soma[7]": 3, "axon": 9})}
    said = doubtful.noted(counts, 20, ["soma[0]", "soma[1]", "soma[7]"])
    assert said == "at least 3 of 20 counts hang on the threshold (n_spikes_lower)"
    assert doubtful.noted(counts, 20, ["dend"]) == ""
