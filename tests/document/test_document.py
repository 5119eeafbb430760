"""What axes put into the simulation document, and which documents share a key."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import gkbar_by_section
from spikesweep.document.axes.effects import scaled
from spikesweep.errors import UserError
from spikesweep.products.fingerprint import canonical_json, sha256
from spikesweep.products.items import Members
from spikesweep.products.slots import fill


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ({"sets": "cell.all.hh.gkbar", "values": [0.5]}, {"soma": 0.5, "dend": 0.5, "tip": 0.5}),
        ({"sets": "cell.soma.hh.gkbar", "values": [0.5]}, {"soma": 0.5, "dend": 0.01, "tip": 0.01}),
        ({"sets": "cell.basal.hh.gkbar", "values": [0.5]}, {"soma": 0.04, "dend": 0.5, "tip": 0.5}),
        ({"sets": "cell.tip.hh.gkbar", "values": [0.5]}, {"soma": 0.04, "dend": 0.01, "tip": 0.5}),
        (
            {"sets": ["cell.soma.hh.gkbar", "cell.tip.hh.gkbar"], "values": [0.5]},
            {"soma": 0.5, "dend": 0.01, "tip": 0.5},
        ),
        # 0.036 * 3**((16.3 - 6.3) / 10) = 0.108
        (
            {"sets": {"cell.soma.hh.gkbar": "0.036 * 3**((a - 6.3) / 10)"}, "values": [16.3]},
            {"soma": 0.108, "dend": 0.01, "tip": 0.01},
        ),
        (
            {"sets": {"cell.soma.hh.gkbar": "a / 2", "cell.tip.hh.gkbar": "a**2"}, "values": [0.3]},
            {"soma": 0.15, "dend": 0.01, "tip": 0.09},
        ),
        # 1 / (1 + (10 / 10)**1) = 1/2
        (
            {"drug": {"scales": "cell.all.hh.gkbar", "ic50": 10}, "values": [10]},
            {"soma": 0.02, "dend": 0.005, "tip": 0.005},
        ),
        # 1 / (1 + (30 / 10)**2) = 1/10
        (
            {"drug": {"scales": "cell.tip.hh.gkbar", "ic50": 10, "hill": 2}, "values": [30]},
            {"soma": 0.04, "dend": 0.01, "tip": 0.001},
        ),
    ],
)
def test_an_axis_sets_what_it_names_and_nothing_else(plan, axes, expected):
    made = plan({"axes": {"a": axes}})
    document = made.template.fill([column[0] for column in made.columns])
    assert gkbar_by_section(document) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("order", [["set", "block"], ["block", "set"]])
def test_a_drug_scales_what_another_axis_sets(plan, order):
    axes = {
        "set": {"values": [0.2, 0.4], "sets": "cell.soma.hh.gkbar"},
        "block": {"values": [0, 10], "drug": {"scales": "cell.all.hh.gkbar", "ic50": 10}},
    }
    made = plan({"axes": {name: axes[name] for name in order}, "design": {"grid": order}})
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    values = {tuple(gkbar_by_section(document).values()) for document in documents}
    assert values == {
        (0.2, 0.01, 0.01), (0.4, 0.01, 0.01), (0.1, 0.005, 0.005), (0.2, 0.005, 0.005)
    }  # fmt: skip


def test_a_formula_speaks_of_other_axes(plan):
    """A pulse of the same charge (pC = nA ms) at any amplitude."""
    axes = {
        "amp": {"values": ["0.1 nA", "400 pA"], "sets": "step.amp"},
        "charge": {"values": [1, 2], "sets": {"step.dur": "charge / amp"}},
    }
    made = plan({"axes": axes, "design": {"grid": ["amp", "charge"]}})
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    steps = [document["protocol"]["processes"]["step"]["parameters"] for document in documents]
    assert [(step["amp"], step["dur"]) for step in steps] == [
        (0.1, 10), (0.1, 20), (0.4, 2.5), (0.4, 5)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("axis", "unit", "long_name"),
    [
        ({"sets": {"protocol.celsius": "T", "step.amp": "T / 10"}}, "degC", "temperature"),
        ({"sets": {"cell.soma.hh.gkbar": "T / 100"}}, "", ""),
        ({"sets": {"cell.soma.hh.gkbar": "T / 100"}, "unit": "K", "label": "heat"}, "K", "heat"),
    ],
)  # fmt: skip
def test_an_axis_is_named_after_what_is_set_to_it(plan, axis, unit, long_name):
    [made] = plan({"axes": {"T": axis | {"values": [10, 20]}}}).combination.axes
    assert (made.unit, made.long_name) == (unit, long_name)


def test_an_axis_sets_an_element_of_an_array(plan):
    """The other elements keep what the sweep file says, or NEURON's 0."""
    clamp = {"type": "VClamp", "at": "cell.soma(0.5)", "dur": ["1 ms", 2, 3]}
    targets = {"clamp.dur[1]": "d", "clamp.amp[2]": "10 * d"}
    made = plan(
        {
            "protocol": {"processes": {"clamp": clamp}},
            "axes": {"d": {"values": [5, 6], "sets": targets}},
        }
    )
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    assert [document["protocol"]["processes"]["clamp"]["parameters"] for document in documents] == [
        {"dur": [1, 5, 3], "amp": [0, 0, 50]}, {"dur": [1, 6, 3], "amp": [0, 0, 60]}
    ]  # fmt: skip


