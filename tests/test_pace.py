"""Snakemake's limit of job starts: off on this machine, kept where it was asked for."""

from types import SimpleNamespace

import pytest

from spikesweep.pace import start_jobs_at_once


@pytest.mark.parametrize(
    ("local", "arguments", "kept"),
    [
        (True, ["--cores", "2"], False),
        (True, ["--max-jobs-per-timespan", "5/1s"], True),
        (True, ["--max-jobs-per-timespan=5/1s"], True),
        (True, ["--max-jobs-per-second=5"], True),
        (False, ["--executor", "slurm"], True),
    ],
)
def test_limit_of_job_starts(local, arguments, kept):
    scheduler = SimpleNamespace(job_rate_limiter="100 a second")
    start_jobs_at_once(SimpleNamespace(local_exec=local, scheduler=scheduler), arguments)
    assert (scheduler.job_rate_limiter is not None) == kept


def test_snakemake_has_what_is_switched_off():
    """A Snakemake that calls it otherwise would go on limiting, and nobody would notice."""
    import snakemake.api  # first: the others import each other in a circle
    from snakemake.scheduling.job_scheduler import JobScheduler

    Workflow = snakemake.api.Workflow
    assert "job_rate_limiter" in JobScheduler.__init__.__code__.co_names
    assert isinstance(Workflow.local_exec, property)
