"""The examples of stimuli and integration, through the whole workflow, against plain NEURON."""

import efel
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from simulating import plain_neuron
from spikesweep.simulation.streams import stream_ids
from spikesweep.tables.trains import trains, values

EXAMPLES = (
    "synapse",
    "cvode",
    "ramp_noise",
    "poisson_input",
    "field_stimulation",
    "electrode",
    "impedance",
    "iv_curve",
    "gap_junction",
    "pulse_window",
    "thresholds",
    "conduction",
    "action_potential_movie",
    "synapse_along_dendrite",
    "recorded_input",
)
SOMA = """
soma = n.Section("soma")
soma.L = soma.diam = 20
record("v", soma(0.5)._ref_v)
"""


@pytest.mark.parametrize("gmax", [0.001, 1])
def test_synapse_of_the_tutorial(results, gmax):
    dataset = xr.open_dataset(results / "synapse/dataset.nc").sel(gmax=gmax)
    oracle = plain_neuron(f"""{SOMA}
soma.insert("pas")
synapse = n.AlphaSynapse(soma(0.5))
synapse.onset, synapse.gmax = 20, {gmax}
record("i", synapse._ref_i)
run(40)
""")
    for name in ("v", "i"):
        np.testing.assert_array_equal(dataset[name], oracle[name])


def test_iv_curve(results):
    """Potassium by Hodgkin and Huxley's equations at rest; sodium by plain NEURON."""
    table = pd.read_csv(results / "iv_curve/statistics.csv").set_index("step")
    v = table.index.to_numpy() + 1e-9  # alpha is 0/0 at -55 mV
    alpha = 0.01 * (v + 55) / (1 - np.exp(-(v + 55) / 10))
    n_inf = alpha / (alpha + 0.125 * np.exp(-(v + 65) / 80))
    np.testing.assert_allclose(table["held_mean"], v, atol=1e-3)
    expected = 0.036 * n_inf**4 * (v + 77)
    np.testing.assert_allclose(table["potassium_mean"], expected, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(table["conductance"], 0.036 * n_inf**4, rtol=1e-3, atol=1e-7)
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
n.usetable_hh = 0
soma(0.5).hh.gl = 0
clamp = n.SEClamp(soma(0.5))
clamp.rs, clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2 = 1e-5, 10, -90, 90, 0
record("ina", soma(0.5)._ref_ina)
run(100, dt=0.01, v_init=-90)
""")
    assert table.loc[0, "sodium_min"] == oracle["ina"][1010:4001].min()


def test_pulse_window(results):
    """Spikes of plain NEURON, counted within each pulse."""
    table = pd.read_csv(results / "pulse_window/statistics.csv").set_index(["dur", "delay"])
    for (dur, delay), row in table.iterrows():
        oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = {delay}, {dur}, 0.3
netcon = spikes("spikes", soma(0.5), -20)
run(150)
""")
        spikes = oracle["spikes"]
        inside = spikes[(spikes >= delay) & (spikes <= delay + dur)]
        assert (row["window_start"], row["window_end"]) == (delay, delay + dur)
        assert row["n_spikes"] == len(inside) > 1
        assert row["rate"] == pytest.approx(1000 * len(inside) / dur)
        assert row["latency"] == pytest.approx(inside[0] - delay)
        assert row["spikes_a_ms"] == pytest.approx(len(inside) / dur)


def test_conduction(results):
    """18.8 m/s is what Hodgkin and Huxley (1952, J Physiol 117:500) computed; velocity goes with
    the root of the diameter in a cable whose membrane stays the same."""
    table = pd.read_csv(results / "conduction/statistics.csv").drop_duplicates("diam")
    velocity = table.set_index("diam")["velocity"]
    assert table["near_far_distance"].to_numpy() == pytest.approx(20000)
    assert velocity[476] == pytest.approx(18.8, rel=0.01)
    for diam in (119, 238):
        assert velocity[diam] == pytest.approx(velocity[476] * np.sqrt(diam / 476), rel=0.01)


