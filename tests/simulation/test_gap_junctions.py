"""Gap junctions, against the equations of two passive cells and NEURON's LinearMechanism."""

import itertools

import numpy as np
import pytest

from code_models import changed, plan, results
from simulating import plain_neuron
from spikesweep.errors import UserError

SWEEP = {
    "title": "Coupled",
    "model": {
        "cells": {
            "a": {
                "sections": {"soma": {"L": 20, "diam": 20}},
                "biophysics": [{"in": "all", "insert": {"hh": {}}}],
            },
            "b": {
                "sections": {
                    "soma": {"L": 20, "diam": 20},
                    "dend": {"L": 100, "diam": 2, "parent": "soma(1)"},
                },
                "biophysics": [{"in": "all", "Ra": 100, "insert": {"hh": {}}}],
            },
        }
    },
    "protocol": {
        "tstop": 20,
        "dt": 0.001,
        "processes": {
            "step": {"type": "IClamp", "at": "a.soma(0.5)", "delay": 1, "dur": 18, "amp": 0.3}
        },
        "gap_junctions": {"gap": {"between": ["a.soma(0.5)", "b.dend(0.5)"], "g": "2 nS"}},
    },
    "record": {
        "precision": "float64",
        "traces": {
            "a": {"of": "a.soma(0.5).v", "every": 0.1},
            "b": {"of": "b.dend(0.5).v", "every": 0.1},
        },
    },
}
PASSIVE = {"in": "all", "insert": {"pas": {"g": 1e-4, "e": -65}}}
RING = {
    "title": "A ring",
    "model": {
        "cells": {
            "cell": {
                "sections": {"soma": {"L": 20, "diam": 20}},
                "biophysics": [PASSIVE],
                "count": 4,
            }
        }
    },
    "protocol": {
        "tstop": 300,
        "processes": {
            "step": {
                "type": "IClamp",
                "at": "cell[0].soma(0.5)",
                "delay": 0,
                "dur": 1e9,
                "amp": 0.01,
            }
        },
    },
    "record": {"precision": "float64", "traces": {"v": {"of": "cell.soma(0.5).v", "every": 1}}},
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_against_a_linear_mechanism(tmp_path):
    """LinearMechanism solves both cells at once; halves use the last step's potential, and differ
    by a part of dt: the upstroke of a spike, 270 mV/ms, comes 1e-3 ms later."""
    oracle = plain_neuron("""
a, b, dend = (n.Section(name) for name in ("a", "b", "dend"))
a.L = a.diam = b.L = b.diam = 20
dend.L, dend.diam = 100, 2
dend.connect(b(1))
for section in (a, b, dend):
    section.Ra = 100
    section.insert("hh")
clamp = n.IClamp(a(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 18, 0.3
places = [a(0.5), dend(0.5)]
zero, conductance = n.Matrix(2, 2, 2), n.Matrix(2, 2)
for i in range(2):
    for j in range(2):  # mA/cm2 per mV, of 2e-3 uS
        conductance.setval(i, j, (2e-3 if i == j else -2e-3) * 100 / places[i].area())
sections, y, zeros, middles = n.SectionList(), n.Vector(2), n.Vector(2), n.Vector([0.5, 0.5])
sections.append(a)
sections.append(dend)
linear = n.LinearMechanism(zero, conductance, y, zeros, sections, middles)
record("a", a(0.5)._ref_v)
record("b", dend(0.5)._ref_v)
run(20, dt=0.001)
""")
    (result,) = results(SWEEP, tmp_path / "scratch")
    assert np.ptp(oracle["b"]) > 80  # it fires, which it does not alone
    for name in ("a", "b"):
        np.testing.assert_allclose(result.traces[name], oracle[name][::100], rtol=0, atol=0.5)
    (alone,) = results(
        changed(SWEEP, protocol={"gap_junctions": {"gap": {"g": 0}}}), tmp_path / "scratch"
    )
    assert np.ptp(alone.traces["b"]) < 1


@pytest.mark.parametrize(
    ("pattern", "edges"),
    [
        ("ring", [(0, 1), (1, 2), (2, 3), (3, 0)]),
        ("all", list(itertools.combinations(range(4), 2))),
        ({"pairs": [[2, 0], [3, 0]]}, [(0, 2), (0, 3)]),
    ],
)
def test_patterns_at_steady_state(tmp_path, pattern, edges):
    """Kirchhoff: (gm + sum of g) V_i - sum of g V_j = I_i, each pair joined once."""
    g, gm = 5e-4, 1e-4 * 400 * np.pi * 1e-8 * 1e6  # uS, of the membrane of a sphere's area
    junction = {"between": ["cell.soma(0.5)", "cell.soma(0.5)"], "g": g, "pattern": pattern}
    sweep = changed(RING, protocol={"gap_junctions": {"gap": junction}})
    (result,) = results(sweep, tmp_path / "scratch")
    matrix = np.eye(4) * gm
    for i, j in edges:
        matrix[i, i] += g
        matrix[j, j] += g
        matrix[i, j] -= g
        matrix[j, i] -= g
    expected = np.linalg.solve(matrix, [0.01, 0, 0, 0])
    found = [result.traces[f"v[{i}]"][-1] + 65 for i in range(4)]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_names_and_order_do_not_matter():
    first = {"between": ["a.soma(0.5)", "b.dend(0.5)"], "g": 1e-3}
    second = {"between": ["a.soma(0.5)", "b.soma(0.5)"], "g": 2e-3}
    keys = set()
    for junctions in (
        {"x": first, "y": second},
        {"y": first, "a": second},
        {"z": second, "y": first},
    ):
        sweep = changed(SWEEP)
        sweep["protocol"]["gap_junctions"] = junctions
        keys.add(tuple(plan(sweep).keys))
    assert len(keys) == 1
    assert "gap_junctions" in plan(SWEEP).packing


@pytest.mark.parametrize(
    ("junction", "message"),
    [
        ({"between": ["a.soma(0.5)", "a.soma(0.5)"]}, "a place and itself"),
        ({"between": ["a.soma(0.5)", "c.soma(0.5)"]}, 'no cell is named "c"'),
        ({"between": ["a.soma(0.5)"]}, "between"),
        ({"g": "1 mV"}, "has the wrong kind of unit"),
        ({"g": -1}, "-1 uS; expected 0 or more"),
        ({"pattern": {"probability": 0.5}}, "gap junctions are not drawn"),
        ({"pattern": {"pairs": [[0, 2]]}}, "[0, 2] from 1 to 1"),
    ],
)
def test_mistakes(junction, message):
    with pytest.raises(UserError) as error:
        plan(changed(SWEEP, protocol={"gap_junctions": {"gap": junction}}))
    assert message in str(error.value)
