"""The job that makes the tables of sensitivity and uncertainty of traces, over time."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.over_time_table import write_over_time
from spikesweep.jobs.task import begin
from spikesweep.tables.columns import SENSITIVITY_OVER_TIME, UNCERTAINTY_OVER_TIME


def make(plan_path: Path, output: Path) -> None:
    """Write the sensitivity of traces to the axes of the sample, and how they are spread."""
    task = begin(plan_path, output)
    write_over_time(FigureData(**task.reads), task.recipe["over_time"], task.files)
    task.describe(
        sensitivity_over_time=SENSITIVITY_OVER_TIME, uncertainty_over_time=UNCERTAINTY_OVER_TIME
    )
