"""How figures name sensitivity indices and their methods."""

INDICES = {
    ("pawn", "median"): "PAWN",
    ("rbd_fast", "S1"): "RBD-FAST: first order $S_1$",
    ("delta", "delta"): r"$\delta$",
    ("sobol", "S1"): "first order $S_1$",
    ("sobol", "ST"): "total $S_T$",
    ("morris", "mu_star"): r"mean size $\mu^*$",
    ("morris", "mu"): r"mean $\mu$",
    ("morris", "sigma"): r"SD $\sigma$",
}
METHODS = {
    "pawn": "PAWN",
    "rbd_fast": "RBD-FAST",
    "delta": "delta",
    "sobol": "Sobol",
    "morris": "Morris",
}
# The column of random numbers beside the axes, in methods that take any sample: what an axis
# without effect comes to. As tables and as figures name it.
NO_AXIS, NO_EFFECT = "(none)", "no effect"
