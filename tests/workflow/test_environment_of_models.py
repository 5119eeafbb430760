"""A model's code sees `model.environment` and nothing else of whoever runs it; what runs is what
was hashed, in the Snakefile too."""

import re

import yaml

from code_models import SWEEP, changed, plan, write
from project import ROOT

MODEL = """
import os
from neuron import n

HOSTILE = {"DISPLAY", "CPATH", "HOSTILE", "PYTHONSTARTUP"} & os.environ.keys()


class Pyr:
    def __init__(self):
        if HOSTILE:
            raise ValueError(f"sees {HOSTILE}")
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L = len(os.environ["WORD"])
        self.soma.insert(n.hh)
"""
PLAIN = {
    **{key: SWEEP[key] for key in ("title", "protocol")},
    "model": {"environment": {"WORD": "abc"}, "cells": {"pyr": {"python": "models/env.py:Pyr"}}},
    "record": {"traces": {"v": {"of": "pyr.soma(0.5).v", "every": 1}}},
}


def test_the_environment_of_the_model_is_in_the_key(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write({"models/env.py": MODEL})
    one = plan(PLAIN)
    assert plan(PLAIN).keys == one.keys
    assert plan(changed(PLAIN, model={"environment": {"WORD": "abcd"}})).keys != one.keys
    assert any("models/env.py: reads the environment: lines 5, 13" in note
               for note in one.template.files.notes)  # fmt: skip


def test_a_run_gives_models_their_environment_alone(project, monkeypatch):
    (project.root / "models").mkdir()
    (project.root / "models/env.py").write_text(MODEL)
    project.write_sweep("s", yaml.safe_dump(PLAIN))
    project.configure("s")
    for name in ("DISPLAY", "CPATH", "HOSTILE", "PYTHONSTARTUP", "WORD"):
        monkeypatch.setenv(name, "/nowhere")
    done = project.snakemake("s")
    assert "1 run, 0 found in the store, none failed" in done.stdout
    alone = project.spikesweep("run", "s", "--index", "0")
    assert alone.returncode == 0


def test_nothing_of_the_package_is_imported_before_its_bytecode_is_held_to_content():
    for path in ("workflow/Snakefile", "workflow/spikesweep/__main__.py"):
        text = (ROOT / path).read_text()
        imported = re.findall(r"^from spikesweep\.(\S+) import", text, re.MULTILINE)
        assert imported[0] == "bytecode"
        assert text.index("\nhold_to_content()") < text.index(f"from spikesweep.{imported[1]} ")
