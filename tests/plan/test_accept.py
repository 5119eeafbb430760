"""Criteria of a population, as a sweep file and other tools' files write them."""

import json

import pytest

from planning import merged
from spikesweep.errors import UserError
from spikesweep.sweepfile.accept import CLASSES
from spikesweep.tables import firing
from spikesweep.tables.verdicts import criterion_text

SWEEP = {
    "record": {
        "traces": {"v": {"of": "cell.soma(0.5).v"}},
        "features": {"f": {"of": "cell.soma(0.5).v", "names": ["AP_height", "mean_frequency"]}},
    },
    "axes": {
        "gk": {"values": [20, 36], "unit": "mS/cm2", "sets": "cell.soma.hh.gkbar"},
        "amp": {"values": [0, 0.2], "unit": "nA", "sets": "step.amp"},
    },
}
TARGETS = {
    "Step1": {"soma": {"AP_height": [25.0, 5.0]}, "dend1": {"AP_height": [1, 2]}},
    "Step-3": {"soma": [{"feature": "x", "efel_feature_name": "mean_frequency", "val": [9, 1]}]},
}


@pytest.fixture
def accept(plan):
    return lambda criteria, **more: plan({**SWEEP, **more, "accept": criteria})


def test_numbers_are_in_the_unit_of_what_they_are_of(accept):
    made = accept(
        {
            "height": {"of": "f.AP_height", "range": ["0.02 V", 45], "at": {"amp": "200 pA"}},
            "fires": {"of": "rate", "at_least": "0.01 kHz", "source": "doi:10.1/2"},
            "rest": {"of": "v_min", "mean": "-65 mV", "sd": "2 mV", "z": 2},
        }
    )
    height, fires, rest = made.criteria.values()
    assert (height["of"], height["low"], height["high"]) == ("f_AP_height", 20.0, 45.0)
    assert (height["unit"], height["at"]) == ("mV", {"amp": 0.2})
    assert (fires["low"], fires["high"], fires["source"]) == (10.0, None, "doi:10.1/2")
    assert (rest["low"], rest["high"], rest["z"]) == (-69.0, -61.0, 2.0)
    assert made.candidate_axes == ["gk"]
    recipe = made.products[made.files["population"].name].recipe
    assert recipe["accept"]["is_sample"] is False


def test_classes_of_firing(accept):
    made = accept({"kind": {"of": "class", "among": ["tonic", "bursting"], "at": {"amp": 0.2}}})
    [one] = made.criteria.values()
    assert (one["of"], one["classes"], one["at"]) == ("class", ["bursting", "tonic"], {"amp": 0.2})
    assert made.candidate_axes == ["gk"]


def test_what_a_criterion_over_copies_of_a_cell_looks_at(accept):
    """Numbers are means over all; a class is that of one cell, which is named."""
    copies = merged(SWEEP, {"model": {"cells": {"cell": {"count": 3}}}})
    kind = {"of": "class", "among": ["tonic"]}
    made = accept(
        {
            "kind": kind | {"site": "soma"},
            "first": kind,
            "last": kind | {"site": "soma[2]"},
            "fires": {"of": "rate", "at_least": 1, "site": "soma"},
            "one": {"of": "rate", "at_least": 1, "site": "soma[1]"},
        },
        **{name: copies[name] for name in ("model", "record")},
    )
    assert [criterion_text(one) for one in made.criteria.values()] == [
        "class of soma[0] tonic",
        "class of soma[0] tonic",
        "class of soma[2] tonic",
        "rate of soma (mean of 3 cells) at least 1 Hz",
        "rate of soma[1] at least 1 Hz",
    ]


def test_classes_are_those_that_firing_has():
    assert CLASSES == firing.CLASSES


def test_without_a_value_of_it_an_axis_tells_candidates_apart(accept):
    assert accept({"fires": {"of": "rate", "at_least": 1}}).candidate_axes == ["gk", "amp"]


def test_replicates_are_of_one_candidate(accept):
    made = accept({"fires": {"of": "rate", "at_least": 1}}, design={"replicates": 3})
    assert made.candidate_axes == ["gk", "amp"]


def test_a_sample_is_told_from_others(accept):
    axes = {"gk": {"unit": "mS/cm2", "sets": "cell.soma.hh.gkbar", "values": None}}
    for design, is_sample in (({"sobol": 8}, True), ({"morris": 2}, False)):
        part = {**design, "of": {"gk": [20, 60]}}
        made = accept(
            {"fires": {"of": "rate", "at_least": 1}},
            axes={**SWEEP["axes"], **axes},
            design={"grid": [part, "amp"]},
        )
        assert made.options["accept"]["is_sample"] is is_sample


