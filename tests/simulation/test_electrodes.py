"""Fields played and potentials recorded through electrodes, against analysis and plain NEURON."""

import copy
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from code_models import changed, packed, plan, results
from simulating import plain_neuron
from spikesweep.errors import UserError
from spikesweep.recording.results import digest
from spikesweep.simulation.electrodes import line_resistance, point_resistance

TIP = (100, 120, 10)
SWEEP = {
    "title": "An axon and a cell in a medium",
    "model": {
        "cells": {
            "axon": {
                "sections": {
                    "axon": {"points": [[-500, 0, 0, 4], [0, 30, 0, 4], [500, 0, 0, 4]], "nseg": 9}
                },
                "biophysics": [{"in": "all", "Ra": 100, "insert": {"hh": {}}}],
            },
            "pair": {
                "sections": {"soma": {"points": [[0, -10, 0, 20], [0, 10, 0, 20]]}},
                "biophysics": [{"in": "all", "insert": {"hh": {}}}],
                "count": 2,
                "position": {"x": "200 * i", "y": "80"},
                "rotation": {"z": "90"},
            },
        }
    },
    "protocol": {
        "tstop": 6,
        "electrodes": {"tip": {**dict(zip("xyz", TIP, strict=True)), "conductivity": 0.3}},
        "processes": {
            "step": {"type": "IClamp", "at": "axon.axon(0.1)", "delay": 1, "dur": 1, "amp": 2},
            "syn": {"type": "AlphaSynapse", "at": "pair.soma(0.5)", "onset": 2, "gmax": 0.02},
        },
    },
    "record": {
        "precision": "float64",
        "traces": {"v": {"of": "axon.axon(0.5).v", "every": 0.025}},
        "spikes": {"end": {"at": "axon.axon(0.95)"}},
    },
}
OUTSIDE = {"of": "tip.v", "every": 0.025}
RECORDED = changed(SWEEP, record={"traces": {"outside": OUTSIDE}})

# The same cells in plain NEURON; the copies are turned and moved by hand, to ends of their lines.
ORACLE = """
axon = n.Section("axon")
for point in ((-500, 0, 0, 4), (0, 30, 0, 4), (500, 0, 0, 4)):
    axon.pt3dadd(*point)
axon.nseg, axon.Ra = 9, 100
axon.insert("hh")
"""
CELLS = (
    ORACLE
    + """
pair = [n.Section("soma") for _ in range(2)]
for i, soma in enumerate(pair):
    soma.pt3dadd(200 * i + 10, 80, 0, 20)
    soma.pt3dadd(200 * i - 10, 80, 0, 20)
    soma.insert("hh")
synapses = [n.AlphaSynapse(soma(0.5)) for soma in pair]
for synapse in synapses:
    synapse.onset, synapse.gmax = 2, 0.02
clamp = n.IClamp(axon(0.1))
clamp.delay, clamp.dur, clamp.amp = 1, 1, 2
n.CVode().use_fast_imem(1)
for i, segment in enumerate([*axon, pair[0](0.5), pair[1](0.5)]):
    record(str(i), segment._ref_i_membrane_)
record("v", axon(0.5)._ref_v)
run(6)
"""
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


coordinate = st.floats(-1000, 1000)
point = st.tuples(coordinate, coordinate, coordinate)


@given(tip=point, start=point, end=point, radius=st.floats(0.1, 20))
def test_a_line_is_the_mean_of_its_points(tip, start, end, radius):
    """By quadrature of 1 / (4 pi sigma r) along the line, no nearer to it than its radius."""
    tip, start, end = map(np.array, (tip, start, end))
    length = np.linalg.norm(end - start)
    if length < 1:
        return
    along = (tip - start) @ (end - start) / length
    beside = max(np.linalg.norm(tip - start - along * (end - start) / length), radius)
    edges = sorted({0.0, min(max(along, 0.0), length), length})
    total = sum(
        quad(lambda s: 1 / math.hypot(s - along, beside), a, b, limit=200)[0]
        for a, b in itertools.pairwise(edges)
    )
    found = line_resistance(tip.tolist(), start.tolist(), end.tolist(), radius, 0.3)
    assert found == pytest.approx(total / (4 * math.pi * 0.3 * length), rel=1e-6)


def test_units_and_short_lines():
    """1 nA in 0.3 S/m makes 1e-9 / (4 pi 0.3 1e-4) V at 100 um."""
    expected = 1e-9 / (4 * math.pi * 0.3 * 1e-4) * 1e3  # mV
    assert point_resistance((0, 0, 0), (0, 100, 0), 1, 0.3) == pytest.approx(expected, rel=1e-12)
    for length in (0, 1e-10, 1e-6, 1e-3):
        found = line_resistance((0, 0, 0), (0, 100, 0), (length, 100, 0), 1, 0.3)
        assert found == pytest.approx(expected, rel=1e-8)


def test_the_potential_outside(tmp_path):
    """Of plain NEURON's membrane currents, each along the line that its segment is."""
    oracle = plain_neuron(CELLS)
    (result,) = results(RECORDED, tmp_path / "scratch")
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])
    path = np.array([[-500, 0, 0], [0, 30, 0], [500, 0, 0]], float)
    ends = np.column_stack([np.interp(np.linspace(0, 2, 10), [0, 1, 2], x) for x in path.T])
    lines = [*itertools.pairwise(ends)]
    lines += [(np.array([x + 10, 80, 0]), np.array([x - 10, 80, 0])) for x in (0, 200)]
    total = 0
    for i, (start, end) in enumerate(lines):
        mean = quad(lambda s: 1 / math.dist(TIP, start + s * (end - start)), 0, 1, limit=200)[0]  # noqa: B023
        total = total + oracle[str(i)] * mean / (4 * math.pi * 0.3)
    assert np.ptp(total) > 0.005
    np.testing.assert_allclose(result.traces["outside"], total, rtol=0, atol=1e-11)


