"""Mechanism variants: an axis puts one mechanism after the other in the place of another."""

import pytest

from planning import merged
from spikesweep.errors import UserError

CHANNEL = """NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE gkbar, {more} }}
PARAMETER {{ gkbar = 0.01 ({unit}) {more} = 1 (ms) }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) }}
BREAKPOINT {{ ik = gkbar*(v - ek) }}
"""
CHANNELS = {
    "slow": CHANNEL.format(name="slow", more="tau", unit="S/cm2"),
    "fast": CHANNEL.format(name="fast", more="tau", unit="mho/cm2"),
    "other": CHANNEL.format(name="other", more="delta", unit="S/cm2"),
    "milli": CHANNEL.format(name="milli", more="tau", unit="mS/cm2"),
}
MODEL = {
    "model": {
        "mechanisms": "default",
        "cells": {
            "cell": {
                "biophysics": [
                    {"in": "all", "Ra": 100, "insert": {"pas": {}}},
                    {"in": "soma", "insert": {"slow": {"gkbar": 0.02, "tau": 5}, "hh": {}}},
                    {"in": "basal", "insert": {"slow": {"gkbar": 0.03}}},
                ]
            }
        },
    }
}


@pytest.fixture
def plan_variants(plan, tmp_path):
    """Plans MODEL with some axes, and a mechanism set of CHANNELS."""
    (tmp_path / "mod").mkdir()
    for name, source in CHANNELS.items():
        (tmp_path / f"mod/{name}.mod").write_text(source)
    return lambda axes, **more: plan(MODEL | {"axes": axes} | more)


def inserted(made):
    """The `insert` of each rule, simulation by simulation."""
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    return [[r.get("insert") for r in d["cells"]["cell"]["biophysics"]] for d in documents]


def test_shared_parameters_are_carried_over(plan_variants):
    axes = {"kind": {"values": ["slow", "fast", "other"], "sets": "cell.soma.slow"}}
    made = plan_variants(axes)
    basal = {"slow": {"gkbar": 0.03}}
    assert inserted(made) == [
        [{"pas": {}}, {"slow": {"gkbar": 0.02, "tau": 5}, "hh": {}}, basal],
        [{"pas": {}}, {"fast": {"gkbar": 0.02, "tau": 5}, "hh": {}}, basal],
        [{"pas": {}}, {"other": {"gkbar": 0.02}, "hh": {}}, basal],
    ]
    assert [note for note in made.template.files.notes if "tau" in note] == [
        "config/sweeps/s.yaml: axes.kind.values: other has no tau as slow has; left out"
    ]
    assert made.mechanisms >= {"slow", "fast", "other"}
    assert made.axes[0]["long_name"] == ""  # so that figures go by the name of the axis


def test_in_all_regions_and_with_what_other_axes_set(plan_variants):
    """A conductance that is set, scaled and moved into the variant; two axes in one rule."""
    axes = {
        "kind": {"values": ["fast"], "sets": "cell.all.slow"},
        "g": {"values": [0.4], "sets": "cell.soma.slow.gkbar"},
        "dose": {"values": [10], "drug": {"scales": "cell.all.slow.gkbar", "ic50": 10}},
        "leak": {"values": ["other"], "sets": "cell.all.pas"},
    }
    for names in (list(axes), list(axes)[::-1]):
        [rules] = inserted(plan_variants({name: axes[name] for name in names}))
        assert rules == [
            {"other": {}},
            {"fast": {"gkbar": 0.2, "tau": 5}, "hh": {}},
            {"fast": {"gkbar": 0.015}},
        ]


def test_a_key_depends_on_the_sources_of_its_own_variant(plan_variants, tmp_path):
    axes = {"kind": {"values": ["slow", "fast"], "sets": "cell.all.slow"}}
    before = plan_variants(axes).keys
    assert before[0] == plan_variants({}).keys[0]  # as without the axis
    (tmp_path / "mod/fast.mod").write_text(CHANNELS["fast"].replace("0.01", "0.02"))
    after = plan_variants(axes).keys
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)


