"""The job that draws a figure."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.render import drawing, render
from spikesweep.jobs.task import begin
from spikesweep.products.plan_file import read_plan
from spikesweep.products.table import split_stage


def make(plan_path: Path, output: Path) -> None:
    """Draw a figure as PDF, PNG and SVG."""
    _, kind = split_stage(read_plan(plan_path).stage(output))
    drawing(kind)  # is imported before its code is looked at
    task = begin(plan_path, output)
    told = {name: task.recipe.get(name) for name in ("simulation", "places")}
    data = FigureData(**task.reads, **told)
    render(kind, task.recipe["options"], data, task.files)
    task.describe()
