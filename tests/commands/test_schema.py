"""The schema of one sweep: what any sweep may write, with the names that this one can use."""

import pytest
import yaml
from jsonschema import Draft202012Validator as Validator
from jsonschema import ValidationError

from project import ROOT
from spikesweep.commands.schema import schema_for
from spikesweep.plan.making import make_plan
from spikesweep.sweepfile.schema import schema

SWEEPS = ["potassium_block", "hay_kind", "ring", "python_model", "hoc_template", "ramp_noise"]


@pytest.fixture(scope="module", params=SWEEPS)
def sweep(request):
    """A sweep that ships: what is written in its file, its own schema and that of any."""
    [path] = (ROOT / "config").glob(f"*/{request.param}.yaml")
    own = Validator(schema_for(make_plan(ROOT, request.param)))
    return yaml.safe_load(path.read_text()), own, Validator(schema())


def test_a_sweep_fits_its_own_schema(sweep):
    written, own, _ = sweep
    Validator.check_schema(own.schema)
    own.validate(written)


def offered(part):
    return part["anyOf"][0]["enum"]


def test_names_and_units_are_offered():
    plan = make_plan(ROOT, "potassium_block")
    parts = schema_for(plan)["$defs"]
    inserted = parts["BiophysicsRule"]["properties"]["insert"]["properties"]
    kdr = plan.catalogue.known["kdr"].parameters["gkbar"]
    assert inserted["kdr"]["properties"]["gkbar"]["description"] == (
        f"{kdr.unit}; default {kdr.default:g}"
    )
    assert "IClamp" in offered(parts["Process"]["properties"]["type"])
    assert "IClamp" not in inserted
    assert "pyramidal.soma(0.5)" in offered(parts["Process"]["properties"]["at"])
    assert "pyramidal.soma(0.5).v" in offered(parts["Trace"]["properties"]["of"])
    targets = offered(parts["Axis"]["properties"]["sets"])
    assert {"protocol.celsius", "step.amp", "pyramidal.all.kdr.gkbar"} <= set(targets)


def test_what_a_schema_offers_is_all_that_it_adds(sweep):
    """Any other name is left to `spikesweep plan`, which knows why it is wrong."""
    written, own, general = sweep
    changed = {**written, "axes": {"a": {"values": [1], "sets": "whatever.may.be"}}}
    general.validate(changed)
    own.validate(changed)
    for where in ({"titel": "x"}, {"model": {"cells": 3}}):
        for one in (own, general):
            with pytest.raises(ValidationError):
                one.validate({**written, **where})
