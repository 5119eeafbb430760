"""How fast Snakemake starts jobs."""

from collections.abc import Sequence
from typing import Any

LIMITS = ("--max-jobs-per-timespan", "--max-jobs-per-second")


def start_jobs_at_once(workflow: Any, arguments: Sequence[str]) -> None:
    """Switch off Snakemake's limit of 100 jobs a second on this machine, unless it was asked for.

    The limit spares a cluster's queue. Here it only costs: after every job that ends it starts one
    more clock that looks for work once a second, and the last of them keeps a finished run
    waiting for that second (seen in Snakemake 9.27.1).

    Args:
        arguments: snakemake's.
    """
    asked = any(argument.partition("=")[0] in LIMITS for argument in arguments)
    if workflow.local_exec and not asked:
        workflow.scheduler.job_rate_limiter = None
