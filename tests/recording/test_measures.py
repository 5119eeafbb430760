"""Measures of a trace within a window, against NumPy on plain NEURON's steps."""

import numpy as np
import pytest

from planning import merged
from simulating import HH, SOMA, clamp, make_cell, make_document, plain_neuron, simulate_well
from spikesweep.errors import UserError

NAMES = ["mean", "min", "max", "start", "end", "slope"]
PLAIN = """
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 5, 20, 0.2
record("v", soma(0.5)._ref_v)
record("ina", soma(0.5)._ref_ina)
record("i", step._ref_i)
run(30)
"""


def make_measured(cvode=False, **measures) -> dict:
    document = make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, HH)},
        processes={"step": clamp(SOMA, 5, 20, 0.2)},
        tstop=30,
    )
    document["record"]["features"] = measures
    if cvode:
        del document["protocol"]["dt"]
        document["protocol"]["cvode"] = {"atol": 1e-7, "rtol": 0}
    return document


def of_soma(variable, **wanted):
    return {"at": SOMA, "variable": variable, "names": NAMES, "every": "step"} | wanted


def expected(times, values, start, end):
    grid = np.union1d(times[(times > start) & (times < end)], [start, end])
    values = np.interp(grid, times, values)
    fine = np.linspace(start, end, 2_000_001)  # edges weigh 1e-6 too much
    return {
        "mean": np.trapezoid(values, grid) / (end - start),
        "min": values.min(),
        "max": values.max(),
        "start": values[0],
        "end": values[-1],
        "slope": np.polyfit(fine, np.interp(fine, grid, values), 1)[0],
    }


@pytest.mark.parametrize("window", [(0, 30), (6, 20), (7.01, 7.33), (10.001, 10.002), (4.9, 5.1)])
def test_measures_are_those_of_the_steps_of_plain_neuron(window):
    plain = plain_neuron(PLAIN)
    asked = {
        "v": of_soma("v", window=list(window)),
        "ina": of_soma("ina", window=list(window)),
        "i": {"process": "step", "variable": "i", "names": NAMES, "every": "step"},
    }
    found = simulate_well(make_measured(**asked)).features
    times = 0.025 * np.arange(1201)
    for name, within in (("v", window), ("ina", window), ("i", (0, 30))):
        want = expected(times, plain[name], *within)
        got = {one: found[f"{name}_{one}"] for one in NAMES}
        assert got == pytest.approx(want, rel=1e-5, abs=1e-6), name


def test_samples_at_an_interval():
    plain = plain_neuron(PLAIN)["v"][::4]
    found = simulate_well(make_measured(v=of_soma("v", every=0.1, window=[6, 20]))).features
    want = expected(0.1 * np.arange(301), plain, 6, 20)
    assert {one: found[f"v_{one}"] for one in NAMES} == pytest.approx(want, rel=1e-5)


def test_under_cvode():
    plain = plain_neuron(PLAIN.replace("run(30)", "run(30, dt=0.001)"))["v"]
    found = simulate_well(make_measured(cvode=True, v=of_soma("v", window=[6, 20])))
    want = expected(0.001 * np.arange(30001), plain, 6, 20)
    for one in NAMES:
        assert found.features[f"v_{one}"] == pytest.approx(want[one], abs=0.5), one  # mV
    assert not found.traces


def test_a_charging_membrane_by_its_equation():
    """v = e + i R (1 - exp(-t / tau)): R = 1 / (g area), tau = cm / g."""
    leak = {"in": ["all"], "insert": {"pas": {"g": 1e-4, "e": -70}}}
    document = make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, leak)},
        processes={"step": clamp(SOMA, 0, 100, 0.01)},
        tstop=40, dt=0.001, v_init=-70,
    )  # fmt: skip
    document["record"]["features"] = {"v": of_soma("v", window=[10, 30])}
    found = simulate_well(document).features
    rise, tau = 0.01 * 1e-9 / (1e-4 * np.pi * 20 * 20 * 1e-8) * 1e3, 10.0  # mV, ms
    mean = -70 + rise * (1 - tau * (np.exp(-10 / tau) - np.exp(-30 / tau)) / 20)
    assert found["v_start"] == pytest.approx(-70 + rise * (1 - np.exp(-1)), rel=1e-4)
    assert found["v_end"] == pytest.approx(-70 + rise * (1 - np.exp(-3)), rel=1e-4)
    assert found["v_mean"] == pytest.approx(mean, rel=1e-4)


def test_a_window_after_the_run_is_empty():
    assert simulate_well(make_measured(v=of_soma("v", window=[40, 50]))).features == {}


@pytest.mark.parametrize(("delay", "dur", "end"), [(5, 20, 25), (3.3, 8, 11.3), (5, 1e9, 30)])
def test_a_window_follows_a_process(delay, dur, end):
    """It is that of the process's delay and duration, and ends with the run."""
    features = {"names": ["steady_state_voltage_stimend", "voltage_base"], "threshold": -20.0}
    during = make_measured(
        v=of_soma("v", during="step"), f=of_soma("v") | features | {"every": 0.1, "during": "step"}
    )
    told = make_measured(
        v=of_soma("v", window=[delay, end]),
        f=of_soma("v") | features | {"every": 0.1, "window": [delay, end]},
    )
    for document in (during, told):
        document["protocol"]["processes"]["step"]["parameters"] |= {"delay": delay, "dur": dur}
    assert simulate_well(during).features == simulate_well(told).features
    assert len(simulate_well(told).features) == len(NAMES) + 2


def test_a_process_after_the_run_has_an_empty_window():
    document = make_measured(v=of_soma("v", during="step"))
    document["protocol"]["processes"]["step"]["parameters"]["delay"] = 40
    assert simulate_well(document).features == {}


MEASURED = {
    "record": {
        "measures": {"m": {"of": "cell.soma(0.5).v", "names": ["max"], "window": "step"}},
        "features": {"f": {"of": "cell.soma(0.5).v", "names": ["voltage_base"], "window": "step"}},
    }
}


def test_the_plan_keeps_the_process_and_its_address_follows_no_name(plan):
    members = plan(MEASURED).template.members()
    record = plan(MEASURED).template.document["record"]["features"]
    assert [one["during"] for one in record.values()] == ["step", "step"]
    assert not any("window" in one for one in record.values())
    recorded = members.document()["record"]["features"]
    assert {one["during"] for one in recorded.values()} == {"p0__"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"record": {"measures": {"m": {"window": "stop"}}}}, 'no process is named "stop"'),
        (
            {
                "protocol": {"processes": {"syn": {"type": "ExpSyn", "at": "cell.soma(0.5)"}}},
                "record": {"measures": {"m": {"window": "syn"}}},
            },
            "measures.m.window: syn, of type ExpSyn, has no delay and dur",
        ),
        ({"record": {"measures": {"m": {"window": [3, 2]}}}}, "3 to 2 ms is empty"),
    ],
)
def test_a_window_of_no_process_is_refused(plan, changes, words):
    with pytest.raises(UserError) as error:
        plan(merged(MEASURED, changes))
    assert words in str(error.value)
