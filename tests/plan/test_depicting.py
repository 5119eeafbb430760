"""Morphology figures name the axes on which they depend: those that change what NEURON built."""

import pytest

from planning import merged
from project import ROOT
from spikesweep.jobs.structure import structure
from spikesweep.plan.depicting import depicted_axes
from spikesweep.plan.making import make_plan
from spikesweep.simulation.simulator import Simulator
from spikesweep.sweepfile.figures import Morphology

V = {"record": {"traces": {"v": {"of": "cell.soma(0.5).v"}}}}
SHAPE = ("section", "index", "region", "x", "x0", "y0", "z0", "x1", "y1", "z1", "diam")
COLOURS = ("region", "diam", "distance", "Ra", "cm", "hh.gkbar", "pas.g", "pas.e")


def sweep(sets: str, values: list) -> dict:
    """What differs from STICK: parameters, and an axis of two values; a figure of each colour."""
    insert = {"hh": {"gkbar": 0.01}, "pas": {"g": "1e-4 * scale"}}
    rules = [
        {"in": "all", "Ra": 100, "cm": 1},
        {"in": "soma", "insert": {"hh": {}}},
        {"in": "basal", "insert": insert},
    ]
    return {
        "model": {
            "parameters": {"scale": 1, "length": 50, "elsewhere": 2},
            "cells": {
                "cell": {
                    "spatial": {"nseg": "ceil(L / length)"},
                    "biophysics": [*rules, {"in": "tip", "insert": {"pas": {"e": "-70 * scale"}}}],
                },
                "other": {
                    "sections": {"soma": {"L": 5, "diam": 5}},
                    "biophysics": [{"in": "all", "insert": {"pas": {"g": "elsewhere"}}}],
                },
            },
        },
        "axes": {"a": {"values": values, "sets": sets, "label": "an axis"}},
        "figures": [{"kind": "morphology", "cell": "cell", "of": of} for of in COLOURS],
    }


@pytest.mark.parametrize(("sets", "values"), [
    ("cell.dend.L", [100, 200]),
    ("cell.soma.diam", [10, 20]),
    ("cell.spatial.nseg", [1, 3]),
    ("cell.dend.hh.gkbar", [0.01, 0.02]),
    ("cell.dend.pas.g", [1e-4, 2e-4]),
    ("cell.all.Ra", [100, 200]),
    ("cell.basal.cm", [1, 2]),
    ("parameters.scale", [1, 2]),
    ("parameters.length", [50, 20]),
    ("parameters.elsewhere", [2, 3]),
    ("other.soma.L", [5, 10]),
    ("protocol.celsius", [6.3, 20]),
    ("step.amp", [0.1, 0.2]),
    ("cell.soma.hh", ["hh", "pas"]),
])  # fmt: skip
def test_figures_depend_on_the_axes_that_change_them(plan, sets, values):
    made = plan(sweep(sets, values))
    first, last = (
        [row for row in structure(made.template.fill(values), Simulator()) if row["cell"] == "cell"]
        for values in zip(*made.columns, strict=True)
    )

    def seen(rows, of):
        return [[row.get(column) for column in (*SHAPE, of)] for row in rows]

    differ = {of for of in COLOURS if seen(first, of) != seen(last, of)}
    told = {of for of in COLOURS
            if made.figures[f"morphology_{of.replace('.', '_')}"].recipe["simulation"]}  # fmt: skip
    assert told == differ


@pytest.mark.parametrize(("of", "axes"), [
    ("region", {"length"}), ("diam", {"length"}), ("pas.g", {"length", "leak"}),
    ("pas.e", {"length"}),
])  # fmt: skip
def test_what_axes_set_in_a_cell_of_code(of, axes):
    """`length` is an argument of the template, which can change anything; `leak` sets pas.g."""
    template = make_plan(ROOT, "hoc_template").template
    assert depicted_axes(Morphology(kind="morphology", of=of), template) == axes


def test_a_band_of_traces_knows_what_is_unphysical(plan):
    """Of lines each is shown as it is; in a band one that left its bounds would count."""
    lines, band = ({"kind": "traces", "trace": "v", "name": name} for name in ("lines", "band"))
    made = plan(merged(V, {"figures": [lines, band | {"band": "sd"}]}))
    reads = [set(figure.recipe["reads"]) for figure in made.figures.values()]
    assert reads == [{"dataset"}, {"dataset", "simulations"}]