@pytest.mark.parametrize("segments", ["line", "point"])
def test_a_field(tmp_path, segments):
    """A cathode and an anode: what they make at each segment is set in plain NEURON by hand."""
    electrodes = {
        "tip": {"x": 100, "y": 120, "z": 10, "segments": segments},
        "away": {"x": "lam", "y": 150, "z": 0, "conductivity": "3 mS/cm", "segments": segments},
    }
    pulse = {
        "into": "axon.axon.e_extracellular",
        "through": {"tip": -1, "away": 0.5},
        "expression": "20000 if 1 <= t < 1.2 else 0",
        "every": 0.025,
        "between": "steps",
    }
    insert = {"in": "all", "Ra": 100, "insert": {"hh": {}, "extracellular": {}}}
    sweep = changed(SWEEP, protocol={"electrodes": electrodes, "play": {"pulse": pulse}})
    sweep = changed(sweep, model={"parameters": {"lam": "-300 um"}})
    sweep["model"]["cells"]["axon"]["biophysics"] = [insert]
    del sweep["model"]["cells"]["pair"], sweep["protocol"]["processes"]
    sweep["record"]["traces"]["outer"] = {"of": "axon.axon(0.5).vext[0]", "every": 0.025}
    (result,) = results(sweep, tmp_path / "scratch")
    oracle = plain_neuron(f"""{ORACLE}
axon.insert("extracellular")
path = np.array([[-500, 0, 0], [0, 30, 0], [500, 0, 0]], float)

def factor(a, b):
    count = 20001 if {segments == "line"} else 1
    s = (np.arange(count) + 0.5) / count * (b - a) + a
    points = np.column_stack([np.interp(2 * s, [0, 1, 2], x) for x in path.T])
    if count > 1:  # a straight line from end to end, also where the axon bends
        ends = np.column_stack([np.interp([2 * a, 2 * b], [0, 1, 2], x) for x in path.T])
        points = ends[0] + (ends[1] - ends[0]) * ((s - a) / (b - a))[:, None]
    tip, away = (np.linalg.norm(points - q, axis=1) for q in ((100, 120, 10), (-300, 150, 0)))
    return np.mean(-1 / tip + 0.5 / away) / (4 * np.pi * 0.3)

times = n.Vector(0.025 * np.arange(241))
current = np.where((np.arange(241) >= 40) & (np.arange(241) < 48), 20000.0, 0.0)
kept = []
for i, segment in enumerate(axon):
    vector = n.Vector(current * factor(i / 9, (i + 1) / 9))
    vector.play(segment._ref_e_extracellular, times)
    kept.append(vector)
record("v", axon(0.5)._ref_v)
record("outer", axon(0.5)._ref_vext[0])
run(6)
""")
    assert np.ptp(oracle["outer"]) > 5
    for name in ("v", "outer"):
        np.testing.assert_allclose(result.traces[name], oracle[name], rtol=0, atol=2e-5)


def test_an_expression_of_coordinates(tmp_path):
    """In the copies' own places: x3d, y3d, z3d are where they stand."""
    play = {"ramp": {"into": "pair.all.hh.gl", "scale": "1e-6 * x3d + 1e-4 * y3d / 80",
                     "expression": "1 + 0 * t", "every": 1}}  # fmt: skip
    sweep = changed(SWEEP, protocol={"play": play})
    sweep["record"]["traces"] = {"g": {"of": "pair.soma(0.5).hh.gl", "every": 1}}
    (result,) = results(sweep, tmp_path / "scratch")
    for i in range(2):
        expected = 1e-6 * 200 * i + 1e-4
        np.testing.assert_allclose(result.traces[f"g[{i}]"], expected, rtol=1e-9)


