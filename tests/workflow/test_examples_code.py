"""Examples of models that are code, and of a mechanism set of the Hay kind, through the whole
workflow, each against its model in plain NEURON: equal bit by bit."""

import json
import shutil

import numpy as np
import pytest
import xarray as xr

from project import ROOT
from simulating import compile_mechanisms, plain_neuron
from spikesweep.tables.trains import trains

EXAMPLES = ("hoc_library", "hoc_template", "python_model", "hay_kind")
MODELS = ROOT / "config/examples/models"


def assert_equal(dataset, point, expected):
    """Compare the traces at a point, and the spikes, with what plain NEURON recorded."""
    for name in expected.keys() - {"spikes"}:
        np.testing.assert_array_equal(dataset[name].sel(point), expected[name])
    train = trains(dataset, "soma").sel(point).item()
    np.testing.assert_array_equal(train, expected["spikes"])


@pytest.mark.parametrize("length", [50, 400])
def test_hoc_library(results, length):
    expected = plain_neuron(
        f"""
n.load_file("parameters.hoc")
n.dend_length = {length}
n.load_file("cell.hoc")
step = n.IClamp(n.soma(0.5))
step.delay, step.dur, step.amp = 5, 40, 0.3
record("soma", n.soma(0.5)._ref_v)
record("tip", n.dend[1](1)._ref_v)
counter = spikes("spikes", n.soma(0.5), 0)
run(50)
""",
        MODELS,
    )
    dataset = xr.open_dataset(results / "hoc_library/dataset.nc")
    assert_equal(dataset, {"length": length}, expected)


@pytest.mark.parametrize(("length", "leak"), [(200, 5e-5), (800, 2e-4)])
def test_hoc_template(results, length, leak):
    expected = plain_neuron(
        f"""
n.load_file("pyramid.hoc")
cell = n.Pyramid({length})
for section in cell.dendrites:
    section.g_pas = {leak}
events = n.NetStim()
events.start, events.number = 5, 1
drive = n.NetCon(events, cell.excitation, 0, 0, 0.005)
record("soma", cell.soma(0.5)._ref_v)
record("apical", cell.apical(0.5)._ref_v)
record("g", cell.excitation._ref_g)
counter = spikes("spikes", cell.soma(0.5), 0)
run(40)
""",
        MODELS,
    )
    dataset = xr.open_dataset(results / "hoc_template/dataset.nc")
    assert_equal(dataset, {"length": length, "leak": leak}, expected)


@pytest.mark.parametrize(("block", "amp"), [(0, 0.2), (0.4, 0.4)])
def test_python_model_in_a_pack(results, block, amp):
    expected = plain_neuron(f"""
soma, dend = n.Section(name="soma"), n.Section(name="dend")
dend.connect(soma(1))
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 11
soma.insert(n.hh)
dend.insert(n.pas)
dend.e_pas = -65
drive = n.IClamp(dend(0.5))
drive.delay, drive.dur, drive.amp = 5, 1e9, {amp}
record("v", soma(0.5)._ref_v)
counter = spikes("spikes", soma(0.5), 0)
n.dt, n.steps_per_ms = 0.025, 40
n.finitialize(-65)
n.continuerun(50)
soma.gkbar_hh *= 1 - {block}
n.continuerun(100)
np.savez(sys.argv[1], **{{name: np.array(vector) for name, vector in recorded.items()}})
""")
    dataset = xr.open_dataset(results / "python_model/dataset.nc")
    assert_equal(dataset, {"block": block, "amp": amp}, expected)


def test_the_snapshot_of_a_template(results):
    """The sections of the template as NEURON's psection() sees them, at the first point."""
    cells = json.loads((results / "hoc_template/psection.json").read_text())["cells"]
    assert list(cells["cell"]) == ["soma[0]", "apical[0]", "basal[0]"]
    apical = cells["cell"]["apical[0]"]
    assert apical["morphology"]["L"] == 200
    assert apical["morphology"]["parent"] == "cell.soma[0](1)"
    assert apical["nseg"] == 2 * int(200 / 20 / 2) + 1
    assert set(apical["density_mechs"]["pas"]["g"]) == {5e-5}
    [synapse] = apical["point_processes"]["Exp2Syn"]
    assert (synapse["tau1"], synapse["tau2"]) == (0.5, 3)


