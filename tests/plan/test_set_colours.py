"""Colours that panels of a figure set share: of an axis that is one and the same in all of them."""

import pytest

from paper import plan_paper
from spikesweep.errors import UserError

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
        ("", "gkbar", "share.colours: celsius: fewer than two panels have colours"),
        ("step.amp", BY, "its unit differs \\(a: degC, b: nA\\)"),
    ],
)
def test_colours_are_shared_of_one_axis(tmp_path, monkeypatch, sets, x, said):
    monkeypatch.chdir(tmp_path)
    axis = "[6.3, 10, 15], sets: protocol.celsius"
    other = f"[0.1, 0.2], unit: nA, sets: {sets}" if sets else axis
    paper = SET.replace("BX", x), (axis, other)
    if said:
        with pytest.raises(UserError, match=said):
            plan_paper(*paper)
        return
    plan = plan_paper(*paper)
    assert plan.recipes["fig1"]["share"] == {"colours": "celsius"}


def test_a_function_of_the_user_is_one_of_the_panels(tmp_path, monkeypatch):
    """It asks for the colours itself, of any axis that its sweep has."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("def draw(fig, results):\n    pass\n")
    python = SET.replace(
        "kind: curve, sweep: b, of: rate, x: BX", 'kind: python, sweep: b, draw: "own.py:draw"'
    )
    plan = plan_paper(python, ("degC", "degC"))
    assert plan.recipes["fig1"]["share"] == {"colours": "celsius"}
    with pytest.raises(UserError, match=r"colours: dose: fewer than two"):
        plan_paper(python.replace("colours: celsius", "colours: dose"), ("degC", "degC"))