def test_recording_outside_changes_no_bit_and_no_key(tmp_path):
    bare, whole = plan(SWEEP), plan(RECORDED)
    assert bare.keys == whole.keys
    moved = plan(changed(RECORDED, protocol={"electrodes": {"tip": {"x": 101}}}))
    assert moved.keys == bare.keys
    first, second = (p.template.members().items().traces for p in (whole, moved))
    assert first["v"] == second["v"]
    assert first["outside"] != second["outside"]
    (one,), (other,) = (results(sweep, tmp_path / "scratch") for sweep in (SWEEP, RECORDED))
    assert one.trajectory == other.trajectory
    np.testing.assert_array_equal(one.traces["v"], other.traces["v"])
    cvode = copy.deepcopy(RECORDED)
    cvode["protocol"]["cvode"] = {"atol": 1e-4}
    without = changed(SWEEP, protocol={"cvode": {"atol": 1e-4}})
    (one,), (other,) = (results(sweep, tmp_path / "scratch") for sweep in (without, cvode))
    assert one.trajectory == other.trajectory
    assert np.ptp(other.traces["outside"]) > 0.005


def test_packs_are_bit_equal(tmp_path):
    axes = {"amp": {"values": [1, 2, 2.5], "sets": "step.amp"}}
    sweep = RECORDED | {"axes": axes}
    alone = [digest(one) for one in results(sweep, tmp_path / "scratch")]
    assert [digest(one) for one in packed(sweep, tmp_path / "scratch")] == alone


def test_names_and_order_do_not_matter():
    """An electrode's name is a person's; so is the order in which a field names electrodes."""
    insert = {"in": "all", "insert": {"hh": {}, "extracellular": {}}}
    field = {"into": "axon.all.e_extracellular", "expression": "t", "every": 1}
    sweep = copy.deepcopy(SWEEP)
    sweep["model"]["cells"]["axon"]["biophysics"] = [insert]
    keys = set()
    for first, second in (("tip", "far"), ("b", "a")):
        places = {first: {"x": 0, "y": 100, "z": 0}, second: {"x": 50, "y": 100, "z": 0}}
        for order in ((first, second), (second, first)):
            shares = {name: 1 if name == first else -1 for name in order}
            sweep["protocol"]["electrodes"] = {name: places[name] for name in order}
            sweep["protocol"]["play"] = {order[0]: field | {"through": shares}}
            keys.add(tuple(plan(sweep).keys))
    assert len(keys) == 1


FIELD = {"into": "axon.all.e_extracellular", "through": "tip", "expression": "1", "every": 1}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"record": {"traces": {"o": {"of": "tip.w"}}}}, "expected tip.v, the potential at"),
        ({"record": {"traces": {"o": {"of": "tap.v"}}}}, "tap"),
        (
            {
                "model": {"parameters": {"d": "1 um"}},
                "protocol": {"electrodes": {"tip": {"x": "d"}}},
                "record": {"traces": {"o": {"of": "tip.v"}}},
            },
            "tip.x is an expression, by which what is recorded would change the key",
        ),
        ({"protocol": {"electrodes": {"tip": {"conductivity": 0}}}}, "0 S/m; expected a value abo"),
        ({"protocol": {"electrodes": {"tip": {"x": "3 mV"}}}}, "has the wrong kind of unit"),
        ({"protocol": {"electrodes": {"axon": {"x": 1, "y": 1, "z": 1}}}}, "a cell, process o"),
        ({"protocol": {"play": {"f": FIELD}}}, "extracellular"),
        ({"protocol": {"play": {"f": FIELD | {"into": "axon.all.hh.gl"}}}}, "expected e_extracell"),
        ({"protocol": {"play": {"f": FIELD | {"into": "step.amp"}}}}, '"step.amp" is one thing'),
        ({"protocol": {"play": {"f": FIELD | {"scale": "x3d"}}}}, "both through and scale"),
        (
            {"protocol": {"play": {"f": {"into": "axon.all.hh.gl", "expression": "1", "every": 1},
                         "g": {"into": "axon.axon(0.5).hh.gl", "expression": "1", "every": 1}}}},
            "f is played into axon.axon(0.5).hh.gl as well",
        ),
        ({"axes": {"a": {"values": [1], "sets": "tip.x"}}}, "an electrode is moved by one of"),
        (
            {"model": {"cells": {"axon": {"sections": {"more": {"L": 1, "diam": 1,
                "parent": "axon(1)"}}}}}, "record": {"traces": {"o": {"of": "tip.v"}}}},
            "axon.more has a length and a diameter, but lies nowhere",
        ),
    ],
)  # fmt: skip
def test_mistakes(parts, message):
    with pytest.raises(UserError) as error:
        plan(changed(SWEEP, **parts))
    assert message in str(error.value)
