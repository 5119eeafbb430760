"""Designs of parts: grids of zips, tables and samples; labels, conditions, replicates, order."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spikesweep.commands.point import simulation_at
from spikesweep.document.axes.axis_values import Form
from spikesweep.document.axes.samples import sample
from spikesweep.errors import UserError
from spikesweep.plan.writing import write_plan
from spikesweep.sweepfile.design import DesignPart

AXES = {
    "amp": {"values": [0.1, 0.2], "sets": "step.amp"},
    "delay": {"values": [1, 2, 3], "sets": "step.delay"},
    "dur": {"values": [4, 5, 6], "sets": "step.dur"},
    "gkbar": {"sets": "cell.soma.hh.gkbar"},
}
CELLS = "id,gkbar,panel\n007,0.03,a\n008,0.04,\n009,0.03,a\n"


def points(made):
    """The simulations of a plan: the value of each axis, by name."""
    axes = made.combination.axes
    return [
        {axis.name: axis.values[i] for axis, i in zip(axes, row, strict=True)}
        for row in made.combination.rows
    ]


def said(made):
    return {label.name: label.values for label in made.combination.labels}


@pytest.fixture
def table(tmp_path):
    (tmp_path / "cells.csv").write_text(CELLS)


def test_parts_combine(plan, table):
    grid = ["amp", {"zip": ["delay", "dur"]}, {"table": "cells.csv"}]
    made = plan({"axes": AXES, "design": {"grid": grid}})
    expected = [
        {"amp": amp, "delay": delay, "dur": dur, "gkbar": gkbar}
        for amp, (delay, dur), gkbar in itertools.product(
            (0.1, 0.2), ((1, 4), (2, 5), (3, 6)), (0.03, 0.04, 0.03)
        )
    ]
    assert points(made) == expected
    assert (made.combination.kind, made.combination.shape) == ("combined", (18,))
    assert said(made) == {"id": ("007", "008", "009") * 6, "panel": ("a", "", "a") * 6}
    assert len(set(made.keys)) == 12  # 007 and 009 are one simulation
    assert "cells.csv" in map(str, made.sources)


def test_labels_tell_simulations_apart(plan, table):
    made = plan({"axes": {"gkbar": AXES["gkbar"]}, "design": {"table": "cells.csv"}})
    made.plan.path.parent.mkdir(parents=True)
    write_plan(made, made.plan.path)
    lineage = {"sweep": "s", "plan": {"file": made.plan.path.name}}
    found = simulation_at(lineage, ["id=009"])
    assert (found["index"], found["axes"]["gkbar"]) == (2, "0.03 S/cm2")
    assert found["axes"]["id"] == "009"
    with pytest.raises(UserError, match=r"2 simulations are there.*name a value of id, panel"):
        simulation_at(lineage, ["gkbar=0.03"])


def test_labels_stand_outside_of_keys(plan, tmp_path):
    axes = {"gkbar": AXES["gkbar"]}
    design = {"axes": axes, "design": {"table": "cells.csv"}}
    keys, products = [], []
    for text in (CELLS, CELLS.replace("007", "cell 7"), "gkbar\n0.03\n0.04\n"):
        (tmp_path / "cells.csv").write_text(text)
        made = plan(design)
        keys.append(set(made.keys))
        products.append({name for name in made.products if not name.startswith("batch")})
    assert keys[0] == keys[1] == keys[2]
    assert not products[0] & products[1] - {n for n in products[0] if n.startswith("structure")}


def test_labels_are_of_the_kind_that_all_cells_are(plan, tmp_path):
    (tmp_path / "cells.csv").write_text(
        "gkbar,n,depth,id,gap,name\n0.03,1,1e3,01,,NA\n0.04,-2,2,2,0.5,a b\n"
    )
    made = plan({"axes": {"gkbar": AXES["gkbar"]}, "design": {"table": "cells.csv"}})
    found = said(made)
    assert (found["n"], found["depth"]) == ((1, -2), (1000.0, 2.0))
    assert (found["id"], found["name"]) == (("01", "2"), ("NA", "a b"))
    assert math.isnan(found["gap"][0])
    assert found["gap"][1] == 0.5


@pytest.mark.parametrize(
    ("label", "said"),
    [("status", "dataset"), ("batch", "plan.csv"), ("time", "dataset"), ("rate", "stat")],
)
def test_labels_bear_no_name_that_is_taken(plan, tmp_path, label, said):
    (tmp_path / "cells.csv").write_text(f"gkbar,{label}\n0.03,1\n")
    with pytest.raises(UserError, match=f"column {label} .* {said}"):
        plan({"axes": {"gkbar": AXES["gkbar"]}, "design": {"table": "cells.csv"}})


def test_a_table_of_labels_alone_is_refused(plan, tmp_path):
    (tmp_path / "cells.csv").write_text("id,name\n1,a\n")
    with pytest.raises(UserError, match="no column is an axis"):
        plan({"axes": TWO, "design": {"grid": ["amp", "delay", {"table": "cells.csv"}]}})


def test_a_condition_may_leave_few_of_many(plan):
    axes = {"amp": {"values": {"linspace": [0, 1, 400]}, "sets": "step.amp"},
            "delay": {"values": {"linspace": [0, 1, 400]}, "sets": "step.delay"}}  # fmt: skip
    few = plan({"axes": axes, "design": {"where": "amp + delay < 0.01"}})
    assert len(few.keys) == 10


def test_a_zip_takes_parts(plan, table):
    made = plan({"axes": {k: AXES[k] for k in ("delay", "gkbar")},
                 "design": {"zip": ["delay", {"table": "cells.csv"}]}})  # fmt: skip
    assert [(p["delay"], p["gkbar"]) for p in points(made)] == [(1, 0.03), (2, 0.04), (3, 0.03)]
    assert said(made)["id"] == ("007", "008", "009")


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (
            {"grid": [{"table": "cells.csv"}, {"zip": ["delay", "dur", "amp"]}]},
            "zip: delay has 3, dur has 3, amp",
        ),
        ({"grid": ["amp", {"zip": ["delay", "dur"]}]}, "gkbar.values: this key is required"),
        ({"grid": ["amp", "gkbar", {"table": "cells.csv"}]}, "the axis gkbar has no values"),
        ({"grid": ["amp", {"table": "no.csv"}]}, r"design.grid\[1\].table: .*no.csv"),
        ({"grid": ["amp", {"zip": ["delay"], "table": "x"}]}, "expected one of grid, zip"),
        ({"grid": ["amp", {"tabel": "x"}]}, 'unknown key "tabel", did you mean "table"'),
        ({"grid": ["amp"], "of": {"gkbar": [0, 1]}}, "belong to a sample"),
        ({"sobol": 8}, "a sample needs `of`"),
        ({"sobol": 8, "of": {"gkbat": [0, 1]}}, 'no axis is named "gkbat", did you mean "gkbar"'),
        ({"sobol": 8, "of": {"amp": [0, 1]}}, "the sample gives the values"),
        ({"sobol": 8, "of": {"gkbar": [1, 0]}}, "1 is not below 0"),
        ({"sobol": 8, "of": {"gkbar": {"normal": [1, 0]}}}, "deviation of 0; expected one above"),
        ({"sobol": 8, "of": {"gkbar": {"normle": [1, 0]}}}, 'unknown key "normle"'),
        ({"sobol": 8, "of": {"gkbar": {"loguniform": [0, 1]}}}, "expected lowest and highest"),
        ({"morris": 8, "of": {"gkbar": {"normal": [1, 2]}}}, "expected a distribution with ends"),
        ({"sobol": 8, "of": {"gkbar": [-1e308, 1e308]}}, "within the range of doubles"),
        ({"lhs": 8, "of": {"gkbar": {"normal": [1e308, 1e308]}}}, "within the range of doubles"),
        ({"random": 8, "of": {"gkbar": [1, 1 + 1e-15]}}, "told apart in 12 digits"),
        ({"halton": 8, "of": {"gkbar": {"truncated": [0, 1e-200, 20, 40]}}}, "told apart in 12"),
        (
            {"sobol": 8, "of": {"gkbar": {"integers": [0, 10**30]}}},
            "expected whole numbers that",
        ),
        ({"sobol": 8, "of": {"gkbar": ["1 mV", "2 mV"]}}, "wrong kind of unit"),
        ({"grid": ["amp", {"table": "cells.csv"}], "where": "amp > 5"}, "is left out"),
    ],
)
def test_designs_refused(plan, table, design, said):
    with pytest.raises(UserError, match=said) as caught:
        plan({"axes": AXES, "design": design})
    assert "config/sweeps/s.yaml" in str(caught.value)


# ---- conditions, replicates, order ---------------------------------------------------------------

TWO = {"amp": AXES["amp"], "delay": AXES["delay"]}


def test_where_leaves_simulations_out(plan):
    grid = plan({"axes": TWO})
    made = plan({"axes": TWO, "design": {"where": "amp * delay < 0.35"}})
    assert points(made) == [p for p in points(grid) if p["amp"] * p["delay"] < 0.35]
    assert set(made.keys) < set(grid.keys)
    assert (made.combination.kind, made.combination.shape) == ("filtered grid", (4,))


def test_where_speaks_of_labels_that_are_numbers(plan, tmp_path):
    (tmp_path / "cells.csv").write_text("gkbar,depth,name\n0.03,100,a\n0.04,900,b\n0.05,,c\n")
    design = {"grid": ["amp", {"table": "cells.csv"}], "where": "depth > 500 and amp < 0.15"}
    axes = {"amp": AXES["amp"], "gkbar": AXES["gkbar"]}
    made = plan({"axes": axes, "design": design})
    assert points(made) == [{"amp": 0.1, "gkbar": 0.04}]
    assert said(made) == {"depth": (900.0,), "name": ("b",)}
    assert [axis.values for axis in made.combination.axes] == [(0.1,), (0.04,)]
    for where, words in (
        ("name > 1", 'unknown name "name"'),
        ("amp > 5", "holds for none of 6"),
        ("amp >", "cannot read"),
        ("1 / (amp - 0.1) > 0", "divides by zero at amp = 0.1"),
    ):
        with pytest.raises(UserError, match=r"design\.where") as caught:
            plan({"axes": axes, "design": {**design, "where": where}})
        assert words in str(caught.value)


NOISE = {"play": {"noise": {"into": "step.amp", "noise": {"sd": 0.1, "tau": 1, "every": 1}}}}


def test_replicates_are_an_axis_of_seeds(plan, table):
    by_hand = plan(
        {
            "protocol": {**NOISE, "seed": 5},
            "axes": {"delay": AXES["delay"], "s": {"values": [5, 6, 7], "sets": "protocol.seed"}},
        }
    )
    of_delay = {"protocol": {**NOISE, "seed": 5}, "axes": {"delay": AXES["delay"]}}
    made = plan({**of_delay, "design": {"replicates": 3}})
    assert made.keys == by_hand.keys
    assert [axis.name for axis in made.combination.axes] == ["delay", "seed"]
    assert (made.combination.kind, made.combination.shape) == ("grid", (3, 3))
    more = plan({**of_delay, "design": {"grid": ["delay"], "replicates": 5}})
    assert set(made.keys) < set(more.keys)
    axes = {"delay": AXES["delay"], "gkbar": AXES["gkbar"]}
    crossed = plan(
        {
            "protocol": NOISE,
            "axes": axes,
            "design": {"zip": ["delay", {"table": "cells.csv"}], "replicates": 2},
        }
    )
    assert [(p["delay"], p["seed"]) for p in points(crossed)] == [
        (delay, seed) for delay in (1, 2, 3) for seed in (0, 1)
    ]
    assert said(crossed)["id"] == ("007", "007", "008", "008", "009", "009")
    for axis in (("seed", "step.dur"), ("s", "protocol.seed")):
        axes = {axis[0]: {"values": [1, 2], "sets": axis[1]}}
        with pytest.raises(UserError, match=f"replicates: the axis {axis[0]} is there already"):
            plan({"protocol": NOISE, "axes": axes, "design": {"replicates": 2}})


def test_a_shuffled_order_changes_nothing_but_which_job_runs_what(plan):
    axes = {
        "amp": {"values": {"linspace": [0, 1, 20]}, "sets": "step.amp"},
        "delay": {"values": {"linspace": [0, 1, 20]}, "sets": "step.delay"},
    }
    given, shuffled = (
        plan({"axes": axes, "design": {"order": order}, "simulations_per_job": 50})
        for order in ("given", "shuffled")
    )
    assert given.keys == shuffled.keys
    assert [t.fingerprint for t in given.tables] == [t.fingerprint for t in shuffled.tables]
    assert sorted(itertools.chain(*shuffled.batches)) == list(range(400))
    rows = given.combination.rows
    for made, fewest, most in ((given, 1, 4), (shuffled, 15, 20)):
        for batch in made.batches:
            assert fewest <= len({rows[i][0] for i in batch}) <= most


# ---- samples -------------------------------------------------------------------------------------

SAMPLED = {
    "axes": {"amp": {"sets": "step.amp"}, "gkbar": {"sets": "cell.soma.hh.gkbar", "unit": "S/cm2"}}
}
OF = {"amp": ["100 pA", "0.3 nA"], "gkbar": {"loguniform": [0.01, "100 mS/cm2"]}}


@pytest.mark.parametrize("kind", ["sobol", "halton", "random", "saltelli", "morris"])
def test_a_larger_sample_begins_with_the_smaller_one(plan, kind):
    small, large = (plan({**SAMPLED, "design": {kind: n, "of": OF, "seed": 1}}) for n in (64, 128))
    n = {"saltelli": 256, "morris": 192}.get(kind, 64)
    assert list(large.keys[:n]) == list(small.keys)
    assert (small.combination.kind, small.combination.shape) == (kind, (n,))
    if kind == "morris":  # four levels an axis
        return
    assert len(set(large.keys)) == 2 * n
    other = plan({**SAMPLED, "design": {kind: 64, "of": OF, "seed": 2}})
    assert not set(other.keys) & set(small.keys)


def test_a_sample_crosses_with_others(plan, table):
    axes = {**SAMPLED["axes"], "delay": AXES["delay"]}
    made = plan({"axes": axes, "design": {"grid": [{"sobol": 8, "of": OF}, "delay"]}})
    alone = plan({**SAMPLED, "design": {"sobol": 8, "of": OF}})
    assert points(made) == [{**p, "delay": d} for p in points(alone) for d in (1, 2, 3)]


def test_sobol_notes_what_is_no_power_of_two(plan):
    made = plan({**SAMPLED, "design": {"sobol": 5, "of": OF}})
    assert any("sobol: 5 is no power of 2" in note for note in made.template.files.notes)
    made = plan({**SAMPLED, "design": {"sobol": 4, "of": OF}})
    assert not any("sobol" in note for note in made.template.files.notes)


def drawn(kind, n, written, seed=0, form=None):
    part = DesignPart.model_validate({kind: n, "of": {"x": written}, "seed": seed})
    return np.array(sample(part, {"x": form or Form("")}, "here")["x"])


# By scipy's own distributions, with the parameters that its documentation gives them.
DISTRIBUTIONS = {
    "range": ([2, 5], stats.uniform(2, 3)),
    "uniform": ({"uniform": [-1, 1]}, stats.uniform(-1, 2)),
    "loguniform": ({"loguniform": [0.01, 100]}, stats.loguniform(0.01, 100)),
    "normal": ({"normal": [10, 2]}, stats.norm(10, 2)),
    "truncated": ({"truncated": [10, 2, 9, 15]}, stats.truncnorm(-0.5, 2.5, 10, 2)),
}


@pytest.mark.parametrize(("written", "law"), DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
@pytest.mark.parametrize("kind", ["sobol", "halton", "lhs", "random"])
def test_samples_follow_their_distribution(kind, written, law):
    """Kolmogorov and Smirnov's distance; of even samples it falls as 1 / n, of random ones by
    chance to less than 1.95 / sqrt(n) in 999 of 1,000 (Smirnov 1948)."""
    n = 1024
    distance = stats.kstest(drawn(kind, n, written, seed=3), law.cdf).statistic
    assert distance < (1.95 / math.sqrt(n) if kind == "random" else 10 / n)


def test_a_latin_hypercube_has_one_value_in_each_part():
    assert sorted(np.floor(drawn("lhs", 50, [0, 50]))) == list(range(50))


def test_integers_come_equally_often():
    values, counts = np.unique(drawn("sobol", 1024, {"integers": [3, 6]}), return_counts=True)
    assert values.tolist() == [3, 4, 5, 6]
    assert set(counts.tolist()) == {256}


def test_integers_of_morris_stay_within_their_range():
    """Its highest level is the end of the range itself."""
    assert {*drawn("morris", 32, {"integers": [3, 6]})} == {3, 4, 5, 6}


IN_3D = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1], [1, 3], [-5, 5]]}


def drawn_in_3d(kind, n):
    of = dict(zip(IN_3D["names"], IN_3D["bounds"], strict=True))
    part = DesignPart.model_validate({kind: n, "of": of, "seed": 7})
    return np.array([*sample(part, dict.fromkeys(of, Form("")), "here").values()]).T


def test_saltelli_points_are_those_of_salib():
    from SALib.sample import sobol

    expected = sobol.sample(IN_3D, 16, calc_second_order=False, seed=np.random.default_rng(7))
    np.testing.assert_allclose(drawn_in_3d("saltelli", 16), expected, rtol=1e-11)


def test_morris_points_are_analysed_by_salib():
    """Of a linear function each elementary effect is its slope, over the unit cube, exactly."""
    from SALib.analyze import morris

    points = drawn_in_3d("morris", 10)
    result = morris.analyze(IN_3D, points, points @ [2.0, -3.0, 0.5], seed=1)
    np.testing.assert_allclose(result["mu"], [2 * 1, -3 * 2, 0.5 * 10], rtol=1e-9)
    np.testing.assert_allclose(result["sigma"], 0, atol=1e-9)
    assert len(np.unique(points[:, 0])) == 4


bounded = st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)).filter(lambda e: e[0] < e[1])


@settings(max_examples=40, deadline=None)
@given(bounded, st.sampled_from(["sobol", "random"]), st.sampled_from(["uniform", "loguniform"]))
def test_values_stay_within_their_range(ends, kind, law):
    values = drawn(kind, 32, {law: list(ends)})
    assert ends[0] <= values.min() <= values.max() <= ends[1]
