"""Spikes of one sweep as the input of another: never those of another state of it."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from code_models import write
from project import Project
from simulating import plain_neuron
from spikesweep.errors import UserError
from spikesweep.plan.making import make_plan

CELL = {
    "sections": {"soma": {"L": 20, "diam": 20}},
    "biophysics": [{"in": "all", "insert": {"hh": {}}}],
}
STEP = {"type": "IClamp", "at": "cell[0].soma(0.5)", "delay": 1, "dur": 40, "amp": 0.3}
FIRST = {
    "title": "What fires",
    "model": {"cells": {"cell": {**CELL, "count": 2}}},
    "protocol": {
        "tstop": 40,
        "processes": {"step": STEP, "other": {**STEP, "at": "cell[1].soma(0.5)", "delay": 7}},
    },
    "record": {"spikes": {"soma": {"at": "cell.soma(0.5)", "threshold": 0}}},
    "axes": {"amp": {"values": [0.2, 0.3], "unit": "nA", "sets": "step.amp"}},
    "explorer": {"off": True},
}
SPIKES = {"sweep": "first", "of": "soma[0]", "at": {"amp": "300 pA"}}
SECOND = {
    "title": "What is driven",
    "model": {"cells": {"cell": CELL}},
    "protocol": {
        "tstop": 50,
        "processes": {
            "input": {"type": "VecStim", "spikes": SPIKES},
            "syn": {"type": "ExpSyn", "at": "cell.soma(0.5)", "tau": 2},
        },
        "connections": {"drive": {"from": "input", "to": "syn", "weight": 0.02}},
    },
    "record": {
        "precision": "float64",
        "traces": {"v": {"of": "cell.soma(0.5).v"}},
        "spikes": {"input": {"at": "input"}},
    },
    "explorer": {"off": True},
}


def planned(spikes: dict, first: dict = FIRST, **process):
    """The plan of the second sweep, in the project here."""
    second = json.loads(json.dumps(SECOND))
    second["protocol"]["processes"]["input"] |= {"spikes": SPIKES | spikes, **process}
    if "count" in process:
        second["protocol"]["connections"]["drive"]["pattern"] = "all"
    sweeps = {"first": first, "second": second}
    write({f"config/sweeps/{name}.yaml": yaml.safe_dump(s) for name, s in sweeps.items()})
    return make_plan(Path(), "second")


@pytest.mark.parametrize(
    ("spikes", "process", "message"),
    [
        ({"sweep": "frist"}, {}, 'no sweep is named "frist", did you mean "first"?'),
        ({"of": "axon"}, {}, 'first has no spike site "axon" (it has: soma[0], soma[1])'),
        ({"of": "soma"}, {}, "soma has 2 copies in first; expected `count: 2` of this process"),
        ({"of": "soma"}, {"count": 3}, "expected `count: 2`"),
        ({"at": {}}, {}, "2 simulations of first are meant; expected one: a value of amp"),
        ({"at": {"dose": 1}}, {}, 'first has no axis "dose"'),
        ({"at": {"amp": 0.25}}, {}, "0.25 is no value of amp; expected one of: 0.2, 0.3"),
        ({"at": {"amp": "0.3 mV"}}, {}, "mV"),
        ({"sweep": "second"}, {}, "sweeps that read each other's spikes: second -> second"),
        ({}, {"times": [1, 2]}, "times are given as well; expected one of them"),
        ({}, {"type": "NetStim"}, "expected `type: VecStim`"),
    ],
)
def test_mistakes(spikes, process, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        planned(spikes, **process)
    assert message in str(error.value)


def test_names_follow_from_what_is_read(tmp_path, monkeypatch):
    """From site, point and the other sweep's recipe; before anything has run."""
    monkeypatch.chdir(tmp_path)
    plan = planned({})
    assert plan.unknown.startswith("the input from first, which runs first, is not known yet")
    changed = json.loads(json.dumps(FIRST))
    changed["protocol"]["processes"]["step"]["dur"] = 30
    others = [
        planned({"of": "soma[1]"}),
        planned({"at": {"amp": 0.2}}),
        planned({"of": "soma"}, count=2),
        planned({}, first=changed),
    ]
    names = {one.files["dataset"].name for one in (plan, *others)}
    assert len(names) == 1 + len(others)
    assert planned({"at": {"amp": 0.3}}).files["dataset"].name in names
    assert plan.inputs[plan.plan.path.name] == [make_plan(tmp_path, "first").files["dataset"]]


# ---- through the whole workflow ------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A project of both sweeps, of which the second was asked for."""
    project = Project(tmp_path_factory.mktemp("input") / "project")
    project.write_sweep("first", FIRST)
    project.write_sweep("second", SECOND)
    project.snakemake("--cores", "2", "second")
    return project


