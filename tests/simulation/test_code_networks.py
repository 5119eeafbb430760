"""Copies of cells that code builds, and connections between them, against plain NEURON."""

import numpy as np
import pytest

from code_models import SWEEP, changed, plan, results, write
from simulating import plain_neuron
from spikesweep.errors import UserError

pytestmark = pytest.mark.usefixtures("python_model")

COPIES = {
    "model": {"cells": {"pyr": {"count": 3, "position": {"x": "100 * i"}}}},
    "protocol": {
        "processes": {"step": {"at": "pyr[0].soma(0.5)"}},
        "connections": {
            "net": {
                "from": "pyr.soma(0.5)", "to": "pyr.syn", "threshold": 0, "weight": 0.05,
                "delay": "1 + distance / 100", "pattern": "ring",
            }
        },
    },
}  # fmt: skip
# The class of FILES by hand, three times, connected to a ring.
PLAIN = """
import hashlib, struct
somata, synapses, keep = [], [], []
for i in range(3):
    soma = n.Section(name=f"soma{i}")
    soma.L = soma.diam = 20
    soma.insert(n.hh)
    soma.gkbar_hh = (0.03, 0.05, 0.03)[i]
    dend = [n.Section(name=f"dend{i}[{j}]") for j in range(2)]
    for d in dend:
        d.connect(soma(1))
        d.L, d.diam, d.nseg = 100, 1, 3
        d.insert(n.pas)
    syn = n.ExpSyn(dend[0](0.5))
    syn.tau = (1, 1, 4)[i]
    stim = n.NetStim()
    stim.number, stim.start, stim.interval, stim.noise = 20, 1, 2, 1
    drive = n.NetCon(stim, syn, 0, 1, 0.002)
    name = repr((0, f"pyr[{i}].NetStim[0]", "ranvar")).encode()
    stim.ranvar.set_ids(*struct.unpack("<3I", hashlib.sha256(name).digest()[:12]))
    stim.ranvar.set_seq(0)
    somata.append(soma)
    synapses.append(syn)
    keep += [*dend, stim, drive]
    record(f"v[{i}]", soma(0.5)._ref_v)
    record(f"g[{i}]", syn._ref_g)
step = n.IClamp(somata[0](0.5))
step.delay, step.dur, step.amp = 2, 20, 0.5
for j in range(3):
    i = (j - 1) % 3
    netcon = n.NetCon(somata[i](0.5)._ref_v, synapses[j], sec=somata[i])
    netcon.threshold, netcon.delay, netcon.weight[0] = 0, 1 + abs(i - j) * 100 / 100, 0.05
    keep.append(netcon)
run(30)
"""


def test_copies_of_a_class_are_plain_neuron(tmp_path):
    """Axes set all copies, or one, by parameters of the class and in what it has built."""
    axes = {
        "all": {"values": [0.03], "sets": "pyr.parameters.g"},
        "one": {"values": [0.05], "sets": "pyr[1].soma.hh.gkbar"},
        "tau": {"values": [1], "sets": ["pyr[0].syn.tau", "pyr[1].syn.tau"]},
        "slow": {"values": [4], "sets": "pyr[2].syn.tau"},
    }
    [result] = results(changed(SWEEP, **COPIES, axes=axes), tmp_path)
    assert (result.status, result.message) == ("ok", "")
    oracle = plain_neuron(PLAIN)
    assert set(result.traces) == set(oracle)
    for name, trace in result.traces.items():
        np.testing.assert_array_equal(trace, oracle[name])
    assert all(len(result.spikes[f"soma[{i}]"]) > 0 for i in range(3))


def test_top_level_sections_have_no_copies():
    write({"models/cell.hoc": "create soma\n"})
    sweep = changed(SWEEP, record={"traces": {"g": {"of": "pyr.soma(0.5).v"}}})
    sweep["model"]["cells"]["pyr"] = {"hoc": "models/cell.hoc", "count": 2}
    with pytest.raises(UserError, match=r"model\.cells\.pyr\.hoc: count needs a template"):
        plan(sweep)
