"""Networks: connections, copies of cells and their wiring, bit by bit those of plain NEURON."""

import numpy as np
import pytest
from simulating import (
    HH,
    clamp,
    compile_mechanisms,
    make_cell,
    make_document,
    plain_neuron,
    simulate_well,
    voltage,
)

# A synapse of two weights: each event releases a fraction of what is left, which recovers with
# 100 ms; after Tsodyks & Markram (1997), PNAS 94:719-723.
DEPRESSING = """NEURON {
    POINT_PROCESS Depressing
    RANGE tau, e, i, g
    NONSPECIFIC_CURRENT i
}
PARAMETER { tau = 2 (ms) e = 0 (mV) recovery = 100 (ms) }
ASSIGNED { v (mV) i (nA) }
STATE { g (uS) }
INITIAL { g = 0 }
BREAKPOINT { SOLVE decay METHOD cnexp i = g*(v - e) }
DERIVATIVE decay { g' = -g/tau }
NET_RECEIVE (weight (uS), fraction, left, last (ms)) {
    INITIAL { left = 1 last = t }
    left = 1 - (1 - left) * exp(-(t - last) / recovery)
    g = g + weight * fraction * left
    left = left * (1 - fraction)
    last = t
}
"""


@pytest.fixture(scope="module")
def depressing(tmp_path_factory):
    """The folder and the library of the depressing synapse."""
    folder = tmp_path_factory.mktemp("depressing")
    return folder, compile_mechanisms(folder, {"depressing": DEPRESSING})


def test_several_weights_are_plain_neuron(depressing):
    folder, library = depressing
    first, second = ["first", "soma", 0, 0.5], ["second", "soma", 0, 0.5]
    soma = make_cell({"soma": {"L": 10, "diam": 10}}, HH)
    passive = make_cell({"soma": {"L": 10, "diam": 10}}, {"in": ["all"], "insert": {"pas": {}}})
    document = make_document(
        {"first": soma, "second": passive},
        processes={
            "step": clamp(first, 1, 100, 0.1),
            "synapse": {"type": "Depressing", "at": second, "parameters": {}},
        },
        connections={
            "c": {
                "from": first, "to": "synapse", "threshold": 0, "delay": 1, "weight": [0.001, 0.6]
            }
        },
        traces={"v": voltage(second), "g": {"process": "synapse", "variable": "g", "every": 0.025}},
        tstop=60,
    )  # fmt: skip
    oracle = plain_neuron(
        """
first, second = n.Section("first"), n.Section("second")
for soma in (first, second):
    soma.L = soma.diam = 10
first.insert("hh")
second.insert("pas")
step = n.IClamp(first(0.5))
step.delay, step.dur, step.amp = 1, 100, 0.1
synapse = n.Depressing(second(0.5))
netcon = n.NetCon(first(0.5)._ref_v, synapse, sec=first)
netcon.threshold, netcon.delay, netcon.weight[0], netcon.weight[1] = 0, 1, 0.001, 0.6
record("v", second(0.5)._ref_v)
record("g", synapse._ref_g)
run(60)
""",
        folder,
    )
    traces = simulate_well(document, library=library).traces
    np.testing.assert_array_equal(traces["v"], oracle["v"])
    np.testing.assert_array_equal(traces["g"], oracle["g"])
    # The first event in full, a step after it came.
    assert traces["g"].max() == pytest.approx(0.001 * 0.6 * np.exp(-0.025 / 2), rel=1e-12)
