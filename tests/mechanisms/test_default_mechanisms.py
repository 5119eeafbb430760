"""The mechanisms of mod/ against the rate functions of the papers they cite.

The oracle is written here in numpy from the papers; what NEURON does is measured in processes of
their own, by the behaviour of the states under voltage clamp, not by the variables that the
mechanisms report.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from project import ROOT

MOD = ROOT / "mod"
MECHANISMS = ("nat", "kdr", "ka", "ih")
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# Run by a fresh Python: NEURON's globals and loaded libraries must not leak between tests.
PRELUDE = """
import json, sys
from neuron import n
n.nrn_load_dll(sys.argv[1])
"""

# A membrane of enormous capacitance is a voltage clamp: 1 mA/cm2 moves it by 1e-9 mV in a step.
CLAMP = """
def clamped(mechanism):
    section = n.Section(mechanism)
    section.insert(getattr(n, mechanism))
    section.cm = 1e9
    return section

def gates(section, mechanism, names, v, celsius, dt, steps):
    '''States after `steps` steps at v, from their steady state at -80 mV (none: that at v).'''
    n.celsius, n.dt, n.steps_per_ms = celsius, dt, 1 / dt
    n.finitialize(-80 if steps else v)
    section(0.5).v = v
    for _ in range(steps):
        n.fadvance()
    return [getattr(getattr(section(0.5), mechanism), name) for name in names]
"""

DT = 0.01  # ms, of the one step that measures a time constant

GATES = (
    PRELUDE
    + CLAMP
    + f"dt = {DT}"
    + """
answers = []
for mechanism, names, v, celsius in json.loads(sys.argv[2]):
    section = clamped(mechanism)
    start = gates(section, mechanism, names, -80, celsius, dt, 0)
    end = gates(section, mechanism, names, v, celsius, dt, 0)
    later = gates(section, mechanism, names, v, celsius, dt, 1)
    answers.append({name: triple for name, *triple in zip(names, start, end, later)})
print(json.dumps(answers))
"""
)

CURRENTS = (
    PRELUDE
    + CLAMP
    + """
answers = []
for mechanism, gbar, current, reversal, v, celsius in json.loads(sys.argv[2]):
    section = clamped(mechanism)
    segment = section(0.5)
    setattr(getattr(segment, mechanism), gbar, 0.5)
    where, name = (section, reversal) if reversal in ("ena", "ek") else (segment.ih, reversal)
    setattr(where, name, 10.0)
    n.celsius = celsius
    n.finitialize(v)
    owner = segment.ih if current == "i" else segment
    answers.append(getattr(owner, current))
print(json.dumps(answers))
"""
)

PACK = (
    PRELUDE
    + """
def cell(amp):
    section = n.Section("cell")
    section.L = section.diam = 20
    for mechanism in ("pas", "nat", "kdr", "ka", "ih"):
        section.insert(getattr(n, mechanism))
    section(0.5).nat.gnabar, section(0.5).kdr.gkbar = 0.1, 0.05
    stimulus = n.IClamp(section(0.5))
    stimulus.delay, stimulus.dur, stimulus.amp = 1, 50, amp
    return section, stimulus, n.Vector().record(section(0.5)._ref_v)

def traces(amps, celsius):
    cells = [cell(amp) for amp in amps]
    n.celsius, n.dt, n.steps_per_ms = celsius, 0.025, 40
    n.finitialize(-70)
    while n.t < 60:
        n.fadvance()
    return [[float(v).hex() for v in trace] for _, _, trace in cells]

