"""What differs between two plans, in words: a row a change."""

import copy

import pytest

from spikesweep.comparing.changes import (
    axis_changes,
    code_changes,
    differences,
    document_changes,
    kind_of_change,
    recipe_changes,
    slot_changes,
    version_changes,
)
from spikesweep.comparing.plans import model_changes, record_changes


def axis(name, values, unit="uM", long_name="dose"):
    return {"name": name, "unit": unit, "long_name": long_name, "values": values}


DOSE, CELSIUS = axis("dose", [1, 10]), axis("celsius", [6.3, 10], "degC", "temperature")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([DOSE, CELSIUS], [DOSE, CELSIUS], []),
        ([DOSE], [axis("dose", [1, 3, 10])], ["axis dose: +1 value"]),
        ([DOSE], [axis("dose", [1, 3, 5, 10])], ["axis dose: +2 values"]),
        ([DOSE], [axis("dose", [10])], ["axis dose: -1 value"]),
        ([DOSE], [axis("dose", [10, 20])], ["axis dose: +1 value", "axis dose: -1 value"]),
        ([DOSE], [axis("dose", [10, 1])], ["axis dose: order of the values changed"]),
        ([DOSE], [axis("drug", [1, 10])], ["axis dose: renamed to drug"]),
        ([DOSE], [axis("drug", [1, 20])], ["axis dose: gone", "axis drug: new"]),
        ([DOSE], [axis("dose", [1, 10], "nM")], ["axis dose: unit uM -> nM"]),
        ([DOSE], [axis("dose", [1, 10], "uM", "drug")], ["axis dose: label dose -> drug"]),
        ([DOSE, CELSIUS], [CELSIUS, DOSE], ["axes: order changed"]),
        ([DOSE], [DOSE, CELSIUS], ["axis celsius: new"]),
    ],
)
def test_axis_changes(old, new, said):
    assert axis_changes(old, new) == said


DOCUMENT = {
    "cells": {
        "a": {
            "morphology": {"format": "swc", "sha256": "1"},
            "segments": {"nseg": 1},
            "biophysics": [{"in": ["soma"], "Ra": 100, "insert": {"kdr": {"gkbar": 0.1}}}],
        }
    },
    "protocol": {"tstop": 100, "processes": {}},
    "mechanisms": {"kdr": "1"},
    "engine": {"neuron": "9.0.2", "code": "1"},
}


def changed(*path_and_value):
    *path, last, value = path_and_value
    document = copy.deepcopy(DOCUMENT)
    place = document
    for part in path:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (DOCUMENT, []),
        (changed("protocol", "tstop", 200), ["protocol.tstop: 100 -> 200"]),
        (
            changed("cells", "a", "biophysics", 0, "insert", "kdr", "gkbar", 0.2),
            ["model.cells.a.biophysics[0].insert.kdr.gkbar: 0.1 -> 0.2"],
        ),
        (changed("cells", "a", "segments", "nseg", 3), ["model.cells.a.spatial.nseg: 1 -> 3"]),
        (
            changed("cells", "a", "biophysics", 0, "Ra", None),
            ["model.cells.a.biophysics[0].Ra: gone"],
        ),
        (changed("mechanisms", "kdr", "2"), ["mechanism kdr: source changed"]),
        (changed("mechanisms", "nat", "2"), ["mechanism nat: new"]),
        (
            changed("cells", "a", "morphology", "sha256", "2"),
            ["morphology of cell a: content changed"],
        ),
        (changed("engine", "neuron", "9.1.0"), ["NEURON 9.0.2 -> 9.1.0"]),
        (changed("engine", "code", "2"), ["code simulation.integration: changed"]),
    ],
)
def test_document_changes(new, said):
    assert document_changes(DOCUMENT, new, ["code simulation.integration: changed"]) == said


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("mechanisms", "kdr"), "mechanism"),
        (("cells", "a", "morphology", "sha256"), "morphology"),
        (("cells", "a", "sources", "models/a.hoc"), "model"),
        (("cells", "a", "biophysics", 0, "Ra"), "parameter"),
        (("protocol", "tstop"), "parameter"),
        (("engine", "code"), "code"),
        (("engine", "neuron"), "version"),
        (("seed",), "seed"),
    ],
)
def test_kinds_of_changes(path, kind):
    assert kind_of_change(path) == kind


def test_differences_of_lists_of_other_lengths_are_told_as_a_whole():
    assert list(differences({"a": [1, 2]}, {"a": [1]})) == [(("a",), [1, 2], [1])]


def test_slot_changes():
    old, new = {"slots": [["protocol", "dt"]]}, {"slots": [["cells", "a", "biophysics", 0, "Ra"]]}
    assert slot_changes(old, new) == [
        "the axes no longer set protocol.dt",
        "the axes now set cells.a.biophysics[0].Ra",
    ]


def test_code_and_version_changes():
    old = {"spikesweep.a": "1", "spikesweep.b": "1"}
    new = {"spikesweep.a": "2", "spikesweep.c": "1"}
    assert code_changes(old, new) == ["code a: changed", "code b: gone", "code c: new"]
    assert version_changes({"numpy": "1"}, {"numpy": "2"}) == ["numpy 1 -> 2"]


FIGURE = {
    "stage": "figure.heatmap",
    "code": "1",
    "versions": {"seaborn": "0.13.2"},
    "options": {"cmap": "viridis", "x": "dose"},
    "reads": {"dataset": "1"},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        (
            {"options": {"cmap": "magma", "x": "dose"}},
            ['option cmap changed: "viridis" -> "magma"'],
        ),
        ({"versions": {"seaborn": "0.14"}}, ["seaborn 0.13.2 -> 0.14"]),
        ({"reads": {"dataset": "2"}}, ["the dataset changed"]),
        ({"stage": "figure.traces"}, ["kind heatmap -> traces"]),
        ({"code": "2"}, []),  # told module by module
    ],
)
def test_recipe_changes_of_a_figure(change, said):
    assert recipe_changes(FIGURE, FIGURE | change) == said


