"""What changed since the results were made: `spikesweep why <sweep or figure set>`."""

import argparse
from contextlib import suppress
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.comparing.figure_sets import figure_changes
from spikesweep.comparing.reasons import previous_plan, reasons
from spikesweep.errors import UserError
from spikesweep.jobs.mark import plan_of
from spikesweep.lineage.set_plan import SetPlanFile, read_set_plan
from spikesweep.plan.figure_sets import MADE_SETS
from spikesweep.plan.product import Product
from spikesweep.products.table import STAMP_SET
from spikesweep.snakefile.figure_sets import FigureSets
from spikesweep.snakefile.project import Project
from spikesweep.store.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name, help="or a figure set")


def run(options: argparse.Namespace) -> None:
    enter_project()
    project, store = Project(Path()), Store()
    sets = FigureSets(project, [])
    is_set = options.sweep in sets.names
    for name in sets.plan(options.sweep).plans if is_set else [options.sweep]:
        print(_of_sweep(project, name, store))
    if is_set:
        print(_of_set(sets, options.sweep))


def _of_sweep(project: Project, name: str, store: Store) -> str:
    """Return what would run now for a sweep, and why."""
    plan, previous = project.plan(name), previous_plan(name)
    # What names and links runs by itself where nothing else does.
    lines = reasons(plan, store, plan.lacking(store), previous)
    lines = lines or list(project.stale_leaves(name))
    if not lines:
        return f"{name}: nothing would run"
    since = "(there are no results yet)" if previous is None else "(what changed since the results)"
    return "\n  ".join([f"{name}: would run {since}", *lines])


def _of_set(sets: FigureSets, name: str) -> str:
    """Return which figures of a figure set would be drawn now, and why."""
    plan, previous = sets.plan(name), _previous_set(name)
    lines = [
        f"figure {figure}{_why_drawn(product, previous, figure)}"
        for figure, product in plan.figures.items()
        if not all(path.exists() for path in product.files)
    ]
    if not lines and sets.stamp_inputs(name):
        lines = [f"stamp (the figures get the label {sets.label(name)})"]
    if not lines:
        return f"{name}: no figure would be drawn"
    since = "(there are no figures yet)" if previous is None else "(what changed since the figures)"
    return "\n  ".join([f"{name}: would draw {since}", *lines])


def _why_drawn(product: Product, previous: SetPlanFile | None, figure: str) -> str:
    if previous is None:
        return ""
    if figure not in previous["figures"]:
        return " (new)"
    before = previous["products"][previous["figures"][figure]]
    return f" ({'; '.join(figure_changes(before, product.recipe)) or 'missing'})"


def _previous_set(name: str) -> SetPlanFile | None:
    """Return the plan of the figures that were stamped last."""
    marks = (MADE_SETS / name).glob(f"{STAMP_SET.files[0].name}_*")
    for mark in sorted(marks, key=lambda mark: mark.stat().st_mtime, reverse=True):
        with suppress(UserError, OSError, ValueError):
            if path := plan_of(mark):
                return read_set_plan(path)
    return None
