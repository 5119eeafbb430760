"""A design that looks at the spikes of one cell says so of a population."""

import pytest

from planning import plan_stick
from spikesweep.errors import UserError

AMP = {"axes": {"amp": {"values": [0, 1], "unit": "nA", "sets": "step.amp"}}}
CELLS = {"model": {"cells": {"cell": {"count": 3}}}}
SEARCH = {"of": "n_spikes", "at": 1, "axis": "amp", "to": "0.1 nA"}
MAP = {"by": "n_spikes", "axes": ["amp"], "to": 4}


@pytest.mark.parametrize(("kind", "asked"), [("threshold", SEARCH), ("refine", MAP)])
def test_a_site_with_copies_is_refused_and_one_of_them_told(tmp_path, kind, asked):
    design = {"design": {kind: asked | {"site": "soma"}}}
    said = rf"design\.{kind}\.site: soma has 3 cells, .* of one; expected soma\[0\], or another"
    with pytest.raises(UserError, match=said):
        plan_stick(tmp_path, CELLS, AMP, design)
    assert plan_stick(tmp_path, CELLS, AMP, {"design": {kind: asked | {"site": "soma[1]"}}})
