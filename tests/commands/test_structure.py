"""The sections of a sweep's cells, against plain NEURON."""

import math

import pytest

from spikesweep.commands.structure import first_cells, sections, tell


def test_sections_of_a_declared_cell(plan):
    """Cylinders: the area is pi * diam * L, distances count from the middle of the soma."""
    made = plan({"model": {"cells": {"cell": {"spatial": {"nseg": 3}}}}})
    soma, dend, tip = sections(first_cells(made))
    assert soma[:6] == ("cell", "soma[0]", "soma", 3, 20, 20)
    assert dend[:6] == ("cell", "dend[0]", "basal", 3, 100, 1)
    assert tip[:6] == ("cell", "tip[0]", "basal", 3, 50, 1)
    assert dend.area == pytest.approx(math.pi * 100)
    assert dend.distance == pytest.approx(10 + 100 / 6)
    assert tip.distance == pytest.approx(10 + 100 + 50 / 6)
    head, names, *lines = tell([soma, dend, tip])
    assert head == "cell: 3 sections (um, um2)"
    assert names.split() == ["section", "region", "nseg", "L", "diam", "distance", "area"]
    assert lines[1].split()[:5] == ["dend[0]", "basal", "3", "100", "1"]


def test_a_mistake_in_a_figure_does_not_hide_the_places(plan, monkeypatch, capsys):
    """The message of a profile sends the reader here, for a place found by its distance."""
    import argparse

    from spikesweep.commands import structure
    from spikesweep.errors import UserError

    traces = {name: {"of": f"cell.dend(distance={d})"} for name, d in (("a", 20), ("b", 60))}
    traces = {name: {"of": trace["of"] + ".v"} for name, trace in traces.items()}
    figures = [{"kind": "profile", "traces": ["a", "b"]}]
    with pytest.raises(UserError, match="`spikesweep structure` tells"):
        plan({"record": {"traces": traces}, "figures": figures})
    monkeypatch.setattr(structure, "enter_project", lambda: None)
    structure.run(argparse.Namespace(sweep="s"))
    said = capsys.readouterr().out
    assert "cell.dend(distance=20) is cell.dend(" in said
