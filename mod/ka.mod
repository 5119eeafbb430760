TITLE Fast transient (A-type) potassium current of layer 5 pyramidal cells

COMMENT
Hodgkin-Huxley type, m^4 h. Steady states and time constants of the fast inactivating current of
Korngreen A, Sakmann B (2000) J Physiol 525:621-639 (nucleated patches of rat layer 5 pyramidal
cells), all moved by -10 mV to correct for the liquid junction potential, as in Hay E, Hill S,
Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7:e1002107.

Reference temperature 21 degC, Q10 2.3 of the rates (Hay et al. 2011). The maximal conductance
does not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ka
    USEION k READ ek WRITE ik
    RANGE gkabar, gka
    RANGE minf, mtau, hinf, htau, tadj
    GLOBAL q10, tref
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gkabar = 0.005 (S/cm2) <0, 1e9> : maximal conductance
    q10 = 2.3 (1)
    tref = 21 (degC)
}

STATE {
    m
    h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    gka (S/cm2)
    minf (1)
    hinf (1)
    mtau (ms)
    htau (ms)
    tadj (1)                        : by how much the rates are faster than at tref
}

INITIAL {
    tadj = q10^((celsius - tref)/10(degC))
    rates(v)
    m = minf
    h = hinf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gka = gkabar*m*m*m*m*h
    ik = gka*(v - ek)
}

DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, x, y
    u = v + 10(mV)                  : as measured, before the junction potential's correction
    x = (u + 71(mV))/59(mV)
    y = (u + 73(mV))/23(mV)
    minf = 1/(1 + exp(-u/19(mV)))
    mtau = (0.34(ms) + 0.92(ms)*exp(-x*x))/tadj
    hinf = 1/(1 + exp((u + 66(mV))/10(mV)))
    htau = (8(ms) + 49(ms)*exp(-y*y))/tadj
}
