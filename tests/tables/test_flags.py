"""Flags of simulations that ended well, against traces of plain NEURON."""

import csv
import json

import numpy as np
import pytest

from collecting import DOSE, a_plan, collect_named, stored
from simulating import plain_neuron
from spikesweep.recording.results import Result, lower
from spikesweep.tables.flagged import told
from spikesweep.tables.flags import write_flags
from spikesweep.tables.names import STEP_TIMES
from spikesweep.tables.simulations import write_simulations
from synthetic import key

EVERY, ONSET = 0.1, 30.0  # ms
# A Hodgkin-Huxley soma: v_init, current (nA), end of the run (ms).
CASES = {
    "at rest": (-65.0, 0.1, 60.0),
    "settling": (-58.0, 0.1, 60.0),
    "cut": (-65.0, 0.1, None),  # at the peak of its first spike
    "hyperpolarised": (-65.0, -0.11, 60.0),
}
SCRIPT = """
soma = n.Section("soma")
soma.L = soma.diam = 10
soma.insert(n.hh)
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = 30, 100, float(sys.argv[3])
record("v", soma(0.5)._ref_v)
run(float(sys.argv[4]), v_init=float(sys.argv[2]))
"""
ASKED = {"drift": 1.0, "over": 28.0, "range": [-150.0, 100.0], "doubtful_count": True}
WATCHED = {
    "rest": "v_soma",
    "onset": ONSET,
    "ends": {"soma": {"trace": "v_soma", "threshold": -20.0}},
}


