"""Impedances against cable theory, a small current in plain NEURON, and NEURON's own class."""

import copy

import numpy as np
import pytest

from code_models import changed, plan, results, write
from simulating import compile_mechanisms, plain_neuron
from spikesweep.errors import UserError

SWEEP = {
    "title": "A soma and a dendrite",
    "model": {
        "cells": {
            "cell": {
                "sections": {
                    "soma": {"L": 20, "diam": 20},
                    "dend": {"L": 300, "diam": 2, "nseg": 5, "parent": "soma(1)"},
                },
                "biophysics": [
                    {"in": "all", "Ra": 100, "insert": {"pas": {"g": 1e-4, "e": -65}}},
                    {"in": "soma", "insert": {"hh": {}}},
                ],
            }
        }
    },
    "protocol": {
        "tstop": 5,
        "processes": {
            "step": {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 1, "dur": 3, "amp": 0.1}
        },
    },
    "record": {
        "precision": "float64",
        "traces": {"v": {"of": "cell.dend(0.5).v", "every": 0.025}},
        "spikes": {"soma": {"at": "cell.soma(0.5)"}},
    },
}
ALL = ["resistance", "input", "input_phase", "transfer", "transfer_phase", "ratio"]
Z = {"at": "cell.soma(0.5)", "to": "cell.dend(0.9)", "frequencies": [0, 12.5, 100], "names": ALL}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def asking(**impedances) -> dict:
    return changed(SWEEP, record={"impedances": impedances})


def test_a_passive_cable(tmp_path):
    """Sealed at the far end, Rall (1959): Z = Zinf coth(q L), and Zinf / sinh(q L) to the end."""
    L, d, Ra, g, cm = 500e-4, 1e-4, 150.0, 5e-5, 1e-6
    sweep = copy.deepcopy(SWEEP)
    cell = sweep["model"]["cells"]["cell"]
    cell["sections"] = {"dend": {"L": 500, "diam": 1, "nseg": 501}}
    cell["biophysics"] = [{"in": "all", "Ra": Ra, "insert": {"pas": {"g": g, "e": -65}}}]
    del sweep["protocol"]["processes"], sweep["record"]["spikes"]
    sweep["record"] |= {"impedances": {"z": Z | {"at": "cell.dend(0)", "to": "cell.dend(1)"}}}
    sweep["record"]["traces"]["v"]["of"] = "cell.dend(0.5).v"
    (result,) = results(sweep, tmp_path / "scratch")
    for frequency, name in ((0, "0Hz"), (12.5, "12p5Hz"), (100, "100Hz")):
        q = np.sqrt(1 + 2j * np.pi * frequency * cm / g) / np.sqrt(d / (4 * Ra * g))
        infinite = Ra * 4 / (np.pi * d**2) / q  # ohm
        z_in, z_far = infinite / np.tanh(q * L) * 1e-6, infinite / np.sinh(q * L) * 1e-6
        # Of V at the far end by I at the near one; the ratio of both potentials.
        assert result.features[f"z_input_{name}"] == pytest.approx(abs(z_in), rel=1e-4)
        assert result.features[f"z_input_phase_{name}"] == pytest.approx(np.angle(z_in), abs=1e-4)
        assert result.features[f"z_transfer_{name}"] == pytest.approx(abs(z_far), rel=1e-4)
        phase = result.features[f"z_transfer_phase_{name}"]
        assert phase == pytest.approx(np.angle(z_far), abs=1e-4)
        assert result.features[f"z_ratio_{name}"] == pytest.approx(abs(z_far / z_in), rel=1e-4)
    assert result.features["z_resistance"] == result.features["z_input_0Hz"]


