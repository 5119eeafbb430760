TITLE High-voltage-activated calcium current of layer 5 pyramidal cells

COMMENT
Hodgkin-Huxley type, m^2 h. Rates of Reuveni I, Friedman A, Amitai Y, Gutnick MJ (1993) J Neurosci
13:4609-4621 (isolated rat neocortical pyramidal cells), as in Hay E, Hill S, Schuermann F,
Markram H, Segev I (2011) PLoS Comput Biol 7:e1002107. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX cahva
    USEION ca READ eca WRITE ica
    RANGE gcabar, gca
    RANGE minf, mtau, hinf, htau
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gcabar = 1e-5 (S/cm2) <0, 1e9> : maximal conductance
}

STATE {
    m
    h
}

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    gca (S/cm2)
    minf (1)
    hinf (1)
    mtau (ms)
    htau (ms)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gca = gcabar*m*m*h
    ica = gca*(v - eca)
}

DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL a, b
    a = 0.055(/ms/mV)*vtrap(-27(mV) - v, 3.8(mV))
    b = 0.94(/ms)*exp((-75(mV) - v)/17(mV))
    minf = a/(a + b)
    mtau = 1/(a + b)
    a = 0.000457(/ms)*exp((-13(mV) - v)/50(mV))
    b = 0.0065(/ms)/(exp((-15(mV) - v)/28(mV)) + 1)
    hinf = a/(a + b)
    htau = 1/(a + b)
}

: x/(exp(x/y) - 1), by its series to first order where it is 0/0.
FUNCTION vtrap(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } else {
        vtrap = x/(exp(x/y) - 1)
    }
}
