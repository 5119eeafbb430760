"""What changed since the results were made: `spikesweep why <sweep>`."""

import argparse
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.comparing.reasons import previous_plan, reasons
from spikesweep.snakefile.project import Project
from spikesweep.store.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name)


def run(options: argparse.Namespace) -> None:
    enter_project()
    project, store = Project(Path()), Store()
    plan, previous = project.plan(options.sweep), previous_plan(options.sweep)
    # What names and links runs by itself where nothing else does.
    lines = reasons(plan, store, plan.lacking(store), previous)
    lines = lines or list(project.stale_leaves(options.sweep))
    if not lines:
        print(f"{plan.name}: nothing would run")
        return
    since = "there are no results yet" if previous is None else "(what changed since the results)"
    print("\n  ".join([f"{plan.name}: would run {since}", *lines]))
