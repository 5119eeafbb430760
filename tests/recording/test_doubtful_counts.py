"""Counts of spikes that hang on the threshold: counted once more 10 mV lower, at the detector."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulating import SOMA, detector, make_soma_document, plain_neuron, simulate_well
from spikesweep.recording.results import MARGIN, lower
from spikesweep.recording.spikes import Excursions

pytestmark = pytest.mark.workflow

# A current so strong that spikes shrink one by one until the membrane stays depolarised.
BLOCKED = """
soma = n.Section("soma")
soma.L = soma.diam = 10
soma.insert(n.hh)
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 100, 0.4
netcon = spikes("spikes", soma(0.5), float(sys.argv[2]))
run(60)
"""


@pytest.mark.parametrize("cvode", [False, True])
@pytest.mark.parametrize("threshold", [0, -10, -20, -30, -45])
def test_spikes_that_shrink_are_counted_as_by_a_netcon_10_mv_lower(threshold, cvode):
    steps = {"cvode": {"atol": 1e-6, "rtol": 0}} if cvode else {}
    document = make_soma_document(
        amp=0.4, tstop=60, spikes={"soma": detector(SOMA, threshold)}, **steps
    )
    if cvode:
        del document["protocol"]["dt"]
    result = simulate_well(document)
    here, below = (
        len(plain_neuron(BLOCKED, arguments=[str(t)])["spikes"])
        for t in (threshold, threshold - 10)
    )
    assert len(result.spikes["soma"]) == here
    assert len(result.spikes.get(lower("soma"), result.spikes["soma"])) == below


def test_the_current_is_one_that_counts_hang_on():
    counts = [len(plain_neuron(BLOCKED, arguments=[str(t)])["spikes"]) for t in (0, -10, -20, -30)]
    assert len(set(counts)) > 2


@pytest.mark.parametrize("times", ["netcon", "sample_before", "interpolated"])
def test_clear_spikes_are_kept_once(times):
    """Those of 0.1 nA overshoot; a run that ends within one says nothing of it either."""
    for tstop in (20, 20.025, 20.05):
        document = make_soma_document(tstop=tstop, spikes={"soma": detector(SOMA, -20, times)})
        assert set(simulate_well(document).spikes) == {"soma"}


def test_v_init_between_the_two_is_no_spike():
    document = make_soma_document(amp=0, spikes={"soma": detector(SOMA, -60)})
    assert set(simulate_well(document).spikes) == {"soma"}


def plainly(values, spikes, line):
    """Return one time an excursion, step by step."""
    counted, start, inside = [], None, []
    for time, value in enumerate(values):
        if value > line and start is None:
            start, inside = time - 1, []
        if start is not None and time in spikes:
            inside.append(time)
        if value <= line and start is not None:
            inside = [spike for spike in inside if spike < time]
            if inside or start >= 0:
                counted.append(inside[0] if inside else start)
            start = None
    return counted + inside[:1] if start is not None else counted


@settings(deadline=None)
@given(st.lists(st.sampled_from([-90, -35, -25, -15, 30]), min_size=1), st.data())
def test_excursions_in_any_chunks_are_those_step_by_step(values, data):
    threshold = -20
    above = np.array(values) > threshold
    spikes = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    size = data.draw(st.integers(1, len(values)))
    excursions = Excursions(probe := SimpleNamespace(), threshold)
    for first in range(0, len(values), size):
        probe.values = np.array(values[first : first + size], float)
        excursions.take(first, np.arange(first, first + len(probe.values), dtype=float))
    found = excursions.counted(spikes.astype(float))
    assert found.tolist() == plainly(values, set(spikes.tolist()), threshold - MARGIN)