CVODE = {"protocol": {"cvode": {"atol": "1e-4"}}}


def test_cvode_takes_the_place_of_dt(plan):
    made = plan({"protocol": {"cvode": {}, "settle": "0.1 s"}})
    protocol = made.template.fill([])["protocol"]
    assert protocol["cvode"] == {"atol": 1e-3, "rtol": 0}
    assert protocol["settle"] == 100
    assert "dt" not in protocol
    assert "cvode" in made.packing


def test_what_a_protocol_does_not_ask_for_stands_in_no_document(plan):
    document = plan().template.fill([])
    assert document["protocol"].keys() == {
        "celsius", "v_init", "tstop", "dt", "globals", "processes", "connections"
    }  # fmt: skip
    assert not plan().packing


def test_axes_of_tolerances_and_of_settling(plan):
    axes = {
        "atol": {"values": [1e-3, 1e-5], "sets": "protocol.cvode.atol"},
        "settle": {"values": [0, 50], "sets": "protocol.settle"},
    }
    made = plan(CVODE | {"axes": axes})
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    assert [(d["protocol"]["cvode"]["atol"], d["protocol"]["settle"]) for d in documents] == [
        (1e-3, 0), (1e-3, 50), (1e-5, 0), (1e-5, 50)
    ]  # fmt: skip
    assert all(slot.is_shared for slot in made.template.slots)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"axes": {"a": {"values": [0], "sets": "protocol.cvode.atol"}}},
            "atol 0: expected a value above 0",
        ),
        ({"axes": {"a": {"values": [1], "sets": "protocol.dt"}}}, 'protocol has no "dt"'),
        (
            {"record": {"spikes": {"soma": {"times": "interpolated"}}}},
            "record.spikes.soma.times: interpolated looks at steps of equal length",
        ),
    ],
)
def test_what_cvode_refuses(plan, changes, said):
    with pytest.raises(UserError, match=said):
        plan(CVODE | changes)


NOISE = {"into": "step.amp", "noise": {"mean": "100 pA", "sd": 0.05, "every": 0.1}}


def test_axes_set_the_numbers_of_noise(plan):
    axes = {
        "sd": {"values": [0, 50], "unit": "pA", "sets": "noise.sd"},
        "mean": {"values": [0.1], "sets": "protocol.play.noise.mean"},
    }
    made = plan({"protocol": {"play": {"noise": NOISE}}, "axes": axes})
    documents = [made.template.fill(values) for values in zip(*made.columns, strict=True)]
    into = {"process": "step", "variable": "amp"}
    assert [document["protocol"]["play"]["noise"] for document in documents] == [
        {"into": into, "noise": {"mean": 0.1, "sd": sd, "every": 0.1}, "between": "steps"}
        for sd in (0, 0.05)
    ]
    assert [document["seed"] for document in documents] == [0, 0]
    assert not any(slot.is_shared for slot in made.template.slots)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("step.amp", "noise is played into step.amp, so the axis would set nothing"),
        ("noise.tau", 'noise has no "tau"'),  # which it could have, but has not here
        ("noise.every", 'noise has no "every"'),
    ],
)
def test_axes_that_waveforms_refuse(plan, target, said):
    with pytest.raises(UserError, match=said):
        plan({"protocol": {"play": {"noise": NOISE}},
              "axes": {"a": {"values": [1], "sets": target}}})  # fmt: skip


