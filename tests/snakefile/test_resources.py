"""What the rules ask of a cluster, and what Snakemake's linter says of them."""

from types import SimpleNamespace

import pytest

from rerunning import write_small_sweep
from spikesweep.snakefile.resources import memory, runtime


def asked(
    limit: float | None,
    attempt: int = 1,
    simulates: bool = True,
    threads: int = 1,
    simulations: int = 0,
) -> int:
    project = SimpleNamespace(memory_limit=lambda sweep: limit, count=lambda sweep: simulations)
    ask = memory(project, simulates)
    return ask(SimpleNamespace(sweep="small"), attempt=attempt, threads=threads)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_each_attempt_asks_for_as_much_again(attempt):
    assert (
        asked(2, attempt) == 2500 * attempt
    )  # MB: the limit of 2 GB beyond what a job starts with
    assert asked(None, attempt) == asked(None) * attempt
    assert runtime(None, attempt) == runtime(None, 1) * attempt


def test_a_limit_counts_where_models_run():
    assert asked(64) == 64_500
    assert asked(0.0001) == 501  # a whole number of MB, never less than the limit
    assert asked(64, simulates=False) == asked(None, simulates=False)


def test_each_thread_may_hold_as_much():
    assert asked(2, threads=4) == 500 + 4 * 2000
    assert asked(2, simulates=False, threads=4) == asked(2, simulates=False)


def test_what_gathers_many_simulations_asks_for_more():
    few = asked(None, simulates=False)
    assert asked(None, simulates=False, simulations=10**6) == few + 2000  # MB
    assert asked(None, simulations=10**6) == asked(None)


def test_the_linter_finds_nothing(project):
    write_small_sweep(project)
    done = project.snakemake("--lint", check=False)
    assert done.returncode == 0, done.stderr
    assert "your workflow is in a good condition" in done.stderr
