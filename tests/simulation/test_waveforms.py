"""Waveforms that are played: read from CSV files, and in simulations those of plain NEURON."""

import math
from pathlib import Path

import numpy as np
import pytest

from simulating import (
    HH,
    SOMA,
    clamp,
    make_cell,
    make_document,
    plain_neuron,
    simulate,
    simulate_well,
    voltage,
)
from spikesweep.document import files
from spikesweep.document.waveform_file import read_waveform
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import stream_ids
from spikesweep.simulation.waveforms import draw

INTO = {"process": "step", "variable": "amp"}


def make_played(waveform: dict, parameters: dict | None = None, seed: int = 0, **settings) -> dict:
    """Return a Hodgkin-Huxley soma and a waveform, by default into the amplitude of a clamp."""
    traces = {"v": voltage(SOMA), "i": {"process": "step", "variable": "i", "every": 0.025}}
    document = make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, HH)},
        processes={"step": clamp(SOMA, 0, 1e9, 0)},
        **{"tstop": 20, "traces": traces} | settings,
    )
    document["protocol"]["play"] = {"wave": {"into": INTO, "between": "linear"} | waveform}
    return document | {"parameters": parameters or {}, "seed": seed}


# `play` takes the lists t and y, prepared before this.
ORACLE = """
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.dur = 1e9
record("v", soma(0.5)._ref_v)
record("i", step._ref_i)
times, values = n.Vector(t), n.Vector(y)
"""
LINEAR = "values.play(step._ref_amp, times, 1)\nrun(20)"
STEPS = "values.play(step._ref_amp, times)\nrun(20)"
FILE = ([0, 5, 5, 12], [0, 0.2, -0.1, 0.3])  # a ramp, a jump, a ramp, and nothing from 12 ms on


@pytest.mark.parametrize(
    ("waveform", "prepared", "played"),
    [
        # Held from 12 ms on: the oracle says so with a last point far away.
        ({"csv": "f"}, "t, y = [0, 5, 5, 12, 99], [0, 0.2, -0.1, 0.3, 0.3]\n", LINEAR),
        ({"csv": "f", "between": "steps"}, f"t, y = {FILE}\n", STEPS),
        (
            {"expression": "a * sin(2 * pi * t / 10)", "every": 0.1},
            "t = [0.1 * i for i in range(201)]\n"
            "y = [0.2 * np.sin(2 * np.pi * x / 10) for x in t]\n",
            LINEAR,
        ),
        (
            {"expression": "0.2 if t % 10 > 5 else 0", "every": 1, "between": "steps"},
            "t = list(range(21))\ny = [0.2 * (i % 10 > 5) for i in t]\n",
            STEPS,
        ),
    ],
    ids=["ramp", "steps", "sine", "square"],
)
def test_played_currents_are_plain_neuron(waveform, prepared, played):
    oracle = plain_neuron(prepared + ORACLE + played)
    waveforms = {"f": dict(zip(("times", "values"), FILE, strict=True))}
    traces = simulate_well(make_played(waveform, {"a": 0.2}), waveforms=waveforms).traces
    np.testing.assert_array_equal(traces["i"], oracle["i"])
    np.testing.assert_array_equal(traces["v"], oracle["v"])
    assert np.ptp(traces["v"]) > 5  # mV: the current does something


@pytest.mark.parametrize(("between", "continuous"), [("linear", ", 1"), ("steps", "")])
def test_waveforms_under_cvode_are_plain_neuron(between, continuous):
    """A jump, or each step, is an event at which CVode begins anew."""
    oracle = plain_neuron(f"""
t, y = [0, 5, 5, 12, 99], [0, 0.2, -0.1, 0.3, 0.3]
{ORACLE}
values.play(step._ref_amp, times{continuous})
cvode = n.CVode()
cvode.active(True)
cvode.atol(1e-3)
cvode.rtol(0)
cvode.condition_order(2)
n.finitialize(-65)
cvode.solve(20)
np.savez(sys.argv[1], **{{name: np.array(vector) for name, vector in recorded.items()}})
""")
    traces = {"v": voltage(SOMA, "step")}
    traces["i"] = {"process": "step", "variable": "i", "every": "step"}
    document = make_played({"csv": "f", "between": between}, traces=traces)
    del document["protocol"]["dt"]
    document["protocol"]["cvode"] = {"atol": 1e-3, "rtol": 0}
    waveforms = {"f": dict(zip(("times", "values"), FILE, strict=True))}
    found = simulate_well(document, waveforms=waveforms).traces
    np.testing.assert_array_equal(found["v"], oracle["v"])
    np.testing.assert_array_equal(found["i"], oracle["i"])


