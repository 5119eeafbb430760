"""What is recorded changes no bit of what else is recorded, nor of the trajectory.

Each item alone, all together, and all but one: with fixed steps, in a pack, of HOC and Python
models, and under CVode, where the detectors are the same (they are part of the key there).
"""

import copy
from pathlib import Path

import numpy as np
import pytest

from code_models import FILES, SWEEP, plan, write
from simulating import KEY, SOMA, clamp, detector, make_soma_document, voltage
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.modelcode.closure import copy_files
from spikesweep.simulation.simulator import Simulator

CVODE = {"atol": 1e-4, "rtol": 0}
TRACES = {
    "v": voltage(SOMA, 0.1),
    "fine": voltage(SOMA),
    "steps": voltage(SOMA, "step"),
    "ina": voltage(SOMA, 0.05) | {"variable": "ina"},
    "m": voltage(SOMA, 0.5) | {"variable": "hh.m"},
    "i": {"process": "pulse", "variable": "i", "every": 0.1},
    "nothing": voltage(SOMA, 0.1) | {"variable": "hh.nothing"},
}
SPIKES = {
    "soma": detector(SOMA, 0),
    "low": detector(SOMA, -30, "sample_before"),
    "between": detector(SOMA, 10, "interpolated"),
    "nowhere": detector(["cell", "axon", 0, 0.5], 0),
}
FEATURES = {
    "shape": voltage(SOMA, 0.1) | {"names": ["AP_amplitude", "AHP_depth"], "threshold": -20}
}
RECORD = {"precision": "float64", "traces": TRACES, "spikes": SPIKES, "features": FEATURES}
ITEMS = [(kind, name) for kind in ("traces", "spikes", "features") for name in RECORD[kind]]


def recording(document: dict, *items: tuple[str, str]) -> dict:
    """Return a document that records some of the items."""
    record = {
        kind: {name: RECORD[kind][name] for of, name in items if of == kind}
        for kind in ("traces", "spikes", "features")
    }
    return copy.deepcopy(document) | {"record": {"precision": "float64"} | record}


def fixed():
    return make_soma_document(amp=0.2, tstop=20)


def cvode():
    document = make_soma_document(amp=0.2, tstop=20, cvode=CVODE)
    del document["protocol"]["dt"]
    return document


def contents(result) -> dict[str, object]:
    """Return all that a result has, item by item, bit by bit."""
    found = {f"traces/{name}": trace.tobytes() for name, trace in result.traces.items()}
    found |= {f"extremes/{name}": pair for name, pair in result.extremes.items()}
    found |= {f"spikes/{name}": times.tobytes() for name, times in result.spikes.items()}
    found |= {f"features/{name}": value for name, value in result.features.items()}
    return found | result.failures


def alone(document: dict, **simulator):
    outcome = in_child(lambda: run_alone((KEY, document), Simulator(**simulator)), timeout=60)
    assert outcome.status == "ok", outcome.message
    assert outcome.value.status == "ok", outcome.value.message
    return outcome.value


def check(whole, part) -> None:
    assert part.trajectory == whole.trajectory != ""
    everything = contents(whole)
    for name, content in contents(part).items():
        assert everything[name] == content, name


@pytest.mark.parametrize("make", [fixed, cvode])
def test_each_item_alone_and_all_but_one(make):
    # Under CVode one place has one threshold, and detectors are in the key.
    fixed_items = [("spikes", "soma")] if make is cvode else []
    items = [i for i in ITEMS if make is fixed or i[0] != "spikes"]
    whole = alone(recording(make(), *items, *fixed_items))
    assert "traces/nothing" in whole.failures
    assert len(whole.failures) == 1 + (make is fixed)
    for item in items:
        check(whole, alone(recording(make(), item, *fixed_items)))
    for item in items[::3]:
        others = [other for other in items if other != item]
        check(whole, alone(recording(make(), *others, *fixed_items)))


def test_members_of_a_pack_record_what_they_like():
    members = [(f"{i:064x}", recording(fixed(), *ITEMS[i::3])) for i in range(3)]
    members.append((f"{3:064x}", recording(fixed(), *ITEMS)))
    *some, whole = in_child(lambda: run_together(members, Simulator()), timeout=60).value
    for part in some:
        check(whole, part)
    check(alone(recording(fixed(), *ITEMS)), whole)


HOC = """
begintemplate Pyr
public soma
create soma
proc init() {
    soma { L = 20 diam = 20 insert hh }
}
endtemplate Pyr
"""
HOC_CELL = {"hoc": ["models/pyr.hoc"], "template": "Pyr"}


@pytest.mark.parametrize("cell", [SWEEP["model"]["cells"]["pyr"], HOC_CELL], ids=["python", "hoc"])
def test_models_that_are_code(tmp_path, monkeypatch, cell):
    monkeypatch.chdir(tmp_path)
    write({**FILES, "models/pyr.hoc": HOC})
    sweep = copy.deepcopy(SWEEP) | {"model": {"cells": {"pyr": cell}}}
    del sweep["record"]["traces"]["g"]
    made = plan(sweep)
    copy_files(Path(), made.template.files.models, tmp_path / "scratch")
    document = made.template.document
    record = document["record"]
    at = record["traces"]["v"]["at"]
    more = {
        "ina": voltage(at, "step") | {"variable": "ina"},
        "bad": voltage(at) | {"variable": "x"},
    }
    whole = document | {"record": record | {"traces": record["traces"] | more}}
    results = [alone(one, models=tmp_path / "scratch") for one in (document, whole)]
    check(results[1], results[0])
    assert results[1].failures.keys() == {"traces/bad"}


def test_an_overflow_of_single_precision_is_no_failure():
    """Values are judged as they were integrated; what a file makes of them is another matter."""
    document = make_soma_document(
        tstop=1, processes={"pulse": clamp(SOMA, 0, 1, 1e38)}, precision="float32"
    )
    result = alone(document)
    assert result.failures == {}
    assert result.extremes["v"][1] > float(np.finfo(np.float32).max)
