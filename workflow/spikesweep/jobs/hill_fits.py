"""The job that makes the table of Hill fits."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.fits import write_fits
from spikesweep.jobs.task import begin
from spikesweep.tables.columns import FITS


def make(plan_path: Path, output: Path) -> None:
    """Write EC50, slope, top and bottom of each curve, or why there is none."""
    task = begin(plan_path, output)
    write_fits(FigureData(**task.reads), task.recipe["fits"], task.output)
    task.describe(fits=FITS)
