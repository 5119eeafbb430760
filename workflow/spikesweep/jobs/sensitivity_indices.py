"""The job that makes the tables of sensitivity and uncertainty."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.sensitivity_table import write_sensitivity
from spikesweep.jobs.task import begin
from spikesweep.tables.columns import SENSITIVITY, UNCERTAINTY


def make(plan_path: Path, output: Path) -> None:
    """Write the sensitivity of quantities to the axes of the sample, and how they are spread."""
    task = begin(plan_path, output)
    write_sensitivity(FigureData(**task.reads), task.recipe["sensitivity"], task.files)
    task.describe(sensitivity=SENSITIVITY, uncertainty=UNCERTAINTY)
