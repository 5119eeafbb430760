"""A simulation's key follows the sources that it uses, and no others."""

import shutil
from pathlib import Path

import pytest
import yaml

from project import ROOT
from spikesweep.plan.making import make_plan


def sweep(mechanism, axes):
    return {
        "title": "A cell from a file",
        "model": {
            "mechanisms": "default",
            "cells": {
                "cell": {
                    "morphology": "morphologies/ball_and_stick.swc",
                    "biophysics": [{"in": "soma", "insert": {mechanism: {}}}],
                }
            },
        },
        "protocol": {"tstop": 10},
        "record": {"spikes": {"soma": {"at": "cell.soma(0.5)"}}},
        "axes": axes,
    }


SHAPES = {
    "shape": {
        "values": ["morphologies/ball_and_stick.swc", "morphologies/pyramidal.swc"],
        "sets": "cell.morphology",
    }
}


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Returns the keys of the two shapes, with kdr and with ka inserted."""
    for name in ("mod", "morphologies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def keys():
        found = {}
        for mechanism in ("kdr", "ka"):
            text = yaml.safe_dump(sweep(mechanism, SHAPES))
            Path("config/sweeps/s.yaml").write_text(text)
            for shape, key in zip(("ball", "pyramidal"), make_plan(Path(), "s").keys, strict=True):
                found[mechanism, shape] = key
        return found

    return keys


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        # Only simulations that insert a mechanism follow its source.
        ("mod/kdr.mod", "BREAKPOINT {", "BREAKPOINT {\n  v = v", {("kdr", "ball"),
                                                                  ("kdr", "pyramidal")}),
        ("mod/ih.mod", "BREAKPOINT {", "BREAKPOINT {\n  v = v", set()),
        ("mod/kdr.mod", "BREAKPOINT {", ": a comment\nBREAKPOINT   {", set()),
        # Only simulations of a morphology follow its points.
        ("morphologies/pyramidal.swc", "10.0000 -1", "10.5000 -1", {("kdr", "pyramidal"),
                                                                    ("ka", "pyramidal")}),
        ("morphologies/pyramidal.swc", "# Synthetic", "# A synthetic", set()),
        ("morphologies/pyramidal.swc", "10.0000 -1", "10.0 -1", set()),
    ],
)  # fmt: skip
def test_a_key_follows_what_it_uses(keys, path, old, new, changed):
    before = keys()
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new, 1))
    after = keys()
    assert {name for name in before if before[name] != after[name]} == changed