def test_gates_follow_or_are_frozen(tmp_path):
    """At rest after 300 ms; a small constant current in plain NEURON, whose gates follow it."""
    sweep = asking(moving=Z | {"when": "end"}, frozen=Z | {"when": "end", "gating": False})
    sweep["protocol"] = {"tstop": 300, "globals": {"usetable_hh": 0}}
    (result,) = results(sweep, tmp_path / "scratch")
    oracle = plain_neuron("""
n.usetable_hh = 0
def steady(amp):
    soma, dend = n.Section("soma"), n.Section("dend")
    soma.L = soma.diam = 20
    dend.L, dend.diam, dend.nseg = 300, 2, 5
    dend.connect(soma(1))
    for section in (soma, dend):
        section.Ra = 100
        section.insert("pas")
        for segment in section:
            segment.pas.g, segment.pas.e = 1e-4, -65
    soma.insert("hh")
    clamp = n.IClamp(soma(0.5))
    clamp.dur, clamp.amp = 1e9, amp
    n.finitialize(-65)
    n.continuerun(300)
    frozen = n.Impedance()
    frozen.loc(0.9, sec=dend)
    frozen.compute(100, 0)
    return soma(0.5).v, dend(0.9).v, frozen.transfer(0.5, sec=soma)
low, high = steady(-1e-4), steady(1e-4)
recorded["slope"] = [(high[i] - low[i]) / 2e-4 for i in range(2)]
recorded["frozen"] = [steady(0)[2]]
np.savez(sys.argv[1], **recorded)
""")
    found = result.features
    assert found["moving_resistance"] == pytest.approx(oracle["slope"][0], rel=2e-5)
    assert found["moving_transfer_0Hz"] == pytest.approx(oracle["slope"][1], rel=2e-5)
    assert found["frozen_transfer_100Hz"] == oracle["frozen"][0]
    assert found["frozen_resistance"] > 1.2 * found["moving_resistance"]


@pytest.mark.parametrize("cvode", [False, True])
def test_they_change_no_bit(tmp_path, cvode):
    protocol = {"cvode": {"atol": 1e-4}} if cvode else {"settle": 2}
    bare = changed(SWEEP, protocol=protocol)
    whole = changed(asking(a=Z, b=Z | {"when": "end"}), protocol=protocol)
    assert plan(bare).keys == plan(whole).keys
    (one,), (other,) = (results(sweep, tmp_path / "scratch") for sweep in (bare, whole))
    assert one.trajectory == other.trajectory
    np.testing.assert_array_equal(one.traces["v"], other.traces["v"])
    np.testing.assert_array_equal(one.spikes["soma"], other.spikes["soma"])
    assert other.features["a_resistance"] != other.features["b_resistance"]
    assert len(other.features) == 2 * (1 + 5 * 3)


def test_a_frequency_more_is_an_item_more():
    few, more = (
        plan(asking(z=Z | {"frequencies": list(f)})).template.members().items().addresses
        for f in ([0, 10], [10, 0, 20])
    )
    assert few < more
    renamed = plan(asking(other=Z | {"frequencies": [0, 10]}))
    assert renamed.template.members().items().addresses == few


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"at": "cell.soma(0.5)", "names": ["transfer"]}, "expected `to` as well"),
        ({"at": "cell.axon(0.5)", "names": ["input"]}, 'cell has no section "axon"'),
        ({"at": "cell.soma(0.5)", "names": ["imput"]}, "imput"),
        ({**Z, "frequencies": ["10 mV"]}, "has the wrong kind of unit"),
        ({**Z, "frequencies": [-1]}, "-1"),
        ({**Z, "to": "other.soma(0.5)"}, "lies in another cell"),
    ],
)
def test_mistakes(parts, message):
    with pytest.raises(UserError) as error:
        plan(asking(z=parts))
    assert message in str(error.value)


def test_extracellular_is_refused():
    sweep = asking(z=Z)
    sweep["model"]["cells"]["cell"]["biophysics"].append(
        {"in": "all", "insert": {"extracellular": {}}}
    )
    with pytest.raises(UserError, match="no impedance is known where extracellular is inserted"):
        plan(sweep)


@pytest.mark.parametrize("gating", [True, False])
def test_leaks_of_two_cells(tmp_path, gating):
    """1 / (g A) of each. With gating NEURON 9.0 takes the parameters of the first for all."""
    cells = {
        name: {
            "sections": {"soma": {"L": 20, "diam": 20}},
            "biophysics": [{"in": "all", "insert": {"pas": {"g": g, "e": -65}}}],
        }
        for name, g in (("cell", 1e-4), ("other", 5e-4))
    }
    asked = {name: {"at": f"{name}.soma(0.5)", "names": ["resistance"]} for name in cells}
    sweep = {
        "title": "Two leaks",
        "model": {"cells": cells},
        "protocol": {"tstop": 1},
        "record": {"impedances": {name: one | {"gating": gating} for name, one in asked.items()}},
    }
    (result,) = results(sweep, tmp_path / "scratch")
    for name, g in (("cell", 1e-4), ("other", 5e-4)):
        expected = 1e-6 / (g * np.pi * 20e-4**2)
        assert result.features[f"{name}_resistance"] == pytest.approx(expected, rel=1e-6)


