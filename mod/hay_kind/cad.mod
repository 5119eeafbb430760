TITLE Calcium in a thin shell below the membrane

COMMENT
The calcium current brings calcium into a shell, of which a fixed part stays free; a pump or
diffusion takes it away exponentially. Destexhe A, Contreras D, Sejnowski TJ, Steriade M (1994)
J Neurophysiol 72:803-818; with the free part gamma and these defaults as in Hay E, Hill S,
Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7:e1002107.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX cad
    USEION ca READ ica WRITE cai
    RANGE depth, gamma, tau, rest
}

UNITS {
    (mA) = (milliamp)
    (um) = (micron)
    (molar) = (1/liter)
    (mM) = (millimolar)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    depth = 0.1 (um) <1e-9, 1e9>  : of the shell
    gamma = 0.05 (1) <0, 1>       : part of the calcium that is not bound
    tau = 80 (ms) <1e-9, 1e9>     : of removal
    rest = 1e-4 (mM) <0, 1e9>
}

STATE {
    cai (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

INITIAL {
    cai = rest
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    cai' = -(1e4)*gamma*ica/(2*FARADAY*depth) + (rest - cai)/tau
}
