"""The verb `open`: the contact sheet of a sweep, in a browser."""

import argparse
import webbrowser
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.errors import UserError, suggest
from spikesweep.plan.making import sweep_names
from spikesweep.products.table import CONTACT_SHEET


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name)


def run(options: argparse.Namespace) -> None:
    enter_project()
    page = (Path("results") / options.sweep / CONTACT_SHEET).absolute()
    if not page.is_file():
        near = suggest(options.sweep, sweep_names(Path()))
        raise UserError(
            f"results/{options.sweep}/{CONTACT_SHEET}: is not there{near}; a run makes it: "
            f"snakemake --cores 8 {options.sweep}"
        )
    if not webbrowser.open(page.as_uri()):
        print("no browser was found; open this file in one:")
    print(page)