def test_an_axis_of_waveform_files(plan, tmp_path):
    """The key covers the numbers of a file, in NEURON's unit, and no more of it."""
    for name, text in (("a", "t,i\n0,1\n"), ("b", "0,2\n"), ("c", "t (s),i (pA)\n0,1000\n")):
        (tmp_path / f"{name}.csv").write_text(text)

    def played(*files):
        play = {"wave": {"into": "step.amp", "csv": files[0]}}
        axes = {"file": {"values": list(files), "sets": "wave.csv"}}
        return plan({"protocol": {"play": play}, "axes": axes})

    one, other = played("a.csv", "b.csv"), played("b.csv", "c.csv")
    assert set(one.keys) == set(other.keys)
    assert len(one.keys) == 2
    assert {Path("a.csv"), Path("b.csv")} <= set(one.sources)
    waveforms = one.contents["waveforms"].values()
    assert sorted(waveform["values"] for waveform in waveforms) == [(1.0,), (2.0,)]


def test_connections_from_artificial_cells_have_no_threshold(plan):
    protocol = {
        "processes": {"go": {"type": "NetStim"}, "syn": {"type": "ExpSyn", "at": "cell.soma(0.5)"}},
        "connections": {"c": {"from": "go", "to": "syn", "weight": 0.1}},
    }
    made = plan({"protocol": protocol, "record": {"spikes": {"go": {"at": "go"}}}})
    document = made.template.fill([])
    assert document["protocol"]["processes"]["go"] == {"type": "NetStim", "parameters": {}}
    assert document["protocol"]["connections"]["c"] == {
        "from": "go", "to": "syn", "delay": 1.0, "weight": 0.1
    }  # fmt: skip
    assert document["record"]["spikes"]["go"] == {"process": "go"}
    assert document["seed"] == 0  # a NetStim can draw
    with pytest.raises(UserError, match='c has no "threshold"'):
        plan({"protocol": protocol, "axes": {"t": {"values": [1], "sets": "c.threshold"}}})


def test_a_drug_scales_what_a_formula_sets(plan):
    axes = {
        "block": {"values": [10], "drug": {"scales": "cell.soma.hh.gkbar", "ic50": 10}},
        "g": {"values": [0.2], "sets": {"cell.soma.hh.gkbar": "2 * g"}},
    }
    made = plan({"axes": axes})
    assert gkbar_by_section(made.template.fill([c[0] for c in made.columns]))["soma"] == 0.2


def test_a_parameter_that_is_left_out_starts_from_its_default(plan):
    made = plan({"axes": {"g": {"drug": {"scales": "cell.all.pas.g", "ic50": 1}, "values": [1]}}})
    [column] = made.columns
    assert column == [0.0005]  # NEURON's default of pas.g is 0.001 S/cm2


def test_a_key_is_the_hash_of_the_whole_document(plan):
    """The keys are made from the text around the slots; here from each document, and it is what
    is simulated. What is named in an order of its own says so, since JSON sorts names."""
    made = plan(
        {
            "axes": {
                "g": {"values": [0.1, 0.2], "sets": "cell.soma.hh.gkbar"},
                "amp": {"values": [0.1, "300 pA", 0.7], "sets": "step.amp"},
                "temperature": {"values": [6.3, 16], "sets": "protocol.celsius"},
            }
        }
    )
    paths = [slot.path for slot in made.template.slots]
    for values, key in zip(zip(*made.columns, strict=True), made.keys, strict=True):
        simulated = Members(fill(made.template.document, paths, values)).document()
        del simulated["record"]
        for cell in simulated["cells"].values():
            parts = ((part, list(cell.get(part, ()))) for part in ("sections", "regions"))
            if order := {part: names for part, names in parts if names != sorted(names)}:
                cell["order"] = order
        assert key == sha256(canonical_json(simulated))
    assert len(set(made.keys)) == 12


