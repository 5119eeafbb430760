"""Colours that panels of a figure set share: of an axis that is one and the same in all of them."""

from pathlib import Path

import pytest

from project import ROOT
from spikesweep.errors import UserError
from spikesweep.plan.figure_sets import plan_set
from spikesweep.plan.making import make_plan

SET = """\
title: A paper
figures:
  fig1:
    mosaic: AB
    panels:
      A: {kind: curve, sweep: a, of: rate, x: gkbar, by: celsius}
      B: {kind: curve, sweep: b, of: rate, x: BX}
    share: {colours: celsius}
"""
BY = "gkbar, by: celsius"


@pytest.mark.parametrize(
    ("sets", "x", "said"),
    [
        ("", BY, None),
        ("", "gkbar", "share.colours: celsius: 1 panels have colours by this axis"),
        ("step.amp", BY, "its unit differs \\(a: degC, b: nA\\)"),
    ],
)
def test_colours_are_shared_of_one_axis(tmp_path, monkeypatch, sets, x, said):
    monkeypatch.chdir(tmp_path)
    for folder in ("config/sweeps", "config/figure_sets"):
        Path(folder).mkdir(parents=True)
    sweep = (ROOT / "config/sweeps/hh_gkbar.yaml").read_text()
    Path("config/sweeps/a.yaml").write_text(sweep)
    other = (
        f"[0.1, 0.2], unit: nA, sets: {sets}" if sets else "[6.3, 10, 15], sets: protocol.celsius"
    )
    Path("config/sweeps/b.yaml").write_text(
        sweep.replace("[6.3, 10, 15], sets: protocol.celsius", other)
    )
    Path("config/figure_sets/paper.yaml").write_text(SET.replace("BX", x))

    def plan_of(name):
        return make_plan(Path(), name)

    if said:
        with pytest.raises(UserError, match=said):
            plan_set(Path(), "paper", plan_of)
        return
    plan = plan_set(Path(), "paper", plan_of)
    assert plan.recipes["fig1"]["share"] == {"colours": "celsius"}
