"""Settling, CVode, and what is recorded at every step or between steps, against plain NEURON."""

import numpy as np
import pytest

from simulating import (
    HH,
    SOMA,
    built,
    clamp,
    detector,
    make_cell,
    make_document,
    make_soma_document,
    plain_neuron,
    simulate,
    simulate_well,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.globals import set_globals
from spikesweep.simulation.integration import integrate
from spikesweep.simulation.simulator import Simulator

CVODE = {"atol": 1e-3, "rtol": 0}


def make_firing(amp: float = 0.2, **settings) -> dict:
    """Return a Hodgkin-Huxley soma that a clamp and a train of events stimulate from 2 ms on."""
    cvode = settings.pop("cvode", None)
    document = make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, HH)},
        processes={
            "step": clamp(SOMA, 2, 20, amp),
            "train": {"type": "NetStim", "parameters": {"interval": 9, "start": 0, "number": 9}},
            "syn": {"type": "ExpSyn", "at": SOMA, "parameters": {"tau": 2, "e": 0}},
        },
        connections={"c": {"from": "train", "to": "syn", "delay": 1, "weight": 0.004}},
        **{
            "traces": {"v": voltage(SOMA), "ina": voltage(SOMA) | {"variable": "ina"}},
            "spikes": {"soma": detector(SOMA, 0)},
            "tstop": 30,
        }
        | settings,
    )
    if cvode:
        del document["protocol"]["dt"]
        document["protocol"]["cvode"] = cvode
    return document


ORACLE = """
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 2, 20, 0.2
train, syn = n.NetStim(), n.ExpSyn(soma(0.5))
train.interval, train.start, train.number = 9, 0, 9
syn.tau, syn.e = 2, 0
connection = n.NetCon(train, syn)
connection.delay, connection.weight[0] = 1, 0.004
netcon = spikes("soma", soma(0.5), 0)
"""
SAVE = "np.savez(sys.argv[1], **{name: np.array(vector) for name, vector in recorded.items()})\n"


def make_settling(**settings) -> dict:
    document = make_firing(**settings)
    document["protocol"]["settle"] = 40
    return document


def test_settling_is_plain_neuron():
    """The steps before t = 0 by `fadvance`; then the clock says 0, and recordings begin."""
    oracle = plain_neuron(f"""{ORACLE}
record("v", soma(0.5)._ref_v)
record("ina", soma(0.5)._ref_ina)
n.finitialize(-65)
n.t = -40
for _ in range(1600):
    n.fadvance()
recorded["rest"] = [soma(0.5).v]
n.t = 0
n.frecord_init()
n.continuerun(30)
{SAVE}""")
    result = simulate_well(make_settling())
    for name in ("v", "ina"):
        np.testing.assert_array_equal(result.traces[name], oracle[name])
    np.testing.assert_array_equal(result.spikes["soma"], oracle["soma"])
    assert len(result.spikes["soma"]) > 1
    assert result.traces["v"][0] == oracle["rest"]
    assert result.traces["v"][0] != -65


@pytest.mark.parametrize("chunk_values", [1, 50, 10**6])
def test_settling_in_chunks_changes_nothing(chunk_values):
    document = make_settling(tstop=5)

    def in_chunks():
        set_globals(document["protocol"])
        _alive, recording = built(document)
        integrate(document["protocol"], [recording], chunk_values=chunk_values)
        return digest(recording.result(""))

    assert in_child(in_chunks, timeout=60).value == digest(simulate_well(document))


def test_what_settles_together_is_what_settles_alone():
    members = [(f"{i:064x}", make_settling(amp=amp)) for i, amp in enumerate((0.1, 0, 0.3))]
    packed = in_child(
        lambda: list(map(digest, run_together(members, Simulator()))), timeout=60
    ).value
    for member, packed_digest in zip(members, packed, strict=True):
        alone = in_child(lambda m=member: digest(run_alone(m, Simulator())), 60).value
        assert packed_digest == alone


# Spike times between the steps.


