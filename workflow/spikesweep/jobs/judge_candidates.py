"""The job that says which candidates are accepted."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.population_table import write_population
from spikesweep.jobs.task import begin
from spikesweep.products.column import Column
from spikesweep.tables.population import ACCEPTANCE, CORRELATIONS


def make(plan_path: Path, output: Path) -> None:
    """Write the tables of the population."""
    task = begin(plan_path, output)
    asked = task.recipe["accept"]
    write_population(FigureData(**task.reads), asked, task.files)
    values = {
        name: Column(one["unit"], name.replace("_", " "), f"{one['of']}, by which it is judged")
        for name, one in asked["criteria"].items()
    }
    task.describe(population=values, acceptance=ACCEPTANCE, correlations=CORRELATIONS)