def rates(v):
    """Alpha and beta of m, h, n of Hodgkin and Huxley (1952) as NEURON's hh has them (per ms)."""
    return (
        (0.1 * -(v + 40) / np.expm1(-(v + 40) / 10), 4 * np.exp(-(v + 65) / 18)),
        (0.07 * np.exp(-(v + 65) / 20), 1 / (np.exp(-(v + 35) / 10) + 1)),
        (0.01 * -(v + 55) / np.expm1(-(v + 55) / 10), 0.125 * np.exp(-(v + 65) / 80)),
    )


def hodgkin_huxley(v, area, frequency):
    """Impedance of a membrane of Hodgkin and Huxley at rest (Mohm), by branches of inductance as
    Mauro et al. (1970) have them: y = g + sum dI/dx (dx/dv) / (1 + i w tau) + i w C."""
    (am, bm), (ah, bh), (an, bn) = rates(v)
    m, h, k = am / (am + bm), ah / (ah + bh), an / (an + bn)
    gna, gk, gl = 0.12, 0.036, 0.0003
    slopes = (3 * gna * m**2 * h * (v - 50), gna * m**3 * (v - 50), 4 * gk * k**3 * (v + 77))
    w = 2 * np.pi * frequency / 1000
    y = gna * m**3 * h + gk * k**4 + gl + 1j * w * 1e-3  # S/cm2; 1 uF/cm2 per ms
    for gate, slope in enumerate(slopes):
        alpha, beta = rates(v)[gate]
        (da, db) = ((rates(v + 1e-4)[gate][i] - rates(v - 1e-4)[gate][i]) / 2e-4 for i in (0, 1))
        y += slope * (da * beta - db * alpha) / (alpha + beta) / (alpha + beta + 1j * w)
    return 1e-6 / (y * area)


def test_equal_cells_of_hodgkin_and_huxley(tmp_path):
    """NEURON 9.0 gives 68 Mohm to the first, and 118 Mohm to the second, as frozen."""
    soma = {
        "sections": {"soma": {"L": 20, "diam": 20}},
        "biophysics": [{"in": "all", "insert": {"hh": {}}}],
    }
    asked = {
        "names": ["resistance", "input", "input_phase"],
        "frequencies": [10, 60, 500],
        "when": "end",
    }
    sweep = {
        "title": "Two equal cells",
        "model": {"cells": {"cell": soma, "other": soma}},
        "protocol": {"tstop": 500, "globals": {"usetable_hh": 0}},
        "record": {
            "precision": "float64",
            "traces": {"v": {"of": "cell.soma(0.5).v", "every": 500}},
            "impedances": {name: asked | {"at": f"{name}.soma(0.5)"} for name in ("cell", "other")},
        },
    }
    (result,) = results(sweep, tmp_path / "scratch")
    for frequency in (0, 10, 60, 500):
        z = hodgkin_huxley(result.traces["v"][-1], np.pi * 20e-4**2, frequency)
        for name in ("cell", "other"):
            if not frequency:
                assert result.features[f"{name}_resistance"] == pytest.approx(abs(z), rel=1e-5)
                continue
            assert result.features[f"{name}_input_{frequency}Hz"] == pytest.approx(abs(z), rel=1e-5)
            phase = result.features[f"{name}_input_phase_{frequency}Hz"]
            assert phase == pytest.approx(np.angle(z), abs=1e-5)


def test_a_sinusoid_in_a_cell_that_is_active_all_over(tmp_path):
    """Plain NEURON, of second order: 0.1 pA at 60 Hz, and its response by least squares."""
    sweep = copy.deepcopy(SWEEP)
    sweep["model"]["cells"]["cell"]["biophysics"][1]["in"] = "all"
    sweep["protocol"] = {"tstop": 500, "globals": {"usetable_hh": 0}}
    asked = {"frequencies": [60], "names": ["input", "transfer"], "when": "end"}
    sweep["record"]["impedances"] = {"z": Z | asked}
    (result,) = results(sweep, tmp_path / "scratch")
    oracle = plain_neuron("""
n.usetable_hh = 0
soma, dend = n.Section("soma"), n.Section("dend")
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 300, 2, 5
dend.connect(soma(1))
for section in (soma, dend):
    section.Ra = 100
    section.insert("pas")
    section.insert("hh")
    for segment in section:
        segment.pas.g, segment.pas.e = 1e-4, -65
n.secondorder, n.dt, n.steps_per_ms = 2, 0.01, 100
clamp = n.IClamp(soma(0.5))
clamp.delay, clamp.dur = 0, 1e9
grid = n.Vector(np.arange(0, 600.01, 0.01))
wave = n.Vector(1e-4 * np.sin(2 * np.pi * 0.06 * np.array(grid)))
wave.play(clamp._ref_amp, grid, True)
v = [n.Vector().record(place._ref_v) for place in (soma(0.5), dend(0.9))]
n.finitialize(-65)
n.continuerun(600)
angle = 2 * np.pi * 0.06 * 0.01 * np.arange(50000, 60000)
waves = np.stack([np.sin(angle), np.cos(angle), np.ones(angle.size)], axis=1)
late = np.array(v)[:, 50000:60000].T
recorded["z"] = np.hypot(*np.linalg.lstsq(waves, late)[0][:2]) / 1e-4
np.savez(sys.argv[1], **recorded)
""")
    found = [result.features[f"z_{measure}_60Hz"] for measure in ("input", "transfer")]
    assert found == pytest.approx(oracle["z"], rel=1e-5)


