"""The examples of derived axes and networks, through the whole workflow, against plain NEURON."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.collections import LineCollection

from project import ROOT
from simulating import compile_mechanisms, plain_neuron
from spikesweep.figures import raster, style
from spikesweep.figures.data import FigureData
from spikesweep.tables.trains import trains

EXAMPLES = (
    "q10",
    "two_cells",
    "ring",
    "replicates",
    "random_network",
    "active_dendrite",
    "graded_synapse",
)


def test_q10(results):
    """Five temperatures, each with the conductances that the formulas give."""
    dataset = xr.open_dataset(results / "q10/dataset.nc")
    spikes = trains(dataset, "soma")
    assert dataset.T.units == "degree_Celsius"
    assert dataset.T.long_name == "temperature"
    for celsius in (6.3, 12, 18, 24, 30):
        oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
n.celsius, n.usetable_hh = {celsius}, 0
soma.gnabar_hh = 0.12 * 1.3**(({celsius} - 6.3) / 10)
soma.gkbar_hh = 0.036 * 1.2**(({celsius} - 6.3) / 10)
soma.gl_hh = 0.0003 * 1.2**(({celsius} - 6.3) / 10)
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 30, 0.2
record("v", soma(0.5)._ref_v)
netcon = spikes("spikes", soma(0.5), 0)
run(40)
""")
        # The formulas are rounded to 15 digits; a plain script is not.
        np.testing.assert_allclose(dataset.v.sel(T=celsius), oracle["v"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(spikes.sel(T=celsius).item(), oracle["spikes"], rtol=0, atol=0)
    assert int(dataset.n_spikes_soma.sel(T=6.3)) > 1


@pytest.mark.parametrize("weight", [0.001, 0.01, 5])
def test_two_cells(results, weight):
    """The two cells of the course slides (2020), whose weight is 5: the second fires after the
    first, unless the synapse is weak."""
    dataset = xr.open_dataset(results / "two_cells/dataset.nc").sel(weight=weight)
    oracle = plain_neuron(f"""
first, second = n.Section("first"), n.Section("second")
for soma in (first, second):
    soma.L = soma.diam = 10
    soma.insert("hh")
pulse = n.IClamp(first(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 0.1, 1
synapse = n.ExpSyn(second(0.5))
connection = n.NetCon(first(0.5)._ref_v, synapse, sec=first)
connection.threshold, connection.delay, connection.weight[0] = 10, 1, {weight}
record("first", first(0.5)._ref_v)
record("second", second(0.5)._ref_v)
run(20)
""")
    for name in ("first", "second"):
        np.testing.assert_array_equal(dataset[name], oracle[name])
    assert int(dataset.n_spikes_first) == 1
    assert int(dataset.n_spikes_second) == (weight > 0.001)


@pytest.fixture(scope="module")
def graded_folder(tmp_path_factory):
    source = (ROOT / "mod/graded/graded.mod").read_text()
    folder = tmp_path_factory.mktemp("graded")
    compile_mechanisms(folder, {"graded": source})
    return folder


@pytest.mark.parametrize("amp", [-10, 20, 40])
@pytest.mark.parametrize("gmax", [5e-5, 2e-4])
def test_graded_synapse(results, graded_folder, gmax, amp):
    dataset = xr.open_dataset(results / "graded_synapse/dataset.nc").sel(gmax=gmax, amp=amp)
    oracle = plain_neuron(
        f"""
pre, post = n.Section("pre"), n.Section("post")
for soma in (pre, post):
    soma.L = soma.diam = 20
    soma.insert("pas")
    soma.g_pas, soma.e_pas = 1e-4, -60
post.insert("graded")
post.gmax_graded = {gmax}
n.setpointer(pre(0.5)._ref_v, "vpre", post(0.5).graded)
step = n.IClamp(pre(0.5))
step.delay, step.dur, step.amp = 50, 150, {amp} / 1000
record("v_pre", pre(0.5)._ref_v)
record("v_post", post(0.5)._ref_v)
record("open", post(0.5).graded._ref_open)
run(300, v_init=-60)
""",
        graded_folder,
    )
    for name, samples in oracle.items():
        np.testing.assert_array_equal(dataset[name], samples[::20])
    assert (oracle["v_post"].min() < -62) == (amp > 0)


def test_the_cells_of_the_graded_synapse_are_told(results):
    """With what the POINTER leads to, and without the clamp, which is none of the cells'."""
    structure = pd.read_csv(results / "graded_synapse/structure.csv")
    assert list(structure["cell"]) == ["pre", "post"]
    made = (results / "made/graded_synapse").glob("psection_*.json")
    [said] = (json.loads(path.read_text())["cells"] for path in made)
    assert said["post"]["soma[0]"]["density_mechs"]["graded"]["vpre"] == [-65]
    assert said["pre"]["soma[0]"]["point_processes"] == {}


@pytest.mark.parametrize("delay", [1, 5])
def test_ring(results, delay):
    dataset = xr.open_dataset(results / "ring/dataset.nc")
    oracle = plain_neuron(f"""
somata, synapses, keep = [], [], []
for i in range(10):
    soma, dend = n.Section(f"soma{{i}}"), n.Section(f"dend{{i}}")
    soma.L = soma.diam = 12.6157
    dend.L, dend.diam = 200, 1
    dend.connect(soma(1))
    for section in (soma, dend):
        section.Ra, section.cm = 100, 1
    soma.insert("hh")
    soma.gnabar_hh, soma.gkbar_hh, soma.gl_hh, soma.el_hh = 0.12, 0.036, 0.0003, -54.3
    dend.insert("pas")
    dend.g_pas, dend.e_pas = 0.001, -65
    synapse = n.ExpSyn(dend(0.5))
    synapse.tau, synapse.e = 2, 0
    somata.append(soma)
    synapses.append(synapse)
    keep.append(dend)
start = n.NetStim()
start.number, start.start = 1, 9
begin = n.NetCon(start, synapses[0])
begin.delay, begin.weight[0] = 1, 0.04
for i in range(10):
    netcon = n.NetCon(somata[i](0.5)._ref_v, synapses[(i + 1) % 10], sec=somata[i])
    netcon.threshold, netcon.delay, netcon.weight[0] = 10, {delay}, 0.01
    keep.append(netcon)
record("v", somata[9](0.5)._ref_v)
run(150)
""")
    np.testing.assert_array_equal(dataset.v.sel(delay=delay), oracle["v"])
    firsts = [trains(dataset, f"soma[{i}]").sel(delay=delay).item()[0] for i in range(10)]
    assert firsts == sorted(firsts)
    assert np.diff(firsts).min() > delay


def test_where_the_cells_of_the_ring_stand(results):
    """The tip of each dendrite lies 50 + 12.6157 + 200 um from the middle, a tenth of a turn on."""
    structure = pd.read_csv(results / "ring/structure.csv")
    tips = structure.query("section == 'dend'")
    angle = 2 * np.pi * np.arange(10) / 10
    expected = 262.6157 * np.column_stack([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(tips[["x1", "y1"]], expected, rtol=0, atol=1e-4)
    assert tips.cell.tolist() == [f"cell[{i}]" for i in range(10)]


def test_replicates(results):
    """Every seed draws other input and other connections; without connections, and with them as
    well, the input of a seed is the same."""
    dataset = xr.open_dataset(results / "replicates/dataset.nc")
    spikes = {
        (weight, seed): [
            tuple(trains(dataset, f"soma[{i}]").sel(weight=weight, seed=seed).item())
            for i in range(30)
        ]
        for weight in (0, 4)
        for seed in (1, 2, 3)
    }
    assert len({tuple(of_all) for of_all in spikes.values()}) == 6
    for seed in (1, 2, 3):  # before anything can have come from other cells, all is as without
        alone, connected = (
            [time for train in spikes[weight, seed] for time in train] for weight in (0, 4)
        )
        assert min(alone) == min(connected)


def test_random_network(results):
    """Inhibition lowers the rate of the excitatory cells, the more the stronger it is; inhibitory
    cells have no input but theirs, which takes 2 ms."""
    dataset = xr.open_dataset(results / "random_network/dataset.nc")
    table = pd.read_csv(results / "random_network/statistics.csv")
    of_exc = table[table.site.str.startswith("exc")]
    rates = of_exc.groupby(["seed", "inhibition_weight"]).rate.mean().unstack()
    assert (rates.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)

    def first(cells, **at):
        spikes = (trains(dataset, cell).sel(at).item() for cell in cells)
        return min(times[0] for times in spikes if len(times))

    exc, inh = ([f"{name}[{i}]" for i in range(n)] for name, n in (("exc", 16), ("inh", 4)))
    for seed in (1, 2):
        for weight in (0, 5, 20):
            at = {"inhibition_weight": weight, "seed": seed}
            assert first(inh, **at) > first(exc, **at) + 2


def test_figures_of_all_copies(results):
    """A raster has a row a copy and simulation; a number of a population is the mean of its own."""
    folder = results / "replicates"
    data = FigureData(folder / "dataset.nc", folder / "statistics.csv", folder / "isi.csv")
    _, rates = data.quantity("rate", "soma")
    by_hand = pd.read_csv(folder / "statistics.csv").groupby("index").rate.mean()
    np.testing.assert_allclose(rates, by_hand, rtol=1e-12)
    _, of_one = data.quantity("rate", "soma[3]")
    assert not np.allclose(of_one, rates)
    with style.applied():
        options = {"at": {"seed": 1}, "site": "soma", "by": "weight", "window": None}
        fig = style.figure()
        raster.draw(fig, data, options)
    panel = fig.axes[0]
    assert panel.get_ylim() == (-0.5, 4 * 30 - 0.5)
    lines = max(panel.findobj(LineCollection), key=lambda lines: len(lines.get_segments()))
    spikes = sum(
        len(trains(data.dataset, f"soma[{i}]").sel(weight=weight, seed=1).item())
        for i in range(30)
        for weight in (0, 1, 2, 4)
    )
    assert len(lines.get_segments()) == spikes > 500


@pytest.mark.parametrize(("kind", "g"), [("pas", "section.g_pas = 0.001"), ("hh", "")])
def test_active_dendrite(results, kind, g):
    """One mechanism in the place of another: what they share is carried over, here nothing."""
    dataset = xr.open_dataset(results / "active_dendrite/dataset.nc").sel(dendrite=kind)
    oracle = plain_neuron(f"""
soma, section = n.Section("soma"), n.Section("dend")
soma.L = soma.diam = 12.6157
section.L, section.diam, section.nseg = 200, 1, 11
section.connect(soma(1))
for each in (soma, section):
    each.Ra, each.cm = 100, 1
soma.insert("hh")
section.insert("{kind}")
{g}
{g.replace("g_pas = 0.001", "e_pas = -65")}
pulse = n.IClamp(section(1))
pulse.delay, pulse.dur, pulse.amp = 5, 1, 0.3
record("tip", section(1)._ref_v)
record("soma", soma(0.5)._ref_v)
run(25)
""")
    for name in ("soma", "tip"):
        np.testing.assert_array_equal(dataset[name], oracle[name])
