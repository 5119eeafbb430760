"""Simulations give the numbers of the tutorials, and bit by bit those of plain NEURON."""

import math
from pathlib import Path

import numpy as np
import pytest
from simulating import (
    HH,
    SOMA,
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

from spikesweep.simulation.engine import Engine
from spikesweep.simulation.integration import integrate
from spikesweep.simulation.isolation import in_child
from spikesweep.simulation.together import Simulation, set_globals

PYRAMIDAL = Path(__file__).parents[1] / "morphologies/pyramidal.swc"


# The tutorials that this project grew out of: expected numbers are those they print, see each.


def test_hh_soma_of_the_course_slides():
    """NEURON course slides, 2020: soma L = diam = 10 um, 1 nA for 0.1 ms."""
    pulse = {"pulse": clamp(SOMA, 2, 0.1, 1)}
    result = simulate_well(make_soma_document(processes=pulse, spikes={}))
    samples = [
        -65.0,
        -64.99925452909274,
        -64.9985207095132,
        -64.99779768226396,
        -64.99708468737194,
        -64.9963810528078,
        -64.99568618464123,
    ]
    assert result.traces["v"][:7] == pytest.approx(samples, abs=1e-9)
    assert result.traces["v"].max() == pytest.approx(40.979789396352565, abs=1e-9)
    assert np.argmax(result.traces["v"]) * 0.025 == pytest.approx(2.725)


def test_soma_of_the_tutorial_notebook():
    """Tutorial notebook, 2025: soma L = diam = 20 um, 0.9 nA for 0.1 ms."""
    pulse = {"pulse": clamp(SOMA, 2, 0.1, 0.9)}
    result = simulate_well(make_soma_document(L=20, diam=20, processes=pulse, tstop=40))
    assert result.traces["v"].max() == pytest.approx(36.955888792538275, abs=1e-9)
    assert np.argmax(result.traces["v"]) * 0.025 == pytest.approx(5.25)


def test_spike_times_of_the_courses():
    """Course slides, 2020 (NetCon, 10 mV; they print 28.205, a misprint) and Erice, 2015 (the last
    sample at or below 0 mV); both on NEURON's default section."""
    starts = {f"pulse{start}": clamp(SOMA, start, 0.5, 50) for start in (2, 13, 27, 40)}
    sites = {"netcon": detector(SOMA, 10), "erice": detector(SOMA, 0, "sample_before")}
    document = make_soma_document(L=100, diam=500, processes=starts, spikes=sites, tstop=49.5)
    spikes = simulate_well(document).spikes
    assert spikes["netcon"] == pytest.approx(
        [3.225000000100012, 28.20000000009893, 41.70000000010092], abs=1e-9
    )
    assert spikes["erice"] == pytest.approx(
        [3.1750000000000114, 28.149999999998936, 41.6250000000009], abs=1e-9
    )
    assert np.diff(spikes["erice"]) == pytest.approx(
        [24.974999999998925, 13.475000000001966], abs=1e-9
    )


def make_ball_and_stick(nseg: int, **settings) -> dict:
    soma = {"L": 12.6157, "diam": 12.6157, "region": "soma"}
    dend = {"L": 200, "diam": 1, "region": "basal", "parent": ["soma", 1.0], "nseg": nseg}
    hh = {"gnabar": 0.12, "gkbar": 0.036, "gl": 0.0003, "el": -54.3}
    cell = make_cell(
        {"soma": soma, "dend": dend},
        {"in": ["all"], "Ra": 100, "cm": 1},
        {"in": ["soma"], "insert": {"hh": hh}},
        {"in": ["dend"], "insert": {"pas": {"g": 0.001, "e": -65}}},
    )
    return make_document({"cell": cell}, **settings)


@pytest.mark.parametrize(
    ("nseg", "amp", "peak"),
    [
        # Ball-and-stick tutorial: largest voltage of the soma.
        (1, 0.075, -61.68996),
        (1, 0.15, -57.70552),
        (1, 0.225, 34.66074),
        (1, 0.3, 35.75972),
        (101, 0.075, -62.27272),
        (101, 0.15, -59.30484),
        (101, 0.225, 29.97664),
        (101, 0.3, 33.56370),
    ],
)
def test_ball_and_stick(nseg, amp, peak):
    document = make_ball_and_stick(
        nseg,
        tstop=25,
        processes={"pulse": clamp(["cell", "dend", 0, 1.0], 5, 1, amp)},
        traces={"v": voltage(SOMA)},
    )
    assert simulate_well(document).extremes["v"][1] == pytest.approx(peak, abs=5e-6)


# Against plain NEURON, run by `continuerun`, to the last bit.


def test_synapse_is_plain_neuron():
    document = make_document(
        {
            "cell": make_cell(
                {"soma": {"L": 20, "diam": 20}}, {"in": ["soma"], "insert": {"pas": {}}}
            )
        },
        processes={
            "synapse": {"type": "AlphaSynapse", "at": SOMA, "parameters": {"onset": 20, "gmax": 1}}
        },
        traces={
            "v": voltage(SOMA),
            "i": {"process": "synapse", "variable": "i", "every": 0.025},
        },
        tstop=40,
    )
    oracle = plain_neuron("""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("pas")
synapse = n.AlphaSynapse(soma(0.5))
synapse.onset, synapse.gmax = 20, 1
record("v", soma(0.5)._ref_v)
record("i", synapse._ref_i)
run(40)
""")
    traces = simulate_well(document).traces
    for name in ("v", "i"):
        np.testing.assert_array_equal(traces[name], oracle[name])
    assert np.ptp(traces["v"]) > 50  # mV: the synapse does something


def make_two_cells(**settings) -> dict:
    second = ["second", "soma", 0, 0.5]
    soma = make_cell({"soma": {"L": 10, "diam": 10}}, HH)
    return make_document(
        {"first": soma, "second": soma},
        processes={
            "pulse": clamp(["first", "soma", 0, 0.5], 2, 0.1, 1),
            "synapse": {"type": "ExpSyn", "at": second, "parameters": {"e": 0}},
        },
        connections={
            "c": {
                "from": ["first", "soma", 0, 0.5],
                "to": "synapse",
                "threshold": 10,
                "delay": 1.3,
                "weight": 5,
            }
        },
        traces={"first": voltage(["first", "soma", 0, 0.5]), "second": voltage(second)},
        spikes={
            # Two thresholds where the connection has a third: NEURON alone keeps one a place.
            "first": detector(["first", "soma", 0, 0.5], -20),
            "late": detector(["first", "soma", 0, 0.5], 30),
            "second": detector(second, 10),
        },
        **settings,
    )


def test_two_cells_are_plain_neuron():
    script = """
first, second = n.Section("first"), n.Section("second")
for soma in (first, second):
    soma.L = soma.diam = 10
    soma.insert("hh")
pulse = n.IClamp(first(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 0.1, 1
synapse = n.ExpSyn(second(0.5))
synapse.e = 0
connection = n.NetCon(first(0.5)._ref_v, synapse, sec=first)
connection.threshold, connection.delay, connection.weight[0] = 10, 1.3, 5
record("first", first(0.5)._ref_v)
record("second", second(0.5)._ref_v)
second_spikes = spikes("second_spikes", second(0.5), 10)
run(10)
"""
    oracle = plain_neuron(script)
    result = simulate_well(make_two_cells())
    for name in ("first", "second"):
        np.testing.assert_array_equal(result.traces[name], oracle[name])
    np.testing.assert_array_equal(result.spikes["second"], oracle["second_spikes"])
    first, late, second = (result.spikes[name] for name in ("first", "late", "second"))
    assert len(first) == len(late) == len(second) == 1
    assert first[0] < late[0] < second[0]


def test_traced_cell_is_plain_neuron():
    """A morphology by Import3d, d_lambda, an expression of path distance, a GLOBAL, 24 degC."""
    document = make_document(
        {
            "cell": {
                "morphology": {"format": "swc", "sha256": "m"},
                "segments": {"d_lambda": 0.1},
                "biophysics": [
                    {"in": ["all"], "Ra": 150, "cm": 1, "insert": {"pas": {"g": 3e-5, "e": -70}}},
                    {"in": ["basal", "apical"], "cm": 2},
                    {"in": ["soma", "axon"], "insert": {"hh": {"gnabar": 1.2, "gkbar": 0.36}}},
                    {"in": ["apical"], "insert": {"pas": {"g": "3e-5 * exp(distance / 300)"}}},
                    {"in": ["all"], "ions": {"ena": 55}},
                ],
            }
        },
        processes={"step": clamp(SOMA, 2, 20, 3.0)},
        traces={
            "soma": voltage(SOMA),
            "tuft": voltage(["cell", "apical", 9, 0.9]),
            "m": {"at": SOMA, "variable": "hh.m", "every": 0.025},
            "ina": {"at": SOMA, "variable": "ina", "every": 0.025},
        },
        spikes={"soma": detector(SOMA, -10)},
        tstop=12,
        celsius=24,
        v_init=-70,
        globals={"usetable_hh": 0},
    )
    oracle = plain_neuron(f"""
import math
n.load_file("import3d.hoc")
class Cell: pass
cell = Cell()
reader = n.Import3d_SWC_read()
reader.input({str(PYRAMIDAL)!r})
n.Import3d_GUI(reader, False).instantiate(cell)
for section in cell.all:
    section.Ra, section.cm = 150, 1
for section in (*cell.dend, *cell.apic):
    section.cm = 2
for section in cell.all:
    section.nseg = int((section.L / (0.1 * n.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
    section.insert("pas")
    section.g_pas, section.e_pas = 3e-5, -70
for section in (*cell.soma, *cell.axon):
    section.insert("hh")
    section.gnabar_hh, section.gkbar_hh, section.ena = 1.2, 0.36, 55
for section in cell.apic:
    for segment in section:
        segment.g_pas = 3e-5 * math.exp(n.distance(cell.soma[0](0.5), segment) / 300)
step = n.IClamp(cell.soma[0](0.5))
step.delay, step.dur, step.amp = 2, 20, 3.0
n.usetable_hh, n.celsius = 0, 24
record("soma", cell.soma[0](0.5)._ref_v)
record("tuft", cell.apic[9](0.9)._ref_v)
record("m", cell.soma[0](0.5).hh._ref_m)
record("ina", cell.soma[0](0.5)._ref_ina)
detector = spikes("spikes", cell.soma[0](0.5), -10)
run(12, v_init=-70)
""")
    result = simulate_well(document, morphologies={"m": PYRAMIDAL})
    for name in ("soma", "tuft", "m", "ina"):
        np.testing.assert_array_equal(result.traces[name], oracle[name])
    np.testing.assert_array_equal(result.spikes["soma"], oracle["spikes"])
    assert len(oracle["spikes"]) > 0


def test_spikes_are_those_of_a_netcon():
    """Thresholds all along the spike, one above v_init's neighbours and one below v_init."""
    thresholds = [-90, -65.5, -65, -64.5, -60, -50, -30, 0, 10, 25, 39, 60]
    oracle = plain_neuron(f"""
somata, netcons = [n.Section(f"soma{{i}}") for i in range({len(thresholds)})], []
for i, (soma, threshold) in enumerate(zip(somata, {thresholds})):
    soma.L = soma.diam = 10
    soma.insert("hh")
    pulse = n.IClamp(soma(0.5))
    pulse.delay, pulse.dur, pulse.amp = 2, 100, 0.1
    netcons += [pulse, spikes(f"site{{i}}", soma(0.5), threshold)]
run(60)
""")
    sites = {f"site{i}": detector(SOMA, threshold) for i, threshold in enumerate(thresholds)}
    spikes = simulate_well(make_soma_document(spikes=sites, tstop=60)).spikes
    for site in sites:
        np.testing.assert_array_equal(spikes[site], oracle[site], site)
    assert [len(spikes[site]) for site in sites][-1] == 0
    assert len(spikes["site7"]) > 2


@pytest.mark.parametrize("tstop", [3.2, 3.225, 3.25])
def test_spikes_at_the_very_end_are_those_of_a_netcon(tstop):
    """The voltage rises above 10 mV at 3.225 ms (course slides); NEURON sees that a step later."""
    script = f"""
soma = n.Section("soma")
soma.L, soma.diam = 100, 500
soma.insert("hh")
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 0.5, 50
netcon = spikes("soma", soma(0.5), 10)
run({tstop})
"""
    pulse = {"pulse": clamp(SOMA, 2, 0.5, 50)}
    sites = {"soma": detector(SOMA, 10)}
    document = make_soma_document(L=100, diam=500, processes=pulse, spikes=sites, tstop=tstop)
    np.testing.assert_array_equal(
        simulate_well(document).spikes["soma"], plain_neuron(script)["soma"]
    )


def test_sample_before_needs_a_sample_before():
    """At -65 mV and above a threshold of -70 mV from the start: no crossing to be before."""
    sites = {"netcon": detector(SOMA, -70), "before": detector(SOMA, -70, "sample_before")}
    spikes = simulate_well(make_soma_document(amp=0, spikes=sites)).spikes
    assert spikes["netcon"].tolist() == [1e-10]  # as a NetCon has it, see the test above
    assert spikes["before"].tolist() == []


# Recording.


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
        simulation = Simulation(document, Engine())
        probes = simulation.recording.probe_count + 1
        integrate(document["protocol"], [simulation.recording], chunk_values=chunk_steps * probes)
        return simulation.recording.result("")

    whole, chunked = simulate_well(document), in_child(in_chunks, timeout=60).value
    for name, trace in whole.traces.items():
        np.testing.assert_array_equal(chunked.traces[name], trace)
    for site, times in whole.spikes.items():
        assert len(times) > 0
        np.testing.assert_array_equal(chunked.spikes[site], times)
    assert chunked.extremes == whole.extremes


# Failure is data.


@pytest.mark.parametrize(
    ("amp", "precision", "message"),
    [
        # A current from 2 ms on shows first in the step from there to 2.025 ms. 1e308 nA into
        # 314 um2 overflows double precision; 1e40 nA gives some 1e40 mV, which single cannot hold.
        (1e308, "float64", "v is not a finite number from 2.025 ms on"),
        (1e40, "float32", "v is not a finite number from 2.025 ms on"),
    ],
)
def test_not_finite(amp, precision, message):
    result = simulate(make_soma_document(amp, precision=precision, tstop=5))
    assert (result.status, result.message) == ("not_finite", message)
    assert (result.traces, result.spikes, result.extremes) == ({}, {}, {})


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
        (soma_with(site={"times": "exact"}), "expected netcon or sample_before or interpolated"),
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
        outcome = in_child(lambda name=name: Engine(library=tmp_path / name))
        assert outcome.status == "error"
        assert "NEURON cannot load this library" in outcome.message


def test_library_in_the_current_folder_is_not_loaded(tmp_path):
    """Importing neuron loads ./x86_64/libnrnmech.so by itself; a broken one shows that."""
    import subprocess
    import sys

    for folder in ("x86_64", "aarch64", "arm64"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "libnrnmech.so").write_text("not a library")
    script = "import sys; sys.path.insert(0, {!r}); from spikesweep.simulation import engine"
    package = str(Path(__file__).parents[1] / "workflow")
    for folder, fails in ((tmp_path, False), (tmp_path / "x86_64", False)):
        done = subprocess.run(
            [sys.executable, "-c", script.format(package)], cwd=folder, capture_output=True
        )
        assert bool(done.returncode) == fails
        assert b"libnrnmech" not in done.stdout + done.stderr
