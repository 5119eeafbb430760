"""Axes become the table of simulations."""

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.document.axes.axis_values import (
    Form,
    linspace,
    logspace,
    told_apart,
    written_values,
)
from spikesweep.document.axes.design import AxisValues, check_rows, combine, points_of
from spikesweep.document.axes.design_table import read_table
from spikesweep.errors import UserError
from spikesweep.sweepfile.axes import Axis
from spikesweep.sweepfile.design import Design


def axis(values):
    return Axis(values=values, sets="protocol.celsius")


def axis_values(axis, unit, whole=""):
    return told_apart(written_values(axis, Form(unit, whole=whole), "here"), "here")


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([6.3, 16, "299.15 K"], "degC", (6.3, 16.0, 26.0)),
        ({"linspace": [0, 1, 5]}, "nA", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ({"linspace": ["100 pA", "0.3 nA", 3]}, "nA", (0.1, 0.2, 0.3)),
        # first * (last / first)**(i / (n - 1)), the definition of a geometric series
        ({"logspace": [0.1, 1000, 5]}, "uM", (0.1, 1.0, 10.0, 100.0, 1000.0)),
    ],
)
def test_axis_values(values, unit, expected):
    assert axis_values(axis(values), unit) == expected


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 2, 1.0], "the value 1.0 stands twice"),
        (["300 pA", "0.3 nA"], "the value 0.3 stands twice"),
        (["3 mV"], "wrong kind of unit"),
        ({"logspace": [0, 10, 3]}, "above 0"),
    ],
)
def test_axis_values_refused(values, said):
    with pytest.raises(UserError, match="here") as caught:
        axis_values(axis(values), "nA")
    assert said in str(caught.value)


@pytest.mark.parametrize("n", [2, 3, 10, 101])
def test_spaces_keep_their_ends_exactly(n):
    assert linspace(0.1, 0.7, n)[0] == logspace(0.1, 0.7, n)[0] == 0.1
    assert linspace(0.1, 0.7, n)[-1] == logspace(0.1, 0.7, n)[-1] == 0.7
    ratios = [b / a for a, b in zip(logspace(0.1, 0.7, n), logspace(0.1, 0.7, n)[1:], strict=False)]
    assert all(math.isclose(ratio, 7 ** (1 / (n - 1)), rel_tol=1e-10) for ratio in ratios)


AXES = {
    "dose": AxisValues("dose", "uM", "dose", (0.0, 1.0, 10.0)),
    "celsius": AxisValues("celsius", "degC", "temperature", (16.0, 26.0)),
    "amp": AxisValues("amp", "nA", "amp", (0.1, 0.2, 0.3)),
}


def test_grid_is_in_c_order_of_its_axes():
    chosen = {name: AXES[name] for name in ("celsius", "dose")}
    made = combine(Design(grid=["celsius", "dose"]), chosen, "here")
    assert made.shape == (2, 3)
    assert made.rows == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_zip_takes_first_with_first():
    chosen = {name: AXES[name] for name in ("dose", "amp")}
    made = combine(Design(zip=["dose", "amp"]), chosen, "here")
    assert (made.shape, made.rows) == ((3,), [(0, 0), (1, 1), (2, 2)])


def test_no_axes_are_one_simulation():
    made = combine(None, {}, "here")
    assert (made.shape, made.rows) == ((1,), [()])


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (Design(grid=["dose", "celcius", "amp"]), 'no axis is named "celcius", did you mean'),
        (Design(grid=["dose"]), "the axis celsius is left out"),
        (Design(grid=["dose", "celsius", "amp", "amp"]), "an axis stands twice"),
        (Design(zip=["dose", "celsius", "amp"]), "dose has 3, celsius has 2"),
    ],
)
def test_designs_refused(design, said):
    with pytest.raises(UserError, match="here") as caught:
        combine(design, AXES, "here")
    assert said in str(caught.value)


KINDS = {"dose": Form("uM"), "morphology": Form("", is_number=False)}


def test_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("morphology,dose\na.swc,1\nb.swc,1 mM\n\na.swc,1 mM\n")
    columns, labels = read_table(path, KINDS, "here")
    assert labels == {}
    assert columns == {"morphology": ["a.swc", "b.swc", "a.swc"], "dose": [1.0, 1000.0, 1000.0]}
    axes = {
        "morphology": AxisValues("morphology", "", "", ("a.swc", "b.swc")),
        "dose": AxisValues("dose", "uM", "", (1.0, 1000.0)),
    }
    points = points_of(list(axes.values()), list(columns.values()), {})
    assert points.rows == [(0, 0), (1, 1), (0, 1)]


