"""The job that makes the table of the rates of populations."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.population_rates_table import write_rates
from spikesweep.jobs.task import begin
from spikesweep.tables.population_rates import COLUMNS


def make(plan_path: Path, output: Path) -> None:
    """Write mean and SD of the rate of each population, of the window and of its bins."""
    task = begin(plan_path, output)
    write_rates(FigureData(**task.reads), task.recipe["population_rates"], task.output)
    task.describe(population_rates=COLUMNS)
