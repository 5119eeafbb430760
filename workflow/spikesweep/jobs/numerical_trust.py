"""The job that compares some simulations with refined ones."""

from pathlib import Path

from spikesweep.jobs.task import begin
from spikesweep.tables.trust import write_trust


def make(plan_path: Path, output: Path) -> None:
    """Write how far statistics hang on steps and segments."""
    task = begin(plan_path, output)
    reads = task.reads
    asked = task.recipe["trust"]
    write_trust(reads["statistics"], reads["refined"], reads.get("run_alone"), asked, task.output)
    task.describe()
