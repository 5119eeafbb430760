"""Which simulations lie near a change of count or class."""

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planning import STICK
from spikesweep.document.axes.design import AxisValues
from spikesweep.errors import UserError
from spikesweep.plan.boundaries import near_changes, seed_axes


def axis(name, values):
    return AxisValues(name, "", "", tuple(values))


def grid(*shape):
    axes = [axis(f"a{i}", range(n)) for i, n in enumerate(shape)]
    return axes, [tuple(map(int, row)) for row in np.ndindex(*shape)]


@pytest.mark.parametrize(
    ("values", "near"),
    [
        ([1, 1, 1, 1], []),
        ([1, 1, 2, 2], [1, 2]),
        ([1, 2, 2, 3], [0, 1, 2, 3]),
        ([1, None, 2, 2], [0, 2]),  # what failed is passed over
        ([None, None, None, None], []),
        ([1, None, 1, 1], []),
    ],
)
def test_neighbours_along_an_axis(values, near):
    axes, rows = grid(4)
    assert near_changes(axes, rows, values) == near


def test_the_order_of_values_is_theirs():
    """0.1, 0.3, 0.2: the change is between 0.2 and 0.3."""
    assert near_changes([axis("a", [0.1, 0.3, 0.2])], [(0,), (1,), (2,)], [1, 2, 1]) == [1, 2]


def test_a_hundredth_of_an_axis_on_each_side():
    axes, rows = grid(1000)
    values = [int(i >= 500) for i in range(1000)]
    assert near_changes(axes, rows, values) == [*range(490, 510)]


def test_names_have_no_neighbours():
    axes = [axis("cell", ["a", "b"]), axis("amp", [0, 1, 2])]
    rows = [(i, j) for i in range(2) for j in range(3)]
    assert near_changes(axes, rows, [1, 1, 1, 2, 2, 2]) == []
    assert near_changes(axes, rows, [1, 1, 1, 1, 2, 2]) == [3, 4]


@given(st.integers(2, 6), st.integers(1, 4), st.data())
def test_seeds_have_no_neighbours(n, m, data):
    """Of each seed alone, those near a change along the other axis; never one across seeds."""
    axes = [axis("amp", range(n)), axis("seed", range(m))]
    rows = [(i, j) for i in range(n) for j in range(m)]
    values = data.draw(st.lists(st.integers(0, 2), min_size=n * m, max_size=n * m))
    of = dict(zip(rows, values, strict=True))
    expected = [
        at
        for at, (i, j) in enumerate(rows)
        if any(of.get((i + step, j), of[i, j]) != of[i, j] for step in (1, -1))
    ]
    assert near_changes(axes, rows, values, {"seed"}) == expected


def test_noise_between_seeds_is_no_change():
    axes, rows = grid(1, 6)
    values = [1, 2, 1, 2, 1, 2]
    assert near_changes(axes, rows, values) == [*range(6)]
    assert near_changes(axes, rows, values, {"a1"}) == []


def test_two_axes_of_seeds_that_go_together_are_replicates_as_well():
    axes = [axis("amp", range(2)), axis("seed", range(4)), axis("noise", range(4))]
    rows = [(i, j, j) for i in range(2) for j in range(4)]
    values = [0, 1, 0, 1, 0, 1, 0, 2]
    assert near_changes(axes, rows, values, {"seed", "noise"}) == [3, 7]


def test_where_each_simulation_has_a_seed_of_its_own_the_others_are_neighbours():
    axes = [axis("amp", range(4)), axis("seed", [7, 3, 9, 1])]
    rows = [(i, i) for i in range(4)]
    assert near_changes(axes, rows, [1, 1, 2, 2], {"seed"}) == [1, 2]


@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_in_a_small_grid_they_are_those_that_differ_from_a_neighbour(n, m, data):
    axes, rows = grid(n, m)
    values = data.draw(st.lists(st.integers(0, 2), min_size=n * m, max_size=n * m))
    of = dict(zip(rows, values, strict=True))
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
    expected = [
        at
        for at, (i, j) in enumerate(rows)
        if any(of.get((i + di, j + dj), of[i, j]) != of[i, j] for di, dj in steps)
    ]
    assert near_changes(axes, rows, values) == expected


