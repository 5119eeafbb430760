"""The job that makes the table of how cells fire."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.firing_table import write_classes
from spikesweep.jobs.task import begin


def make(plan_path: Path, output: Path) -> None:
    """Write the class of firing of each simulation."""
    task = begin(plan_path, output)
    write_classes(FigureData(**task.reads), task.recipe["firing_sites"], task.output)
    task.describe()
