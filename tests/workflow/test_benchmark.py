"""The benchmark compares results bit by bit; its arithmetic."""

import sys

import numpy as np
import pytest

from project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import work
from measuring import Measured
from reporting import of, tables
from run import POOLS, Bench, DifferentResults


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A benchmark in which ours ran six simulations."""
    bench = Bench(tmp_path_factory.mktemp("bench"), say=lambda line: None)
    bench.ours(6)
    return bench


@pytest.mark.parametrize("name", POOLS)
def test_competitors_give_the_same_bits(bench, name):
    bench.check(bench.competitor(name, 6), "hh_6")


@pytest.mark.parametrize("what", ["traces", "spikes"])
def test_one_differing_bit_ends_the_benchmark(bench, what):
    path = bench.competitor("packed", 6)
    results = work.read_results(path)
    results[what].view(np.uint8).flat[0] ^= 1
    np.savez(path, **results)
    with pytest.raises(DifferentResults, match=what):
        bench.check(path, "hh_6")


@pytest.mark.parametrize(
    ("n", "shape"), [(10, (2, 5)), (1000, (25, 40)), (10_000, (100, 100)), (100_000, (250, 400))]
)
def test_grids(n, shape):
    assert tuple(map(len, work.grid(n))) == shape


def test_a_longer_grid_keeps_the_shorter():
    celsius, gkbar = work.grid(10_000)
    assert work.grid(10_000, more=1) == ([*celsius, 11.3], gkbar)


def test_pools_are_extrapolated_and_marked():
    results = {
        "spikesweep": {100: Measured(2, 4, 10**8), 1000: Measured(4, 8, 10**8)},
        "pool_psolve": {100: Measured(6, 12, 10**8)},
    }
    assert of(results, "pool_psolve", 1000) == (Measured(60, 120, 10**8), True)
    assert of(results, "pool_psolve", 100) == (Measured(6, 12, 10**8), False)
    assert "| pool, psolve | 60.00 (120.00) | 60.00* (120.00) |" in tables(results, "a machine")
