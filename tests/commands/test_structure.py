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
