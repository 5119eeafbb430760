"""The job that makes the table of replicates."""

from pathlib import Path

from spikesweep.jobs.task import begin
from spikesweep.tables.replicates import write_replicates


def make(plan_path: Path, output: Path) -> None:
    """Write mean, SD and n of each statistic over the replicates."""
    task = begin(plan_path, output)
    axes = [axis["name"] for axis in task.plan["axes"]]
    write_replicates(task.reads["statistics"], axes, task.recipe["replicates"], task.output)
    task.describe()
