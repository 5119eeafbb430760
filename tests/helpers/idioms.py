"""Small mechanisms that use one idiom of published models each; all written for these tests.

Each has the RANGE parameter `own`, which differs from instance to instance, and shows what it
computes as `out`. `packs` is what our reading of the source should say of it, and `equal` what
NEURON finds: whether two instances side by side compute bit by bit what each computes alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Idiom:
    """A mechanism. packs: it may share a process; equal: it really may."""

    name: str
    about: str
    source: str
    packs: bool
    equal: bool


def _idiom(name, about, body, *, neuron="", declared="", packs=True, equal=True):
    source = f"""TITLE {about}
NEURON {{ SUFFIX {name} RANGE own, out NONSPECIFIC_CURRENT i {neuron} }}
UNITS {{ (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) F = (faraday) (coulomb) }}
PARAMETER {{ own = 1 }}
ASSIGNED {{ v (mV) i (mA/cm2) out celsius (degC) dt (ms) }}
{declared}
{body}
"""
    return Idiom(name, about, source, packs, equal)


# The potential, of which most of these make a current, differs from instance to instance.
_GATE = "STATE { m }\n"
_USE = "out = x * m  i = 1e-5 * out * (v + 70)"
_BREAKPOINT = f"BREAKPOINT {{ SOLVE states METHOD cnexp {_USE} }}\n"
_DERIVATIVE = "DERIVATIVE states { rates(v) m' = (minf - m) / mtau }\n"
_RATES = "minf = own / (1 + exp(-(v + 40) / 5)) mtau = 1 + own\n"
_SCRATCH = {"neuron": "GLOBAL minf, mtau", "declared": _GATE + "ASSIGNED { minf mtau }"}
_X = _GATE + "ASSIGNED { x }"
_TWO = {"neuron": "GLOBAL x", "declared": _X}
_COUNT = "BREAKPOINT { out = x  i = 1e-5 * out * (v + 70) }\n"

IDIOMS = (
    _idiom(
        "rates_anew",
        "rates in GLOBALs, computed anew before each use",
        "INITIAL { rates(v) m = minf }\n" + _BREAKPOINT.replace("x * m", "m") + _DERIVATIVE
        + f"PROCEDURE rates(v (mV)) {{ {_RATES} }}",
        **_SCRATCH,
    ),
    _idiom(
        "rates_local",
        "rates in LOCALs of the file, an exponential Euler step by hand",
        "INITIAL { rates(v) m = minf }\n"
        "BREAKPOINT { SOLVE states out = m  i = 1e-5 * m * (v + 70) }"
        f"\nPROCEDURE states() {{ rates(v) m = m + mexp * (minf - m) }}\n"
        f"PROCEDURE rates(v (mV)) {{ LOCAL mtau {_RATES} mexp = 1 - exp(-dt / mtau) }}",
        declared=_GATE + "LOCAL minf, mexp",
    ),
    _idiom(
        "rates_tabled",
        "a TABLE that fills GLOBALs; own of the instance is not in it",
        "INITIAL { rates(v) m = minf }\n" + _BREAKPOINT.replace("x * m", "own * m") + _DERIVATIVE
        + "PROCEDURE rates(v (mV)) { TABLE minf, mtau DEPEND celsius FROM -100 TO 100 WITH 200\n"
        "minf = 1 / (1 + exp(-(v + 40) / 5)) mtau = 2 }",
        **_SCRATCH,
    ),
    _idiom(
        "q10_at_start",
        "a temperature factor, set in INITIAL alone",
        "INITIAL { x = q10 ^ ((celsius - 6.3 (degC)) / 10 (degC)) m = own }\n"
        f"BREAKPOINT {{ {_USE} }}",
        neuron="GLOBAL x, q10", declared=_X + " PARAMETER { q10 = 3 }",
    ),
    _idiom(
        "q10_each_time",
        "a temperature factor, set in each call",
        "INITIAL { m = own rates() }\n"
        + _BREAKPOINT.replace("out =", "rates() out =")
        + "DERIVATIVE states { rates() m' = x * (own - m) }\n"
        "PROCEDURE rates() { x = 3 ^ ((celsius - 6.3) / 10) }",
        **_TWO,
    ),
    _idiom(
        "chained_constants",
        "a constant made of constants, in INITIAL",
        "INITIAL { y = q10 * 2 x = y + F / 1e5 m = own }\nBREAKPOINT { "
        + _USE + " }",
        neuron="GLOBAL x, y, q10", declared=_X + " ASSIGNED { y } PARAMETER { q10 = 3 }",
    ),
    _idiom(
        "both_branches",
        "assigned in both branches of an if",
        "BREAKPOINT { if (own > 2) { x = 1 } else { x = 2 } out = x i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    _idiom(
        "else_if",
        "assigned in each of three branches",
        "BREAKPOINT { if (own > 2) { x = 1 } else if (own > 1) { x = 2 } else { x = 3 }\n"
        "out = x i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    _idiom(
        "written_only",
        "the latest value shown, and never read",
        "BREAKPOINT { x = v * own out = own i = 1e-5 * own * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    _idiom(
        "argument",
        "an argument of the same name as a GLOBAL",
        "BREAKPOINT { out = twice(own) + x i = 1e-5 * out * (v + 70) }\n"
        "FUNCTION twice(x) { x = x * 2 twice = x }",
        neuron="GLOBAL x", declared="PARAMETER { x = 5 }",
    ),
    _idiom(
        "through_a_function",
        "a FUNCTION assigns, its caller reads in the next statement",
        "BREAKPOINT { LOCAL u u = f() out = x + u i = 1e-5 * out * (v + 70) }\n"
        "FUNCTION f() { x = own * v f = 1 }",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    _idiom(
        "kinetic",
        "rates of a scheme in GLOBALs, computed in the scheme",
        "INITIAL { m = 1 c = 0 }\nBREAKPOINT { SOLVE scheme METHOD sparse out = m\n"
        "i = 1e-5 * m * (v + 70) }\n"
        "KINETIC scheme { rates(v) ~ m <-> c (a, b) CONSERVE m + c = 1 }\n"
        "PROCEDURE rates(v (mV)) { a = own * exp(v / 50) b = 0.5 * own }",
        neuron="GLOBAL a, b", declared="STATE { m c } ASSIGNED { a b }",
    ),
    _idiom(
        "solved_at_start",
        "the steady state of a scheme in INITIAL",
        "INITIAL { SOLVE scheme STEADYSTATE sparse }\n"
        "BREAKPOINT { SOLVE scheme METHOD sparse out = m\n"
        "i = 1e-5 * m * (v + 70) }\n"
        "KINETIC scheme { rates(v) ~ m <-> c (a, b) CONSERVE m + c = 1 }\n"
        "PROCEDURE rates(v (mV)) { a = own * exp(v / 50) b = 0.5 * own }",
        neuron="GLOBAL a, b", declared="STATE { m c } ASSIGNED { a b }",
    ),
    _idiom(
        "nested_calls",
        "a procedure that calls another, which sets a factor first",
        "INITIAL { rates(v) m = minf }\n" + _BREAKPOINT.replace("x * m", "m") + _DERIVATIVE
        + "PROCEDURE rates(v (mV)) { factor() minf = x / (1 + exp(-(v + 40) / 5)) mtau = 1 + x }\n"
        "PROCEDURE factor() { x = own }",
        neuron="GLOBAL minf, mtau, x", declared=_GATE + "ASSIGNED { minf mtau x }",
    ),
    _idiom(
        "loop_inside",
        "summed in a loop that begins after a reset",
        "BREAKPOINT { x = 0 FROM k = 0 TO 3 { x = x + own } out = x i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    _idiom(
        "table_of_a_function",
        "a FUNCTION with a TABLE of its own value",
        "BREAKPOINT { out = own * f(v) i = 1e-5 * out * (v + 70) }\n"
        "FUNCTION f(v (mV)) { TABLE FROM -100 TO 100 WITH 200\nf = exp(v / 50) }",
    ),
    _idiom(
        "units_in_between",
        "numbers with units between statements",
        "INITIAL { x = 3 (mV) m = own }\nBREAKPOINT { x = own * 2 (mV) " + _USE + " }",
        **_TWO,
    ),
    _idiom(
        "constant_parameter",
        "a PARAMETER for all, only read",
        "BREAKPOINT { out = own * x i = 1e-5 * out * (v + 70) }",
        declared="PARAMETER { x = 3 }",
    ),
    _idiom(
        "assigned_from_outside",
        "a GLOBAL that is ASSIGNED, which only a script sets",
        "BREAKPOINT { out = own + x i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    _idiom(
        "verbatim_apart",
        "VERBATIM that names no shared variable",
        "BREAKPOINT { x = own out = x + half() i = 1e-5 * out * (v + 70) }\n"
        "FUNCTION half() {\nVERBATIM\n  _lhalf = 0.5;\nENDVERBATIM\n}",
        neuron="GLOBAL x", declared="ASSIGNED { x }",
    ),
    # ---- those that may not pack, and NEURON agrees
    _idiom(
        "running_sum",
        "a sum over all instances",
        "INITIAL { x = 0 }\nBREAKPOINT { x = x + own out = x i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "counter",
        "instances count themselves",
        "INITIAL { x = x + 1 out = x }\nBREAKPOINT { i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "one_branch",
        "assigned in one branch alone",
        "BREAKPOINT { if (own > 2) { x = 7 } " + _COUNT.split("{", 1)[1],
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "set_at_start_from_own",
        "a GLOBAL that INITIAL makes of the instance's own parameter",
        "INITIAL { x = own }\n" + _COUNT,
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "state_to_current",
        "set while states are solved, read where currents are computed",
        "INITIAL { m = own x = 0 }\n" + _BREAKPOINT
        + "DERIVATIVE states { x = own * v m' = -m / 10 }",
        **_TWO, packs=False, equal=False,
    ),
    _idiom(
        "current_to_state",
        "set where currents are computed, read while states are solved",
        "INITIAL { m = own x = 0 }\n" + _BREAKPOINT.replace("out =", "x = own * v out =")
        + "DERIVATIVE states { m' = -m / 10 + x / 1000 }",
        **_TWO, packs=False, equal=False,
    ),
    _idiom(
        "last_rates",
        "rates computed in BREAKPOINT for the states of the next step",
        "INITIAL { rates(v) m = minf }\n" + _BREAKPOINT.replace("x * m", "m").replace("out =",
        "rates(v) out =") + "DERIVATIVE states { m' = (minf - m) / mtau }\n"
        f"PROCEDURE rates(v (mV)) {{ {_RATES} }}",
        **_SCRATCH, packs=False, equal=False,
    ),
    _idiom(
        "one_element",
        "one element of a shared array, another is read",
        "INITIAL { x[0] = own }\nBREAKPOINT { out = x[0] i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x[2] }", packs=False, equal=False,
    ),
    _idiom(
        "early_return",
        "a VERBATIM return before the assignment",
        "BREAKPOINT { set() " + _COUNT.split("{", 1)[1]
        + "PROCEDURE set() {\nVERBATIM\n  if (own < 2) return 0;\nENDVERBATIM\nx = own }",
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "loop_left_out",
        "assigned in a loop that may not run at all",
        "BREAKPOINT { FROM k = 0 TO own - 2 { x = 5 } " + _COUNT.split("{", 1)[1],
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "file_local",
        "a LOCAL of the file that keeps the time of the last call",
        "BREAKPOINT { out = last last = own i = 1e-5 * out * (v + 70) }",
        declared="LOCAL last", packs=False, equal=False,
    ),
    _idiom(
        "verbatim_sum",
        "VERBATIM that adds to a GLOBAL",
        "BREAKPOINT {\nVERBATIM\n  x += own;\nENDVERBATIM\nout = x i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "tabled_own",
        "a TABLE that is made from a parameter of the instance",
        "BREAKPOINT { rates(v) out = x i = 1e-5 * out * (v + 70) }\n"
        "PROCEDURE rates(v (mV)) { TABLE x FROM -100 TO 100 WITH 200\nx = own * v }",
        declared="ASSIGNED { x }", packs=False, equal=False,
    ),
    _idiom(
        "beside_the_table",
        "assigned in a TABLE's procedure, but not in the TABLE",
        "INITIAL { x = own }\nBREAKPOINT { rates(v) out = x + y i = 1e-5 * out * (v + 70) }\n"
        "PROCEDURE rates(v (mV)) { TABLE y FROM -100 TO 100 WITH 200\nx = own y = v }",
        neuron="GLOBAL x", declared="ASSIGNED { x y }", packs=False, equal=False,
    ),
    _idiom(
        "one_generator",
        "scop_random, which has one generator for all",
        "INITIAL { out = scop_random() }\nBREAKPOINT { i = 1e-5 * out * (v + 70) }",
        packs=False, equal=False,
    ),
    _idiom(
        "static_in_c",
        "a static variable in VERBATIM",
        "INITIAL {\nVERBATIM\n"
        "  static double count = 0; count += own; out = count;\nENDVERBATIM\n}\n"
        "BREAKPOINT { i = 1e-5 * out * (v + 70) }",
        packs=False, equal=False,
    ),
    # ---- those that could pack, which our reading is too careful to see
    _idiom(
        "two_statements",
        "a GLOBAL that is 1 after INITIAL and 2 from the first step on",
        "INITIAL { x = 1 m = own }\nBREAKPOINT { out = x x = 2 i = 1e-5 * out * (v + 70) }",
        **_TWO, packs=False,
    ),
    _idiom(
        "short_circuit",
        "set by a call in a condition",
        "BREAKPOINT { if (f() > 0) { out = x } i = 1e-5 * out * (v + 70) }\n"
        "FUNCTION f() { x = own f = 1 }",
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False,
    ),
    _idiom(
        "by_a_local",
        "a temperature factor made of a LOCAL, in INITIAL alone",
        "INITIAL { LOCAL d d = (celsius - 6.3) / 10 x = 3 ^ d m = own }\nBREAKPOINT { "
        + _USE + " }",
        **_TWO, packs=False,
    ),
    _idiom(
        "guarded",
        "set and read behind the same condition",
        "BREAKPOINT { out = own if (own > 2) { x = 7 } if (own > 2) { out = x }\n"
        "i = 1e-5 * out * (v + 70) }",
        neuron="GLOBAL x", declared="ASSIGNED { x }", packs=False,
    ),
)  # fmt: skip