NOISE = {"mean": 0.1, "sd": 0.05, "every": 0.1}


@pytest.mark.parametrize("tau", [None, 3])
def test_noise_is_plain_neuron_with_a_stream_of_seed_and_name(tau):
    noise = NOISE if tau is None else NOISE | {"tau": tau}
    kept = 0 if tau is None else math.exp(-0.1 / tau)
    oracle = plain_neuron(f"""
random = n.Random()
random.Random123(*{stream_ids(7, "play", "wave")})
t, y, x = [], [], None
for i in range(201):
    deviate = random.repick() if i else random.normal(0, 1)
    x = deviate if x is None else {kept!r} * x + (1 - {kept!r} ** 2) ** 0.5 * deviate
    t.append(0.1 * i)
    y.append(0.1 + 0.05 * x)
{ORACLE}{STEPS}
""")
    traces = simulate_well(make_played({"noise": noise, "between": "steps"}, seed=7)).traces
    np.testing.assert_array_equal(traces["i"], oracle["i"])
    np.testing.assert_array_equal(traces["v"], oracle["v"])


def test_a_conductance_is_played():
    waveform = {
        "into": {"at": SOMA, "variable": "hh.gnabar"}, "expression": "0.12 * t / 10", "every": 0.1
    }  # fmt: skip
    oracle = plain_neuron(
        "t = [0.1 * i for i in range(201)]\ny = [0.12 * x / 10 for x in t]\n"
        + ORACLE
        + "step.amp = 0.1\nvalues.play(soma(0.5)._ref_gnabar_hh, times, 1)\nrun(20)"
    )
    document = make_played(waveform)
    document["protocol"]["processes"]["step"]["parameters"]["amp"] = 0.1
    np.testing.assert_array_equal(simulate_well(document).traces["v"], oracle["v"])


def noise_of(count: int, ids: tuple = (1, 2, 3), **noise) -> np.ndarray:
    return in_child(lambda: draw(NOISE | noise, count, ids).tolist(), timeout=60).value


def test_noise_has_its_mean_deviation_and_correlation_time():
    """Of 20,000 correlation times: the standard error of mean and sd is below 1% of the sd, and
    the correlation at a lag of tau is 1/e (Uhlenbeck & Ornstein 1930) within 0.02."""
    noise = np.array(noise_of(200_000, tau=1))
    assert noise.mean() == pytest.approx(0.1, abs=0.05 * 0.03)
    assert noise.std() == pytest.approx(0.05, rel=0.03)
    assert np.corrcoef(noise[:-10], noise[10:])[0, 1] == pytest.approx(math.exp(-1), abs=0.02)
    white = np.array(noise_of(200_000))
    assert np.corrcoef(white[:-1], white[1:])[0, 1] == pytest.approx(0, abs=0.01)
    assert white.std() == pytest.approx(0.05, rel=0.01)


def test_longer_noise_begins_with_the_same_values():
    assert noise_of(100, tau=3) == noise_of(1000, tau=3)[:100]


def test_packed_waveforms_are_those_of_seed_and_name_alone():
    def noisy(seed=0, sd=0.05, **settings):
        noise = {"noise": NOISE | {"sd": sd}, "between": "steps"}
        return make_played(noise, seed=seed, **settings)

    documents = [noisy(), noisy(1), noisy(sd=0.1), noisy(),
                 make_played({"expression": "0.1 * t / 20", "every": 0.1})]  # fmt: skip
    members = [(f"{i:064x}", document) for i, document in enumerate(documents)]

    def together():
        return [(digest(r), r.traces["i"]) for r in run_together(members, Simulator())]

    packed = in_child(together, timeout=60).value
    for member, (packed_digest, _) in zip(members, packed, strict=True):
        alone = in_child(lambda m=member: digest(run_alone(m, Simulator())), timeout=60).value
        assert packed_digest == alone
    base, other_seed, stronger, again, _ = (current for _, current in packed)
    np.testing.assert_array_equal(base, again)
    np.testing.assert_allclose(stronger - 0.1, 2 * (base - 0.1), rtol=0, atol=1e-12)
    assert np.corrcoef(base, other_seed)[0, 1] < 0.5


