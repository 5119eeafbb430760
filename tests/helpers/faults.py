"""What the tests of failure share: a mechanism that fails in every way, and sweeps that use it."""

FAULT_MOD = """\
: Fails in the way that `kind` says, 1 ms after the start.
NEURON {
    SUFFIX fault
    NONSPECIFIC_CURRENT i
    RANGE kind
}
VERBATIM
#include <csignal>
#include <cstdlib>
#include <vector>
ENDVERBATIM
PARAMETER { kind = 0 }
ASSIGNED { i (mA/cm2) }
BREAKPOINT {
    i = 0
VERBATIM
    if (t > 1) {
        if (kind == 1) i = sqrt(-kind);
        if (kind == 2) { volatile int* nowhere = nullptr; *nowhere = 1; }
        if (kind == 3) { volatile bool on = true; while (on) {} }
        std::vector<std::vector<char>> all;
        if (kind == 4) while (true) all.emplace_back(1 << 26, 'x');
        if (kind == 5) exit(0);
        if (kind == 6) raise(SIGKILL);
    }
ENDVERBATIM
}
"""

FAULT_MODEL = """\
import sys
from neuron import n


def fail():
    raise RuntimeError("in an event")


class Faulty:
    def __init__(self, kind):
        self.kind = kind
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L = self.soma.diam = 20
        self.soma.insert(n.hh)
        if kind != 1:
            self.dend = n.Section(name="dend", cell=self)
            self.dend.connect(self.soma)
        if kind == 2:
            raise ValueError("no such kind")
        if kind == 3:
            n.quit()
        if kind == 4:
            n("soma = = 3")
        if kind == 5:
            n.load_file(f"missing{kind:g}.hoc")
        while kind == 0:
            pass

    def phases(self):
        yield 5
        if self.kind == 6:
            n.quit()
        if self.kind == 7:
            1 / 0
        if self.kind == 8:
            sys.stdout = sys.stderr = None
        if self.kind == 9:
            raise ValueError("\\ud800 \\x1b[31m")
        if self.kind == 10:
            n.CVode().event(6, fail)
        yield 10
"""

CELL = {
    "sections": {
        "soma": {"L": 20, "diam": 20},
        "dend": {"L": 100, "diam": 1, "region": "basal", "parent": "soma(1)"},
    },
    "biophysics": [
        {"in": "soma", "insert": {"hh": {}}},
        {"in": "dend", "insert": {"pas": {}}},
    ],
}


def sweep(**changes):
    """A sweep of one small cell that fires; without figures, which would take most of the time."""
    step = {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 2, "dur": 15, "amp": 0.3}
    return {
        "title": "Small",
        "model": {"cells": {"cell": CELL}},
        "protocol": {"tstop": 20, "processes": {"step": step}},
        "record": {
            "traces": {"v": {"of": "cell.soma(0.5).v"}},
            "spikes": {"soma": {"at": "cell.soma(0.5)"}},
        },
        "axes": {"amp": {"values": [0.2, 0.3], "sets": "step.amp"}},
        **changes,
    }