def test_targets_of_other_tools(accept, tmp_path):
    (tmp_path / "targets.json").write_text(json.dumps(TARGETS))
    protocols = {"Step1": {"amp": 0}, "Step-3": {"amp": "200 pA"}}
    made = accept(
        {"cells": {"file": "targets.json", "z": 3, "places": {"soma": "f"}, "source": "mine",
                   "protocols": protocols}}
    )  # fmt: skip
    one, other = made.criteria.items()
    assert one[0] == "cells_Step1_soma_AP_height"
    assert (one[1]["low"], one[1]["high"], one[1]["at"]) == (10.0, 40.0, {"amp": 0.0})
    assert other[0] == "cells_Step_3_mean_frequency"
    assert (other[1]["of"], other[1]["low"], other[1]["high"]) == ("f_mean_frequency", 6.0, 12.0)
    assert other[1]["source"] == "mine"
    assert "targets.json" in map(str, made.sources)


@pytest.mark.parametrize(
    ("criterion", "message"),
    [
        ({"of": "rat", "at_least": 1}, 'accept.c.of: no quantity is named "rat", did you mean'),
        ({"of": "rate"}, "expected one of: range"),
        ({"of": "class"}, "among: expected classes, such as [tonic, bursting], of `class` alone"),
        ({"of": "rate", "among": ["tonic"]}, "among: expected classes"),
        ({"of": "class", "among": ["tonc"]}, "tonc"),
        ({"of": "class", "among": ["tonic"], "at_least": 1}, "`class` among: [tonic, bursting]"),
        ({"of": "rate", "range": [1, 2], "at_most": 3}, "expected one of: range"),
        ({"of": "rate", "mean": 1, "sd": 2}, "expected mean, sd and z"),
        ({"of": "rate", "mean": 1, "sd": 0, "z": 2}, "accept.c.sd: 0; expected"),
        ({"of": "rate", "range": [3, 2]}, "accept.c: 3 is above 2"),
        (
            {"of": "rate", "at_least": "1 mV"},
            'accept.c.at_least: "1 mV" has the wrong kind of unit',
        ),
        ({"of": "rate", "at_least": 1, "at": {"ampl": 0}}, 'no axis is named "ampl", did you mean'),
        ({"of": "rate", "at_least": 1, "at": {"amp": 0.3}}, "accept.c.at.amp: 0.3 is no value"),
        ({"of": "rate", "at_least": 1, "site": "dend"}, 'no spike site is named "dend"'),
        ({"of": "rate", "at_least": 1, "at": {"amp": 0, "gk": 20}}, "no other is left in which"),
        ({"file": "no.json", "z": 2}, 'accept.c.file: "no.json": no such file'),
        ({"file": "targets.json", "z": 2}, "targets.json has Step-3, Step1; expected those"),
        ({"file": "targets.json", "z": 2, "protocols": {"Step1": {}}}, "accept.c.places: the file"),
        (
            {"file": "targets.json", "z": 2, "protocols": {"Step1": {}}, "places": {"soma": "g"}},
            'no name in record.features is named "g"',
        ),
    ],
)
def test_mistakes_are_told(accept, tmp_path, criterion, message):
    (tmp_path / "targets.json").write_text(json.dumps(TARGETS))
    with pytest.raises(UserError) as told:
        accept({"c": criterion})
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "expected {protocol"),
        ('{"p": {"soma": {"AP_height": [1, null]}}}', "AP_height: expected [mean, sd]"),
        ('{"p": {"soma": {"AP_height": [1, NaN]}}}', "AP_height: expected [mean, sd]"),
        ('{"p": {"soma": {"AP_width": [1, 2]}}}', "p.soma has a target for AP_width, which is not"),
        ('{"p": {"soma": 3}}', "expected {feature: [mean, sd]}"),
        ('{"p": {"soma": {"AP_height": [1, -2]}}}', "accept.c.sd: -2"),
    ],
)
def test_what_is_no_file_of_targets(accept, tmp_path, text, message):
    (tmp_path / "targets.json").write_text(text)
    with pytest.raises(UserError) as told:
        accept({"c": {"file": "targets.json", "z": 2}})
    assert message in str(told.value)


@pytest.mark.parametrize("name", ["gk", "verdict"])
def test_names_that_columns_have(accept, name):
    with pytest.raises(UserError, match=f"accept.{name}: .* has this name"):
        accept({name: {"of": "rate", "at_least": 1}})


@pytest.mark.parametrize(
    "figure",
    [{"kind": "candidates"}, {"kind": "python", "draw": "f.py:f", "reads": ["population"]}],
)
def test_figures_of_a_population_need_one(plan, tmp_path, figure):
    (tmp_path / "f.py").write_text("def f(fig, results):\n    pass\n")
    with pytest.raises(UserError, match="the sweep has no population"):
        plan({**SWEEP, "figures": [figure]})
