"""What is recorded of a simulation: samples, extremes and precision."""

import numpy as np
import pytest

from simulating import (
    SOMA,
    built,
    detector,
    make_soma_document,
    make_two_cells,
    simulate_well,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.simulation.globals import set_globals
from spikesweep.simulation.integration import integrate


@pytest.mark.parametrize(
    ("tstop", "dt", "every", "samples"),
    [
        (10, 0.025, 0.025, 401),
        (10, 0.025, 0.1, 101),
        (10, 0.025, 0.3, 34),  # 0, 0.3, ... 9.9: no sample lies after tstop
        (10, 0.025, 20, 1),  # the initial state
        (49.5, 0.1, 0.1, 496),  # 49.5 / 0.1 is 495.00000000000006 steps of rounding errors
        (50, 0.05, 0.1, 501),  # where NEURON's own recording gives 500 or 501
        (4000, 0.01, 0.2, 20001),  # 400,000 steps, whose sum is 6e-8 ms too large
    ],
)
def test_samples_are_every_nth_step(tstop, dt, every, samples):
    traces = {"step": voltage(SOMA, dt), "sample": voltage(SOMA, every)}
    result = simulate_well(make_soma_document(tstop=tstop, dt=dt, traces=traces))
    steps = result.traces["step"]
    assert len(steps) == round(tstop / dt) + 1
    assert len(result.traces["sample"]) == samples
    np.testing.assert_array_equal(result.traces["sample"], steps[:: round(every / dt)])


def test_extremes_are_of_every_step():
    traces = {"step": voltage(SOMA, 0.025), "coarse": voltage(SOMA, 5)}
    result = simulate_well(make_soma_document(traces=traces, tstop=20))
    steps = result.traces["step"]
    assert result.extremes["coarse"] == (steps.min(), steps.max())
    assert result.extremes["coarse"][1] > result.traces["coarse"].max() + 10  # mV


def test_single_precision_is_double_precision_rounded():
    double = simulate_well(make_soma_document(precision="float64"))
    single = simulate_well(make_soma_document(precision="float32"))
    assert single.traces["v"].dtype == np.float32
    np.testing.assert_array_equal(single.traces["v"], double.traces["v"].astype(np.float32))
    assert single.extremes == double.extremes
    np.testing.assert_array_equal(single.spikes["soma"], double.spikes["soma"])


@pytest.mark.parametrize("chunk_steps", [1, 2, 7, 400, 401])
def test_recording_in_chunks_changes_nothing(chunk_steps):
    """Events of a connection fall between chunks, samples and crossings on their first steps."""
    document = make_two_cells()
    document["record"]["traces"]["sparse"] = voltage(["second", "soma", 0, 0.5], 0.175)
    document["record"]["spikes"]["before"] = detector(
        ["second", "soma", 0, 0.5], -64.9, "sample_before"
    )

    def in_chunks():
        set_globals(document["protocol"])
        _alive, recording = built(document)
        probes = recording.probe_count + 1
        integrate(document["protocol"], [recording], chunk_values=chunk_steps * probes)
        return recording.result("")

    whole, chunked = simulate_well(document), in_child(in_chunks, timeout=60).value
    for name, trace in whole.traces.items():
        np.testing.assert_array_equal(chunked.traces[name], trace)
    for site, times in whole.spikes.items():
        assert len(times) > 0
        np.testing.assert_array_equal(chunked.spikes[site], times)
    assert chunked.extremes == whole.extremes
