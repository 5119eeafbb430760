"""The types of the simulation document say what plans write, and every part of it."""

import ast
import json
import sys
import types
import typing
from pathlib import Path

import pytest

from project import ROOT
from spikesweep.language import document as types_of_documents
from spikesweep.language.document import Document
from spikesweep.plan.making import make_plan, sweep_names
from spikesweep.products.fingerprint import canonical_json


def mistakes(value, wanted, place="document"):
    """Yield where a value is not of a type."""
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if wanted is typing.Any:
        return
    if typing.is_typeddict(wanted):
        yield from mistakes_of_keys(value, wanted, place)
    elif origin in (typing.Union, types.UnionType):
        every = [list(mistakes(value, one, place)) for one in inner]
        if all(every):
            yield min(every, key=len)[0]
    elif origin is typing.Literal:
        if value not in inner:
            yield f"{place}: {value!r} is none of {inner}"
    elif origin in (typing.NotRequired, typing.Required):
        yield from mistakes(value, inner[0], place)
    elif not isinstance(value, (int, float) if wanted is float else origin or wanted):
        yield f"{place}: {value!r} is no {wanted}"
    elif origin is list:
        for i, one in enumerate(value):
            yield from mistakes(one, inner[0], f"{place}[{i}]")
    elif origin is dict:
        for key, one in value.items():
            yield from mistakes(one, inner[1], f"{place}.{key}")


def mistakes_of_keys(value, wanted, place):
    known = typing.get_type_hints(wanted, vars(types_of_documents))
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no {wanted.__name__}"
        return
    yield from (f"{place}: no {key}" for key in wanted.__required_keys__ - value.keys())
    for key, one in value.items():
        if key not in known:
            yield f"{place}: {wanted.__name__} has no {key}"
        else:
            yield from mistakes(one, known[key], f"{place}.{key}")


@pytest.mark.parametrize("sweep", sweep_names(ROOT))
def test_what_plans_write_is_of_the_types(sweep, monkeypatch):
    monkeypatch.chdir(ROOT)
    plan = make_plan(Path(), sweep)
    if not plan.keys:  # it waits for another sweep: it has no documents yet
        assert plan.unknown
        return
    simulations = list(zip(*plan.columns, strict=True)) or [()]
    for values in (simulations[0], simulations[-1]):
        document = json.loads(canonical_json(plan.template.fill(values)))
        assert not list(mistakes(document, Document))


def test_a_document_that_is_not_is_found():
    protocol = {"celsius": 6.3, "v_init": -65, "tstop": 5, "globals": {}, "connections": {}}
    protocol |= {"processes": {"step": {"type": "IClamp", "parameters": {"amp": "1"}}}}
    cell = {"biophysics": [{"in": "soma"}], "sections": {}, "segments": {"nseg": 1}}
    record = {"precision": "float16", "traces": {}, "spikes": {}}
    document = {"cells": {"a": cell}, "protocol": protocol, "record": record, "engine": {}}
    found = " ".join(mistakes(document, Document))
    for place in ("no mechanisms", "biophysics[0].in", "parameters.amp", "float16"):
        assert place in found


def test_what_simulations_use_of_the_language_is_of_the_standard_library_alone():
    """So it can be part of every key. Units are converted before; pint is asked there."""
    for path in (ROOT / "workflow/spikesweep/language").glob("*.py"):
        if path.name == "units.py":
            continue
        for name in imported(ast.parse(path.read_text())):
            is_own = name.startswith("spikesweep.language.")
            assert is_own or name.partition(".")[0] in sys.stdlib_module_names, path


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module
