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
