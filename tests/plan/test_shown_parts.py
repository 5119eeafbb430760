"""Figures of parameters, sections, frames and simulations that are not there are refused before
anything is run."""

import pytest

from planning import plan_stick
from spikesweep.errors import UserError

CHANGES = {
    "record": {
        "movies": {
            "film": {"of": "cell.all.v", "every": 1, "window": [2, 8]},
            "of_soma": {"of": "cell.soma.v", "every": 1},
        }
    },
    "axes": {
        "amp": {"values": [0.1, 0.2], "unit": "nA", "sets": "step.amp"},
        "delay": {"values": [1, 2], "unit": "ms", "sets": "step.delay"},
    },
    "design": {"zip": ["amp", "delay"]},
}


@pytest.mark.parametrize(("figure", "said"), [
    ({"kind": "morphology", "of": "pas.g"}, ""),
    ({"kind": "morphology", "of": "na_ion.ena"}, ""),
    ({"kind": "morphology", "of": "area"}, ""),
    ({"kind": "morphology", "of": "kdr.gkbar"}, ".of: kdr.gkbar: no segment of cell has it"),
    ({"kind": "morphology", "of": "hh.gkabr"}, '.of: hh.gkabr: no segment of cell has it, did you'),
    ({"kind": "morphology", "of": "rate"}, ".of: rate: no segment of cell has it"),
    ({"kind": "movie", "times": [2, 8]}, ""),
    ({"kind": "movie", "times": [2, 9]}, ".times[1]: 9 ms; expected a time from the movie's first"),
    ({"kind": "movie", "show": "kymograph", "sections": ["dend", "basal", "t*"]}, ""),
    ({"kind": "movie", "show": "kymograph", "sections": ["apical"]}, '[0]: the movie has no "apic'),
    (
        {"kind": "movie", "of": "of_soma", "show": "kymograph", "sections": ["soma", "dend"]},
        '.sections[1]: the movie has no "dend"; expected one of: soma',
    ),
    ({"kind": "raster", "at": {"amp": 0.1, "delay": "1 ms"}}, ""),
    (
        {"kind": "raster", "at": {"amp": 0.1, "delay": 2}},
        ".at: no simulation of the design has amp: 0.1, delay: 2; expected values that one has",
    ),
    ({"kind": "curve", "of": "rate", "x": "amp", "log": True, "limits": [1, 90]}, ""),
    (
        {"kind": "curve", "of": "rate", "x": "amp", "log": True, "limits": [0, 90]},
        "limits: 0 with log: true; expected ends above 0, or log left out",
    ),
])  # fmt: skip
def test_what_is_there(tmp_path, figure, said):
    if not said:
        assert plan_stick(tmp_path, CHANGES, {"figures": [figure]}).figures
        return
    with pytest.raises(UserError) as caught:
        plan_stick(tmp_path, CHANGES, {"figures": [figure]})
    assert "figures[0]" in str(caught.value)
    assert said in str(caught.value)


def test_a_mechanism_that_an_axis_inserts(tmp_path):
    """The rule names one; the axis puts another in its place."""
    rules = [{"in": "all", "Ra": 100}, {"in": "soma", "insert": {"hh": {}}}]
    kinds = {"axes": {"kind": {"values": ["hh", "pas"], "sets": "cell.soma.hh"}}}
    figure = {"kind": "morphology", "of": "pas.g"}
    model = {"model": {"cells": {"cell": {"biophysics": rules}}}}
    assert plan_stick(tmp_path, model, kinds, {"figures": [figure]}).figures
    with pytest.raises(UserError, match=r"pas\.g: no segment of cell has it"):
        plan_stick(tmp_path, model, {"figures": [figure]})