def test_recipe_changes_of_statistics_and_mechanisms():
    statistics = {
        "stage": "statistics", "versions": {}, "reads": {"dataset": "1"}, "window": [0.0, 10.0],
    }  # fmt: skip
    new = statistics | {"reads": {"dataset": "2"}, "window": [0.0, 20.0]}
    assert recipe_changes(statistics, new) == ["window[1]: 10.0 -> 20.0", "the dataset changed"]
    library = {"stage": "mechanisms", "versions": {}, "sources": {"nat": "1"}}
    assert recipe_changes(library, library | {"sources": {"nat": "2"}}) == [
        "mechanism nat: source changed"
    ]


@pytest.mark.parametrize("kind", ["sources", "imported"])
def test_code_of_a_figure_is_no_mechanism(kind):
    figure = FIGURE | {"stage": "figure.python", kind: {"figures/mine.py": "1"}}
    for changed, said in (("2", "changed"), (None, "gone")):
        files = {"figures/mine.py": changed} if changed else {}
        expected = [f"own figure code figures/mine.py: {said}"]
        assert recipe_changes(figure, figure | {kind: files}) == expected


def test_times_that_follow_from_another_sweep_are_not_known_rather_than_none():
    def waits(times, **more):
        protocol = {"processes": {"in": {"times": times}, "own": {"times": [[1.0]]}}}
        plan = {"axes": [], "design": {"kind": "table"}, "slots": [], "products": {}}
        plan |= {"code": {"simulate": {}}, "late": {"axes": [], "options": {"spikes": {"in": []}}}}
        return plan | {"document": {"protocol": protocol}, **more}

    known, unknown = waits([[1.0, 2.0]]), waits([[]], unknown="the input is not known yet")
    said = "protocol.processes.in.times: [[1.0, 2.0]] -> not known yet"
    assert model_changes(known, unknown) == [said]
    assert model_changes(unknown, unknown) == []
    assert model_changes(known, waits([[]])) == ["protocol.processes.in.times[0]: [1.0, 2.0] -> []"]


def test_a_label_is_no_reason_to_simulate():
    axis = {"name": "dose", "values": [1], "unit": "uM", "long_name": "dose"}
    old = {"axes": [axis], "design": {"kind": "grid"}, "slots": [], "document": {}}
    old |= {"code": {"simulate": {}}, "versions": {}, "products": {}}
    new = old | {"axes": [axis | {"long_name": "concentration"}]}
    assert model_changes(old, new) == []
    assert model_changes(old, new | {"axes": [axis | {"values": [1, 2]}]}) == [
        "axis dose: +1 value"
    ]


def test_values_that_are_not_known_yet_are_not_gone():
    """Those of a plan that waits for results are of the rounds before."""
    asked, all_of_it = axis("dose", [1]), axis("dose", [1, 2, 3])
    old = {"axes": [all_of_it], "design": {"kind": "table"}, "slots": [], "document": {}}
    old |= {"code": {"simulate": {}}, "versions": {}, "products": {}, "late": {"axes": [asked]}}
    new = old | {"axes": [asked], "unknown": "which points is not known yet"}
    said = ["axis dose: values not known yet"]
    assert model_changes(old, new) == model_changes(new, old) == said
    more = new | {"late": {"axes": [axis("dose", [1, 5])]}}
    assert model_changes(old, more) == ["axis dose: +1 value", *said]
    assert model_changes(new, new) == []


V, CA = {"at": "soma(0.5)", "variable": "v"}, {"at": "soma(0.5)", "variable": "cai"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"v": V}, {"v": V}, []),
        ({"v": V}, {"soma": V}, ["trace v is named soma now"]),
        ({"v": V, "ca": CA}, {"ca": V, "v": CA}, ["trace v is another", "trace ca is another"]),
        ({"v": V}, {"ca": CA}, ["trace v is gone", "trace ca is new"]),
        ({"v": V}, {"a": V, "b": V}, ["trace v is named a now", "trace b is new"]),
        ({"a": V, "b": V}, {"v": V}, ["trace a is named v now", "trace b is gone"]),
        ({"v": V}, {"v": V, "w": V}, ["trace w is new"]),
    ],
)
def test_what_is_recorded_under_another_name_is_no_other(old, new, said):
    documents = [{"record": {"traces": traces, "precision": "float32"}} for traces in (old, new)]
    assert record_changes(*documents) == said


FANO = {"python": "measures/fano.py:fano", "sources": {"measures/fano.py": "aa"}, "imported": {}}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"fano": FANO}, []),
        ({"fano": {**FANO, "sources": {"measures/fano.py": "bb"}}},
         ["measures/fano.py of statistic fano: changed"]),
        ({"fano": {**FANO, "imported": {"measures/counts.py": "bb"}}},
         ["measures/counts.py of statistic fano: new"]),
        ({"fano": FANO, "burst": FANO}, ["statistic burst: new"]),
        ({}, ["statistic fano: gone"]),
    ],
)  # fmt: skip
def test_code_of_own_statistics_is_told_by_its_files(new, said):
    recipes = [
        {"stage": "own_statistics", "versions": {}, "own_code": own}
        for own in ({"fano": FANO}, new)
    ]
    assert recipe_changes(*recipes) == said
