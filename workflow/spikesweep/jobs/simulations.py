"""The job that says what each simulation came to, and which failed."""

from pathlib import Path

from spikesweep.jobs.task import begin
from spikesweep.tables.failures import write_failures
from spikesweep.tables.simulations import write_simulations


def make(plan_path: Path, output: Path) -> None:
    """Write the table of all simulations, and the table of those that failed."""
    task = begin(plan_path, output)
    simulations, failures = task.files
    write_simulations(task.reads["dataset"], simulations, task.recipe["bounds"])
    write_failures(simulations, failures, task.recipe["sweep"])
    task.describe()