def combined(path):
    """As a plan combines a table alone."""

    def read(part, place):
        columns, labels = read_table(Path(part.table), KINDS, place)
        axes = [AxisValues(n, "", "", tuple(dict.fromkeys(c))) for n, c in columns.items()]
        points = points_of(axes, list(columns.values()), labels)
        if not labels:
            check_rows(points.rows, part.table)
        return points

    return combine(Design(table=str(path)), {}, str(path), read=read, without_values=KINDS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("dose,morphology\n", "no rows"),
        ("dose;morphology\n1;a\n", "separated by ;"),
        ("dose\n1\n", "the axis morphology is left out"),
        ("dose,morpholgy\n1,a\n", 'the axis morphology is left out, did you mean "morpholgy"'),
        ("dose,morphology,dose\n1,a,2\n", "the column dose stands twice"),
        ("dose,morphology,the cell\n1,a,2\n", '"the cell" is no name of a column'),
        ('dose,morphology,x\n1,a,"2\n3"\n', "column x: a line break"),
        ("dose,morphology\n,a.swc\n", "line 2, column dose: an empty cell"),
        ("dose,morphology\n1\n", "line 2: 1 cells; expected 2"),
        ("dose,morphology\n=1+1,a.swc\n", '"=1+1" is not a quantity'),
        ("dose,morphology\nnan,a.swc\n", '"nan" is not a quantity'),
        ("dose,morphology\n1,a\n1.0,a\n", "row 2 repeats row 1"),
    ],
)
def test_tables_refused(tmp_path, text, said):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        combined(path)
    assert said in str(caught.value)
    assert "t.csv" in str(caught.value)


# ---- properties --------------------------------------------------------------------------------

values_of = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6, unique=True)
ends = st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)).filter(lambda e: e[0] != e[1])


@given(st.lists(values_of, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_a_grid_has_every_combination_once_in_whatever_order(values, random):
    axes = {f"a{i}": AxisValues(f"a{i}", "", "", tuple(v)) for i, v in enumerate(values)}
    names = random.sample(sorted(axes), len(axes))
    made = combine(Design(grid=names), axes, "here")
    points = [
        tuple(sorted((axis.name, axis.values[i]) for axis, i in zip(made.axes, row, strict=True)))
        for row in made.rows
    ]
    every = [tuple(zip(sorted(axes), point, strict=True)) for point in itertools.product(*values)]
    assert made.shape == tuple(len(axes[name].values) for name in names)
    assert sorted(points) == sorted(every)


@given(values_of, st.sampled_from([("nA", "pA", 1e3), ("mV", "V", 1e-3), ("um", "mm", 1e-3)]))
def test_values_are_the_same_in_any_unit(values, unit):
    """Written in another unit, with the factor of the SI brochure, they come to the same."""
    to, written, factor = unit
    texts = [f"{value * factor!r} {written}" for value in values]
    made = [axis_values(axis([text]), to)[0] for text in texts]
    assert made == pytest.approx(values, rel=1e-14, abs=1e-300)


@given(ends, st.integers(2, 50))
def test_spaces_go_from_end_to_end(ends, n):
    for space, step in ((linspace, lambda a, b: b - a), (logspace, lambda a, b: math.log(b / a))):
        made = space(*ends, n)
        assert (made[0], made[-1], len(made)) == (*ends, n)
        steps = [step(a, b) for a, b in itertools.pairwise(made)]
        largest = max(map(abs, ends)) if space is linspace else 10
        assert steps == pytest.approx([step(*ends) / (n - 1)] * (n - 1), abs=1e-11 * largest)


def test_values_come_again_in_a_zip(plan):
    """Each simulation has the values at its place in the lists."""
    made = plan(
        {
            "axes": {
                "a": {"values": [0.2, 0.1, 0.2, 0.1], "sets": "step.amp"},
                "b": {"values": [1, 1, 2, 2], "sets": "step.delay"},
            },
            "design": {"zip": ["a", "b"]},
        }
    )
    values = [axis.values for axis in made.combination.axes]
    points = [
        tuple(v[i] for v, i in zip(values, row, strict=True)) for row in made.combination.rows
    ]
    assert points == [(0.2, 1), (0.1, 1), (0.2, 2), (0.1, 2)]
    assert len(set(made.keys)) == 4


def test_a_simulation_stands_once_in_a_zip(plan):
    axes = {
        "a": {"values": [0.2, 0.1, 0.2], "sets": "step.amp"},
        "b": {"values": [1, 1, 1], "sets": "step.delay"},
    }
    with pytest.raises(UserError, match=r"design\.zip: row 3 repeats row 1"):
        plan({"axes": axes, "design": {"zip": ["a", "b"]}})
