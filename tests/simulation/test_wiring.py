"""Which copies a connection connects, and that chance follows from the seed and names alone."""

import math
from itertools import product

import pytest

from spikesweep.simulation.streams import uniform
from spikesweep.simulation.wiring import pairs

CELLS = [f"pyr[{i}]" for i in range(4)]
OTHERS = [f"basket[{i}]" for i in range(4)]


def draw(seed=0, name="net"):
    return lambda i, j: uniform(seed, name, f"pyr[{i}]", f"syn[{j}]")


@pytest.mark.parametrize(
    ("pattern", "targets", "expected"),
    [
        ("one_to_one", OTHERS, [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ("one_to_one", CELLS, []),
        ("ring", CELLS, [(3, 0), (0, 1), (1, 2), (2, 3)]),
        ("all", OTHERS[:2], [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1)]),
        ("all", CELLS[:2], [(1, 0), (2, 0), (3, 0), (0, 1), (2, 1), (3, 1)]),
        ({"probability": 0.0}, CELLS, []),
        ({"probability": 1.0}, CELLS[:1], [(1, 0), (2, 0), (3, 0)]),
        ({"indegree": 3}, CELLS[2:3], [(0, 0), (1, 0), (3, 0)]),  # all others
        ({"indegree": 0}, OTHERS, []),
        ({"pairs": [[2, 0], [1, 1]]}, CELLS, [(2, 0), (1, 1)]),
    ],
)
def test_patterns(pattern, targets, expected):
    assert pairs(pattern, CELLS, targets, draw()) == expected


def test_self_connections_where_asked():
    assert pairs("one_to_one", CELLS, CELLS, draw(), self_connections=True) == [
        (i, i) for i in range(4)
    ]
    assert len(pairs("all", CELLS, CELLS, draw(), self_connections=True)) == 16
    drawn = [
        pair
        for seed in range(50)
        for pair in pairs({"indegree": 2}, CELLS, CELLS, draw(seed), self_connections=True)
    ]
    assert any(i == j for i, j in drawn)
    drawn = [
        pair for seed in range(50) for pair in pairs({"indegree": 2}, CELLS, CELLS, draw(seed))
    ]
    assert all(i != j for i, j in drawn)


def test_a_number_belongs_to_a_seed_and_a_name():
    """The first 53 bits of a SHA-256, by hand: of repr((7, 'net', 'a', 'b'))."""
    import hashlib

    digest = hashlib.sha256(b"(7, 'net', 'a', 'b')").digest()
    high, low = (int.from_bytes(digest[i : i + 4], "little") for i in (0, 4))
    assert uniform(7, "net", "a", "b") == math.floor((high * 2**32 + low) / 2**11) / 2**53
    assert (
        len({uniform(seed, name, a, b) for seed, name, a, b in product((0, 1), *["ab"] * 3)}) == 16
    )


def test_chance_is_even():
    """10,000 pairs: the mean of 0 to 1 lies within 4 standard errors of 1/2, and of pairs that are
    taken with a probability of 0.3, within 4 of 0.3."""
    numbers = [
        uniform(3, "net", f"pyr[{i}]", f"syn[{j}]") for i, j in product(range(100), repeat=2)
    ]
    assert 0 <= min(numbers) < 0.001
    assert 0.999 < max(numbers) < 1
    assert abs(sum(numbers) / 1e4 - 0.5) < 4 * math.sqrt(1 / 12 / 1e4)
    cells, others = ([f"{name}[{i}]" for i in range(100)] for name in "ab")
    chosen = pairs({"probability": 0.3}, cells, others, draw(3))
    assert abs(len(chosen) / 1e4 - 0.3) < 4 * math.sqrt(0.3 * 0.7 / 1e4)


def test_indegree_is_of_every_target_and_favours_no_source():
    cells, others = ([f"{name}[{i}]" for i in range(100)] for name in "ab")
    chosen = pairs({"indegree": 10}, cells, others, draw(5))
    assert [sum(j == target for _, j in chosen) for target in range(100)] == [10] * 100
    assert len(set(chosen)) == 1000
    outdegrees = [sum(i == source for i, _ in chosen) for source in range(100)]
    # Chi-squared of 99 degrees of freedom, about: above 150 by a chance of 1 in 1,000.
    assert sum((n - 10) ** 2 for n in outdegrees) / (10 * 0.9) < 150


def test_other_cells_change_no_pair():
    """A network that grows keeps the connections that it had."""
    few, many = ([f"pyr[{i}]" for i in range(n)] for n in (20, 40))
    before = pairs({"probability": 0.2}, few, few, draw(1))
    after = pairs({"probability": 0.2}, many, many, draw(1))
    assert before == [(i, j) for i, j in after if i < 20 and j < 20]
    # A probability that grows adds pairs, and takes none away.
    assert set(before) < set(pairs({"probability": 0.3}, few, few, draw(1)))


def test_seeds_and_names_draw_otherwise():
    cells = [f"pyr[{i}]" for i in range(30)]
    drawn = [
        tuple(pairs({"probability": 0.1}, cells, cells, draw(seed, name)))
        for seed in range(5)
        for name in ("net", "other")
    ]
    assert len(set(drawn)) == 10
