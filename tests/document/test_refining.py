"""Which points a refined map simulates: against maps of which every point is known."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.document.axes.refining import (
    Cell,
    agree,
    cells,
    coarse,
    inferred,
    next_points,
    unresolved,
)

FIRST, TO = 4, 32


def refined(value, first=FIRST, to=TO, dimensions=2, tolerance=0.0, rounds=100):
    """Refine a map to its end; return the values that are simulated, and the number of rounds."""
    known = {point: value(point) for point in coarse(first, to, dimensions)}
    for number in range(rounds):
        new = next_points(known, first, to, dimensions, tolerance)
        if not new:
            return known, number
        assert not known.keys() & set(new)
        known |= {point: value(point) for point in new}
    return known, rounds


def every(to=TO, dimensions=2):
    return product(range(to + 1), repeat=dimensions)


def straight(slope, offset):
    return lambda point: "up" if point[1] > slope * point[0] + offset else "down"


@given(slope=st.floats(-5, 5), offset=st.floats(-TO, 2 * TO))
def test_straight_border_is_found_whole(slope, offset):
    """Of two half planes none can hide: a cell with a border within has corners on both sides, or
    the border cuts off one corner, whose two neighbours then follow it."""
    value = straight(slope, offset)
    known, _ = refined(value)
    found = known | inferred(known, FIRST, TO, 2)
    wrong = [point for point in every() if found.get(point) != value(point)]
    corners = {value(point) for point in coarse(FIRST, TO, 2)}
    assert not wrong or len(corners) == 1


@given(st.integers(0, 2**32 - 1))
def test_what_is_left_agrees_and_every_point_is_accounted_for(seed):
    rng = np.random.default_rng(seed)
    centre, radius = rng.uniform(0, TO, 2), rng.uniform(0, TO)
    known, _ = refined(lambda p: bool(np.hypot(*(p - centre)) < radius) * 1.0)
    assert not unresolved(known, FIRST, TO, 2)
    assert {*known, *inferred(known, FIRST, TO, 2)} == {*every()}
    for cell in cells(known, FIRST, TO, 2):
        assert cell.side == 1 or agree([known[p] for p in cell.points(1) if p in known], 0.0)


def test_uniform_map_is_its_first_round():
    known, rounds = refined(lambda point: 1.0)
    assert rounds == 0
    assert len(known) == (FIRST + 1) ** 2


def test_thin_border_is_followed_from_a_neighbour():
    """A diagonal one point wide, of which the first round sees only where it crosses a corner."""
    line = {(i, i + 1) for i in range(TO)} | {(0, 0)}
    known, _ = refined(lambda point: point in line)
    assert line <= known.keys()


def test_coarse_points_that_are_seen_by_none_are_missed():
    """What is smaller than a cell, and touches no corner, is not found: said in the docs."""
    island = {(3, 3), (3, 4), (4, 3)}
    known, _ = refined(lambda point: point in island)
    assert not island & known.keys()


@pytest.mark.parametrize(
    ("values", "tolerance", "expected"),
    [
        ([1.0, 1.0], 0.0, True),
        ([1.0, 1.5], 0.0, False),
        ([1.0, 1.5], 0.5, True),  # the edge belongs to it
        ([1.0, 1.5, 2.0], 0.5, False),  # the spread counts, not the steps
        ([None, None], 0.5, True),
        ([None, 1.0], 0.5, False),
        (["failed", 1.0], 9.0, False),
        (["tonic", "tonic"], 0.0, True),
    ],
)
def test_agreement(values, tolerance, expected):
    assert agree(values, tolerance) is expected


def test_numbers_are_refined_to_a_tolerance():
    """Along x the value grows by 1 a step: cells of 4 steps differ by 4."""
    known, _ = refined(lambda point: float(point[0]), tolerance=4.0)
    assert {cell.side for cell in cells(known, FIRST, TO, 2)} == {4}


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_dimensions(dimensions):
    value = lambda point: sum(point) > 13  # noqa: E731
    known, _ = refined(value, 2, 8, dimensions)
    found = known | inferred(known, 2, 8, dimensions)
    assert all(found[point] == value(point) for point in every(8, dimensions))


def test_next_points_are_a_function_of_values_alone():
    value = straight(0.7, 3.0)
    known, _ = refined(value, rounds=2)
    backwards = dict(sorted(known.items(), reverse=True))
    assert next_points(known, FIRST, TO, 2) == next_points(backwards, FIRST, TO, 2)


def test_points_of_a_cell():
    assert list(Cell((2, 4), 2).points(2)) == [(2, 4), (2, 6), (4, 4), (4, 6)]
