"""The job that makes the table of the simulations that failed."""

from pathlib import Path

from spikesweep.jobs.task import begin
from spikesweep.tables.failures import write_failures


def make(plan_path: Path, output: Path) -> None:
    """Write the table of the simulations that failed."""
    task = begin(plan_path, output)
    write_failures(
        task.reads["dataset"], output, sweep=task.recipe["sweep"], bounds=task.recipe["bounds"]
    )
    task.describe()