@pytest.mark.parametrize(
    ("d", "place"), [(20, "dend(0.05)"), (305, "tuft(0.95 / 3)"), (505, "tuft(2.95 / 3)")]
)
def test_synapse_along_dendrite(results, d, place):
    """Plain NEURON, with the synapse where a ruler puts it."""
    table = pd.read_csv(results / "synapse_along_dendrite/statistics.csv").set_index("d")
    oracle = plain_neuron(f"""
soma, dend, tuft = (n.Section(name) for name in ("soma", "dend", "tuft"))
for section, L, diam, nseg in ((soma, 20, 20, 3), (dend, 200, 2, 21), (tuft, 300, 1, 31)):
    section.L, section.diam, section.nseg, section.Ra = L, diam, nseg, 150
    section.insert("pas")
    for segment in section:
        segment.pas.g, segment.pas.e = 5e-5, -65
dend.connect(soma(1)), tuft.connect(dend(1))
synapse = n.Exp2Syn({place})
synapse.tau1, synapse.tau2 = 0.5, 3
connection = n.NetCon(None, synapse)
connection.delay, connection.weight[0] = 1, 0.001
handler = n.FInitializeHandler(lambda: connection.event(11))
record("soma", soma(0.5)._ref_v), record("here", {place}._ref_v)
run(100)
""")
    assert table["soma_max"][d] == pytest.approx(oracle["soma"].max(), abs=1e-9)
    assert table["here_max"][d] == pytest.approx(oracle["here"].max(), abs=1e-9)


@pytest.mark.parametrize("dose", [1, 10, 20, 40])
def test_thresholds(results, dose):
    """Upward crossings of the potential of plain NEURON."""
    table = pd.read_csv(results / "thresholds/statistics.csv")
    counts = table[table["dose"] == dose].set_index("threshold")["n_spikes"]
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
soma(0.5).hh.gnabar = 0.12 / (1 + {dose} / 40)
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 5, 90, 0.5
run(100)
""")
    for threshold, count in counts.items():
        above = oracle["v"] > threshold
        assert count == np.sum(above[1:] & ~above[:-1])
    plan = pd.read_csv(results / "thresholds/plan.csv")
    assert plan["key"].nunique() == 4
    assert len(plan) == 16


@pytest.mark.parametrize("atol", [1e-2, 1e-3, 1e-5])
def test_cvode(results, atol):
    dataset = xr.open_dataset(results / "cvode/dataset.nc")
    spikes = trains(dataset, "soma").sel(atol=atol).item()
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 2, 30, 0.3
record("t", n._ref_t)
netcon = spikes("spikes", soma(0.5), 0)
cvode = n.CVode()
cvode.active(True)
cvode.atol({atol})
cvode.rtol(0)
cvode.condition_order(2)
n.finitialize(-65)
n.t = -100
cvode.re_init()
cvode.solve(0)
n.t = 0
cvode.re_init()
n.frecord_init()
cvode.solve(40)
np.savez(sys.argv[1], **{{name: np.array(vector) for name, vector in recorded.items()}})
""")
    one = dataset.sel(atol=atol)
    steps = len(oracle["t"])
    np.testing.assert_array_equal(one.time_step[:steps], oracle["t"])
    np.testing.assert_array_equal(one.v[:steps], oracle["v"])
    assert one.v[steps:].isnull().all()
    np.testing.assert_array_equal(spikes, oracle["spikes"])
    assert one.grid.sizes["time"] == 401


