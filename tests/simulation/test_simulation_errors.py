"""Failure is data: simulations that cannot be built or have no numbers, and libraries."""

import math

import pytest

from project import PACKAGE
from simulating import SOMA, make_soma_document, make_two_cells, simulate, simulate_well
from spikesweep.execution.child import in_child
from spikesweep.simulation.simulator import Simulator


@pytest.mark.parametrize(
    ("amp", "precision", "message"),
    [
        # A current from 2 ms on shows first in the step from there to 2.025 ms. 1e308 nA into
        # 314 um2 overflows double precision, in which all is judged, whatever is stored.
        (1e308, "float64", "v is not a finite number from 2.025 ms on"),
        (1e308, "float32", "v is not a finite number from 2.025 ms on"),
    ],
)
def test_not_finite(amp, precision, message):
    result = simulate(make_soma_document(amp, precision=precision, tstop=5))
    assert (result.status, result.message) == ("not_finite", message)
    assert (result.traces, result.spikes, result.extremes) == ({}, {}, {})


def test_not_finite_in_a_trace_that_is_called_as_a_spike_site():
    """It is the trace that is told, by its name, since traces come first."""
    document = make_two_cells(tstop=1)
    rules = document["cells"]["second"]["biophysics"]
    document["cells"]["second"] |= {
        "biophysics": [*rules, {"in": ["all"], "insert": {"pas": {"g": 1e300, "e": 1e300}}}]
    }
    document["record"]["traces"] = {
        "first": {"at": ["second", "soma", 0, 0.5], "variable": "pas.i", "every": 0.025}
    }
    document["record"]["spikes"] = {"first": document["record"]["spikes"]["first"]}
    result = simulate(document)
    assert (result.status, result.message) == (
        "not_finite", "first is not a finite number from 0 ms on",
    )  # fmt: skip


def test_what_single_precision_cannot_hold_is_finite_all_the_same():
    result = simulate_well(make_soma_document(1e40, precision="float32", tstop=5))
    assert math.isinf(result.traces["v"][-1])
    assert result.extremes["v"][1] > 1e39


def test_absurd_but_finite_is_ok():
    """Whether a voltage is physical is judged later, from the extremes."""
    result = simulate_well(make_soma_document(1e40, precision="float64", tstop=5))
    assert result.extremes["v"][1] > 1e30


def soma_with(*, process=None, connection=None, trace=None, site=None, rule=None, **settings):
    document = make_soma_document(**settings)
    if process:
        document["protocol"]["processes"]["pulse"] |= process
    if connection:
        document["protocol"]["connections"] = connection
    if trace:
        document["record"]["traces"]["v"] |= trace
    if site:
        document["record"]["spikes"]["soma"] |= site
    if rule:
        document["cells"]["cell"]["biophysics"].append(rule)
    return document


