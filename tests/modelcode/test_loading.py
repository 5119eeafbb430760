"""NEURON loads a name once: models of two folders must not share one for different files."""

import re

import pytest

from code_models import SWEEP, plan, results, write
from simulating import plain_neuron
from spikesweep.errors import UserError

HOC = """\
{load}
begintemplate {name}
public soma
external size
create soma
proc init() {{ create soma  soma {{ L = size  diam = 10  insert pas }} }}
endtemplate {name}
"""
PYTHON = """\
from neuron import n


class {name}:
    def __init__(self):
        {load}
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L, self.soma.diam = n.size, 10
        self.soma.insert(n.pas)
"""
ONCE, ALWAYS = 'load_file("{}")', 'load_file(1, "{}")'


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """A project folder, entered."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")


def cell(name: str, form: str, load: str, library: str, size: int) -> dict:
    """A cell whose size stands in a file that its code loads; all of it in the folder `name`."""
    suffix = "hoc" if form == HOC else "py"
    if form == PYTHON:
        load = f"n('{load}')" if load.startswith("xopen") else f"n.{load}"  # which is HOC's alone
    text = form.format(name=name.upper(), load=load)
    write({f"{name}/cell.{suffix}": text, f"{name}/{library}": f"size = {size}\n"})
    if form == PYTHON:
        return {"python": f"{name}/cell.py:{name.upper()}"}
    return {"hoc": f"{name}/cell.hoc", "template": name.upper()}


def sweep(cells: dict) -> dict:
    # As HOC variables are one for all, the size of the cell that is built last counts of HOC.
    step = {"type": "IClamp", "at": "b.soma(0.5)", "delay": 2, "dur": 5, "amp": 0.01}
    record = {"precision": "float64", "traces": {"v": {"of": "b.soma(0.5).v", "every": 0.025}}}
    protocol = {"tstop": 10, "processes": {"step": step}}
    return SWEEP | {"model": {"cells": cells}, "protocol": protocol, "record": record}


FORMS = [(HOC, HOC), (HOC, PYTHON), (PYTHON, HOC), (PYTHON, PYTHON)]


@pytest.mark.parametrize("forms", FORMS, ids=["hoc", "hoc, python", "python, hoc", "python"])
@pytest.mark.parametrize("loads", [(ONCE, ONCE), (ALWAYS, ONCE), (ONCE, ALWAYS)], ids=str)
@pytest.mark.parametrize("library", ["lib.hoc", "sub/size.tem"])
def test_different_files_of_one_name_are_refused(forms, loads, library):
    a, b = (
        cell(name, form, load.format(library), library, size)
        for name, form, load, size in zip("ab", forms, loads, (10, 20), strict=True)
    )
    told = f'model.cells.b: loads b/{library} as "{library}", the name by which the code of a loads'
    with pytest.raises(UserError, match=re.escape(told)):
        plan(sweep({"a": a, "b": b}))


ONE_SIZE = """
soma = n.Section(name="soma")
soma.L, soma.diam = 20, 10
soma.insert("pas")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 2, 5, 0.01
record("v", soma(0.5)._ref_v)
run(10)
"""
SHARED = {
    "other names": (ONCE, "lib_a.hoc", ONCE, "lib_b.hoc", 10),
    "loaded always": (ALWAYS, "lib.hoc", ALWAYS, "lib.hoc", 10),
    "opened": ('xopen("{}")', "lib.hoc", 'xopen("{}")', "lib.hoc", 10),
    "opened, then loaded": ('xopen("{}")', "lib.hoc", ONCE, "lib.hoc", 10),
    "equal files": (ONCE, "lib.hoc", ONCE, "lib.hoc", 20),
}


@pytest.mark.parametrize("forms", FORMS[::3], ids=["hoc", "python"])
@pytest.mark.parametrize("row", SHARED)
def test_what_neuron_keeps_apart_is_what_each_model_asks_for(forms, row, tmp_path):
    first, library_a, second, library_b, size = SHARED[row]
    load_a, load_b = first.format(library_a), second.format(library_b)
    cells = {
        "a": cell("a", forms[0], load_a, library_a, size),
        "b": cell("b", forms[1], load_b, library_b, 20),
    }
    expected = plain_neuron(ONE_SIZE, tmp_path)
    [result] = results(sweep(cells), tmp_path / "copy")
    assert (result.status, result.message) == ("ok", "")
    assert result.traces["v"].tolist() == expected["v"].tolist()


def test_that_neuron_would_go_on_with_the_first(tmp_path):
    """The reason to refuse."""
    write({"a/lib.hoc": "size = 10\n", "b/lib.hoc": "size = 20\n"})
    for name in "ab":
        write({f"{name}/cell.hoc": 'load_file("lib.hoc")\n'})
    got = plain_neuron(
        """
import os
for folder in "ab":
    os.chdir(folder)
    n.load_file(os.path.abspath("cell.hoc"))
    os.chdir("..")
assert n.size == 10
"""
        + ONE_SIZE.replace("20", "n.size * 2"),
        tmp_path / "project",
    )
    assert len(got["v"])
