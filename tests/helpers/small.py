"""A small sweep, made of one that ships."""

import yaml

from project import ROOT

HH = yaml.safe_load((ROOT / "config/sweeps/hh_gkbar.yaml").read_text())


def small_sweep(**changes):
    """A sweep of six simulations in packs: two temperatures of three conductances."""
    sweep = {**HH, "simulations_per_job": 6, **changes}
    sweep["protocol"] = {**HH["protocol"], "tstop": "60 ms"}
    sweep["statistics"] = {"window": ["20 ms", "60 ms"]}
    sweep["axes"] = {
        "gkbar": HH["axes"]["gkbar"] | {"values": [20, 36, 50]},
        "celsius": HH["axes"]["celsius"] | {"values": [6.3, 16]},
    }
    return sweep
