TITLE Small-conductance calcium-activated potassium current (SK)

COMMENT
One gate z, opened by calcium alone: half at 0.43 uM, with a Hill coefficient of 4.8. Koehler M et
al. (1996) Science 273:1709-1714; with a time constant of 1 ms as in Hay E, Hill S, Schuermann F,
Markram H, Segev I (2011) PLoS Comput Biol 7:e1002107.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX sk
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gkbar, gk, zinf
    GLOBAL half, hill, tau
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (molar) = (1/liter)
    (mM) = (millimolar)
}

PARAMETER {
    gkbar = 1e-6 (S/cm2) <0, 1e9> : maximal conductance
    half = 4.3e-4 (mM)            : calcium at which half of the gates are open
    hill = 4.8 (1)
    tau = 1 (ms)
}

STATE {
    z
}

ASSIGNED {
    v (mV)
    cai (mM)
    ek (mV)
    ik (mA/cm2)
    gk (S/cm2)
    zinf (1)
}

INITIAL {
    zinf = steady(cai)
    z = zinf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gk = gkbar*z
    ik = gk*(v - ek)
}

DERIVATIVE states {
    zinf = steady(cai)
    z' = (zinf - z)/tau
}

FUNCTION steady(ca (mM)) (1) {
    steady = 0
    if (ca > 0) {
        steady = 1/(1 + (half/ca)^hill)
    }
}