def test_cvode_and_fixed_steps_agree(results):
    """Fixed steps of 1 us are late by about their length (backward Euler is of first order)."""
    spikes = trains(xr.open_dataset(results / "cvode/dataset.nc"), "soma").sel(atol=1e-5).item()
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 102, 30, 0.3
netcon = spikes("spikes", soma(0.5), 0)
run(140, dt=0.001)
""")
    np.testing.assert_allclose(spikes, oracle["spikes"] - 100, rtol=0, atol=0.01)
    assert len(spikes) > 2


@pytest.mark.parametrize(("sd", "seed"), [(0.1, 2), (0.2, 3)])
def test_ramp_and_noise(results, sd, seed):
    """The noise by its recursion, the ramp by its corners, both through Vector.play."""
    dataset = xr.open_dataset(results / "ramp_noise/dataset.nc").sel(sd=sd, seed=seed)
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
ramp, noise = n.IClamp(soma(0.5)), n.IClamp(soma(0.5))
ramp.dur, noise.delay, noise.dur = 100, 10, 80
corners = n.Vector([0, 10, 90, 90, 101]), n.Vector([0, 0, 0.4, 0, 0])
corners[1].play(ramp._ref_amp, corners[0], 1)
random, kept, x = n.Random(), np.exp(-0.1 / 3), None
random.Random123(*{stream_ids(seed, "play", "fluctuation")})
times, values = n.Vector(), n.Vector()
for i in range(1001):
    deviate = random.repick() if i else random.normal(0, 1)
    x = kept * x + np.sqrt(1 - kept**2) * deviate if i else deviate
    times.append(0.1 * i)
    values.append({sd} * x)
values.play(noise._ref_amp, times)
record("current", noise._ref_i)
n.dt, n.steps_per_ms = 0.025, 40
n.finitialize(-65)
n.t = -50
for _ in range(2000):
    n.fadvance()
n.t = 0
n.frecord_init()
n.continuerun(100)
np.savez(sys.argv[1], **{{name: np.array(vector) for name, vector in recorded.items()}})
""")
    for name in ("v", "current"):
        np.testing.assert_array_equal(dataset[name], oracle[name][::4])
    efel.reset()
    trace = {"T": 0.1 * np.arange(1001), "V": oracle["v"][::4]}
    trace |= {"stim_start": [10], "stim_end": [90]}
    [features] = efel.get_mean_feature_values([trace], ["AP_amplitude", "AP_width"])
    table = pd.read_csv(results / "ramp_noise/statistics.csv").query(f"sd == {sd} & seed == {seed}")
    for name, value in features.items():
        assert table[f"soma_{name}"].item() == value
        assert dataset[f"soma_{name}"].item() == value
    [found] = efel.get_feature_values([trace], ["AP_amplitude", "AP_width"])
    whole = xr.open_dataset(results / "ramp_noise/dataset.nc")
    for name, every in found.items():
        kept = values(whole, f"soma_{name}").sel(sd=sd, seed=seed).item()
        np.testing.assert_array_equal(kept, every)


def test_equal_seeds_have_equal_noise(results):
    current = xr.open_dataset(results / "ramp_noise/dataset.nc").current
    np.testing.assert_allclose(current.sel(sd=0.2), 2 * current.sel(sd=0.1), rtol=0, atol=1e-15)
    assert (current.sel(sd=0) == 0).all()
    assert abs(np.corrcoef(current.sel(sd=0.1))[0, 1]) < 0.5


def test_poisson_input(results):
    dataset = xr.open_dataset(results / "poisson_input/dataset.nc")
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
train, synapse = n.NetStim(), n.ExpSyn(soma(0.5))
train.interval, train.number, train.start, train.noise = 5, 1000, 0, 1
train.ranvar.set_ids(*{stream_ids(1, "train", "ranvar")})
train.ranvar.set_seq(0)
synapse.tau, synapse.e = 2, 0
connection = n.NetCon(train, synapse)
connection.delay, connection.weight[0] = 1, 0.004
recorded["train"] = n.Vector()
events = n.NetCon(train, None)
events.record(recorded["train"])
netcon = spikes("soma", soma(0.5), 0)
run(200)
""")
    for site in ("soma", "train"):
        found = trains(dataset, site)
        np.testing.assert_array_equal(found.sel(weight=0.004).item(), oracle[site])
    for weight in dataset.weight.values:
        np.testing.assert_array_equal(found.sel(weight=weight).item(), oracle["train"])
    assert len(oracle["train"]) > 30


@pytest.mark.parametrize("field", [10, 100])
def test_an_axon_in_a_field(results, field):
    dataset = xr.open_dataset(results / "field_stimulation/dataset.nc").sel(field=field)
    oracle = plain_neuron(f"""
