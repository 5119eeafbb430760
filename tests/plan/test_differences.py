"""Which differences of two sweeps a figure set can show."""

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
    mosaic: A
    panels:
      A: {KIND, sweep: a, minus: b}
"""
HEATMAP = "kind: heatmap, of: rate, x: gkbar, y: celsius"
VALUES = "values: [6.3, 10, 15]"


@pytest.mark.parametrize(
    ("kind", "axis", "said"),
    [
        (HEATMAP, VALUES, None),
        ("kind: curve, of: rate, x: gkbar, by: celsius", VALUES, None),
        (HEATMAP, "values: [6.3, 10, 15, 20]", None),  # the other has more
        (HEATMAP, "values: [6.3, 10]", "celsius is 15.* in a, but never in b"),
        ("kind: raster", VALUES, "a raster shows no difference; expected kind curve or heatmap"),
        (f"{HEATMAP}, log: true", VALUES, "log: a difference may be below 0"),
        (f"{HEATMAP}, at: {{celsius: 16}}", VALUES, "16.0 is no value of the axis"),
    ],
)
def test_which_match(tmp_path, monkeypatch, kind, axis, said):
    monkeypatch.chdir(tmp_path)
    for folder in ("config/sweeps", "config/figure_sets"):
        Path(folder).mkdir(parents=True)
    sweep = (ROOT / "config/sweeps/hh_gkbar.yaml").read_text()
    assert VALUES in sweep
    Path("config/sweeps/a.yaml").write_text(sweep)
    Path("config/sweeps/b.yaml").write_text(sweep.replace(VALUES, axis))
    Path("config/figure_sets/paper.yaml").write_text(SET.replace("KIND", kind))

    def plan_of(name):
        return make_plan(Path(), name)

    if said:
        with pytest.raises(UserError, match=said):
            plan_set(Path(), "paper", plan_of)
        return
    plan = plan_set(Path(), "paper", plan_of)
    panel = plan.recipes["fig1"]["panels"]["A"]
    assert panel["minus"] == "b"
    for which, reads in (("a", "reads"), ("b", "reads_minus")):
        assert panel[reads]["statistics"] in {p.fingerprint for p in plan.plans[which].tables}
        assert plan.plans[which].files["statistics"] in plan.inputs("fig1")
