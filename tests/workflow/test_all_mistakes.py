"""Mistakes of a sweep that do not hang on each other are told together, a line each."""

from pathlib import Path

import pytest
import yaml

from planning import STICK, merged
from spikesweep.document.mistakes import all_of, each
from spikesweep.errors import UserError
from spikesweep.plan.making import make_plan

FILE = "config/sweeps/s.yaml"


@pytest.fixture
def told(tmp_path):
    """Return the lines that a sweep is refused with, without the file that each names."""

    def lines(changes):
        (tmp_path / "config/sweeps").mkdir(parents=True, exist_ok=True)
        (tmp_path / FILE).write_text(yaml.safe_dump(merged(STICK, changes), sort_keys=False))
        with pytest.raises(UserError) as caught:
            make_plan(tmp_path, "s")
        said = str(caught.value).splitlines()
        assert all(line.startswith(f"{FILE}: ") for line in said)
        return [line.removeprefix(f"{FILE}: ") for line in said]

    return lines


def begins(lines, *places):
    assert [line.partition(":")[0] for line in lines] == list(places)


def test_beside_an_unknown_key_all_others_are_told(told):
    changes = {
        "statistic": {},
        "titel": "A stick",
        "protocol": {"tstop": "10 mS", "tsop": 3},
        "figures": [{"kind": "heatmapp"}, {"kind": "traces", "column": "a", "wide": 3}],
    }
    lines = told(changes)
    assert len(lines) == len(set(lines)) == 7
    for said in (
        *('unknown key "statistic"', 'unknown key "titel"', 'unknown key "tsop"'),
        *("protocol.tstop: ", "figures[0]: ", 'unknown key "column"', 'unknown key "wide"'),
    ):
        assert sum(said in line for line in lines) == 1, said


def test_a_key_under_a_wrong_name_is_told_once(told):
    sweep = {"record": {"spikes": {"soma": {"at": None, "att": "cell.soma(0.5)"}}}}
    (line,) = [line for line in told(sweep) if "expected text" not in line]
    assert line.startswith('record.spikes.soma: unknown key "att", did you mean "at"?')


def test_of_a_cell_all_rules_are_told(told):
    rules = [{"in": "all", "insert": {"hhh": {}}}, {"in": "soma"}, {"in": "somma", "Ra": 100}]
    begins(
        told({"model": {"cells": {"cell": {"biophysics": rules}}}}),
        *("model.cells.cell.biophysics[0].insert.hhh", "model.cells.cell.biophysics[2].in"),
    )


def test_of_a_protocol_all_processes_are_told(told):
    processes = {
        "step": {"type": "IClam"},
        "late": {"type": "IClamp", "at": "cell.axon(0.5)", "delay": 1, "dur": 5, "amp": 1},
    }
    begins(
        told({"protocol": {"processes": processes}}),
        *("protocol.processes.step.type", "protocol.processes.late.at"),
    )


def test_all_connections_are_told(told):
    wired = {"from": "cell.sma(0.5)", "to": "step", "weight": 1}
    begins(
        told({"protocol": {"connections": {"a": wired, "b": wired | {"from": "cell.tip(3)"}}}}),
        *("protocol.connections.a.from", "protocol.connections.b.from"),
    )


def test_all_that_is_played_and_recorded_is_told_together(told):
    changes = {
        "protocol": {"play": {"ramp": {"into": "stp.amp", "expression": "t", "every": 1}}},
        "record": {
            "traces": {"a": {"of": "cell.soma(0.5).vv"}, "b": {"of": "cell.axon(0.5).v"}},
            "spikes": {"soma": {"at": "cells.soma(0.5)"}},
            "measures": {"m": {"of": "cell.soma(0.5).w", "names": ["mean"]}},
        },
    }
    begins(
        told(changes),
        *("protocol.play.ramp.into", "record.traces.a.of", "record.traces.b.of"),
        *("record.spikes.soma.at", "record.measures.m.of"),
    )


def test_all_axes_are_told(told):
    axes = {
        "gkbar": {"values": [1, 2], "unit": "S/cm2", "sets": "cell.soma.hh.gkba"},
        "fine": {"values": [1, 2], "sets": "cell.soma.nseg"},
        "celsius": {"values": [6, 12], "sets": "protocol.celcius"},
    }
    begins(told({"axes": axes}), "axes.gkbar.sets", "axes.celsius.sets")


def test_all_figures_and_the_names_beside_them_are_told(told):
    changes = {
        "axes": {"gkbar": {"values": [1, 2], "unit": "S/cm2", "sets": "cell.soma.hh.gkbar"}},
        "derived": {"twice": {"formula": "2 * rat"}},
        "figures": [
            {"kind": "curve", "of": "rat", "x": "gkba"},
            {"kind": "curve", "of": "rate", "x": "gkbar"},
            {"kind": "curve", "of": "rate", "x": "gkbar"},
        ],
    }
    begins(
        told(changes),
        *("derived.twice.formula", "figures[0].x", "figures[0].of", "figures[2]"),
    )


def test_what_is_refused_twice_in_the_same_words_is_told_once():
    def refuse(name, part):
        raise UserError(f"{part} is wrong")

    with pytest.raises(UserError) as caught:
        each(refuse, {"a": "it", "b": "it", "c": "that"})
    assert str(caught.value) == "it is wrong\nthat is wrong"
    assert each(lambda name, part: name + part, {"a": "1", "b": "2"}) == {"a": "a1", "b": "b2"}
    assert all_of([]) == []


def test_no_other_error_is_taken_for_a_mistake():
    def fail(name, part):
        raise KeyError(name)

    with pytest.raises(KeyError):
        each(fail, {"a": Path()})
