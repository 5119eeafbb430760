"""Trust: orders of convergence as theory says, and estimated errors that hold the true ones."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

from simulating import clamp, make_cell, make_document, voltage
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_together
from spikesweep.recording.results import Result
from spikesweep.simulation.simulator import Simulator
from spikesweep.tables.alone import difference
from spikesweep.tables.trust import judge, observed_order, told, write_trust

RNG = np.random.default_rng(18)
CASES = 60
E = -65.0  # mV


def ends(documents):
    """The last samples of the traces of simulations that share a pack: (simulations, traces)."""

    def run():
        members = [(f"{i:064x}", document) for i, document in enumerate(documents)]
        results = run_together(members, Simulator())
        return [[trace[-1] for trace in result.traces.values()] for result in results]

    outcome = in_child(run, timeout=120)
    assert outcome.status == "ok", outcome.message
    return np.array(outcome.value)


def passive(length, diam, g, ra=100.0, **cell):
    section = {"L": float(length), "diam": float(diam)}
    rule = {"in": ["all"], "Ra": float(ra), "cm": 1.0, "insert": {"pas": {"g": float(g), "e": E}}}
    return make_cell({"dend": section}, rule) | cell


def holds(found, truth, value):
    """Whether the true error of a value is within the estimated one."""
    return abs(value - truth) <= found.error


@pytest.mark.parametrize(("secondorder", "order"), [(0, 1.0), (2, 2.0)])
def test_charging_of_a_membrane_converges_as_theory_says(secondorder, order):
    """V = E + (V0 - E) exp(-t / tau), tau = cm / g. Implicit Euler has order 1, Crank-Nicolson 2
    (Hines 1984)."""
    tau, time = RNG.uniform(2, 30, CASES), 8.0  # ms
    at = ["cell", "dend", 0, 0.5]
    values = {
        h: ends(
            make_document(
                {"cell": passive(20, 20, 1e-3 / one)},
                traces={"v": voltage(at, 0.5)},
                **{"v_init": -40.0, "tstop": time, "dt": 0.1 * h, "secondorder": secondorder},
            )
            for one in tau
        )[:, 0]
        for h in (1.0, 0.5, 0.25)
    }
    truth = E + 25 * np.exp(-time / tau)
    found = [
        judge(value, [(0.5, half), (0.25, quarter)], order, 0.01)
        for value, half, quarter in zip(*values.values(), strict=True)
    ]
    np.testing.assert_allclose([one.order for one in found], order, atol=0.05)
    assert np.mean(list(map(holds, found, truth, values[1.0]))) >= 0.95
    once = [
        judge(a, [(0.5, b)], order, 0.01) for a, b in zip(values[1.0], values[0.5], strict=True)
    ]
    assert np.mean(list(map(holds, once, truth, values[1.0]))) >= 0.95


def test_attenuation_along_a_cable_converges_as_theory_says():
    """Of a sealed cable V(L) / V(0) = 1 / cosh(L / lambda), lambda = sqrt(d / (4 g Ra)) (Rall
    1959). The error of compartments falls with the square of their length."""
    length, diam = RNG.uniform(200, 900, CASES), RNG.uniform(0.5, 3, CASES)  # um
    g, ra = RNG.uniform(5e-5, 5e-4, CASES), RNG.uniform(60, 200, CASES)  # S/cm2, ohm cm
    attenuation = {}
    for fold in (1, 3, 9):
        v = ends(
            make_document(
                {"cell": passive(*one, fold=fold) | {"segments": {"nseg": 5}}},
                processes={"current": clamp(["cell", "dend", 0, 0.0], 0, 1e9, 0.01)},
                traces={x: voltage(["cell", "dend", 0, x], 1.0) for x in (0.0, 1.0)},
                **{"v_init": E, "tstop": 500.0, "dt": 1.0},
            )
            for one in zip(length, diam, g, ra, strict=True)
        )
        attenuation[fold] = (v[:, 1] - E) / (v[:, 0] - E)
    truth = 1 / np.cosh(1e-4 * length / np.sqrt(1e-4 * diam / (4 * g * ra)))
    found = [
        judge(value, [(1 / 3, more), (1 / 9, most)], 2.0, 0.01)
        for value, more, most in zip(*attenuation.values(), strict=True)
    ]
    np.testing.assert_allclose([one.order for one in found], 2.0, atol=0.1)
    assert np.mean(list(map(holds, found, truth, attenuation[1]))) >= 0.95
    np.testing.assert_allclose([one.limit for one in found], truth, rtol=1e-4)


NAN = math.nan


@pytest.mark.parametrize(
    ("value", "refined", "error", "order", "is_robust"),
    [
        # f(h) = 10 + h: order 1, limit 10, error 1.25 times the true one
        (11.0, [(0.5, 10.5), (0.25, 10.25)], 1.25, 1.0, False),
        # f(h) = 10 + h^2 / 64, off by less than a part in a hundred
        (10.015625, [(0.5, 10.00390625), (0.25, 10.0009765625)], 1.25 / 64, 2.0, True),
        (11.0, [(0.5, 10.5)], 3.0, NAN, False),  # an order that is assumed
        (7.0, [(0.5, 7.0), (0.25, 8.0)], 1.0, NAN, False),  # counts
        (7.0, [(0.5, 7.0), (0.25, 7.0)], 0.0, NAN, True),
        (NAN, [(0.5, NAN)], NAN, NAN, True),  # as undefined as before
        (NAN, [(0.5, 3.5)], NAN, NAN, False),
        (3.5, [(0.5, NAN)], NAN, NAN, False),
        (0.0, [(0.5, 0.0)], 0.0, NAN, True),
        (1.5, [(0.5, 1.6), (0.25, 1.4)], 0.6, NAN, False),  # to and fro: 3 (1.6 - 1.4)
    ],
)
def test_judgements(value, refined, error, order, is_robust):
    found = judge(value, refined, 1.0, 0.01)
    assert found.is_robust == is_robust
    np.testing.assert_allclose([found.error, found.order], [error, order], rtol=1e-9)


def test_order_through_any_three_points():
    for p in (0.7, 1.0, 2.0, 3.5):
        steps = [1.0, 0.6, 0.1]
        assert math.isclose(observed_order(steps, [4 - 3 * h**p for h in steps]), p, rel_tol=1e-9)
    assert math.isnan(observed_order([1.0, 0.5, 0.25], [1.0, 2.0, 1.0]))


def test_the_table_says_what_failed_and_what_differs(tmp_path):
    header = ["index", "amp", "status", "site", "n_spikes"]
    tables = {
        "statistics": [["0", "0.1", "ok", "a", "3"], ["4", "0.2", "ok", "a", "5"]],
        "refined": [
            *(["0", "0.1", "ok", "a", "3"], ["1", "0.1", "ok", "a", "4"]),
            *(["2", "0.2", "ok", "a", "5"], ["3", "0.2", "timeout", "a", ""]),
        ],
    }
    for name, rows in tables.items():
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    (tmp_path / "alone").write_text("index,key,same_alone,message\n4,k,no,spike times differ\n")
    asked = {
        "simulations": [0, 4],
        "of": ["n_spikes"],
        "refinements": [["dt/2", "dt", 0.5], ["dt/4", "dt", 0.25]],
        "orders": {"dt": 1.0},
        "tolerance": 0.01,
        "is_all": False,
        "sample": "a sample of 20%, seed 0",
    }
    paths = [tmp_path / name for name in ("statistics", "refined", "alone")]
    write_trust(*paths, asked, tmp_path / "trust.csv")
    with (tmp_path / "trust.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["robust"], first["numerical_error"], first["amp"]) == ("no", "1.0", "0.1")
    assert (second["robust"], second["refined_values"]) == ("", "dt/2=5;dt/4=timeout")
    assert told(tmp_path / "trust.csv", asked) == [
        "n_spikes: 0 of 1 values stand at dt/4; of 1 a simulation failed "
        "(2 simulations, a sample of 20%, seed 0)",
        "NOT THE SAME ALONE, bit by bit: simulations 4",
    ]


def test_one_bit_is_a_difference():
    times = np.array([1.0, 2.0])
    one = Result("k", spikes={"s": times}, extremes={"v": (-70.0, 20.0)}, trajectory="ab")
    assert difference(one, one) == ""
    later = replace(one, spikes={"s": np.nextafter(times, 3.0)})
    higher = replace(one, extremes={"v": (-70.0, np.nextafter(20.0, 21.0))})
    for other in (later, higher, replace(one, trajectory="ac"), replace(one, status="error")):
        assert difference(one, other)


def test_what_is_undefined_at_every_step_is_no_value_that_stands(tmp_path):
    """An interval without spikes; one that there is at a finer step alone does not stand."""
    asked = {"of": ["isi_mean"], "refinements": [["dt/2", "dt", 0.5]], "is_all": True}
    rows = [("", "yes"), ("", "no"), ("3.5", "yes"), ("", ""), ("", "yes")]
    lines = [f"{i},isi_mean,dt,{value},{robust}," for i, (value, robust) in enumerate(rows)]
    header = "index,statistic,refined,unrefined,robust,same_alone"
    (tmp_path / "trust.csv").write_text("\n".join([header, *lines, ""]))
    assert told(tmp_path / "trust.csv", asked) == [
        "isi_mean: 1 of 2 values stand at dt/2; 2 are undefined at every step; "
        "of 1 a simulation failed"
    ]
