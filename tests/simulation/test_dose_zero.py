"""A drug at dose 0 leaves the same bits as no drug at all: for every parameter of every density
mechanism of NEURON's own and of mod/, against plain NEURON in which nothing is set."""

import shutil

import numpy as np
import pytest

from code_models import results
from project import ROOT
from simulating import compile_mechanisms, plain_neuron
from spikesweep.mechanisms.catalogue import read_catalogue

CATALOGUE = read_catalogue(ROOT, "default", "here")
DENSITY = [name for name in CATALOGUE.density_names if not name.endswith("_ion")]
# extracellular last: it leaves NEURON another solver for what comes after it in one process
MECHANISMS = sorted(DENSITY, key=lambda name: (name == "extracellular", name))
ORACLE = """
for name in sys.argv[2:]:
    soma = n.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert(name)
    step = n.IClamp(soma(0.5))
    step.delay, step.dur, step.amp = 1, 3, 0.2
    n.celsius = 6.3
    record(name, soma(0.5)._ref_v)
    n.dt, n.steps_per_ms = 0.025, 40
    n.finitialize(-65)
    n.continuerun(5)
    recorded[name] = recorded[name].c()
    step = soma = None
np.savez(sys.argv[1], **{name: np.array(vector) for name, vector in recorded.items()})
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    sources = {path.stem: path.read_text() for path in (ROOT / "mod").glob("*.mod")}
    return compile_mechanisms(folder, sources)


@pytest.fixture(scope="module")
def plain(library):
    return plain_neuron(ORACLE, library.parents[1], MECHANISMS)


def sweep(mechanism, axes):
    return {
        "title": "Dose 0",
        "model": {
            "mechanisms": "default",
            "cells": {
                "cell": {
                    "sections": {"soma": {"L": 20, "diam": 20}},
                    "biophysics": [{"in": "all", "insert": {mechanism: {}}}],
                }
            },
        },
        "protocol": {
            "tstop": 5,
            "processes": {
                "step": {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 1, "dur": 3, "amp": 0.2}
            },
        },
        "record": {
            "precision": "float64",
            "traces": {"v": {"of": "cell.soma(0.5).v", "every": 0.025}},
        },
        "axes": axes,
    }


def drug(target, dose=0):
    return {"values": [dose], "unit": "uM", "drug": {"scales": target, "ic50": 3, "hill": 1.7}}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_dose_zero_is_no_drug(mechanism, plain, library, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "mod", "mod")
    parameters = [e for v in CATALOGUE.known[mechanism].parameters.values() for e in v.elements]
    [result] = results(sweep(mechanism, {}), tmp_path / "copy", library)
    assert result.message == ""
    np.testing.assert_array_equal(result.traces["v"], plain[mechanism])
    axes = {f"d{i}": drug(f"cell.all.{mechanism}.{p}") for i, p in enumerate(parameters)}
    [result] = results(sweep(mechanism, axes), tmp_path / "copy", library)
    assert result.message == ""
    np.testing.assert_array_equal(result.traces["v"], plain[mechanism])
    for number, parameter in enumerate(parameters if mechanism in ("hh", "pas") else ()):
        axes = {"d": drug(f"cell.all.{mechanism}.{parameter}", 3 + number)}
        [result] = results(sweep(mechanism, axes), tmp_path / "copy", library)
        assert not np.array_equal(result.traces["v"], plain[mechanism])  # so that it can fail