def potentials(v_init, amp, tstop):
    """The potential at every step of 0.025 ms."""
    v = plain_neuron(SCRIPT, arguments=[str(v_init), str(amp), str(tstop or 60.0)])["v"]
    if tstop is None:
        v = v[: (int(v.argmax()) // 4 + 1) * 4 + 1]
    return v


@pytest.fixture(scope="module")
def traces():
    return {name: potentials(*case) for name, case in CASES.items()}


def times_of(v, every):
    """The times of all steps, which a simulation keeps whose trace holds every step."""
    return {STEP_TIMES: 0.025 * np.arange(len(v))} if every == "step" else {}


@pytest.fixture
def flags(tmp_path):
    """Return the rows of the table of flags of simulations with these potentials."""

    def flags(
        traces,
        asked=ASKED,
        watched=WATCHED,
        bounds=(-200.0, 200.0),
        failed=(),
        tstop=None,
        every=EVERY,
        spikes=None,
        sites=("soma",),
    ):
        axis = {**DOSE, "values": [float(i) for i in range(len(traces))]}
        plan = a_plan(axis, tstop=tstop or [0.025 * (len(v) - 1) for v in traces])
        plan["record"]["traces"]["v_soma"]["every"] = every
        plan["record"]["spikes"] = dict.fromkeys(sites, plan["record"]["spikes"]["soma"])
        stride = 1 if every == "step" else round(every / 0.025)
        results = [
            Result(
                key(i),
                traces={"v_soma": v[::stride].astype(np.float32), **times_of(v, every)},
                spikes=spikes[i] if spikes else {"soma": np.array([])},
                extremes={"v_soma": (v.min(), v.max())},
            )
            for i, v in enumerate(traces)
        ]
        store = stored(tmp_path / "store", results)
        files = [tmp_path / name for name in ("dataset.nc", "simulations.csv", "flags.csv")]
        outcomes = {key(i): ("timeout", "more than 1 s") for i in failed}
        collect_named(plan, range(len(traces)), store, files[0], outcomes)
        write_simulations(*files[:2], {"v_soma": bounds})
        write_flags(*files, asked, json.loads(json.dumps(watched)), ["v_soma"])
        with files[2].open(newline="") as table:
            return list(csv.DictReader(table))

    return flags


def test_flags_are_those_of_plain_neurons_traces(flags, traces):
    rows = flags(list(traces.values()))
    found = {(list(traces)[int(row["index"])], row["flag"]): row for row in rows}
    assert set(found) == {
        ("settling", "not_at_rest"),
        ("cut", "spike_at_end"),
        ("hyperpolarised", "excursion"),
    }
    before = traces["settling"][80:1200:4]  # 2 to 30 ms
    settling = found["settling", "not_at_rest"]
    assert float(settling["flag_value"]) == pytest.approx(before.max() - before.min(), abs=1e-5)
    assert "in the 28 ms before the stimulus at 30 ms; limit: 1 mV" in settling["message"]
    cut = found["cut", "spike_at_end"]
    assert float(cut["flag_value"]) == pytest.approx(traces["cut"][-1], abs=1e-5)
    assert traces["cut"][-1] > -20
    lowest = found["hyperpolarised", "excursion"]
    assert float(lowest["flag_value"]) == traces["hyperpolarised"].min() < -150
    assert {row["flag_of"] for row in rows} == {"v_soma"}
    assert [row["dose"] for row in rows] == ["1.0", "2.0", "3.0"]


def test_traces_of_every_step_have_times_of_their_own(flags, traces):
    rows = flags(list(traces.values()), every="step")
    assert [(row["index"], row["flag"]) for row in rows] == [
        ("1", "not_at_rest"),
        ("2", "spike_at_end"),
        ("3", "excursion"),
    ]
    before = traces["settling"][80:1200]  # 2 to 30 ms
    assert float(rows[0]["flag_value"]) == pytest.approx(np.ptp(before), abs=1e-5)
    end = 0.025 * (len(traces["cut"]) - 1)
    assert f"mV at {end:g} ms, its last sample; the run ends at {end:g} ms" in rows[1]["message"]


def test_limits_can_be_set(flags, traces):
    every = list(traces.values())
    nothing = {**ASKED, "drift": None, "range": None}
    assert [row["flag"] for row in flags(every, nothing)] == ["spike_at_end"]
    assert flags(every, nothing, {**WATCHED, "ends": {}}) == []
    low = flags(every, {**ASKED, "drift": 0.001})
    assert [row["index"] for row in low if row["flag"] == "not_at_rest"] == ["0", "1", "2", "3"]
    whole = flags(every, {**ASKED, "over": 1000.0})
    [settling] = [row for row in whole if row["flag"] == "not_at_rest"]
    assert float(settling["flag_value"]) == pytest.approx(
        np.ptp(traces["settling"][:1200:4]), abs=1e-5
    )
    # The range is that of every step, the spike's peak lies between samples.
    peak = float(traces["at rest"].max())
    narrow = {**ASKED, "range": [-150.0, peak - 1e-6]}
    assert any(row["index"] == "0" and row["flag"] == "excursion" for row in flags(every, narrow))


def test_each_simulation_has_its_own_onset_and_threshold(flags, traces):
    settling = traces["settling"]
    watched = {
        **WATCHED,
        "onset": [0.0, 2.0, 30.0],  # at once; while it settles; as in the last test
        "ends": {"soma": {"trace": "v_soma", "threshold": [-80.0, 200.0, -20.0]}},
    }
    rows = flags([settling] * 3, watched=watched)
    assert [(row["index"], row["flag"]) for row in rows] == [
        ("0", "spike_at_end"),
        ("1", "not_at_rest"),
        ("2", "not_at_rest"),
    ]
    assert float(rows[1]["flag_value"]) == pytest.approx(np.ptp(settling[:80:4]), abs=1e-5)


@pytest.mark.parametrize(
    ("after", "said"), [(0.0, True), (0.3, True), (0.5, True), (0.6, False), (7.0, False)]
)
def test_a_trace_that_ends_before_the_run_says_nothing_of_its_end(flags, traces, after, said):
    cut = traces["cut"]
    end = 0.025 * (len(cut) - 1)
    rows = flags([cut], tstop=[end + after], every=end)  # two samples: the first, and this one
    assert [row["flag"] for row in rows] == ["spike_at_end"] * said
    if said:
        assert (
            f"at {end:g} ms, its last sample; the run ends at {end + after:g} ms;"
            in (rows[0]["message"])
        )


def test_a_run_that_ends_before_the_stimulus_says_so(flags, traces):
    [row] = flags([traces["settling"][:801]])
    assert row["message"].endswith(
        "before the stimulus at 30 ms; limit: 1 mV; the run ends at 20 ms"
    )


def test_numbers_are_told_so_that_they_differ_from_the_limit(flags, traces):
    moved = np.ptp(traces["settling"][80:1200:4].astype(np.float32))
    limit = float(f"{moved * (1 - 3e-5):.6g}")
    [row] = flags([traces["settling"]], {**ASKED, "drift": limit})
    assert f"moves by {moved:.6g} mV" in row["message"]
    assert f"limit: {limit:g} mV" in row["message"]
    assert f"{moved:.6g}" != f"{limit:g}"


def test_of_what_failed_nothing_is_said(flags, traces):
    assert flags(list(traces.values()), bounds=(-100.0, 200.0), failed=(1, 2)) == []
    doubtful = {"soma": np.array([1.0, 2.0]), lower("soma"): np.array([1.0])}
    assert flags([traces["at rest"]] * 2, failed=(0, 1), spikes=[doubtful] * 2) == []


REMEDY = "set record.spikes.soma.threshold above all that is no spike, below all peaks"


def test_counts_that_hang_on_the_threshold(flags, traces, tmp_path):
    """Of three: as many spikes 10 mV lower, though at another time; fewer; more."""
    spikes, once = np.array([35.0, 40.0, 45.0]), np.array([35.0])
    several = [
        {"soma": once, lower("soma"): once - 0.1},
        {"soma": spikes, lower("soma"): once},
        {"soma": once, lower("soma"): spikes},
    ]
    rows = flags([traces["at rest"]] * 3, spikes=several)
    assert [(row["index"], row["flag"], row["flag_of"], row["flag_value"]) for row in rows] == [
        ("1", "doubtful_count", "soma", ""),
        ("2", "doubtful_count", "soma", ""),
    ]
    assert [row["message"] for row in rows] == [
        f"soma: {counts} by a threshold 10 mV lower: {REMEDY}"
        for counts in ("3 spikes, but 1", "1 spike, but 3")
    ]
    assert told(tmp_path / "flags.csv", 3) == [
        "2 of 3 simulations are flagged: 2 with counts that hang on the threshold (flags.csv)"
    ]
    unasked = {**ASKED, "doubtful_count": False}
    assert flags([traces["at rest"]] * 3, unasked, spikes=several) == []


def test_copies_of_a_site_have_one_flag(flags, traces):
    """Of three copies a simulation: in the first none hangs, in the second two do."""
    spikes, once = np.array([35.0, 40.0, 45.0]), np.array([35.0])
    copies = {f"soma[{i}]": spikes for i in range(3)}
    other = copies | {lower("soma[0]"): once, lower("soma[2]"): once}
    [row] = flags([traces["at rest"]] * 2, spikes=[copies, other], sites=[*copies])
    assert (row["index"], row["flag_of"]) == ("1", "soma")
    lines = "soma: at 2 of 3 copies another number by a threshold 10 mV lower"
    assert row["message"] == f"{lines}: {REMEDY}"


def test_one_sentence_tells_them(flags, traces, tmp_path):
    flags(list(traces.values()))
    assert told(tmp_path / "flags.csv", 4) == [
        "3 of 4 simulations are flagged: 1 not at rest before the stimulus, 1 above the threshold "
        "of spikes at the end, 1 with potentials out of range (flags.csv)"
    ]
    flags([traces["at rest"]])
    assert told(tmp_path / "flags.csv", 1) == []