AMP = {"axes": {"amp": {"values": [0.1, 0.3], "sets": "step.amp"}}}
SAME_KEYS = {
    "precision": AMP | {"record": {"precision": "float64"}},
    "another site": AMP | {"record": {"spikes": {"dend": {"at": "cell.dend(0.5)"}}}},
    "an axis renamed": {"axes": {"current": AMP["axes"]["amp"]}},
    "a unit spelt otherwise": {"axes": {"amp": AMP["axes"]["amp"] | {"values": ["100 pA", 0.3]}}},
    "in another unit": {"axes": {"amp": {"values": [100, 300], "unit": "pA", "sets": "step.amp"}}},
    "by a formula": {"axes": {"c": {"values": [1, 3], "sets": {"step.amp": "c / 10"}}}},
    "values in another order": {"axes": {"amp": {"values": [0.3, 0.1], "sets": "step.amp"}}},
    "title, figures, jobs": AMP | {"title": "B", "simulations_per_job": 2,
                                   "figures": [{"kind": "raster"}]},
    "a default written out": AMP | {"protocol": {"celsius": 6.3, "dt": "25 us"}},
    "statistics": AMP | {"statistics": {"window": [1, 5]}},
}  # fmt: skip
OTHER_KEYS = {
    "another value": {"axes": {"amp": {"values": [0.1, 0.31], "sets": "step.amp"}}},
    "temperature": AMP | {"protocol": {"celsius": 7}},
    "time step": AMP | {"protocol": {"dt": 0.05}},
    "a length": AMP | {"model": {"cells": {"cell": {"sections": {"tip": {"L": 51}}}}}},
}


@pytest.mark.parametrize("changes", SAME_KEYS.values(), ids=SAME_KEYS)
def test_what_changes_no_result_changes_no_key(plan, changes):
    assert set(plan(changes).keys) == set(plan(AMP).keys)


@pytest.mark.parametrize("changes", OTHER_KEYS.values(), ids=OTHER_KEYS)
def test_what_can_change_a_result_changes_the_key(plan, changes):
    assert set(plan(changes).keys) != set(plan(AMP).keys)


def test_the_seed_is_in_the_key_where_something_draws(plan):
    """An axis of seeds makes replicates, and the seed that a protocol has is among them."""
    seeds = {"axes": {"seed": {"values": [0, 1, 2], "sets": "protocol.seed"}}}
    assert plan({"protocol": {"seed": 3}}).keys == plan().keys  # nothing draws
    made = plan(seeds)
    assert [made.template.fill([seed])["seed"] for seed in made.columns[0]] == [0, 1, 2]
    assert len(set(made.keys)) == 3


def test_a_sweep_shares_keys_with_the_single_simulation_that_it_contains(plan):
    assert set(plan({"protocol": {"processes": {"step": {"amp": 0.1}}}}).keys) < set(plan(AMP).keys)


TARGETS = {
    "step.amp": st.floats(-10, 10),
    "protocol.celsius": st.floats(0, 40),
    "cell.soma.hh.gkbar": st.floats(0, 1),
    "cell.basal.hh.gkbar": st.floats(0, 1),
    "cell.all.Ra": st.floats(1, 500),
    "cell.tip.L": st.floats(1, 500),
}


@settings(max_examples=40)
@given(st.data())
def test_what_axes_set_stands_in_the_document_and_in_the_key(plan, data):
    """Any axes over any targets: each simulation has its values, and the key that a sweep of this
    one simulation has; their order and names change no key."""
    chosen = data.draw(st.lists(st.sampled_from(sorted(TARGETS)), unique=True, max_size=3))
    values = {
        target: data.draw(st.lists(TARGETS[target], min_size=1, max_size=3, unique=True))
        for target in chosen
    }
    axes = {f"a{i}": {"sets": target, "values": values[target]} for i, target in enumerate(chosen)}
    made = plan({"axes": axes})
    points = list(itertools.product(*values.values()))
    keys = dict(zip(points, made.keys, strict=True))
    assert len(set(keys.values())) == len(points)
    for point in data.draw(st.lists(st.sampled_from(points), min_size=1, max_size=2)):
        one = {
            name: axis | {"values": [v]}
            for (name, axis), v in zip(axes.items(), point, strict=True)
        }
        assert plan({"axes": one}).keys == [keys[point]]
    backwards = {
        f"b{i}": axis | {"values": axis["values"][::-1]}
        for i, axis in enumerate(reversed(axes.values()))
    }
    assert set(plan({"axes": backwards}).keys) == set(made.keys)


@pytest.mark.parametrize(
    ("base", "factor", "expected"),
    [(0.2, 0.5, 0.1), (0.2, 1.0, 0.2), ("exp(x)", 0.5, "0.5 * (exp(x))"), ("x", 1.0, "x")],
)
def test_scaled(base, factor, expected):
    assert scaled(base, factor) == expected
