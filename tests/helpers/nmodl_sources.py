"""NMODL sources of the tests of mechanisms; all of them compile."""

from pathlib import Path

CHANNEL = """TITLE A channel: with every kind of declaration
COMMENT
 SUFFIX wrong, in a comment with letters of latin-1: \xb5m \xb0C
ENDCOMMENT
DEFINE N 3
NEURON {
    SUFFIX chan ? SUFFIX wrong
    USEION na READ ena WRITE ina VALENCE 1
    USEION zz READ zzi, zzo VALENCE -2
    NONSPECIFIC_CURRENT il
    RANGE gbar, shift, weights, ina, g, tau, el
    RANGE zzi                       : an ion's: it is none of the mechanism
    GLOBAL q10, best
    THREADSAFE
}
UNITS { (S) = (siemens) (mA) = (milliamp) (mV) = (millivolt) FARADAY = (faraday) (coulomb) }
PARAMETER {
    gbar = 0.12 (S/cm2) <0,1e9> : maximal conductance, COMMENT
    shift =
        -1.5e1
        (mV)
    weights[N] (1)
    el = - .5 (mV)
    q10 = 3  rate = 2e-3 (/ms/mV)
    v (mV) celsius = 6.3 (degC) dt (ms)
    ena = 50 (mV)
}
CONSTANT { F = 96485 (coulomb) }
STATE { m FROM 0 TO 1  h (1) <1e-4> s[2] }
ASSIGNED { ina (mA/cm2) il (mA/cm2) g (S/cm2) tau (ms) hidden zzi (mM) zzo (mM) best }
INITIAL { m = 0 h = 0 hidden = 1 g = 0 tau = hidden s[0] = weights[1] + shift + rate + q10 }
BREAKPOINT {
    g = gbar*m
    ina = g*(v - ena)
    il = 1e-9*(v - el)
}
"""

SYNAPSE = """NEURON {
    POINT_PROCESS Syn
    RANGE tau, e, i
    NONSPECIFIC_CURRENT i RANDOM stream POINTER other
}
PARAMETER { tau = 2 (ms) <1e-9,1e9> e = 0 (mV) ceiling = 5 (uS) }
ASSIGNED { v (mV) i (nA) other }
STATE { g (uS) }
INITIAL { g = 0 }
BREAKPOINT { SOLVE decay METHOD cnexp i = g*(v - e) }
DERIVATIVE decay { g' = -g/tau }
NET_RECEIVE (weight (uS)) {
    LOCAL sum
    sum = g + weight
    if (sum > ceiling) { sum = ceiling }
    g = sum
}
"""

CELL = """INCLUDE "cell.inc"
INCLUDE "above.inc"
VERBATIM
#include "constants.h"
ENDVERBATIM
INITIAL { m = one() }
NET_RECEIVE (w, time (ms)) { m = m + w }
FUNCTION one() {
VERBATIM
    _lone = ONE;   // \xb5
ENDVERBATIM
}
"""

# Each variable counts the instances that were initialised: 1, 2, 3 where all share it, else 1.
STORAGE = """NEURON {
    SUFFIX storage
    RANGE parameter_own
    RANGE state_seen, own_seen, parameter_seen, global_seen, assigned_seen, local_seen
    GLOBAL assigned_global
}
LOCAL file_local
PARAMETER { parameter_own = 0  parameter_global = 0 }
STATE { state_own }
ASSIGNED {
    assigned_own assigned_global
    state_seen own_seen parameter_seen global_seen assigned_seen local_seen
}
INITIAL {
    assigned_own = assigned_own + 1         own_seen = assigned_own
    parameter_own = parameter_own + 1       parameter_seen = parameter_own
    state_own = state_own + 1               state_seen = state_own
    parameter_global = parameter_global + 1 global_seen = parameter_global
    assigned_global = assigned_global + 1   assigned_seen = assigned_global
    file_local = file_local + 1             local_seen = file_local
}
"""

# The table is filled by whichever instance comes first, with its own shift.
TABULATED = """NEURON { SUFFIX tabulated RANGE shift, seen GLOBAL slope }
PARAMETER { shift = 0 (mV) slope = 2 }
ASSIGNED { v (mV) y seen }
INITIAL { rates(v) seen = y }
PROCEDURE rates(v (mV)) {
    TABLE y DEPEND celsius, slope FROM -100 TO 100 WITH 200
    y = slope*v + shift
}
"""

STATIC = """NEURON { SUFFIX statics RANGE seen }
ASSIGNED { seen }
INITIAL {
VERBATIM
    static double count = 0; /* static double comment; */
    seen = ++count;
ENDVERBATIM
}
"""


def write(folder: Path, **sources: str) -> Path:
    """Write NMODL sources: name=text makes name.mod."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        (folder / f"{name}.mod").write_text(text, encoding="latin-1")
    return folder


# A synapse that depresses: its connections carry a weight, a fraction, and what is left of them.
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
