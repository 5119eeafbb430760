TITLE Hyperpolarisation-activated cation current (h-current) of layer 5 pyramidal cells

COMMENT
Hodgkin-Huxley type, one gate n. Rates of Kole MHP, Hallermann S, Stuart GJ (2006) J Neurosci
26:1677-1687, fitted to recordings from the apical dendrites of rat layer 5 pyramidal cells at
34 degC; reversal potential -45 mV (same source).

Reference temperature 34 degC, Q10 4.5 of the rates (Magee JC (1998) J Neurosci 18:7613-7624, in
CA1 pyramidal cells). The maximal conductance does not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ih
    NONSPECIFIC_CURRENT i
    RANGE gbar, g, e
    RANGE ninf, ntau, tadj
    GLOBAL q10, tref
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 2e-5 (S/cm2) <0, 1e9> : maximal conductance
    e = -45 (mV)                 : reversal potential
    q10 = 4.5 (1)
    tref = 34 (degC)
}

STATE {
    n
}

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
    g (S/cm2)
    ninf (1)
    ntau (ms)
    tadj (1)                     : by how much the rates are faster than at tref
}

INITIAL {
    tadj = q10^((celsius - tref)/10(degC))
    rates(v)
    n = ninf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*n
    i = g*(v - e)
}

DERIVATIVE states {
    rates(v)
    n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
    LOCAL a, b
    a = 0.00643(/ms/mV)*vtrap(v + 154.9(mV), 11.9(mV))
    b = 0.193(/ms)*exp(v/33.1(mV))
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
