"""Cells of morphology files, and what becomes of their axons, against plain NEURON."""

import shutil

import numpy as np
import pytest

from anatomy import documents
from project import C91662
from simulating import plain_neuron, simulate_well
from spikesweep.jobs.structure import structure
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.simulator import Simulator

TRACED = """1 1 0 0 0 10 -1
2 1 20 0 0 10 1
3 3 20 5 0 1 2
4 3 20 95 0 1 3
5 2 20 -5 0 0.5 2
6 2 20 -205 0 0.5 5
"""
TRACED_SWEEP = """
title: Axons
model: {cells: {cell: {morphology: cell.swc, axon: AXON, biophysics: [
  {in: all, Ra: 100, insert: {hh: {}}}, {in: dendrites, insert: {pas: {}}}],
  regions: {dendrites: {in: basal}}}}}
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: cell.basal(0.5), delay: 1, dur: 5, amp: 0.5}}
record: {precision: float64, traces: {v: {of: cell.soma(0.5).v, every: 0.025}}}
axes: AXES
"""
IMPORT = """
n.load_file("import3d.hoc")
class Cell: pass
cell = Cell()
reader = n.Import3d_SWC_read()
reader.quiet = 1
reader.input({path!r})
n.Import3d_GUI(reader, False).instantiate(cell)
"""


@pytest.fixture
def traced(tmp_path, plan_text):
    """Return a function: axon, axes -> documents of TRACED_SWEEP, and its morphologies."""
    (tmp_path / "cell.swc").write_text(TRACED)

    def traced(axon, axes="{}", morphology="cell.swc"):
        text = TRACED_SWEEP.replace("AXON", axon).replace("AXES", axes)
        plan = plan_text(text.replace("cell.swc", morphology))
        files = {sha: tmp_path / path for sha, path in plan.template.files.morphologies.items()}
        return documents(plan), files

    return traced


STUB = "{stub: [{L: 30 um, diam: 1 um}, {L: 0.02 mm, diam: 0.5}], parent: soma(1)}"
AXONS = {
    "keep": "",
    "remove": "n.delete_section(sec=cell.axon[0])",
    STUB: """
n.delete_section(sec=cell.axon[0])
near, far = n.Section("near"), n.Section("far")
near.L, near.diam, far.L, far.diam = 30, 1, 20, 0.5
near.connect(cell.soma[0](1))
far.connect(near(1))
""",
}


@pytest.mark.parametrize("axon", AXONS)
def test_axon_kept_removed_or_replaced_is_plain_neuron(traced, tmp_path, axon):
    [document], files = traced(axon)
    oracle = plain_neuron(
        IMPORT.format(path=str(tmp_path / "cell.swc"))
        + AXONS[axon]
        + """
for section in n.allsec():
    section.Ra = 100
    section.insert("hh")
cell.dend[0].insert("pas")
step = n.IClamp(cell.dend[0](0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", cell.soma[0](0.5)._ref_v)
run(10)
"""
    )
    result = simulate_well(document, morphologies=files)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])


def test_axes_of_a_stub(traced):
    axes = """
  L: {values: [10, 50], sets: "cell.axon[1].L"}
  g: {values: [0.1], sets: cell.axon.hh.gnabar}
"""
    made, files = traced(STUB, axes)
    for document, length in zip(made, (10, 50), strict=True):
        rows = structure(document, Simulator(morphologies=files))
        axon = [row for row in rows if row["region"] == "axon"]
        assert [row["hh.gnabar"] for row in axon] == [0.1, 0.1]
        assert axon[1]["area"] == pytest.approx(np.pi * 0.5 * length)


def test_an_axon_that_carries_more_cannot_be_removed(traced, tmp_path):
    (tmp_path / "cell.swc").write_text(TRACED + "7 3 20 -300 0 1 6\n")
    [document], files = traced("remove")
    with pytest.raises(SimulationError, match=r"basal\[1\] hangs on the axon"):
        structure(document, Simulator(morphologies=files))


# A cell body of two outlines, an axon, and a dendrite that branches; spines and colours.
ASC = """
("CellBody" (Color Red) (CellBody) (-8 -8 0 0) (8 -8 0 0) (9 8 0 0) (-8 8 0 0))
("CellBody" (Color Red) (CellBody) (-6 -6 4 0) (6 -6 4 0) (6 6 4 0) (-6 6 4 0))
( (Color Blue) (Axon) (0 -8 0 1) (0 -90 0 0.8) Normal )
( (Color Blue) (Dendrite) (0 8 0 2.2) (3 60 0 1.9) <(3 60 1 0.3)>
  ( (0 80 0 1) (0 99 9 0.7) Incomplete | (9 80 0 1.2) (33 120 -7 1) ) )
"""


def test_neurolucida_morphology_is_plain_neuron(traced, tmp_path):
    (tmp_path / "cell.asc").write_text(ASC)
    [document], files = traced("keep", morphology="cell.asc")
    imported = IMPORT.format(path=str(tmp_path / "cell.asc")).replace("SWC_read", "Neurolucida3")
    oracle = plain_neuron(f"""{imported}
for section in n.allsec():
    section.Ra = 100
    section.insert("hh")
for section in cell.dend:
    section.insert("pas")
step = n.IClamp(cell.dend[0](0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", cell.soma[0](0.5)._ref_v)
run(10)
""")
    result = simulate_well(document, morphologies=files)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])


def test_an_axis_of_morphologies_of_both_formats(traced, tmp_path):
    """Also where a stub takes the place of either's axon, and a rule speaks of a region."""
    (tmp_path / "cell.asc").write_text(ASC)
    axes = "{shape: {values: [cell.swc, cell.asc], sets: cell.morphology}}"
    made, files = traced(STUB, axes)
    counts = []
    for document in made:
        rows = structure(document, Simulator(morphologies=files))
        counts.append([sum(r["region"] == name for r in rows) for name in ("axon", "basal")])
        assert all(("pas.g" in row) == (row["region"] == "basal") for row in rows)
    assert counts == [[2, 1], [2, 3]]


# Rat CA1 pyramidal cell (Amaral; NeuroMorpho.org), as distributed with NEURON.


@pytest.mark.skipif(not C91662.exists(), reason="the shared test data are not here")
def test_real_cell(traced, tmp_path):
    """The figures are those of the data's README, from NEURON 9.0.2."""
    shutil.copy(C91662, tmp_path)
    [document], files = traced("keep", morphology="c91662.swc")
    document["cells"]["cell"]["biophysics"] = []
    rows = structure(document, Simulator(morphologies=files))
    assert len({(row["section"], row["index"]) for row in rows}) == 194
    assert sum(row["area"] for row in rows) == pytest.approx(19505.5392, abs=1e-4)
    document["cells"]["cell"]["biophysics"] = [{"in": ["all"], "insert": {"pas": {"g": "L"}}}]
    lengths = [row["pas.g"] for row in structure(document, Simulator(morphologies=files))]
    assert sum(lengths) == pytest.approx(15346.1085, abs=1e-4)
    assert (rows[0]["section"], rows[0]["diam"]) == ("soma", pytest.approx(17.7354, abs=1e-4))
    assert lengths[0] == pytest.approx(17.7354, abs=1e-4)