axon = n.Section("axon")
axon.L, axon.diam, axon.nseg = 2000, 10, 41
axon.insert("hh")
axon.insert("extracellular")
times = n.Vector(0.025 * np.arange(401))
values = n.Vector(-{field} * np.exp(-(((np.array(times) - 1) / 0.3) ** 2)))
values.play(axon(0.01)._ref_e_extracellular, times, 1)
record("inside", axon(0.99)._ref_v)
record("outside", axon(0.01)._ref_vext[0])
record("membrane", axon(0.01)._ref_i_membrane)
run(10)
""")
    for name, trace in oracle.items():  # exp of numpy and of the expression differ in the last bit
        np.testing.assert_allclose(dataset[name], trace[::4], rtol=0, atol=1e-9)
    assert dataset.n_spikes_end == (field == 100)


@pytest.mark.parametrize(("depth", "current"), [(100, 60e3), (300, 60e3), (300, 200e3)])
def test_an_electrode_beside_an_axon(results, depth, current):
    """The mean of 1 / (4 pi sigma r) along each segment, by the antiderivative asinh(x / y)."""
    dataset = xr.open_dataset(results / "electrode/dataset.nc").sel(depth=depth, current=current)
    oracle = plain_neuron(f"""
axon = n.Section("axon")
axon.L, axon.diam, axon.nseg, axon.Ra = 4000, 10, 81, 100
axon.insert("hh")
axon.insert("extracellular")
for layer in range(2):
    axon.xraxial[layer] = 1e9
ends = np.linspace(-2000, 2000, 82)

def resistance(x, y):
    return np.diff(np.arcsinh((ends - x) / y)) / np.diff(ends) / (4 * np.pi * 0.3)

times = n.Vector(0.025 * np.arange(321))
pulse = np.where((np.arange(321) >= 40) & (np.arange(321) < 48), -{current}, 0.0)
played = [n.Vector(pulse * r) for r in resistance(0, {depth})]
for segment, vector in zip(axon, played):
    vector.play(segment._ref_e_extracellular, times)
record("inside", axon(0.9)._ref_v)
spikes("end", axon(0.99), 0)
n.CVode().use_fast_imem(1)
currents = [n.Vector().record(segment._ref_i_membrane_) for segment in axon]
recorded["far"] = np.zeros(321)
n.dt, n.steps_per_ms = 0.025, 40
n.finitialize(-65)
n.continuerun(8)
recorded["far"] = sum(r * np.array(i) for r, i in zip(resistance(1500, 50), currents))
np.savez(sys.argv[1], **{{name: np.array(vector) for name, vector in recorded.items()}})
""")
    np.testing.assert_allclose(dataset["inside"], oracle["inside"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(dataset["outside"], oracle["far"], rtol=0, atol=1e-9)
    assert dataset.n_spikes_end == len(oracle["end"]) == (current / depth > 200)


def test_impedance_of_a_cable(results):
    """Sealed at the far end, Rall (1959): Z = Zinf coth(q L), and Zinf / sinh(q L) to the end."""
    table = pd.read_csv(results / "impedance/statistics.csv")
    for row in table.to_dict("records"):
        d, length, g = row["diam"] * 1e-4, 500e-4, 5e-5  # cm, S/cm2
        for name, frequency in (("1Hz", 1), ("100Hz", 100)):
            q = np.sqrt(1 + 2j * np.pi * frequency * 1e-6 / g) / np.sqrt(d / (4 * 150 * g))
            infinite = 4 * 150 / (np.pi * d**2) / q * 1e-6  # Mohm
            expected = infinite / np.tanh(q * length), infinite / np.sinh(q * length)
            found = (
                row[f"z_{of}_{name}"] * np.exp(1j * row[f"z_{of}_phase_{name}"])
                for of in ("input", "transfer")
            )
            np.testing.assert_allclose(list(found), expected, rtol=1e-4)


def test_coupling_by_a_gap_junction(results):
    """At rest again, g / (g + gm): all of the neighbour's current comes through the junction."""
    table = pd.read_csv(results / "gap_junction/statistics.csv").set_index("g")
    membrane = 1e-4 * np.pi * 20e-4**2 * 1e9  # nS
    found = table["coupling"]
    np.testing.assert_allclose(found, found.index / (found.index + membrane), rtol=1e-6)