def crossings(times: np.ndarray, values: np.ndarray, threshold: float) -> list[float]:
    """The definition, step by step: where the straight line between two steps is the threshold."""
    found = []
    for i in range(1, len(values)):
        if values[i - 1] <= threshold < values[i]:
            part = (threshold - values[i - 1]) / (values[i] - values[i - 1])
            found.append(times[i - 1] + part * (times[i] - times[i - 1]))
    return found


@pytest.mark.parametrize("chunk_values", [3, 10, 10**6])
def test_interpolated_spike_times(chunk_values):
    sites = {f"{v}": detector(SOMA, v, "interpolated") for v in (-64.99, -50, 0, 30)}
    document = make_firing(spikes=sites)
    oracle = plain_neuron(
        f'{ORACLE}record("t", n._ref_t)\nrecord("v", soma(0.5)._ref_v)\nrun(30)\n'
    )

    def in_chunks():
        set_globals(document["protocol"])
        _alive, recording = built(document)
        integrate(document["protocol"], [recording], chunk_values=chunk_values)
        return recording.result("").spikes

    spikes = in_child(in_chunks, 60).value
    for threshold in sites:
        times = spikes[threshold]
        expected = crossings(oracle["t"], oracle["v"], float(threshold))
        np.testing.assert_allclose(times, expected, rtol=0, atol=1e-12)
        assert len(times) > 0


# CVode.

CVODE_ORACLE = """
cvode = n.CVode()
cvode.active(True)
cvode.atol(1e-3)
cvode.rtol(0)
cvode.condition_order(2)
record("t", n._ref_t)
record("steps", soma(0.5)._ref_v)
grid = n.Vector([min(0.1 * i, 30) for i in range(301)])
for name, reference in (("v", soma(0.5)._ref_v), ("ina", soma(0.5)._ref_ina)):
    recorded[name] = n.Vector().record(reference, grid)
"""
GRID = {"v": voltage(SOMA, 0.1), "ina": voltage(SOMA, 0.1) | {"variable": "ina"}}


@pytest.mark.parametrize("settle", [0, 40])
def test_cvode_is_plain_neuron(settle):
    settling = f"""
n.t = {-settle}
cvode.re_init()
cvode.solve(0)
n.t = 0
cvode.re_init()
n.frecord_init()
"""
    oracle = plain_neuron(
        f"{ORACLE}{CVODE_ORACLE}n.finitialize(-65)\n{settling if settle else ''}cvode.solve(30)\n"
        + SAVE
    )
    traces = GRID | {"steps": voltage(SOMA, "step")}
    document = make_firing(cvode=CVODE, traces=traces)
    if settle:
        document["protocol"]["settle"] = settle
    result = simulate_well(document)
    for name, scale in (("v", 1), ("ina", 0.05)):  # NEURON has no sample at the very end
        error = np.abs(result.traces[name][:-1] - oracle[name][:300]).max()
        assert error < 10 * CVODE["atol"] * scale  # where v rises by 200 mV/ms
    np.testing.assert_array_equal(result.traces["steps"], oracle["steps"])
    np.testing.assert_array_equal(result.traces["time_step"], oracle["t"])
    np.testing.assert_array_equal(result.spikes["soma"], oracle["soma"])
    assert result.traces["v"][-1] == oracle["steps"][-1]
    assert result.extremes["v"] == (oracle["steps"].min(), oracle["steps"].max())
    assert len(result.spikes["soma"]) > 1


def test_cvode_and_fixed_steps_go_to_the_same_solution():
    """The error of fixed steps (backward Euler) is as large as dt; so two of them tell of none."""

    def spikes(**settings) -> np.ndarray:
        return simulate_well(make_firing(tstop=20, traces={}, **settings)).spikes["soma"]

    sites = {"soma": detector(SOMA, 0, "interpolated")}
    coarse, fine = (spikes(dt=dt, spikes=sites) for dt in (0.002, 0.001))
    limit = 2 * fine - coarse
    loose, tight = (
        np.abs(spikes(cvode={"atol": atol, "rtol": 0}) - limit).max() for atol in (1e-2, 1e-6)
    )
    assert len(limit) == 2
    assert tight < 1e-4 < 1e-3 < loose < 0.1  # ms


