TITLE Graded synaptic conductance

COMMENT
Transmission without spikes, as between neurons of the retina and of the stomatogastric ganglion: the
conductance follows the potential vpre of the presynaptic cell through a sigmoid, with a delay of the
first order. POINTER vpre is set by the sweep file.
ENDCOMMENT

NEURON {
    SUFFIX graded
    NONSPECIFIC_CURRENT i
    RANGE gmax, e, half, slope, tau
    POINTER vpre
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 1e-4 (S/cm2)
    e = -80 (mV)
    half = -45 (mV)
    slope = 4 (mV)
    tau = 5 (ms)
}

ASSIGNED {
    v (mV)
    vpre (mV)
    i (mA/cm2)
}

STATE {
    open
}

INITIAL {
    open = open_inf(vpre)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gmax * open * (v - e)
}

DERIVATIVE states {
    open' = (open_inf(vpre) - open) / tau
}

FUNCTION open_inf(u (mV)) {
    open_inf = 1 / (1 + exp((half - u) / slope))
}
