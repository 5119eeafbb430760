"""Mechanisms of a set act in the order of their files, and an ion has one valence for all."""

import pytest

from planning import plan_stick
from simulating import plain_neuron
from spikesweep.mechanisms.compile import compile_set

CURRENT = """
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE g }}
PARAMETER {{ g = {g} (S/cm2) }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) }}
BREAKPOINT {{ ik = g*(v - ek) }}
"""
IN_ORDER = {"a": "ka", "b": "kb", "c": "kc"}  # file -> mechanism
USED = {"model": {"mechanisms": "default", "cells": {"cell": {"biophysics": [
    {"in": "all", "insert": {"ka": {}, "kb": {}, "kc": {}}}]}}}}  # fmt: skip


def plan(folder, files, change=USED):
    mod = folder / "mod"
    mod.mkdir(parents=True)
    for number, (file, name) in enumerate(sorted(files.items(), key=lambda item: item[1])):
        (mod / f"{file}.mod").write_text(CURRENT.format(name=name, g=1e-4 * 3**number))
    return plan_stick(folder, change)


@pytest.mark.parametrize(
    ("files", "order"),
    [
        (IN_ORDER, None),
        ({"x": "ka", "y": "kb", "z": "kc"}, None),  # other names of files in the same order
        ({"z": "ka", "b": "kb", "c": "kc"}, ["kb", "kc", "ka"]),
        ({"B": "kb", "a": "ka", "c": "kc"}, ["kb", "ka", "kc"]),  # capitals are first
    ],
)
def test_the_order_of_files_is_in_the_key_where_names_do_not_tell_it(tmp_path, files, order):
    found = plan(tmp_path / "new", files)
    assert found.template.document.get("order") == order
    same_key = found.keys == plan(tmp_path / "known", IN_ORDER).keys
    assert same_key == (order is None)


def test_a_file_that_is_not_used_changes_no_order(tmp_path):
    files = IN_ORDER | {"_first": "last"}
    assert plan(tmp_path / "new", files).keys == plan(tmp_path / "known", IN_ORDER).keys


def test_an_axis_over_variants_has_the_order_of_all(tmp_path):
    """Any of them may stand where the axis puts it."""
    axes = {"which": {"values": ["ka", "kb"], "sets": "cell.all.ka"}}
    one = {"model": {"mechanisms": "default", "cells": {"cell": {"biophysics": [
        {"in": "all", "insert": {"ka": {}}}]}}}, "axes": axes}  # fmt: skip
    found = plan(tmp_path, {"z": "ka", "b": "kb", "c": "kc"}, one)
    assert found.template.document["order"] == ["kb", "kc", "ka"]


ORDER = """
n.nrn_load_dll(sys.argv[2])
kind, name, names = n.MechanismType(0), n.ref(""), []
for i in range(int(kind.count())):
    kind.select(i)
    kind.selected(name)
    names.append(name[0])
np.savez(sys.argv[1], names=names)
"""


def test_neuron_knows_them_in_the_order_of_files(tmp_path):
    files = {"z": "ka", "b": "kb", "B": "kc", "b_": "kd"}
    order = plan(tmp_path, files).catalogue.order(None)
    library = compile_set(tmp_path / "mod", tmp_path / "made")
    names = plain_neuron(ORDER, arguments=[str(library)])["names"]
    assert [name for name in names if name in order] == order == ["kc", "kb", "kd", "ka"]


ION = "NEURON {{ SUFFIX {} USEION zz READ ezz {} }} ASSIGNED {{ ezz (mV) }}"


def test_the_valence_that_another_file_declares_is_in_the_key(tmp_path):
    rule = {"in": "all", "insert": {"reader": {}}, "ions": {"zzi": "1 mM", "zzo": "10 mM"}}
    used = {"model": {"mechanisms": "default", "cells": {"cell": {"biophysics": [rule]}}}}
    (tmp_path / "mod").mkdir()
    (tmp_path / "mod/reader.mod").write_text(ION.format("reader", ""))
    keys = []
    for valence in (1, 2):
        other = ION.format("other", f"VALENCE {valence}")
        (tmp_path / "mod/other.mod").write_text(other)
        keys.append(plan_stick(tmp_path, used).keys)
    assert keys[0] != keys[1]
