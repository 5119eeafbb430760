"""The sweeps that a figure set names."""

import pytest

from paper import plan_paper
from spikesweep.errors import UserError

SET = """\
title: A paper
figures:
  fig1: {mosaic: A, panels: {A: {kind: curve, of: rate, x: gkbar, SWEEPS}}}
"""


@pytest.mark.parametrize(("sweeps", "said"), [
    ("sweep: aa", r'paper\.yaml: figures\.fig1\.panels\.A\.sweep: no sweep is named "aa", did you'),
    ("sweep: a, minus: bb", r'figures\.fig1\.panels\.A\.minus: no sweep is named "bb", did you'),
])  # fmt: skip
def test_a_misspelt_sweep_is_told_with_its_place(tmp_path, monkeypatch, sweeps, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=said):
        plan_paper(SET.replace("SWEEPS", sweeps), ("degC", "degC"))