@pytest.mark.parametrize("protocol", [{}, {"cvode": {"atol": 1e-4}}])
def test_beside_a_gap_junction(tmp_path, protocol):
    """Of two passive cells: 1 / (y + y g / (y + g)), y = g A + i w C A."""
    soma = {
        "sections": {"soma": {"L": 20, "diam": 20}},
        "biophysics": [{"in": "all", "insert": {"pas": {"g": 1e-4, "e": -65}}}],
    }
    junction = {"between": ["cell.soma(0.5)", "other.soma(0.5)"], "g": "2 nS"}
    sweep = {
        "title": "Coupled",
        "model": {"cells": {"cell": soma, "other": soma}},
        "protocol": {"tstop": 1, "gap_junctions": {"gap": junction}} | protocol,
        "record": {
            "impedances": {
                when: Z | {"to": "cell.soma(0.5)", "when": when} for when in ("start", "end")
            }
        },
    }
    (result,) = results(sweep, tmp_path / "scratch")
    for frequency, name in ((0, "0Hz"), (12.5, "12p5Hz"), (100, "100Hz")):
        y = (1e-4 + 2j * np.pi * frequency * 1e-6) * np.pi * 20e-4**2  # S
        z = 1e-6 / (y + 2e-9 * y / (y + 2e-9))
        for when in ("start", "end"):
            found = (result.features[f"{when}_{one}_{name}"] for one in ("input", "input_phase"))
            assert [*found] == pytest.approx([abs(z), np.angle(z)], rel=1e-6, abs=1e-6)
    sweep["record"]["impedances"]["start"]["gating"] = False
    with pytest.raises(UserError, match="gating: false is not known of a model with gap junctions"):
        plan(sweep)


