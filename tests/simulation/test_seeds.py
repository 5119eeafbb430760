"""Equal seeds draw equal numbers: noise and connections follow from the seed and from names, and
from nothing else, whatever other axes, packing, order, cores, interruption or edited code do."""

import random
import shutil
from itertools import chain

import pytest
import xarray as xr

from killing import find, kill, start
from planning import merged
from simulating import KEY
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator

CELLS = 8
# Cells that are driven by random trains and a random current, and connected at random.
NETWORK = {
    "title": "Noise",
    "model": {
        "cells": {
            "cell": {
                "sections": {"soma": {"L": 20, "diam": 20}},
                "biophysics": [{"in": "soma", "insert": {"hh": {}}}],
                "count": CELLS,
            }
        }
    },
    "protocol": {
        "tstop": 60,
        "processes": {
            "train": {
                "type": "NetStim", "count": CELLS, "interval": 5, "number": 1e9, "start": 0,
                "noise": 1,
            },
            "syn": {"type": "ExpSyn", "at": "cell.soma(0.5)", "tau": 2},
            "step": {"type": "IClamp", "at": "cell[0].soma(0.5)", "dur": 1000},
        },
        "connections": {
            "drive": {"from": "train", "to": "syn", "weight": 0.004, "pattern": "one_to_one"},
            "net": {
                "from": "cell.soma(0.5)", "to": "syn", "weight": 0.002,
                "pattern": {"probability": 0.3},
            },
        },
        "play": {"noise": {"into": "step.amp", "noise": {"sd": 0.05, "tau": 2, "every": 0.1}}},
    },
    "record": {
        "precision": "float64",
        "traces": {"i": {"of": "step.i", "every": 0.5}},
        "spikes": {"train": {"at": "train"}, "soma": {"at": "cell.soma(0.5)"}},
    },
    "axes": {"seed": {"values": [1, 2], "sets": "protocol.seed"}},
}  # fmt: skip


@pytest.fixture
def documents(plan):
    """Returns the documents of NETWORK with more axes, by the values of all of them."""

    def documents(**axes):
        made = plan(merged(NETWORK, {"axes": axes}))
        filled = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
        points = [
            tuple(axis.values[i] for axis, i in zip(made.combination.axes, row, strict=True))
            for row in made.combination.rows
        ]
        return dict(zip(points, filled, strict=True))

    return documents


def wiring(document):
    """Which cell is connected to which synapse, as NEURON has it."""

    def look():
        simulation = Simulation(document, Simulator())
        names = {process: name for name, process in simulation.processes.items()}
        return [
            (str(netcon.preseg()), names[netcon.syn()])
            for netcon in chain(*simulation.connections.values())
            if netcon.preseg() is not None
        ]

    return in_child(look).value


OTHER_AXES = {
    "temperature": {"values": [6.3, 16], "sets": "protocol.celsius"},
    "time step": {"values": [0.025, 0.05], "sets": "protocol.dt"},
    "strength": {"values": [0.002, 0.01], "sets": "net.weight"},
    "a channel": {"values": [0.036, 0.05], "sets": "cell.all.hh.gkbar"},
    "one cell": {"values": [20, 40], "sets": "cell[3].soma.diam"},
    "a drug": {"values": [0, 10], "drug": {"scales": "cell.all.hh.gkbar", "ic50": 10}},
}


@pytest.mark.parametrize("axis", OTHER_AXES.values(), ids=OTHER_AXES)
def test_equal_seeds_draw_alike_across_all_other_axes(documents, axis):
    found = documents(other=axis)
    assert len(found) == 4
    wired = {point: tuple(wiring(document)) for point, document in found.items()}
    drawn = {
        point: in_child(lambda d=document: run_alone((KEY, d), Simulator())).value
        for point, document in found.items()
    }
    for seed in (1, 2):
        first, second = ((seed, value) for value in axis["values"])
        assert wired[first] == wired[second]
        assert drawn[first].traces["i"].tolist() == drawn[second].traces["i"].tolist()
        for kind, is_alike in (("train", True), ("soma", False)):  # what draws, what is driven
            one, other = ([drawn[point].spikes[f"{kind}[{i}]"].tolist() for i in range(CELLS)]
                          for point in (first, second))  # fmt: skip
            assert min(map(len, one)) > 3
            assert (one == other) == is_alike
    one, other = ((seed, axis["values"][0]) for seed in (1, 2))
    assert wired[one] != wired[other]
    assert drawn[one].traces["i"].tolist() != drawn[other].traces["i"].tolist()
    assert len({tuple(drawn[one].spikes[f"train[{i}]"]) for i in range(CELLS)}) == CELLS


def test_packing_and_order_change_no_stream(documents):
    found = documents(weight={"values": [0.001, 0.004, 0.01], "sets": "net.weight"})
    members = [(f"{i:064x}", document) for i, document in enumerate(found.values())]
    alone = {key: in_child(lambda m=m: digest(run_alone(m, Simulator()))).value for m in members
             for key in m[:1]}  # fmt: skip
    assert len(set(alone.values())) == 6
    for order in (members, members[::-1], members[2:4]):
        packed = in_child(lambda order=order: run_together(order, Simulator())).value
        assert {result.key: digest(result) for result in packed}.items() <= alone.items()


def test_interruption_cores_and_edited_code_change_no_stream(project):
    """Killed and gone on with: the same bytes. On one core, all in one pack, by other code that
    comes to the same: the same numbers under other keys."""
    axes = {"weight": {"values": [0.001, 0.004], "sets": "net.weight"}}
    long = merged(NETWORK, {"protocol": {"tstop": 3000}, "axes": axes, "simulations_per_job": 1})
    dataset = project.root / "results/noisy/dataset.nc"
    project.write_sweep("noisy", long)
    project.configure("noisy")
    project.snakemake()
    before, content = xr.load_dataset(dataset), dataset.read_bytes()
    counts = [int(before[f"n_spikes_soma[{i}]"].sum()) for i in range(CELLS)]
    assert min(counts) > 10

    shutil.rmtree(project.root / "results")
    run = start(project)
    assert kill(find(run, "job", random.Random(0)))
    run.wait()
    project.snakemake()
    assert dataset.read_bytes() == content

    streams = project.root / "workflow/spikesweep/simulation/streams.py"
    streams.write_text(streams.read_text() + "\n\ndef more() -> int:\n    return 1\n")
    project.write_sweep("noisy", long | {"simulations_per_job": 4})
    project.snakemake("--cores", "1")
    after = xr.load_dataset(dataset)
    assert (after.key.values != before.key.values).any(axis=-1).all()
    xr.testing.assert_equal(after.drop_vars("key"), before.drop_vars("key"))
