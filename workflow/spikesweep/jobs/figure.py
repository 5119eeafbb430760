"""The job that draws a figure."""

from pathlib import Path
from tempfile import TemporaryDirectory

from spikesweep.figures.data import FigureData
from spikesweep.figures.render import drawing, render
from spikesweep.jobs.task import Task, begin
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.table import split_stage

OWN = "python"  # the kind that the user's own function draws
# What matplotlib imports when it writes a figure: PDF with its fonts, PNG, SVG.
AHEAD = (
    *(f"matplotlib.backends.backend_{name}" for name in ("agg", "pdf", "svg")),
    *("matplotlib.style", "fontTools.subset", "fontTools.ttLib.tables.otTables"),
)


def make(plan_path: Path, output: Path) -> None:
    """Draw a figure as PDF, PNG and SVG."""
    _, kind = split_stage(read_plan(plan_path).stage(output))
    drawing(kind)  # is imported before its code is looked at
    task = begin(plan_path, output)
    # From wherever the user's function runs.
    reads = {name: path.absolute() for name, path in task.reads.items()}
    if kind == OWN:
        _draw_own(task, reads)
    else:
        render(kind, task.recipe["options"], figure_data(task.recipe, reads), task.files)
    task.describe()


def figure_data(recipe: dict, reads: dict[str, Path]) -> FigureData:
    """Return what a figure is drawn from, by its recipe."""
    told = {name: recipe.get(name) for name in ("simulation", "places", "refined")}
    return FigureData(**{n: path for n, path in reads.items() if n != "failures"}, **told)


def numbers(plan: PlanFile, recipe: dict, reads: dict[str, Path]):
    """Return the results that the user's own function gets."""
    from spikesweep.figures.results import Numbers

    return Numbers(plan["sweep"], plan["title"], plan["axes"], figure_data(recipe, reads), reads)


def copy_code(recipe: dict, folder: Path) -> dict:
    """Copy the user's function with all that it imports, among which it runs; return the options
    with which it is called."""
    from spikesweep.modelcode.closure import copy_files, copy_imported

    copy_files(Path(), recipe["sources"], folder)
    copy_imported(recipe["imported"], folder)
    return recipe["options"] | {"folder": str(folder.resolve())}


def _draw_own(task: Task, reads: dict[str, Path]) -> None:
    from spikesweep.jobs.own_code import draw_twice  # other figures start without all that it needs

    results = numbers(task.plan, task.recipe, reads)
    with TemporaryDirectory(prefix="spikesweep_") as scratch:
        options = copy_code(task.recipe, Path(scratch))
        readable = [Path(scratch), *(path.with_suffix("") for path in reads.values())]
        draw_twice(
            lambda outputs: render(OWN, options, results, outputs),
            task.files, readable, options["draw"],
        )  # fmt: skip
