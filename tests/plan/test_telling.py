"""How plans are told."""

import pytest

import code_models
from planning import merged, plan_stick
from spikesweep.plan.telling import design_words, tell, with_unit


@pytest.mark.parametrize(
    ("text", "unit", "told"),
    [
        ("1, 3", "uM", "1, 3 uM"),
        ("1, 3", "", "1, 3"),
        ("1, 3", "1", "1, 3"),
        ("2", "1/ms", "2 1/ms"),
    ],
)
def test_plain_numbers_have_no_unit(text, unit, told):
    assert with_unit(text, unit) == told


def test_a_sweep_without_axes_is_told_as_one_simulation(tmp_path):
    said = tell(plan_stick(tmp_path), [0])
    assert "  simulations  1 (no axes) in 1 job, 0 of them in the store" in said
    assert "table" not in said
    assert design_words("grid", [{"name": "dose"}]) == "grid"


@pytest.mark.parametrize(
    ("tstop", "said"), [(0.05, ": 1 frame of cell.all"), (10, ": 101 frames of cell.all")]
)
def test_one_frame_is_one(tmp_path, tstop, said):
    movies = {"film": {"of": "cell.all.v", "every": 0.1}}
    plan = plan_stick(tmp_path, {"protocol": {"tstop": tstop}, "record": {"movies": movies}})
    assert said in tell(plan, [0])


@pytest.mark.parametrize(
    ("files", "cell", "said"),
    [
        ({"models/c.hoc": "create soma\nsoma insert hh\n"}, {"hoc": ["models/c.hoc"]}, "HOC"),
        (
            {"models/c.py": "from neuron import n\n\n\nclass C:\n    def __init__(self):\n"
                            "        self.soma = n.Section(name='soma', cell=self)\n"},
            {"python": "models/c.py:C"},
            "Python",
        ),
    ],
)  # fmt: skip
def test_what_code_inserts_is_not_none(tmp_path, monkeypatch, files, cell, said):
    monkeypatch.chdir(tmp_path)
    code_models.write(files)
    sweep = {
        "title": "A cell of code",
        "model": {"cells": {"c": cell}},
        "protocol": {"tstop": 10},
        "record": {"traces": {"v": {"of": "c.soma(0.5).v"}}},
    }
    inserted = merged(sweep, {"model": {"cells": {"c": {"biophysics": [
        {"in": "soma", "insert": {"pas": {}}}]}}}})  # fmt: skip
    assert f"  mechanisms   what {said} code inserts" in tell(code_models.plan(sweep), [0])
    assert f"  mechanisms   pas, what {said} code inserts" in tell(code_models.plan(inserted), [0])
