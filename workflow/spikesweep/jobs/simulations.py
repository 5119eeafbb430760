"""The job that says what each simulation came to, which failed, and which are flagged."""

from pathlib import Path

from spikesweep.jobs.task import begin
from spikesweep.tables.failures import write_failures
from spikesweep.tables.flags import write_flags
from spikesweep.tables.simulations import write_simulations


def make(plan_path: Path, output: Path) -> None:
    """Write the table of all simulations, that of those that failed, and that of flags."""
    task = begin(plan_path, output)
    simulations, failures, flags = task.files
    dataset, bounds = task.reads["dataset"], task.recipe["bounds"]
    write_simulations(dataset, simulations, bounds)
    write_failures(simulations, failures, task.recipe["sweep"])
    watched = task.plan["watched"]
    write_flags(dataset, simulations, flags, task.recipe["flags"], watched, list(bounds))
    task.describe()