HAY = """
import math
n.load_file("import3d.hoc")

class Cell: pass

cell, reader = Cell(), n.Import3d_SWC_read()
reader.input("morphology.swc")
n.Import3d_GUI(reader, False).instantiate(cell)
soma, axon, apical = cell.soma[0], cell.axon, cell.apic
for section in cell.all:
    section.Ra, section.cm = 100, 1
for section in cell.all:
    lambda_f = n.lambda_f(100, sec=section)
    section.nseg = int((section.L / (0.1 * lambda_f) + 0.9) / 2) * 2 + 1
    section.insert(n.pas)
    section.g_pas, section.e_pas = 1.6e-4, -78

def put(section, **parameters):
    for name, value in parameters.items():
        section.insert(getattr(n, name.rpartition("_")[2]))
        setattr(section, name, value)

put(soma, gnabar_nat=0.35, gkbar_kdr=0.5, gcabar_cahva=1e-3, gamma_cad=5e-4, tau_cad=460,
    gkbar_sk=0.02, gbar_ih=2e-4)
for section in axon:
    put(section, gnabar_nat=0.4, gkbar_kdr=0.5)
for section in apical:
    put(section, gnabar_nat=0.005, gkbar_kdr=0.005, gcabar_cahva=0, gamma_cad=5e-4, tau_cad=122,
        gkbar_sk=0.0012, gbar_ih=0)
longest = max(n.distance(soma(0.5), segment) for section in cell.all for segment in section)
for section in apical:
    for segment in section:
        far = n.distance(soma(0.5), segment) / longest
        segment.cahva.gcabar = 5.5e-4 * (1 if 0.5 < far < 0.7 else 0.1)
        segment.ih.gbar = 2e-4 * (-0.8696 + 2.087 * math.exp(3.6161 * far))
for section in [soma, *axon, *apical]:
    section.ena, section.ek = 50, -90
n.celsius = 34
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 100, 250, 1
record("v", soma(0.5)._ref_v)
record("ca", soma(0.5)._ref_cai)
counter = spikes("spikes", soma(0.5), 0)
run(400, v_init=-77)
"""


@pytest.fixture(scope="module")
def hay_folder(tmp_path_factory):
    """The mechanisms of the Hay kind compiled for plain NEURON, and the morphology."""
    folder = tmp_path_factory.mktemp("hay")
    sources = (ROOT / "mod/hay_kind").glob("*.mod")
    compile_mechanisms(folder, {path.stem: path.read_text() for path in sources})
    shutil.copy(ROOT / "morphologies/pyramidal.swc", folder / "morphology.swc")
    return folder


def test_hay_kind(results, hay_folder):
    expected = plain_neuron(HAY, hay_folder)
    dataset = xr.open_dataset(results / "hay_kind/dataset.nc")
    every = {"v": expected["v"][::4], "ca": expected["ca"][::4], "spikes": expected["spikes"]}
    assert_equal(dataset, {"sk": 0.02}, every)
    rates = dataset.n_spikes_soma.values
    assert list(rates) == sorted(rates, reverse=True)  # the more sk, the fewer spikes
    assert rates[0] > rates[-1]


# Rates of Reuveni et al. (1993) and of Koehler et al. (1996), the steady state of Destexhe et al.
# (1994), written out here; the mechanisms are held at a potential and at a concentration.
HELD = """
section = n.Section()
section.cm = 1e9
for name in ("cahva", "sk"):
    section.insert(getattr(n, name))
segment, answers = section(0.5), []
for v in (-80, -40, -27, -10, 20):
    n.finitialize(v)
    answers.append([segment.cahva.m, segment.cahva.h, segment.cahva.mtau, segment.cahva.htau])
gates = []
for cai in (1e-5, 2e-4, 4.3e-4, 1e-3):
    section.cai = cai
    n.finitialize(-70)
    gates.append(segment.sk.z)
shell = n.Section()
shell.insert(n.cahva)
shell.insert(n.cad)
shell.cm, shell.gcabar_cahva, shell.eca = 1e9, 1e-5, 120
n.dt = 0.025
n.finitialize(-20)
for _ in range(80 * 20 * 40):
    n.fadvance()
np.savez(sys.argv[1], gates=answers, open=gates,
         calcium=[shell(0.5).cai, shell(0.5).ica])
"""


def test_kinetics_of_the_set(hay_folder):
    found = plain_neuron(HELD, hay_folder)
    v = np.array([-80, -40, -27, -10, 20]) + 1e-9  # beside the singularity at -27 mV
    a, b = 0.055 * (-27 - v) / (np.exp((-27 - v) / 3.8) - 1), 0.94 * np.exp((-75 - v) / 17)
    c, d = 0.000457 * np.exp((-13 - v) / 50), 0.0065 / (np.exp((-v - 15) / 28) + 1)
    expected = np.transpose([a / (a + b), c / (c + d), 1 / (a + b), 1 / (c + d)])
    np.testing.assert_allclose(found["gates"], expected, rtol=1e-6)
    calcium = np.array([1e-5, 2e-4, 4.3e-4, 1e-3])
    np.testing.assert_allclose(found["open"], 1 / (1 + (4.3e-4 / calcium) ** 4.8), rtol=1e-12)
    ca, ica = found["calcium"]
    # 1e-4 mM + tau * 1e4 * gamma * |ica| / (2 F depth)
    assert ca == pytest.approx(1e-4 + 80 * 1e4 * 0.05 * -ica / (2 * 96485.33 * 0.1), rel=1e-4)
    assert ca > 2e-4
