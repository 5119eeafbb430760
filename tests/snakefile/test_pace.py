"""Snakemake's clock is one at a time, and ends with the run; what it imports late comes early."""

import threading
from types import SimpleNamespace

from spikesweep.snakefile.scheduler_patch import keep_one_clock


def test_one_clock_at_a_time():
    scheduler = SimpleNamespace(_open_jobs=threading.Semaphore(0))
    keep_one_clock(scheduler)
    before = set(threading.enumerate())
    for _ in range(5):
        scheduler._schedule_reevalutation(0.05)
    (clock,) = set(threading.enumerate()) - before
    assert clock.daemon
    clock.join()
    assert scheduler._open_jobs.acquire(timeout=10)
    assert not scheduler._open_jobs.acquire(blocking=False)
    scheduler._schedule_reevalutation(0.001)  # and again, once it has struck
    assert scheduler._open_jobs.acquire(timeout=10)


def test_snakemake_has_what_is_replaced():
    """A Snakemake that calls it otherwise would go on as it does, and nobody would notice."""
    import snakemake.api  # noqa: F401 - first: its modules import each other in a circle
    from snakemake.scheduling.job_scheduler import JobScheduler

    assert "_schedule_reevalutation" in JobScheduler.schedule.__code__.co_names
    assert "_open_jobs" in JobScheduler.__init__.__code__.co_names


def test_snakemake_imports_pandas_late():
    """Where it no longer does, there is nothing to import ahead."""
    import snakemake.api  # noqa: F401 - as above
    from snakemake.persistence import PersistenceBase

    assert "pandas" in PersistenceBase._serialize_param_pandas.__code__.co_names
