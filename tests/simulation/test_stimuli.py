"""Stimuli, clamps, synapses and artificial cells: bit by bit those of plain NEURON."""

import numpy as np
import pytest

from simulating import (
    HH,
    SOMA,
    detector,
    make_cell,
    make_document,
    plain_neuron,
    simulate,
    simulate_well,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import stream_ids

ORACLE_SOMA = """
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
record("v", soma(0.5)._ref_v)
"""


def make_stimulated(processes: dict, connections: dict | None = None, **settings) -> dict:
    """Return a Hodgkin-Huxley soma with processes; recorded are v and what `traces` adds."""
    traces = {"v": voltage(SOMA)} | settings.pop("traces", {})
    soma = make_cell({"soma": {"L": 20, "diam": 20}}, HH)
    settings = {"tstop": 50} | settings
    return make_document(
        {"cell": soma}, processes=processes, connections=connections, traces=traces, **settings
    )


def point(kind: str, **parameters) -> dict:
    return {"type": kind, "at": SOMA, "parameters": parameters}


def artificial(kind: str, **parameters) -> dict:
    return {"type": kind, "parameters": parameters}


def wire(source: str | list, target: str, weight: float, delay: float = 1.0) -> dict:
    connection = {"from": source, "to": target, "delay": delay, "weight": weight}
    return connection if isinstance(source, str) else connection | {"threshold": 10}


CLAMPS = {
    "VClamp": (
        point("VClamp", dur=[5, 10, 5], amp=[-65, -20, -65]),
        "clamp = n.VClamp(soma(0.5))\n"
        "for i, (dur, amp) in enumerate([(5, -65), (10, -20), (5, -65)]):\n"
        "    clamp.dur[i], clamp.amp[i] = dur, amp\n",
    ),
    "SEClamp": (
        point("SEClamp", dur1=5, amp1=-65, dur2=10, amp2=-20, dur3=5, amp3=-65, rs=0.5),
        "clamp = n.SEClamp(soma(0.5))\n"
        "clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2 = 5, -65, 10, -20\n"
        "clamp.dur3, clamp.amp3, clamp.rs = 5, -65, 0.5\n",
    ),
    "IClamp": (
        point("IClamp", delay=2, dur=20, amp=0.3),
        "clamp = n.IClamp(soma(0.5))\nclamp.delay, clamp.dur, clamp.amp = 2, 20, 0.3\n",
    ),
    "AlphaSynapse": (
        point("AlphaSynapse", onset=5, tau=2, gmax=0.05, e=0),
        "clamp = n.AlphaSynapse(soma(0.5))\n"
        "clamp.onset, clamp.tau, clamp.gmax, clamp.e = 5, 2, 0.05, 0\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("process", "script"), CLAMPS.values(), ids=CLAMPS)
def test_clamps_are_plain_neuron(process, script):
    current = {"process": "clamp", "variable": "i", "every": 0.025}
    document = make_stimulated({"clamp": process}, traces={"i": current})
    oracle = plain_neuron(f'{ORACLE_SOMA}{script}record("i", clamp._ref_i)\nrun(50)')
    traces = simulate_well(document).traces
    for name in ("v", "i"):
        np.testing.assert_array_equal(traces[name], oracle[name])
    assert np.ptp(traces["v"]) > 40  # mV: the clamp does something


SYNAPSES = {
    "ExpSyn": ({"tau": 2, "e": 0}, 0.01),
    "Exp2Syn": ({"tau1": 0.5, "tau2": 4, "e": 0}, 0.02),
}


@pytest.mark.parametrize("kind", SYNAPSES)
def test_a_train_of_events_is_plain_neuron(kind):
    """A regular NetStim drives a synapse; its events are recorded as well."""
    parameters, weight = SYNAPSES[kind]
    document = make_stimulated(
        {
            "train": artificial("NetStim", interval=7, number=5, start=3, noise=0),
            "synapse": point(kind, **parameters),
        },
        {"c": wire("train", "synapse", weight, delay=1.3)},
        spikes={"train": {"process": "train"}, "soma": detector(SOMA, 0)},
    )
    oracle = plain_neuron(f"""{ORACLE_SOMA}
train, synapse = n.NetStim(), n.{kind}(soma(0.5))
train.interval, train.number, train.start, train.noise = 7, 5, 3, 0
for name, value in {parameters}.items():
    setattr(synapse, name, value)
connection = n.NetCon(train, synapse)
connection.delay, connection.weight[0] = 1.3, {weight}
recorded["train"] = n.Vector()
events = n.NetCon(train, None)
events.record(recorded["train"])
netcon = spikes("soma", soma(0.5), 0)
run(50)
""")
    result = simulate_well(document)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])
    for site in ("train", "soma"):
        np.testing.assert_array_equal(result.spikes[site], oracle[site])
    assert result.spikes["train"].tolist() == [3, 10, 17, 24, 31]
    assert len(result.spikes["soma"]) > 1


def make_noisy(seed: int = 0, names: tuple = ("a", "b"), weight: float = 0.01) -> dict:
    """Return a soma that two Poisson trains drive."""
    trains = {name: artificial("NetStim", interval=3, number=1e9, start=0, noise=1)
              for name in names}  # fmt: skip
    document = make_stimulated(
        trains | {"synapse": point("ExpSyn", tau=2, e=0)},
        {f"c_{name}": wire(name, "synapse", weight) for name in names},
        spikes={name: {"process": name} for name in names},
    )
    return document | {"seed": seed}


def test_noise_is_plain_neuron_with_streams_of_seed_and_name():
    scripts = [
        f"""
{name} = n.NetStim()
{name}.interval, {name}.number, {name}.start, {name}.noise = 3, 1e9, 0, 1
{name}.ranvar.set_ids(*{stream_ids(5, name, "ranvar")})
{name}.ranvar.set_seq(0)
c_{name} = n.NetCon({name}, synapse)
c_{name}.delay, c_{name}.weight[0] = 1, 0.01
"""
        for name in ("a", "b")
    ]
    script = ORACLE_SOMA + "synapse = n.ExpSyn(soma(0.5))\nsynapse.tau, synapse.e = 2, 0\n"
    oracle = plain_neuron(script + "".join(scripts) + "run(50)")
    result = simulate_well(make_noisy(seed=5))
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])
    intervals = np.diff(np.concatenate([result.spikes["a"], result.spikes["b"]]))
    assert len(np.unique(intervals)) > 10


