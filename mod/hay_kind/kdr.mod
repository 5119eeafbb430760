TITLE Delayed rectifier potassium current of neocortical pyramidal cells

COMMENT
Hodgkin-Huxley type, one gate n, no inactivation. Rates of Mainen ZF, Joerges J, Huguenard JR,
Sejnowski TJ (1995) Neuron 15:1427-1439 and Mainen ZF, Sejnowski TJ (1996) Nature 382:363-366,
which were fitted to the recordings of Hamill et al. (1991).

Reference temperature 23 degC, Q10 2.3 of the rates (same source). The maximal conductance does
not depend on temperature, unlike in the program of 1996 (ModelDB 2488), which multiplies it by
the factor of the rates as well.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX kdr
    USEION k READ ek WRITE ik
    RANGE gkbar, gk, vshift
    RANGE ninf, ntau, tadj
    GLOBAL q10, tref
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gkbar = 0.02 (S/cm2) <0, 1e9> : maximal conductance
    vshift = 0 (mV)               : moves all voltage dependence along v
    q10 = 2.3 (1)
    tref = 23 (degC)
}

STATE {
    n
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    gk (S/cm2)
    ninf (1)
    ntau (ms)
    tadj (1)                      : by how much the rates are faster than at tref
}

INITIAL {
    tadj = q10^((celsius - tref)/10(degC))
    rates(v - vshift)
    n = ninf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gk = gkbar*n
    ik = gk*(v - ek)
}

DERIVATIVE states {
    rates(v - vshift)
    n' = (ninf - n)/ntau
}

PROCEDURE rates(u (mV)) {
    LOCAL a, b
    a = 0.02(/ms/mV)*vtrap(25(mV) - u, 9(mV))
    b = 0.002(/ms/mV)*vtrap(u - 25(mV), 9(mV))
    ninf = a/(a + b)
    ntau = 1/(a + b)/tadj
}

: x/(exp(x/y) - 1), by its series to first order where it is 0/0.
FUNCTION vtrap(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } else {
        vtrap = x/(exp(x/y) - 1)
    }
}