WIRE = {"from": SOMA, "to": "pulse", "threshold": 10, "delay": 1, "weight": 1}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            soma_with(rule={"in": ["all"], "insert": {"hhh": {}}}),
            'called "hhh", did you mean "hh"?',
        ),
        (
            soma_with(rule={"in": ["all"], "insert": {"hh": {"gnabr": 1}}}),
            'hh has no RANGE parameter "gnabr", did you mean "gnabar"?',
        ),
        (soma_with(rule={"in": ["soam"], "Ra": 1}), 'section "soam", did you mean "soma"?'),
        (soma_with(rule={"in": ["soma[1]"], "cm": 1}), 'no region or section "soma[1]"'),
        (soma_with(rule={"in": ["all"], "ions": {"eca": 100}}), 'ion parameter "eca"'),
        (soma_with(rule={"in": ["all"], "cm": math.nan}), "cm = nan; expected a finite number"),
        (soma_with(rule={"in": ["all"], "cm": "1 / distance"}), "divides by zero at distance = 0"),
        (soma_with(rule={"in": ["all"], "cm": "depth"}), 'unknown name "depth"'),
        (soma_with(rule={"in": ["all"], "Ra": 0}), "Ra must be > 0"),
        (soma_with(diam=0), "diam = 0 um; expected more than 0"),
        (soma_with(L=math.nan), "expected more than 0"),
        (soma_with(process={"type": "IClam"}), '"IClam", did you mean "IClamp"?'),
        (soma_with(process={"type": "NetStim"}), 'no point process is called "NetStim"'),
        (soma_with(process={"at": ["cel", "soma", 0, 0.5]}), '"cel", did you mean "cell"?'),
        (soma_with(process={"at": ["cell", "soma", 1, 0.5]}), 'no section "soma[1]"'),
        (soma_with(process={"at": ["cell", "soma", 0, 1.5]}), "a place between 0 and 1"),
        (
            soma_with(process={"parameters": {"dellay": 1}}),
            'no parameter "dellay", did you mean "delay"? (it has: delay, dur, amp)',
        ),
        (soma_with(process={"parameters": {"amp": math.inf}}), "amp = inf; expected finite"),
        (soma_with(connection={"c": WIRE | {"to": "pulze"}}), '"pulze", did you mean "pulse"?'),
        (
            soma_with(connection={"c": WIRE}),
            "connection c: pulse is an IClamp, which receives no events",
        ),
        (
            soma_with(
                process={"type": "ExpSyn", "parameters": {}},
                connection={"c": WIRE | {"weight": [1, 2]}},
            ),
            "connection c: 2 weights; expected at most 1",
        ),
        (soma_with(trace={"variable": "ica"}), 'no variable "ica" at cell.soma[0](0.5)'),
        (soma_with(trace={"variable": "hh.q"}), 'no variable "hh.q"'),
        (soma_with(trace={"variable": "pas.i"}), 'no variable "pas.i"'),
        (soma_with(trace={"process": "puls", "variable": "i"}), 'did you mean "pulse"?'),
        (soma_with(trace={"every": 0.03}), "expected a multiple of the time step, 0.025 ms"),
        (soma_with(trace={"every": 0.01}), "expected a multiple of the time step"),
        (soma_with(globals={"usetable_h": 0}), 'GLOBAL "usetable_h", did you mean "usetable_hh"?'),
        (soma_with(globals={"celsius": 20}), 'no mechanism has a GLOBAL "celsius"'),
        (soma_with(globals={"load_file": 1}), 'no mechanism has a GLOBAL "load_file"'),
    ],
)
def test_what_cannot_be_built_is_an_error_of_its_own(document, message):
    result = simulate(document)
    assert result.status == "error"
    assert message in result.message
    assert result.traces == {}


def test_a_site_that_cannot_be_recorded_fails_alone():
    result = simulate(soma_with(site={"times": "exact"}))
    assert result.status == "error"
    assert "expected netcon or sample_before or interpolated" in result.message
    assert result.spikes == {}
    assert len(result.traces["v"]) > 1


def test_two_thresholds_at_one_source_are_refused():
    document = make_two_cells()
    connections = document["protocol"]["connections"]
    connections["d"] = connections["c"] | {"threshold": 20}
    result = simulate(document)
    assert result.status == "error"
    assert "connection c: threshold 10 mV, but another connection" in result.message


def test_library_that_is_none(tmp_path):
    (tmp_path / "libnrnmech.so").write_text("not a library")
    for name in ("libnrnmech.so", "missing.so"):
        outcome = in_child(lambda name=name: Simulator(library=tmp_path / name))
        assert outcome.status == "error"
        assert "NEURON cannot load this library" in outcome.message


def test_library_in_the_current_folder_is_not_loaded(tmp_path):
    """Importing neuron loads ./x86_64/libnrnmech.so by itself; a broken one shows that."""
    import subprocess
    import sys

    for folder in ("x86_64", "aarch64", "arm64"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "libnrnmech.so").write_text("not a library")
    script = "import sys; sys.path.insert(0, {!r}); from spikesweep.simulation import simulator"
    package = str(PACKAGE)
    for folder, fails in ((tmp_path, False), (tmp_path / "x86_64", False)):
        done = subprocess.run(
            [sys.executable, "-c", script.format(package)], cwd=folder, capture_output=True
        )
        assert bool(done.returncode) == fails
        assert b"libnrnmech" not in done.stdout + done.stderr