amps, celsius = json.loads(sys.argv[2])
print(json.dumps([traces(amps, celsius), [traces([amp], celsius)[0] for amp in amps]]))
"""
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """mod/ compiled as one set, in a folder of its own."""
    folder = tmp_path_factory.mktemp("mechanisms")
    for source in MOD.glob("*.mod"):
        shutil.copy(source, folder)
    made = subprocess.run(
        ["nrnivmodl", "."],
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "warning" not in (made.stdout + made.stderr).lower()
    (built,) = folder.glob("*/libnrnmech.*")
    return built


@pytest.fixture(scope="module")
def measure(library, tmp_path_factory):
    """Run a script in a fresh Python with the library; its question and answer are JSON."""
    folder = tmp_path_factory.mktemp("run")

    def run(script, question):
        done = subprocess.run(
            [sys.executable, "-c", script, str(library), json.dumps(question)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def time_constant(start, end, later):
    """ms; one step of cnexp is exact under clamp: later = end + (start - end) exp(-DT/tau)."""
    return -DT / np.log1p((later - start) / (start - end))


def linoid(x, k):
    """x/(1 - exp(-x/k)), k at x = 0."""
    return k if x == 0 else x / -np.expm1(-x / k)


def nat_m(v):
    """Mainen et al. (1995): (steady state, time constant in ms at 23 degC) of activation."""
    alpha = 0.182 * linoid(v + 35, 9)
    beta = 0.124 * linoid(-(v + 35), 9)
    return alpha / (alpha + beta), 1 / (alpha + beta)


def nat_h(v):
    """Mainen et al. (1995), inactivation: a steady state of its own."""
    alpha = 0.024 * linoid(v + 50, 5)
    beta = 0.0091 * linoid(-(v + 75), 5)
    return 1 / (1 + np.exp((v + 65) / 6.2)), 1 / (alpha + beta)


def kdr_n(v):
    """Mainen et al. (1995), 23 degC."""
    alpha = 0.02 * linoid(v - 25, 9)
    beta = 0.002 * linoid(-(v - 25), 9)
    return alpha / (alpha + beta), 1 / (alpha + beta)


def ka_m(v):
    """Korngreen and Sakmann (2000), 21 degC, junction potential of 10 mV corrected."""
    return 1 / (1 + np.exp(-(v + 10) / 19)), 0.34 + 0.92 * np.exp(-(((v + 81) / 59) ** 2))


def ka_h(v):
    """Korngreen and Sakmann (2000), 21 degC, junction potential of 10 mV corrected."""
    return 1 / (1 + np.exp((v + 76) / 10)), 8 + 49 * np.exp(-(((v + 83) / 23) ** 2))


def ih_n(v):
    """Kole et al. (2006), 34 degC."""
    alpha = 0.001 * 6.43 * (11.9 if v == -154.9 else (v + 154.9) / np.expm1((v + 154.9) / 11.9))
    beta = 0.001 * 193 * np.exp(v / 33.1)
    return alpha / (alpha + beta), 1 / (alpha + beta)


# Gate: (oracle, temperature of its time constants in degC, Q10), the last two as published.
GATE = {
    ("nat", "m"): (nat_m, 23, 2.3),
    ("nat", "h"): (nat_h, 23, 2.3),
    ("kdr", "n"): (kdr_n, 23, 2.3),
    ("ka", "m"): (ka_m, 21, 2.3),
    ("ka", "h"): (ka_h, 21, 2.3),
    ("ih", "n"): (ih_n, 34, 4.5),
}
STATES = {m: [gate for owner, gate in GATE if owner == m] for m in MECHANISMS}

VOLTAGES = (-120.0, -90.0, -65.0, -42.5, -20.0, 0.0, 35.0)
SINGULAR = {  # where a rate function is 0/0 (mV)
    "nat": (-35.0, -50.0, -75.0),
    "kdr": (25.0,),
    "ka": (),
    "ih": (-154.9,),
}
TEMPERATURES = (16.0, 23.0, 36.0)


@pytest.fixture(scope="module")
def gates(measure):
    """(mechanism, gate, v, celsius) -> (steady state, time constant in ms) as measured."""
    points = [
        (mechanism, v, celsius)
        for mechanism in MECHANISMS
        for v in (*VOLTAGES, *SINGULAR[mechanism])
        for celsius in TEMPERATURES
    ]
    answers = measure(GATES, [(m, STATES[m], v, celsius) for m, v, celsius in points])
    measured = {}
    for (mechanism, v, celsius), answer in zip(points, answers, strict=True):
        for gate, (start, end, later) in answer.items():
            measured[mechanism, gate, v, celsius] = end, time_constant(start, end, later)
    return measured


@pytest.mark.parametrize("celsius", TEMPERATURES)
@pytest.mark.parametrize(("mechanism", "gate"), GATE)
def test_gates_are_those_of_the_papers(gates, mechanism, gate, celsius):
    oracle, reference, q10 = GATE[mechanism, gate]
    for v in (*VOLTAGES, *SINGULAR[mechanism]):
        steady, tau = oracle(v)
        expected = steady, tau / q10 ** ((celsius - reference) / 10)
        assert gates[mechanism, gate, v, celsius] == pytest.approx(expected, rel=1e-6), v


ANCHORS = [
    # Steady states that need no formula: half-activation and -inactivation as published, and
    # where alpha and beta of one gate meet (0.182/(0.182 + 0.124), 0.02/(0.02 + 0.002)).
    ("nat", "h", -65.0, 0.5),
    ("nat", "m", -35.0, 0.182 / 0.306),
    ("kdr", "n", 25.0, 10 / 11),
    ("ka", "m", -10.0, 0.5),
    ("ka", "h", -76.0, 0.5),
]


@pytest.mark.parametrize("celsius", [16.0, 38.0])
@pytest.mark.parametrize(("mechanism", "gate", "v", "expected"), ANCHORS)
def test_half_points_do_not_move_with_temperature(measure, mechanism, gate, v, expected, celsius):
    (answer,) = measure(GATES, [(mechanism, [gate], v, celsius)])
    _, end, _ = answer[gate]
    assert end == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("mechanism", "ratio"),
    # Ten degrees are one Q10: 2.3 (Mainen et al. 1995; Hay et al. 2011), 4.5 (Magee 1998).
    [("nat", 2.3), ("kdr", 2.3), ("ka", 2.3), ("ih", 4.5)],
)
def test_ten_degrees_are_one_q10(measure, mechanism, ratio):
    names = STATES[mechanism]
    cold, warm = measure(GATES, [(mechanism, names, -45.0, c) for c in (26.0, 36.0)])
    for gate in names:
        slow, fast = time_constant(*cold[gate]), time_constant(*warm[gate])
        assert slow / fast == pytest.approx(ratio, rel=1e-6)


CURRENT = {  # conductance, current, reversal potential, open fraction
    "nat": ("gnabar", "ina", "ena", lambda v: nat_m(v)[0] ** 3 * nat_h(v)[0]),
    "kdr": ("gkbar", "ik", "ek", lambda v: kdr_n(v)[0]),
    "ka": ("gkabar", "ik", "ek", lambda v: ka_m(v)[0] ** 4 * ka_h(v)[0]),
    "ih": ("gbar", "i", "e", lambda v: ih_n(v)[0]),
}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_current_is_ohmic_and_reverses(measure, mechanism):
    """Inward (negative) below the reversal potential, here moved to 10 mV; outward above."""
    gbar, current, reversal, opened = CURRENT[mechanism]
    voltages = (-90.0, -30.0, 10.0, 40.0)
    currents = measure(CURRENTS, [(mechanism, gbar, current, reversal, v, 30) for v in voltages])
    expected = [0.5 * opened(v) * (v - 10.0) for v in voltages]  # S/cm2 * mV = mA/cm2
    assert currents == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert np.sign(currents).tolist() == [-1, -1, 0, 1]


def test_cells_side_by_side_are_bit_identical_to_each_alone(measure):
    packed, alone = measure(PACK, [[0.0, 0.1, 0.4, 2.0], 31])
    assert packed == alone
    assert len({tuple(trace) for trace in packed}) == 4  # they differ, so a mix-up would show


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_units_are_consistent(mechanism):
    modlunit = shutil.which("modlunit", path=PATH)
    done = subprocess.run(
        [modlunit, str(MOD / f"{mechanism}.mod")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
