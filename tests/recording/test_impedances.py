"""Impedances against cable theory, a small current in plain NEURON, and NEURON's own class."""

import copy

import numpy as np
import pytest

from code_models import changed, plan, results
from simulating import plain_neuron
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
    with pytest.raises(UserError, match="no impedance where extracellular is inserted"):
        plan(sweep)


@pytest.mark.parametrize("gating", [True, False])
def test_what_neuron_computes_wrongly_is_refused(tmp_path, gating):
    """Two cells of one segment and other leaks: 1 / (g A). With gating NEURON 9.0 takes the
    parameters of the first for all."""
    cells = {
        name: {
            "sections": {"soma": {"L": 20, "diam": 20}},
            "biophysics": [{"in": "all", "insert": {"pas": {"g": g, "e": -65}}}],
        }
        for name, g in (("cell", 1e-4), ("other", 5e-4))
    }
    asked = {"at": "other.soma(0.5)", "names": ["resistance"], "gating": gating}
    sweep = {
        "title": "Two leaks",
        "model": {"cells": cells},
        "protocol": {"tstop": 1},
        "record": {"impedances": {"z": asked}},
    }
    (result,) = results(sweep, tmp_path / "scratch")
    if gating:
        assert "where pas is in several segments" in result.message
        assert "z_resistance" not in result.features
    else:
        expected = 1e-6 / (5e-4 * np.pi * 20e-4**2)
        assert result.features["z_resistance"] == pytest.approx(expected, rel=1e-6)


def test_gates_in_several_segments_are_refused(tmp_path):
    """Two equal cells: NEURON 9.0 gives 68 Mohm to the first, 118 Mohm to the second, as frozen."""
    sweep = asking(z={"at": "cell.soma(0.5)", "names": ["resistance"]})
    sweep["model"]["cells"]["other"] = sweep["model"]["cells"]["cell"]
    (result,) = results(sweep, tmp_path / "scratch")
    assert "where hh is in several segments and has states" in result.message
    assert "z_resistance" not in result.features