@pytest.mark.parametrize(
    ("tstop", "every", "samples"), [(30, 0.1, 301), (10, 0.3, 34), (0.3, 0.1, 4), (5, 20, 1)]
)
def test_samples_of_cvode(tstop, every, samples):
    traces = {"v": voltage(SOMA, every), "steps": voltage(SOMA, "step")}
    traces = simulate_well(make_firing(cvode=CVODE, tstop=tstop, traces=traces)).traces
    assert len(traces["v"]) == samples
    assert np.isfinite(traces["v"]).all()
    times = every * np.arange(samples)
    # A straight line between CVode's steps is close, but not what CVode makes of them.
    line = np.interp(times, traces["time_step"], traces["steps"])
    np.testing.assert_allclose(traces["v"], line, rtol=0, atol=2)


def test_samples_at_events_are_of_the_state_after_them():
    """The current of a clamp jumps where CVode starts anew: nothing is drawn across the jump."""
    delays = (2, 7.03, 7.4, 11)
    clamps = {f"p{i}": clamp(SOMA, delay, 0.3, 0.2) for i, delay in enumerate(delays)}
    traces = {f"p{i}": {"process": f"p{i}", "variable": "i", "every": 0.1} for i in range(4)}
    made = simulate_well(make_soma_document(cvode=CVODE, tstop=15, processes=clamps, traces=traces))
    times = 0.1 * np.arange(151)
    for i, delay in enumerate(delays):
        during = (times > delay - 1e-6) & (times < delay + 0.3 - 1e-6)
        expected = np.where(during, 0.2, 0)
        np.testing.assert_allclose(made.traces[f"p{i}"], expected, rtol=0, atol=1e-12)


def test_what_is_recorded_changes_no_step_of_cvode():
    few = make_firing(cvode=CVODE, traces={"v": voltage(SOMA, "step")})
    many = make_firing(
        cvode=CVODE, traces={"v": voltage(SOMA, "step"), "fine": voltage(SOMA, 0.01)}
    )
    few, many = simulate_well(few), simulate_well(many)
    np.testing.assert_array_equal(few.traces["v"], many.traces["v"])
    np.testing.assert_array_equal(few.spikes["soma"], many.spikes["soma"])


def test_an_integrator_that_gives_up_is_an_error():
    document = make_firing(cvode=CVODE)
    document["cells"]["cell"]["biophysics"].append({"in": ["all"], "insert": {"hh": {"gl": -1e12}}})
    result = simulate(document)
    assert result.status == "error"
    assert "variable step integrator error" in result.message


def test_two_thresholds_at_one_place_are_refused_by_cvode():
    sites = {"low": detector(SOMA, -20), "high": detector(SOMA, 20)}
    result = simulate(make_firing(cvode=CVODE, spikes=sites))
    assert result.status == "error"
    assert "threshold 20 mV, but what else detects spikes there has -20" in result.message
    sites = {"low": detector(SOMA, -20), "same": detector(["cell", "soma", 0, 0.3], -20)}
    spikes = simulate_well(make_firing(cvode=CVODE, spikes=sites)).spikes
    np.testing.assert_array_equal(spikes["low"], spikes["same"])
    assert len(spikes["low"]) > 1


# Every step.


def test_every_step_of_a_fixed_dt():
    traces = {"steps": voltage(SOMA, "step"), "grid": voltage(SOMA, 0.05)}
    traces = simulate_well(make_firing(dt=0.05, traces=traces)).traces
    np.testing.assert_array_equal(traces["steps"], traces["grid"])
    oracle = plain_neuron(f'{ORACLE}record("t", n._ref_t)\nrun(30, dt=0.05)\n')
    np.testing.assert_array_equal(traces["time_step"], oracle["t"])


def test_a_fixed_step_after_code_that_switched_cvode_on():
    """Nothing is trusted from before, as a model's own HOC may have left it."""
    document = make_firing()

    def after_cvode():
        from spikesweep.simulation.nrn import n

        n.CVode().active(True)
        return digest(run_alone(("", document), Simulator()))

    assert in_child(after_cvode, timeout=60).value == digest(simulate_well(document))
