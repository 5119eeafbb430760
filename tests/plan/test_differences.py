"""Which differences of two sweeps a figure set can show."""

import pytest

from paper import plan_paper
from spikesweep.errors import UserError

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
        (f"{HEATMAP}, at: {{celsius: 16}}", VALUES, "16 is no value of celsius"),
    ],
)
def test_which_match(tmp_path, monkeypatch, kind, axis, said):
    monkeypatch.chdir(tmp_path)
    paper = SET.replace("KIND", kind), (VALUES, axis)
    if said:
        with pytest.raises(UserError, match=said):
            plan_paper(*paper)
        return
    plan = plan_paper(*paper)
    panel = plan.recipes["fig1"]["panels"]["A"]
    assert panel["minus"] == "b"
    for which, reads in (("a", "reads"), ("b", "reads_minus")):
        assert panel[reads]["statistics"] in {p.fingerprint for p in plan.plans[which].tables}
        assert plan.plans[which].files["statistics"] in plan.inputs("fig1")


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        (HEATMAP, ("[20 ms, 180 ms]", "[20 ms, 100 ms]"), "rate is of 20 to 180 ms in a and of 20"),
        (HEATMAP, ("    soma: {at", "    axon: {at"), "without a site, rate is that of soma in a"),
        (HEATMAP.replace("rate", "v_max"), ("[20 ms, 180 ms]", "[20 ms, 100 ms]"), None),
    ],
)
def test_a_difference_is_of_one_quantity(tmp_path, monkeypatch, kind, change, said):
    monkeypatch.chdir(tmp_path)
    text = SET.replace("KIND", kind)
    if said:
        with pytest.raises(UserError, match=said):
            plan_paper(text, change)
    else:
        assert plan_paper(text, change).recipes["fig1"]["panels"]["A"]["minus"] == "b"
