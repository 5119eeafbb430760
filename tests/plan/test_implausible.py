"""Numbers that can be, and are hardly meant, are noted by the plan.

The sizes: giant axons of squids are up to 1 mm thick (Young 1936), and the longest axons of man
about 1 m long.
"""

import pytest

from planning import plan_stick

CELLS = ("model", "cells", "cell")
SYNAPSE = {
    "processes": {"syn": {"type": "ExpSyn", "at": "cell.soma(0.5)"}},
    "connections": {"net": {"from": "cell.soma(0.5)", "to": "syn", "weight": 0.008}},
}
ARTIFICIAL = {
    "processes": {"unit": {"type": "IntFire1"}},
    "connections": {"net": {"from": "cell.soma(0.5)", "to": "unit", "weight": -0.5}},
}


def section(**values):
    return {"model": {"cells": {"cell": {"sections": values}}}}


def weight(value):
    return {"protocol": {**SYNAPSE, "connections": {"net": {**SYNAPSE["connections"]["net"],
                                                            "weight": value}}}}  # fmt: skip


def axis(values, unit, target):
    return {"axes": {"a": {"values": values, "unit": unit, "sets": target}}}


def synapse(kind, **parameters):
    return {
        "protocol": {"processes": {"syn": {"type": kind, "at": "cell.soma(0.5)", **parameters}}}
    }


def events(**parameters):
    """NEURON 9: a NetStim of interval 0 makes an event every 0.01 ms, one of number 2.5 makes 3."""
    return {"protocol": {"processes": {"in": {"type": "NetStim", **parameters}}}}


def rules(*written):
    return {"model": {"cells": {"cell": {"biophysics": [*written]}}}}


def threshold(value):
    return {"record": {"spikes": {"soma": {"threshold": value}}}}


def drug(target):
    return {"axes": {"a": {"values": [0, 1], "drug": {"scales": target, "ic50": "1 uM"}}}}


def lone(**values):
    """A cell of one section."""
    return {"model": {"cells": {"cell": {"sections": values, "biophysics": []}}}}


@pytest.mark.parametrize(("changes", "note"), [
    ([{}], None),
    (
        [section(soma={"L": "20 mm"})],
        "model.cells.cell.sections.soma.L: 20,000 um, which is 20 mm: no soma is longer than 1 mm",
    ),
    (
        [section(dend={"L": "100 mm"})],
        "sections.dend.L: 100,000 um, which is 100 mm: no basal dendrite is longer than 10 mm",
    ),
    ([section(dend={"L": 3000})], None),
    ([section(dend={"region": "axon", "L": "1 m"})], None),
    ([section(dend={"region": "axon", "L": "0.3 m", "diam": "0.9 mm"})], None),
    ([section(dend={"region": "axon", "L": "20 m"})], "part of a neuron is longer than 1,000 mm"),
    ([section(dend={"diam": "2 mm"})], "dend.diam: 2,000 um, which is 2 mm: no part of a neuron"),
    ([section(dend={"diam": "2 nm"})], "dend.diam: 0.002 um: the membrane on both sides alone is"),
    (
        [axis([0.1, 5], "mm", "cell.dend.diam")],
        "axes.a: model.cells.cell.sections.dend.diam: 5,000 um, which is 5 mm: no part of",
    ),
    ([axis([1, 5], "um", "cell.dend.diam")], None),
    ([weight("8 nS")], None),
    (
        [weight("-8 nS")],
        "protocol.connections.net.weight: -0.008 uS, a conductance below 0, which drives the "
        "membrane away from the reversal potential. A synapse inhibits by its reversal potential",
    ),
    (
        [weight("8 nS"), axis([-1, 1], "nS", "net.weight")],
        "axes.a: protocol.connections.net.weight: -0.001 uS, a conductance below 0",
    ),
    ([{"protocol": ARTIFICIAL}], None),  # a weight without a unit, which inhibits below 0
    ([{"protocol": {"processes": {"step": {"amp": -0.3}}}}], None),
    (
        [{"protocol": {"processes": {"syn": {"type": "AlphaSynapse", "at": "cell.soma(0.5)",
                                             "gmax": "-1 nS"}}}}],
        "protocol.processes.syn.gmax: -0.001 uS, a conductance below 0",
    ),
    (
        [axis([-0.01, 0.036], "S/cm2", "cell.soma.hh.gkbar")],
        "axes.a: model.cells.cell: hh.gkbar: -0.01 S/cm2, a conductance below 0",
    ),
    (
        [rules({"in": "all", "insert": {"hh": {"gkbar": 36}}})],
        "model.cells.cell: hh.gkbar: 36 S/cm2: no membrane has more than 10 S/cm2; with its unit, "
        "such as 36 mS/cm2",
    ),
    ([synapse("ExpSyn", tau=0)], "processes.syn.tau: 0 ms, which is no time constant"),
    ([synapse("Exp2Syn", tau1=1, tau2=-3)], "processes.syn.tau2: -3 ms, which is no time const"),
    ([synapse("ExpSyn", tau=0.5)], None),
    ([events(interval=0)], "processes.in.interval: 0 ms, in place of which NEURON takes 0.01 ms"),
    ([events(number=2.5)], "processes.in.number: 2.5 events are no whole number: NEURON makes 3"),
    ([events(interval=5, number=1e9)], None),
    ([threshold(200)], "record.spikes.soma.threshold: 200 mV: no neuron's potential rises above"),
    ([threshold(60)], None),
    (
        [axis([0, 500], "mV", "record.spikes.soma.threshold")],
        "axes.a: record.spikes.soma.threshold: 500 mV",
    ),
    (
        [{"record": {"features": {"f": {"of": "cell.soma(0.5).v", "names": ["AP_width"],
                                        "threshold": 500}}}}],
        "record.features.f.threshold: 500 mV: no neuron's potential rises above 100 mV, so",
    ),
    ([drug("cell.soma.hh.el")], "axes.a.drug.scales: cell.soma.hh.el is a potential (mV), which"),
    ([drug("cell.soma.hh.gl")], None),
])  # fmt: skip
def test_notes(tmp_path, changes, note):
    notes = plan_stick(tmp_path, *changes).template.files.notes
    assert len(notes) == bool(note), notes
    assert not note or note in notes[0]


def test_diameters_of_points_are_looked_at(tmp_path):
    points = [[0, 0, 0, 1], [10, 0, 0, 1500]]
    changes = section(dend={"L": None, "diam": None, "points": points})
    (note,) = plan_stick(tmp_path, changes).template.files.notes
    assert "sections.dend.points: 1,500 um, which is 1.5 mm: no part of a neuron is thicker" in note
