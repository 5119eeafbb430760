"""The page docs/models_with_init.md, done as it says: its recipes against plain NEURON."""

import re

import numpy as np
import pytest
import yaml

from code_models import results, write
from project import ROOT
from simulating import plain_neuron

PAGE = (ROOT / "docs/models_with_init.md").read_text()
FILES = dict(re.findall(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
SWEEPS = ("balanced", "as_it_was")
V_INIT = (-75, -70, -65)
AS_IT_WAS = """
n.load_file("cell.hoc")
n("proc init() { balance() }")
record("v", n.soma(0.5)._ref_v)
n.v_init, n.tstop = %s, 100
n.run()
np.savez(sys.argv[1], v=np.array(recorded["v"]))
"""


@pytest.fixture(autouse=True)
def files(entered):
    write(FILES)


def swept(name, tmp_path):
    sweep = yaml.safe_load(FILES[f"config/sweeps/{name}.yaml"])
    sweep["record"]["precision"] = "float64"
    sweep["record"]["traces"]["v"]["every"] = "step"
    found = results(sweep, tmp_path / name)
    assert [result.message for result in found] == [""] * len(V_INIT)
    return [result.traces["v"] for result in found]


def test_the_page_has_its_files_and_commands():
    assert len(FILES) == 5
    commands = re.findall(r"^    \.venv/bin/snakemake --cores 2 (\w+)$", PAGE, re.MULTILINE)
    assert tuple(commands) == SWEEPS


@pytest.mark.parametrize("name", SWEEPS)
def test_the_recipes_do_what_the_models_init_did(name, tmp_path):
    traces = swept(name, tmp_path)
    for v_init, trace in zip(V_INIT, traces, strict=True):
        expected = plain_neuron(AS_IT_WAS % v_init, tmp_path / "project/models/balanced")
        np.testing.assert_array_equal(trace, expected["v"])
        assert np.abs(trace - v_init).max() < 1e-6  # at rest
