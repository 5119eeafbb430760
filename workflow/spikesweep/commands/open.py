"""The verb `open`: the contact sheet of a sweep, or the figures of a figure set, in a browser."""

import argparse
import webbrowser
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.errors import UserError, suggest
from spikesweep.plan.figure_sets import set_names
from spikesweep.plan.making import sweep_names
from spikesweep.products.table import CONTACT_SHEET
from spikesweep.snakefile.figure_sets import FigureSets
from spikesweep.snakefile.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name, help="or a figure set")


def run(options: argparse.Namespace) -> None:
    enter_project()
    if options.sweep in set_names(Path()):
        for figure in _figures(options.sweep):
            _show(figure)
        return
    page = (Path("results") / options.sweep / CONTACT_SHEET).absolute()
    if not page.is_file():
        near = suggest(options.sweep, [*sweep_names(Path()), *set_names(Path())])
        raise UserError(
            f"results/{options.sweep}/{CONTACT_SHEET}: is not there{near}; a run makes it: "
            f"snakemake --cores 8 {options.sweep}"
        )
    _show(page)


def _figures(name: str) -> list[Path]:
    """Return the figures of a set that are of the present state."""
    figures = [p for p in FigureSets(Project(Path()), [name]).stamped(name) if p.suffix == ".svg"]
    if lacking := [path for path in figures if not path.is_file()]:
        raise UserError(f"{lacking[0]}: is not there; a run makes it: snakemake --cores 8 {name}")
    return [path.absolute() for path in figures]


def _show(page: Path) -> None:
    if not webbrowser.open(page.as_uri()):
        print("no browser was found; open this file in one:")
    print(page)