def test_each_copy_of_a_cell_has_noise_of_its_own(plan):
    """And an axis sets that of all copies."""
    made = plan(
        {
            "model": {"cells": {"cell": {"count": 3}}},
            "protocol": {"play": {"w": {"into": "step.amp", "noise": {"sd": 1, "every": 0.1}}}},
            "axes": {"sd": {"values": [0.1, 0.2], "sets": "w.sd"}},
            "record": {"traces": {"i": {"of": "step.i", "every": 0.1}}},
        }
    )
    weak, strong = (
        simulate_well(made.template.fill(values)).traces
        for values in zip(*made.columns, strict=True)
    )
    for i in range(3):
        noise = weak[f"i[{i}]"][11:50]  # of the pulse from 1 to 6 ms
        np.testing.assert_allclose(strong[f"i[{i}]"][11:50], 2 * noise, rtol=1e-6)
        assert abs(np.corrcoef(noise, weak[f"i[{(i + 1) % 3}]"][11:50])[0, 1]) < 0.5


def test_a_file_is_read_once_for_all_copies(plan, monkeypatch):
    read = []
    Path("wave.csv").write_text("0,0\n5,0.1\n")
    monkeypatch.setattr(files, "read_waveform", lambda *a: read.append(a) or read_waveform(*a))
    play = {"w": {"into": "step.amp", "csv": "wave.csv"}}
    made = plan({"model": {"cells": {"cell": {"count": 3}}}, "protocol": {"play": play}})
    assert len(made.template.document["protocol"]["play"]) == 3
    assert len(read) == 1


def test_an_expression_without_a_value_is_an_error():
    result = simulate(make_played({"expression": "1 / (t - 5)", "every": 1}))
    assert result.status == "error"
    assert 'waveform wave: "1 / (t - 5)" divides by zero at t = 5' in result.message


# Files.


@pytest.mark.parametrize(
    ("text", "times", "values"),
    [
        ("0,1\n2,3\n", (0, 2), (1, 3)),
        ("t,i\n0,1\n2,3\n", (0, 2), (1, 3)),
        ("t (s), current (pA)\n0, 100\n0.002, 300\n\n", (0, 2), (0.1, 0.3)),
        ("\ufefftime (ms),amp\n1,1e-3\n1,2\n", (1, 1), (0.001, 2)),
    ],
)
def test_csv_files(tmp_path, text, times, values):
    path = tmp_path / "wave.csv"
    path.write_text(text)
    read = read_waveform(path, "nA", "s.yaml: play.w.csv")
    assert (read.times, read.values) == (times, values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "wave.csv: no rows; expected a time and a value in each"),
        ("t,i\n", "wave.csv: no rows"),
        ("0,1\n1\n", "line 2: 1 cells; expected two, time and value"),
        ("0;1\n", "line 1: 1 cells; expected two"),
        ("0,1\n1,one\n", 'line 2: "one" is not a finite number'),
        ("0,1\n1,nan\n", 'line 2: "nan" is not a finite number'),
        ("0,1\n1,1_0\n", 'line 2: "1_0" is not a finite number'),  # Python's float() would take it
        ("1_0,1\n20,1\n", 'line 1: "1_0" is not a finite number'),
        ("0,1\n1,1e999\n", 'line 2: "1e999" is not a finite number'),
        ("-1,1\n", "line 1: -1 ms is before the simulation; expected 0 or more"),
        ("0,1\n2,1\n1,1\n", "line 3: 1 ms after 2 ms; expected times that never decrease"),
        ("0,1\n0,2\n0,3\n", "line 3: 0 ms for the third time"),
        ("t (mV),i\n0,1\n", "line 2"),
        ("t,i (mV)\n0,1\n", "line 2"),
        ("t,i (furlongs)\n0,1\n", "line 2"),
        ("0,1\n\xff,2", 'line 2: "\xff" is not a finite number'),
        ('0,1\n"1,2', "not a CSV table"),
    ],
)
def test_csv_files_that_are_none(tmp_path, text, said):
    path = tmp_path / "wave.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_waveform(path, "nA", "s.yaml: play.w.csv")
    assert str(caught.value).startswith("s.yaml: play.w.csv: wave.csv")
    assert said in str(caught.value)
