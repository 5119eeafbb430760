"""The examples of cells' anatomy, through the whole workflow, against plain NEURON."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from project import ROOT
from simulating import plain_neuron
from spikesweep.tables.trains import trains

EXAMPLES = ("branching_cell", "distance_dependent_gkbar", "nseg_tripled", "dt_refined")


def dataset(results, name):
    return xr.open_dataset(results / name / "dataset.nc")


BRANCHING = """
points = {
    "soma": ((-10, 0, 0, 20), (10, 0, 0, 20)),
    "apical_trunk": ((0, 10, 0, 3), (0, 210, 0, 2)),
    "apical_left": ((0, 210, 0, 1), (-120, 370, 0, 1)),
    "apical_right": ((0, 210, 0, 1), (90, 330, 0, 1)),
    "basal_left": ((-5, -10, 0, 1.5), (-105, -110, 0, 1)),
    "basal_right": ((5, -10, 0, 1.5), (165, -130, 0, 1)),
}
cell = {name: n.Section(name) for name in points}
for name, section in cell.items():
    for point in points[name]:
        section.pt3dadd(*point)
for name in ("apical_trunk", "basal_left", "basal_right"):
    cell[name].connect(cell["soma"](0.5))
for name in ("apical_left", "apical_right"):
    cell[name].connect(cell["apical_trunk"](1))
origin = cell["soma"](0.5)
for name, section in cell.items():
    section.Ra, section.cm = 100, 1
    if name.startswith("apical_") and n.distance(origin, section(0.5)) > 150:
        section.cm = 2
    if name != "soma":
        section.nseg = int(np.ceil(section.L / 20)) | 1
    section.insert("pas")
    section.e_pas = -65
    for segment in section:
        segment.pas.g = 1e-4 * (1 + n.distance(origin, segment) / LAM)
cell["soma"].insert("hh")
near, far = n.AlphaSynapse(cell["apical_trunk"](0.25)), n.AlphaSynapse(cell["apical_left"](1))
near.onset, far.onset = 2, 15
for synapse in (near, far):
    synapse.tau, synapse.gmax, synapse.e = 1, 0.01, 0
record("v_soma", cell["soma"](0.5)._ref_v)
record("v_tip", cell["apical_left"](1)._ref_v)
recorded["distance"] = [n.distance(origin, s) for section in cell.values() for s in section]
run(30)
"""


@pytest.mark.parametrize("lam", [100, 400])
def test_branching_cell(results, lam):
    oracle = plain_neuron(BRANCHING.replace("LAM", str(lam)))
    made = dataset(results, "branching_cell").sel(lam=lam)
    for name in ("v_soma", "v_tip"):
        np.testing.assert_array_equal(made[name], oracle[name])
    structure = pd.read_csv(results / "branching_cell/structure.csv")
    np.testing.assert_array_equal(structure.distance, oracle["distance"])


def test_path_distances_of_the_branching_cell(results):
    """By hand: trunk 200 um; left 200 um, right 150 um behind it; basal 141.4 um and 200 um."""
    structure = pd.read_csv(results / "branching_cell/structure.csv")
    last = structure.groupby("section").distance.max()
    middle = structure[structure.x == 0.5].set_index("section").distance
    assert middle.to_dict() == pytest.approx(
        {"soma": 0, "apical_trunk": 100, "apical_left": 300, "apical_right": 275,
         "basal_left": 50 * 2**0.5, "basal_right": 100}, abs=1e-4
    )  # fmt: skip
    assert last["apical_left"] == pytest.approx(400 - 200 / 11 / 2, abs=1e-4)  # 11 segments


GKBAR = """
n.load_file("import3d.hoc")
class Cell: pass
cell = Cell()
reader = n.Import3d_SWC_read()
reader.quiet = 1
reader.input(PATH)
n.Import3d_GUI(reader, False).instantiate(cell)
for section in cell.axon:
    n.delete_section(sec=section)
stub = [n.Section("stub0"), n.Section("stub1")]
for section in stub:
    section.L, section.diam = 30, 1
stub[0].connect(cell.soma[0](0.5))
stub[1].connect(stub[0](1))
origin = cell.soma[0](0.5)
tuft = [section for section in cell.apic if n.distance(origin, section(0.5)) > 450]
for section in n.allsec():
    section.Ra, section.cm = 100, 1
    section.nseg = int((section.L / (0.1 * n.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
    section.insert("hh")
    section.gnabar_hh, section.gkbar_hh = 0.06, 0.02
for section in cell.apic:
    section.gnabar_hh = 0.005 if section in tuft else 0.02
    for segment in section:
        segment.hh.gkbar = 0.002 + 0.03 * n.exp(-n.distance(origin, segment) / LAM)
step = n.IClamp(origin)
step.delay, step.dur, step.amp = 5, 5, 3
record("v_soma", origin._ref_v)
record("v_apical", cell.apic[4](0.5)._ref_v)
recorded["tuft"] = [len(tuft)]
run(30)
"""


def test_distance_dependent_gkbar(results):
    made = dataset(results, "distance_dependent_gkbar")
    path = ROOT / "morphologies/pyramidal.swc"
    for lam in (50, 200, 800):
        oracle = plain_neuron(GKBAR.replace("PATH", repr(str(path))).replace("LAM", str(lam)))
        for name in ("v_soma", "v_apical"):
            np.testing.assert_array_equal(made[name].sel(lam=lam), oracle[name][::4])
    assert oracle["tuft"][0] > 0
    assert (made.v_soma_max > 0).all()  # a spike in the soma
    apical = made.v_apical_max.values
    assert apical[0] > apical[1] > apical[2]  # less of it the further gkbar reaches


def test_nseg_tripled(results):
    v = dataset(results, "nseg_tripled").v
    for fold in (1, 3, 9, 27, 81):
        oracle = plain_neuron(f"""
soma, dend = n.Section("soma"), n.Section("dend")
soma.L = soma.diam = 12.6157
dend.L, dend.diam, dend.nseg = 400, 1, {fold}
dend.connect(soma(1))
for section in (soma, dend):
    section.Ra, section.cm = 100, 1
soma.insert("hh")
dend.insert("pas")
dend.g_pas, dend.e_pas = 0.001, -65
pulse = n.IClamp(dend(1))
pulse.delay, pulse.dur, pulse.amp = 5, 1, 0.6
record("v", soma(0.5)._ref_v)
run(25)
""")
        np.testing.assert_array_equal(v.sel(fold=fold), oracle["v"])
    steps = np.abs(v.diff("fold")).max("time").values
    assert all(later < earlier / 2 for earlier, later in pairwise(steps))


def test_dt_refined(results):
    made = dataset(results, "dt_refined")
    spikes = trains(made, "soma")
    last = []
    for dt in (0.1, 0.05, 0.025, 0.0125):
        oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 5, 90, 0.3
record("v", soma(0.5)._ref_v)
netcon = spikes("spikes", soma(0.5), 0)
run(100, dt={dt})
""")
        every = round(0.1 / dt)
        np.testing.assert_array_equal(made.v.sel(dt=dt), oracle["v"][::every])
        np.testing.assert_allclose(spikes.sel(dt=dt).item(), oracle["spikes"], rtol=0, atol=1e-9)
        last.append(oracle["spikes"][-1])
    assert abs(last[3] - last[2]) < abs(last[2] - last[1]) < abs(last[1] - last[0])
