"""How figures name sensitivity indices and their methods."""

import pandas as pd

INDICES = {
    ("pawn", "median"): "PAWN",
    ("rbd_fast", "S1"): "RBD-FAST: first order $S_1$",
    ("delta", "delta"): r"$\delta$",
    ("hdmr", "S1"): "HDMR: first order $S_1$",
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
    "hdmr": "HDMR",
    "sobol": "Sobol",
    "morris": "Morris",
}
# The column of random numbers beside the axes, in methods that take any sample: what an axis
# without effect comes to. As tables and as figures name it.
NO_AXIS, NO_EFFECT = "(none)", "no effect"
SHARES = ("S1", "ST")  # of a variance


def below_zero(table: pd.DataFrame) -> str:
    """Say what values and intervals below 0 are of indices that are shares, '' without any."""
    shares = table[table["index"].isin(SHARES)]
    if not (shares[["value", "low"]] < 0).any(axis=None):
        return ""
    return "shares of variance below 0 are errors of their estimate"