@pytest.fixture
def project(ran, tmp_path):
    return Project(tmp_path / "project", of=ran)


def dataset_of(project, sweep="second"):
    pattern = f"made/{sweep}/dataset_*.nc"
    return max((project.root / "results").glob(pattern), key=lambda path: path.stat().st_mtime)


def times_of(project) -> np.ndarray:
    with h5py.File(project.root / "results/second/dataset.nc") as file:
        return file["spike_times_input"][()]


def first_spikes(amp: float) -> np.ndarray:
    oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 1, 40, {amp}
netcon = spikes("spikes", soma(0.5), 0)
run(40)
""")
    return oracle["spikes"]


def change(project, sweep, old, new):
    path = project.root / f"config/sweeps/{sweep}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_second_makes_the_first_what_it_needs(ran):
    """Spikes and what they drive, as plain NEURON has them."""
    times = first_spikes(0.3)
    assert len(times) > 1
    np.testing.assert_array_equal(times_of(ran), times)
    oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
syn = n.ExpSyn(soma(0.5))
syn.tau = 2
relay = n.IntFire1()
relay.refrac = 0
start, drive = n.NetCon(None, relay), n.NetCon(relay, syn)
start.weight[0], drive.weight[0], drive.delay = 2, 0.02, 1
handler = n.FInitializeHandler(lambda: [start.event(t) for t in {times.tolist()}])
record("v", soma(0.5)._ref_v)
run(50)
""")
    with h5py.File(ran.root / "results/second/dataset.nc") as file:
        np.testing.assert_array_equal(file["v"][()].ravel(), oracle["v"][::4])
    assert not list((ran.root / "results/made/first").glob("statistics_*"))  # nobody reads these
    assert "second -> first" not in ran.spikesweep("plan", "second").stdout


def test_it_follows_the_first_and_nothing_else(project):
    """Other words for the same simulate nothing; another step gives other times; and back again."""
    before = dataset_of(project).name
    change(project, "first", "title: What fires", "title: What fires first")
    said = project.snakemake("--cores", "2", "second").stdout
    assert "0 run" in said or "found in the store" in said
    change(project, "first", "What fires first", "What fires")
    change(project, "first", "- 0.3", "- 0.31")
    change(project, "second", "300 pA", "310 pA")
    project.snakemake("--cores", "2", "second")
    np.testing.assert_array_equal(times_of(project), first_spikes(0.31))
    change(project, "first", "- 0.31", "- 0.3")
    change(project, "second", "310 pA", "300 pA")
    project.snakemake("--cores", "2", "second")
    np.testing.assert_array_equal(times_of(project), first_spikes(0.3))
    assert (project.root / "results/second/dataset.nc").resolve().name == before


def test_a_swapped_product_is_refused_and_a_removed_one_made_again(project):
    """A dataset of another state under the first one's name; and none at all."""
    root = project.root / "results/made"
    mine = dataset_of(project, "first")
    kept = mine.read_bytes()
    change(project, "first", "dur: 40", "dur: 20")
    project.snakemake("--cores", "2", "second")
    other = dataset_of(project, "first")
    assert other != mine
    expected = first_spikes(0.3)
    assert len(times_of(project)) < len(expected)
    other_bytes = other.read_bytes()
    other.write_bytes(kept)  # swapped
    for path in (root / "second").glob("plan_*"):
        path.unlink()
    refused = project.snakemake("--cores", "2", "second", check=False)
    assert refused.returncode != 0
    assert other.name in refused.stdout + refused.stderr
    other.unlink()  # removed
    project.snakemake("--cores", "2", "second")
    assert other.read_bytes() == other_bytes
    assert len(times_of(project)) < len(expected)


def test_an_unphysical_simulation_is_no_input(project):
    """Its statistics are empty, so its spikes are none of anybody; other bounds judge it anew."""
    traces = {"v": {"of": "cell[0].soma(0.5).v"}}
    record = {**FIRST["record"], "traces": traces}
    project.write_sweep("first", {**FIRST, "record": record, "bounds": [-100, 0]})
    refused = project.snakemake("--cores", "2", "second", check=False)
    assert refused.returncode != 0
    said = " ".join((refused.stdout + refused.stderr).split())
    assert "simulation 1 is unphysical (v runs from" in said
    assert "cannot be an input" in said
    project.write_sweep("first", {**FIRST, "record": record, "bounds": [-100, 100]})
    project.snakemake("--cores", "2", "second")
    np.testing.assert_array_equal(times_of(project), first_spikes(0.3))
