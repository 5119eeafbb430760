"""The verb `methods`: a draft of the Methods of a sweep or a figure set, for authors to edit."""

import argparse
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.products import engine
from spikesweep.publishing.methods import methods
from spikesweep.snakefile.figure_sets import FigureSets
from spikesweep.snakefile.project import Project
from spikesweep.tables import found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name, help="or a figure set")


def run(options: argparse.Namespace) -> None:
    enter_project()
    project = Project(Path())
    sets = FigureSets(project, [])
    if options.sweep in sets.names:
        of_set = sets.plan(options.sweep)
        title, plans = of_set.spec.title, list(of_set.plans.values())
    else:
        plan = project.plan(options.sweep)
        title, plans = plan.sweep.title, [plan]
    contents = [plan.contents for plan in plans]
    told = {
        plan.name: found.sentences(contents, plan.plan.path.parent)
        for plan, contents in zip(plans, contents, strict=True)
    }
    print(methods(contents, title, engine.identity()["version"], told), end="")