MODS = {
    "uphill": """
NEURON { SUFFIX uphill NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = -2e-4 * (v + 70) }
""",
    "scheme": """
NEURON { SUFFIX scheme USEION k READ ek WRITE ik }
STATE { c o }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) a (/ms) b (/ms) }
INITIAL { rates() c = b / (a + b) o = a / (a + b) }
BREAKPOINT { SOLVE gate METHOD sparse ik = 1e-3 * o * (v - ek) }
KINETIC gate { rates() ~ c <-> o (a, b) CONSERVE c + o = 1 }
PROCEDURE rates() { a = exp((v + 40) / 20) b = exp(-(v + 40) / 30) }
""",
    "kink": """
NEURON { SUFFIX kink NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = 0 if (v > -70) { i = 1e-3 * (v + 70) } }
""",
    "total": """
NEURON { SUFFIX total NONSPECIFIC_CURRENT i RANGE back }
PARAMETER { back = 1e-5 }
STATE { s }
ASSIGNED { v (mV) i (mA/cm2) }
INITIAL { s = 0 }
BREAKPOINT { SOLVE states METHOD cnexp i = back * s }
DERIVATIVE states { s' = v + 70 - 0 * s }
""",
    "fixed": """
NEURON { SUFFIX fixed NONSPECIFIC_CURRENT i }
STATE { s }
ASSIGNED { v (mV) i (mA/cm2) dt (ms) }
INITIAL { s = 0 }
BREAKPOINT { SOLVE states i = 1e-5 * s }
PROCEDURE states() { s = s + 0.1 * (v + 70) }
""",
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """The library of mechanisms that are hard to linearise."""
    return compile_mechanisms(tmp_path_factory.mktemp("odd"), MODS)


def of_a_soma(insert: dict, scratch, library, **asked):
    """Return the result of a soma at -70 mV."""
    write({f"mod/odd/{name}.mod": text for name, text in MODS.items()})
    soma = {
        "sections": {"soma": {"L": 20, "diam": 20}},
        "biophysics": [{"in": "all", "insert": insert}],
    }
    sweep = {
        "title": "Odd",
        "model": {"mechanisms": "odd", "cells": {"cell": soma}},
        "protocol": {"tstop": 1, "v_init": -70},
        "record": {"impedances": {"z": {"at": "cell.soma(0.5)", "names": ["input"]} | asked}},
    }
    (result,) = results(sweep, scratch, library)
    return result


LEAK = {"pas": {"g": 1e-4, "e": -70}}
AREA = np.pi * 20e-4**2  # cm2


def test_a_kink_is_no_response(tmp_path, odd):
    result = of_a_soma(LEAK | {"kink": {}}, tmp_path, odd)
    assert "no impedance at 0 Hz: what currents and states depend on has a jump" in result.message
    assert not result.features


def test_a_capacitor_comes_to_no_rest(tmp_path, odd):
    """Other frequencies are told: 1 / (w C A)."""
    result = of_a_soma({"pas": {"g": 0}}, tmp_path, odd, frequencies=[0, 10])
    assert "no impedance at 0 Hz: under a constant current the potential comes to" in result.message
    expected = 1e-6 / (2 * np.pi * 10 * 1e-6 * AREA)
    assert result.features == {"z_input_10Hz": pytest.approx(expected, rel=1e-6)}


@pytest.mark.parametrize(("back", "expected"), [(0, 1e-6 / (1e-4 * AREA)), (1e-5, 0)])
def test_what_adds_up_without_end(tmp_path, odd, back, expected):
    """By itself it tells nothing; its current, if it has one, undoes any that lasts."""
    result = of_a_soma(LEAK | {"total": {"back": back}}, tmp_path, odd)
    assert result.features["z_input_0Hz"] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_what_cvode_cannot_integrate(tmp_path, odd):
    result = of_a_soma(LEAK | {"fixed": {}}, tmp_path, odd)
    assert "no impedance with gating: fixed cannot be used with CVODE" in result.message


def test_a_kinetic_scheme(tmp_path, odd):
    """Its total is conserved. a / b = exp((v + 40) / 12), so do/dv = o (1 - o) / 12 mV; and
    y = g + gk (o + do/dv (v - ek) / (1 + i w tau)) + i w C, tau = 1 / (a + b)."""
    v, ek = -70, -77
    a, b = np.exp((v + 40) / 20), np.exp(-(v + 40) / 30)
    o = a / (a + b)
    result = of_a_soma(LEAK | {"scheme": {}}, tmp_path, odd, frequencies=[0, 10])
    for frequency in (0, 10):
        w = 2 * np.pi * frequency / 1000
        gate = o * (1 - o) / 12 * (v - ek) / (1 + 1j * w / (a + b))
        expected = 1e-6 / (AREA * (1e-4 + 1e-3 * (o + gate) + 1j * w * 1e-3))
        found = result.features[f"z_input_{frequency}Hz"]
        assert found == pytest.approx(abs(expected), rel=1e-6)


def test_a_slope_below_0(tmp_path, odd):
    """1 / ((g - 2e-4 S/cm2) A): a magnitude, and a phase of pi."""
    names = ["resistance", "input_phase"]
    result = of_a_soma(LEAK | {"uphill": {}}, tmp_path, odd, names=names)
    assert result.features["z_resistance"] == pytest.approx(1e-6 / (1e-4 * AREA), rel=1e-6)
    assert abs(result.features["z_input_phase_0Hz"]) == pytest.approx(np.pi)


BALL = """
from neuron import n


class Ball:
    def __init__(self):
        self.soma = n.Section(name="soma", cell=self)
        self.soma.insert(n.pas)
        self.soma.insert(n.extracellular)
"""


def test_extracellular_that_code_inserts(tmp_path):
    """No plan knows it; NEURON's class leaves it out without a word."""
    write({"models/ball.py": BALL})
    asked = {"at": "cell.soma(0.5)", "names": ["resistance"]}
    sweep = {
        "title": "Code",
        "model": {"cells": {"cell": {"python": "models/ball.py:Ball"}}},
        "protocol": {"tstop": 1},
        "record": {"impedances": {"frozen": asked | {"gating": False}, "moving": asked}},
    }
    (result,) = results(sweep, tmp_path / "scratch")
    assert "leaves out extracellular" in result.message
    assert not result.features