def test_in_a_sample_they_are_those_that_differ_from_one_of_their_nearest():
    rng = np.random.default_rng(1)
    x = rng.random((400, 2))
    axes = [axis("a", x[:, 0]), axis("b", 10 ** x[:, 1])]
    rows = [(i, i) for i in range(400)]
    values = [int(a + b > 1) for a, b in x]
    near = np.array(near_changes(axes, rows, values))
    off = np.abs(x.sum(axis=1) - 1) / np.sqrt(2)  # distance from the border
    assert set(np.argsort(off)[:20]) <= set(near)
    assert off[near].max() < 0.15
    assert len(near) < 100


def of_hodgkin_and_huxley(dt):
    """Counts of 1,000 cells, packed in plain NEURON: gkbar from 20 to 60 mS/cm2."""
    from neuron import n

    n.load_file("stdrun.hoc")
    cells = []
    for gkbar in np.linspace(0.02, 0.06, 1000):
        soma = n.Section()
        soma.L = soma.diam = 20
        soma.insert("hh")
        soma(0.5).hh.gkbar = gkbar
        step = n.IClamp(soma(0.5))
        step.delay, step.dur, step.amp = 20, 160, 0.2
        spikes = n.NetCon(soma(0.5)._ref_v, None, sec=soma)
        spikes.threshold, times = -20, n.Vector()
        spikes.record(times)
        cells.append((soma, step, spikes, times))
    n.celsius, n.dt, n.steps_per_ms = 6.3, dt, 1 / dt
    context = n.ParallelContext()
    context.set_maxstep(10)
    n.finitialize(-65)
    context.psolve(200)
    return [int(times.size()) for *_, times in cells]


@pytest.mark.workflow
def test_counts_that_do_not_stand_at_an_eighth_of_the_step_lie_near_changes(in_child):
    """At least 90 % of them, at less than a quarter of the simulations."""
    counts, finer = (in_child(of_hodgkin_and_huxley, dt) for dt in (0.025, 0.003125))
    wrong = {i for i, (a, b) in enumerate(zip(counts, finer, strict=True)) if a != b}
    near = near_changes(*grid(1000), counts)
    assert len(wrong) == 45
    assert len(wrong & set(near)) >= 0.9 * len(wrong)
    assert len(near) < 250


@pytest.fixture
def in_child():
    """Calls a function in a process of its own, which alone has NEURON."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield lambda function, *given: pool.submit(function, *given).result()


def test_by_default_where_spikes_are_counted(plan):
    amps = {"amp": {"values": {"linspace": [0.1, 1, 40]}, "sets": "step.amp"}}
    asked = plan({"axes": amps, "trust": {"dt": [0.5, 0.25]}})
    what = "which simulations lie near a change of count or class"
    assert asked.refined.unknown == f"{what} is not known yet"
    assert asked.refined.most == 80
    assert asked.refined.contents["unknown"] == asked.refined.unknown
    assert asked.options["trust"]["simulations"] is None
    reads = asked.inputs[asked.refined.plan.path.name]
    assert {path.name.partition("_")[0] for path in reads} >= {"statistics", "dataset"}
    combination = asked.combination
    chosen = near_changes(combination.axes, combination.rows, [int(i > 7) for i in range(40)])
    assert chosen == [7, 8]


def test_replicates_are_an_axis_of_seeds(plan):
    amps = {"amp": {"values": [0.1, 0.2], "sets": "step.amp"}}
    asked = plan({"axes": amps, "design": {"replicates": 3}, "trust": {"dt": [0.5]}})
    assert seed_axes(asked.sweep) == {"seed"}


def test_where_nothing_is_counted_a_share_is_drawn(plan_text):
    amps = {"amp": {"values": {"linspace": [0.1, 1, 40]}, "sets": "step.amp"}}
    record = {"measures": {"m": {"of": "cell.soma(0.5).v", "names": ["max"]}}}
    trust = {"dt": [0.5], "of": ["m_max"]}

    def asked(**more):
        sweep = STICK | {"axes": amps, "record": record, "trust": trust | more}
        return plan_text(yaml.safe_dump(sweep, sort_keys=False))

    assert len(asked().refined.keys) == 2
    with pytest.raises(UserError, match=r"trust\.sample: the sweep records no spikes"):
        asked(sample="boundaries")