def test_packed_noise_is_of_the_seed_and_the_name_alone():
    documents = [
        make_noisy(), make_noisy(seed=1), make_noisy(weight=0.02), make_noisy(names=("b", "a")),
        make_noisy(),
    ]  # fmt: skip
    members = [(f"{i:064x}", document) for i, document in enumerate(documents)]

    def together():
        return [(digest(r), r.spikes) for r in run_together(members, Simulator())]

    packed = in_child(together, timeout=60).value
    for member, (packed_digest, _) in zip(members, packed, strict=True):
        alone = in_child(lambda m=member: digest(run_alone(m, Simulator())), timeout=60).value
        assert packed_digest == alone
    base, other_seed, stronger, swapped, again = (spikes for _, spikes in packed)
    for same in (stronger, swapped, again):
        for name in ("a", "b"):
            np.testing.assert_array_equal(base[name], same[name])
    assert base["a"].tolist() != base["b"].tolist()
    assert base["a"].tolist() != other_seed["a"].tolist()


def test_artificial_cells_drive_each_other_as_in_plain_neuron():
    """A train drives an integrate-and-fire cell, a soma's spikes another."""
    document = make_stimulated(
        {
            "train": artificial("NetStim", interval=2, number=20, start=1, noise=0),
            "fire": artificial("IntFire1", tau=10, refrac=3),
            "follower": artificial("IntFire1", tau=10, refrac=3),
            "synapse": point("ExpSyn", tau=2, e=0),
        },
        {
            "in": wire("train", "fire", 0.4),
            "out": wire("fire", "synapse", 0.01),
            "back": wire(SOMA, "follower", 1.5),
        },
        spikes={"fire": {"process": "fire"}, "follower": {"process": "follower"}},
    )
    oracle = plain_neuron(f"""{ORACLE_SOMA}
train, fire, follower = n.NetStim(), n.IntFire1(), n.IntFire1()
synapse = n.ExpSyn(soma(0.5))
train.interval, train.number, train.start, train.noise = 2, 20, 1, 0
for cell in (fire, follower):
    cell.tau, cell.refrac = 10, 3
synapse.tau, synapse.e = 2, 0
netcons = [n.NetCon(train, fire), n.NetCon(fire, synapse),
           n.NetCon(soma(0.5)._ref_v, follower, sec=soma)]
netcons[2].threshold = 10
for netcon, weight in zip(netcons, (0.4, 0.01, 1.5)):
    netcon.delay, netcon.weight[0] = 1, weight
for name, cell in (("fire", fire), ("follower", follower)):
    recorded[name] = n.Vector()
    netcons.append(n.NetCon(cell, None))
    netcons[-1].record(recorded[name])
run(50)
""")
    result = simulate_well(document)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])
    for site in ("fire", "follower"):
        np.testing.assert_array_equal(result.spikes[site], oracle[site])
        assert len(result.spikes[site]) > 1


@pytest.mark.parametrize(
    ("process", "message"),
    [
        (
            artificial("NetStimm"),
            'no artificial cell is called "NetStimm", did you mean "NetStim"?',
        ),
        (artificial("IClamp"), 'no artificial cell is called "IClamp"'),
        (point("VClamp", amp=[1, float("nan"), 0]), "amp = [1, nan, 0]; expected finite"),
        (point("VClamp", ampl=[1, 2, 3]), 'VClamp has no parameter "ampl"'),
    ],
)
def test_processes_that_cannot_be_built(process, message):
    result = simulate(make_stimulated({"p": process}))
    assert result.status == "error"
    assert message in result.message