def test_variants_from_a_table(plan_variants, tmp_path):
    (tmp_path / "kinds.csv").write_text("kind,g\nslow,0.1\nfast,0.2\n")
    axes = {"kind": {"sets": "cell.soma.slow"}, "g": {"sets": "cell.soma.slow.gkbar"}}
    made = plan_variants(axes, design={"table": "kinds.csv"})
    assert [rules[1] for rules in inserted(made)] == [
        {"slow": {"gkbar": 0.1, "tau": 5}, "hh": {}},
        {"fast": {"gkbar": 0.2, "tau": 5}, "hh": {}},
    ]
    assert "fast" in made.mechanisms


def test_one_copy_has_the_variant(plan_variants):
    axes = {"kind": {"values": ["slow", "fast"], "sets": "cell[1].soma.slow"}}
    model = merged(MODEL["model"], {"cells": {"cell": {"count": 2}}})
    made = plan_variants(axes, model=model)
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    for document, kind in zip(documents, ("slow", "fast"), strict=True):
        cells = document["cells"]
        assert set(cells["cell"]["biophysics"][1]["insert"]) == {"slow", "hh"}
        assert set(cells["cell[1]"]["biophysics"][1]["insert"]) == {kind, "hh"}
    sources = [set(document["mechanisms"]) for document in documents]
    assert sources == [{"slow"}, {"slow", "fast"}]
    with pytest.raises(UserError, match=r"record\.traces\.g\[0\]\.of: an axis replaces slow"):
        plan_variants(axes, model=model, **TRACE)


TRACE = {"record": {"traces": {"g": {"of": "cell.soma(0.5).slow.gkbar"}}}}

PLAY = {
    "protocol": {
        "play": {"p": {"into": "cell.soma(0.5).slow.tau", "expression": "1 + t", "every": 1}}
    }
}


@pytest.mark.parametrize(
    ("axes", "more", "said"),
    [
        ({"k": ("cell.soma.slow", ["slow", "slwo"])}, {}, 'named "slwo", did you mean "slow"'),
        ({"k": ("cell.soma.slow", ["IClamp"])}, {}, '"IClamp" is no density mechanism'),
        ({"k": ("cell.soma.slow", ["hh"])}, {}, "hh stands beside slow already; expected"),
        ({"k": ("cell.soma.slow", ["milli"])}, {}, "gkbar is in mS/cm2 in milli, but in S/cm2 in"),
        ({"k": ("cell.dend.slow", ["fast"])}, {}, "cell.dend: a rule inserts it beyond dend"),
        ({"k": ("cell.soma.fast", ["slow"])}, {}, 'axes.k.sets: "fast"'),
        (
            {"k": ("cell.soma.slow", ["fast"]), "l": ("cell.all.slow", ["other"])},
            {},
            "the axis k sets cells.cell.biophysics.1.insert.slow as well",
        ),
        ({"k": ("cell.soma.slow", ["fast"])}, TRACE, "record.traces.g.of: an axis replaces slow"),
        ({"k": ("cell.soma.slow", ["fast"])}, PLAY, "protocol.play.p.into: an axis replaces slow"),
        ({"k": ({"cell.soma.slow": "k"}, [1])}, {}, "a formula gives a number; this takes a name"),
        ({"k": (["cell.soma.slow", "step.amp"], [1])}, {}, "take values of different kinds"),
    ],
)  # fmt: skip
def test_refused_with_one_message(plan_variants, axes, more, said):
    written = {name: {"sets": sets, "values": values} for name, (sets, values) in axes.items()}
    with pytest.raises(UserError) as caught:
        plan_variants(written, **more)
    assert said in str(caught.value)


@pytest.mark.parametrize("target", ["cell.soma.slow", "cell.morphology"])
def test_a_drug_scales_numbers(plan_variants, target):
    axes = {"dose": {"values": [1], "drug": {"scales": target, "ic50": 1}}}
    with pytest.raises(UserError, match=r"config/sweeps/s\.yaml: axes\.dose"):
        plan_variants(axes)