@pytest.mark.parametrize("gnabar", [0, 0.04])
def test_a_movie_of_an_action_potential(results, gnabar):
    """Every segment of every frame, as plain NEURON has it."""
    film = xr.open_dataset(results / "action_potential_movie/dataset.nc").sel(gnabar=gnabar).v_cell
    oracle = plain_neuron(f"""
parts = {{}}
for name, L, diam, parent in (
    ("soma", 20, 20, None), ("axon", 1000, 1, "soma"), ("trunk", 300, 3, "soma"),
    ("left", 200, 1.5, "trunk"), ("right", 200, 1.5, "trunk"),
):
    section = parts[name] = n.Section(name=name)
    section.L, section.diam, section.Ra, section.cm = L, diam, 100, 1
    section.nseg = 1 + 2 * int(np.ceil(L / 20) // 2)
    if parent:
        section.connect(parts[parent](0 if name == "axon" else 1))
    section.insert("hh")
    if name not in ("soma", "axon"):
        for segment in section:
            segment.hh.gnabar, segment.hh.gkbar = {gnabar}, 0.012
pulse = n.IClamp(parts["soma"](0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 1, 1
for section in parts.values():
    for i, segment in enumerate(section):
        record(f"{{section.name()}} {{i}}", segment._ref_v)
n.celsius = 16
run(20)
""")
    assert film.shape == (81, len(oracle))
    found = film.to_numpy().T
    for samples, (name, v) in zip(found, oracle.items(), strict=True):
        np.testing.assert_array_equal(samples, v[::10].astype("f4"))
        assert name.split()[0] in film.section_v_cell


@pytest.mark.parametrize("weight", [0.002, 0.05])
def test_spikes_of_another_sweep_as_input(results, weight):
    """What drives the synapse are the spikes of the other sweep's soma, at its largest weight."""
    dataset = xr.open_dataset(results / "recorded_input/dataset.nc").sel(weight=weight)
    other = xr.open_dataset(results / "poisson_input/dataset.nc")
    times = trains(other, "soma").sel(weight=0.016).item()
    oracle = plain_neuron(f"""{SOMA}
soma.insert("hh")
syn = n.ExpSyn(soma(0.5))
syn.tau = 2
relay = n.IntFire1()
relay.refrac = 0
start, drive = n.NetCon(None, relay), n.NetCon(relay, syn)
start.weight[0], drive.weight[0], drive.delay = 2, {weight}, 1
handler = n.FInitializeHandler(lambda: [start.event(t) for t in {times.tolist()}])
run(200)
""")
    np.testing.assert_array_equal(dataset["v"], oracle["v"][::4].astype("f4"))
    np.testing.assert_array_equal(
        trains(xr.open_dataset(results / "recorded_input/dataset.nc"), "input").sel(weight=weight)
        .item(), times,
    )  # fmt: skip
