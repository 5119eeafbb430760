"""What the rules ask of a cluster, and what Snakemake's linter says of them."""

from types import SimpleNamespace

import pytest

from rerunning import write_small_sweep
from spikesweep.plan.measured import Measured
from spikesweep.snakefile.resources import disk, memory, runtime
from spikesweep.sweepfile.sweep import Limits

FREE = Measured(seconds=300.0, stored=2e9, memory=1e8, simulations=600)


def sweep_with(
    limit: float | None = None,
    timeout: float | None = None,
    simulations: int = 0,
    measured: Measured | None = None,
) -> SimpleNamespace:
    return SimpleNamespace(
        limits=lambda sweep: Limits(memory=limit, timeout=timeout),
        count=lambda sweep: simulations,
        measured_of_job=lambda wildcards: measured,
        measured=lambda wildcards: measured,
    )


def asked(
    limit: float | None,
    attempt: int = 1,
    simulates: bool = True,
    threads: int = 1,
    simulations: int = 0,
    measured: Measured | None = None,
) -> int:
    ask = memory(sweep_with(limit, simulations=simulations, measured=measured), simulates)
    return ask(SimpleNamespace(sweep="small"), attempt=attempt, threads=threads)


def minutes(attempt: int = 1, threads: int = 1, simulates: bool = True, **known) -> int:
    ask = runtime(sweep_with(**known), simulates)
    return ask(SimpleNamespace(sweep="small"), attempt=attempt, threads=threads)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_each_attempt_asks_for_as_much_again(attempt):
    assert (
        asked(2, attempt) == 2500 * attempt
    )  # MB: the limit of 2 GB beyond what a job starts with
    assert asked(None, attempt) == asked(None) * attempt
    for known in ({}, {"measured": FREE}, {"timeout": 90.0}, {"simulates": False}):
        assert minutes(attempt, **known) == minutes(**known) * attempt
    for known in (None, FREE):
        ask = disk(sweep_with(measured=known), simulates=True)
        assert ask(None, attempt, 1) == ask(None, 1, 1) * attempt


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
    assert asked(None, simulations=10**6) == asked(None) + 300  # the plan's table


def test_time_is_what_was_measured_with_room():
    assert minutes() == minutes(simulates=False) == 60  # nothing was measured
    assert minutes(measured=FREE) == 10 + 15  # 300 s, three times
    assert minutes(measured=FREE.of(0)) == 10


def test_cores_share_as_far_as_there_are_packs():
    assert minutes(threads=2, measured=FREE) == 10 + 8  # 7.5, whole minutes
    # 600 simulations are three packs, of up to 256.
    assert minutes(threads=16, measured=FREE) == minutes(threads=3, measured=FREE) == 10 + 7


def test_a_simulation_reaches_its_own_limit_before_the_cluster_ends_its_job():
    assert minutes(timeout=7200.0) == 60 + 120
    assert minutes(timeout=7200.0, measured=FREE) == 10 + 15 + 120


def test_memory_is_what_was_measured_where_no_limit_says_it():
    assert asked(None, measured=FREE) == asked(None)  # less than most need
    large = Measured(1.0, 1.0, memory=3e9)
    assert asked(None, measured=large) == 500 + 6000
    assert asked(2, measured=large) == asked(2)


def test_disk_is_what_was_measured_with_room():
    for simulates in (True, False):
        assert disk(sweep_with(measured=FREE), simulates)(None, 1, 1) == 100 + 6000
        assert disk(sweep_with(), simulates)(None, 1, 1) == 1000


def test_the_linter_finds_nothing(project):
    write_small_sweep(project)
    done = project.snakemake("--lint", check=False)
    assert done.returncode == 0, done.stderr
    assert "your workflow is in a good condition" in done.stderr
