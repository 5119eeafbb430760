"""Whole numbers stay whole: in what code is given, in keys and plans, in datasets and tables."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_models import changed, plan, results, write
from collecting import a_plan
from spikesweep.document.axes.axis_values import Form, told_apart, written_values
from spikesweep.plan.telling import LONGEST_REASON, _in_short
from spikesweep.plan.writing import write_plan
from spikesweep.sweepfile.axes import Axis
from spikesweep.tables.simulations import write_simulations
from synthetic import simulated

# What code does with whole numbers alone: range() and an index refuse 2.0.
TREE = """
from neuron import n


class Tree:
    def __init__(self, branches, thickness=1):
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L = self.soma.diam = 20
        self.soma.insert(n.hh)
        self.dend = [n.Section(name=f"dend[{i}]", cell=self) for i in range(branches)]
        for dend in self.dend:
            dend.connect(self.soma(1))
            dend.L, dend.diam = 100, [0.5, 1, 2][thickness]
            dend.insert(n.pas)
"""
SWEEP = {
    "title": "A tree of some branches",
    "model": {"cells": {"tree": {"python": "models/tree.py:Tree", "parameters": {"branches": 2}}}},
    "protocol": {
        "tstop": 20,
        "processes": {
            "step": {"type": "IClamp", "at": "tree.soma(0.5)", "delay": 2, "dur": 10, "amp": 0.5}
        },
    },
    "record": {
        "precision": "float64",
        "traces": {"v": {"of": "tree.soma(0.5).v", "every": 0.025}},
        "spikes": {"soma": {"at": "tree.soma(0.5)"}},
    },
}
BRANCHES = {"axes": {"branches": {"values": [2, 3], "sets": "tree.parameters.branches"}}}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    write({"models/tree.py": TREE})


def in_plain_neuron(branches):
    """The membrane potential of the soma, by NEURON alone."""
    from neuron import n

    soma = n.Section("soma")
    soma.L = soma.diam = 20
    soma.insert(n.hh)
    dends = [n.Section(f"dend{i}") for i in range(branches)]
    for dend in dends:
        dend.connect(soma(1))
        dend.L, dend.diam = 100, 1
        dend.insert(n.pas)
    clamp = n.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 2, 10, 0.5
    v = n.Vector().record(soma(0.5)._ref_v)
    n.load_file("stdrun.hoc")
    n.celsius, n.dt, n.steps_per_ms = 6.3, 0.025, 40
    n.finitialize(-65)
    n.continuerun(20)
    return v.as_numpy()[:801].copy()


def test_code_is_given_whole_numbers_as_they_are_written(tree, tmp_path):
    made = results(changed(SWEEP, **BRANCHES), tmp_path / "scratch")
    for outcome, branches in zip(made, (2, 3), strict=True):
        assert outcome.status == "ok", outcome.message
        expected = in_plain_neuron(branches)
        assert np.abs(outcome.traces["v"] - expected).max() < 1e-9


def test_a_formula_of_what_is_whole_gives_what_is_whole(tree, tmp_path):
    by_formula = {
        "axes": {"a": {"values": [0.5, 1], "sets": {"tree.parameters.branches": "2 * a"}}},
    }
    made = plan(changed(SWEEP, **by_formula))
    [column] = made.columns
    assert [(value, type(value)) for value in column] == [(1, int), (2, int)]


def test_other_values_of_an_axis_change_no_key(tree):
    """Each value keeps its own kind, so that 2 stays 2 whatever else is on the axis."""
    one = plan(changed(SWEEP, **BRANCHES))
    more = plan(changed(SWEEP, axes={"b": {**BRANCHES["axes"]["branches"], "values": [3, 2, 2.5]}}))
    assert set(one.keys) < set(more.keys)
    assert [type(value) for value in more.combination.axes[0].values] == [int, int, float]


def test_a_table_gives_whole_numbers(tree):
    write({"cells.csv": "branches,amp\n2,0.5\n3,1\n"})
    axes = {
        "branches": {"sets": "tree.parameters.branches"},
        "amp": {"sets": "step.amp"},
    }
    made = plan(changed(SWEEP, axes=axes, design={"table": "cells.csv"}))
    values = [axis.values for axis in made.combination.axes]
    assert repr(values) == "[(2, 3), (0.5, 1.0)]"
    path = made.plan.path
    path.parent.mkdir(parents=True)
    write_plan(made, path)
    with path.with_suffix(".csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["branches"], row["amp"]) for row in rows] == [("2", "0.5"), ("3", "1.0")]


def test_hoc_knows_one_kind_of_number(tree):
    hoc = "begintemplate T\npublic soma\ncreate soma\nproc init() {}\nendtemplate T\n"
    write({"t.hoc": hoc})
    cell = {"hoc": "t.hoc", "template": "T", "arguments": [1]}
    axis = {"a": {"values": [1, 2], "sets": "tree.arguments[0]"}}
    both = []
    for values in ([1, 2], [1.0, 2.0]):
        sweep = {**SWEEP, "model": {"cells": {"tree": cell}}, "axes": axis}
        axis["a"]["values"] = values
        both.append(plan(sweep).keys)
    assert both[0] == both[1]


def test_quantities_with_a_unit_are_no_whole_numbers(plan):
    """What is written 16 is 16.0 degC: a value more, or in another unit, changes no kind."""
    made = plan({"axes": {"celsius": {"values": [6, 16], "sets": "protocol.celsius"}}})
    assert repr(made.combination.axes[0].values) == "(6.0, 16.0)"
    at_seeds = {"seed": {"values": [1, 2], "sets": "protocol.seed"}}
    noise = {"play": {"noise": {"into": "step.amp", "noise": {"sd": 0.1, "tau": 1, "every": 1}}}}
    made = plan({"axes": at_seeds, "protocol": noise})
    assert repr(made.combination.axes[0].values) == "(1, 2)"


def test_datasets_and_tables_hold_whole_numbers(collected, tmp_path):
    seed = {"name": "seed", "unit": "", "long_name": "seed", "values": [1, 2]}
    dose = {"name": "dose", "unit": "uM", "long_name": "", "values": [0.5, 3.0]}
    ds = collected(a_plan(seed, dose), [simulated(i) for i in range(4)])
    assert (ds.seed.dtype, ds.dose.dtype) == (np.int64, np.float64)
    assert ds.seed.values.tolist() == [1, 2]
    ds.close()
    table = tmp_path / "simulations.csv"
    write_simulations(tmp_path / "dataset.nc", table, {})
    with table.open() as file:
        rows = [(row["seed"], row["dose"]) for row in csv.DictReader(file)]
    assert rows == [("1", "0.5"), ("1", "3.0"), ("2", "0.5"), ("2", "3.0")]


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, unique=True), st.booleans())
def test_whole_numbers_stay_such_or_become_floats_together(values, as_text):
    written = [str(value) for value in values] if as_text else values
    axis = Axis(values=written, sets="protocol.seed")
    for whole, kind in (("each", int), ("all", int), ("", float)):
        made = told_apart(written_values(axis, Form("", whole=whole), "here"), "here")
        assert list(made) == values
        assert {type(value) for value in made} == {kind}
    mixed = Axis(values=[*written, 0.5], sets="protocol.seed")
    made = written_values(mixed, Form("", whole="all"), "here")
    assert {type(value) for value in made} == {float}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"linspace": [1, 5, 5]}, "[1, 2, 3, 4, 5]"),
        ({"linspace": [1, 2, 3]}, "[1.0, 1.5, 2.0]"),
        ({"linspace": [1.0, 3, 3]}, "[1.0, 2.0, 3.0]"),
        ({"logspace": [1, 100, 3]}, "[1, 10, 100]"),
    ],
)
def test_spaces_of_whole_numbers(values, expected):
    axis = Axis(values=values, sets="protocol.seed")
    assert repr(written_values(axis, Form("", whole="all"), "here")) == expected


def test_many_reasons_against_packs_are_told_in_a_line():
    reasons = [f"m{i}: its code assigns {'abc, ' * 60}" for i in range(12)]
    [line] = _in_short(reasons).splitlines()
    assert len(line) < LONGEST_REASON + 60
    assert line.startswith("m0: its code assigns")
    assert "11 more reasons" in line
    assert _in_short(["cvode: other cells"]) == "cvode: other cells"
