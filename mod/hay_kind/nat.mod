TITLE Transient sodium current of neocortical pyramidal cells

COMMENT
Hodgkin-Huxley type, m^3 h. Rates of Mainen ZF, Joerges J, Huguenard JR, Sejnowski TJ (1995)
Neuron 15:1427-1439 and Mainen ZF, Sejnowski TJ (1996) Nature 382:363-366, which were fitted to
the recordings of Huguenard et al. (1988) and Hamill et al. (1991). The inactivation has its own
steady state, which is not alpha/(alpha + beta).

Reference temperature 23 degC, Q10 2.3 of all rates (same source). The maximal conductance does
not depend on temperature, unlike in the program of 1996 (ModelDB 2488), which multiplies it by
the factor of the rates as well.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX nat
    USEION na READ ena WRITE ina
    RANGE gnabar, gna, vshift
    RANGE minf, mtau, hinf, htau, tadj
    GLOBAL q10, tref
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gnabar = 0.02 (S/cm2) <0, 1e9> : maximal conductance
    vshift = 0 (mV)                : moves all voltage dependence along v
    q10 = 2.3 (1)
    tref = 23 (degC)
}

STATE {
    m
    h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    gna (S/cm2)
    minf (1)
    hinf (1)
    mtau (ms)
    htau (ms)
    tadj (1)                       : by how much the rates are faster than at tref
}

INITIAL {
    tadj = q10^((celsius - tref)/10(degC))
    rates(v - vshift)
    m = minf
    h = hinf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gna = gnabar*m*m*m*h
    ina = gna*(v - ena)
}

DERIVATIVE states {
    rates(v - vshift)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates(u (mV)) {
    LOCAL a, b
    a = 0.182(/ms/mV)*vtrap(-35(mV) - u, 9(mV))
    b = 0.124(/ms/mV)*vtrap(u + 35(mV), 9(mV))
    minf = a/(a + b)
    mtau = 1/(a + b)/tadj
    a = 0.024(/ms/mV)*vtrap(-50(mV) - u, 5(mV))
    b = 0.0091(/ms/mV)*vtrap(u + 75(mV), 5(mV))
    hinf = 1/(1 + exp((u + 65(mV))/6.2(mV)))
    htau = 1/(a + b)/tadj
}

: x/(exp(x/y) - 1), by its series to first order where it is 0/0.
FUNCTION vtrap(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } else {
        vtrap = x/(exp(x/y) - 1)
    }
}
