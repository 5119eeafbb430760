"""The verb `new`: a sweep of one's own, from one that ships."""

import argparse
from pathlib import Path

from spikesweep.commands.examples import copy_of_example, find_example, write_files
from spikesweep.commands.place import enter_project
from spikesweep.errors import UserError
from spikesweep.plan.making import sweep_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", help="its name")
    parser.add_argument(
        "--from",
        dest="example",
        default="ball_and_stick",
        help="an example, see `spikesweep list`; or swc, hoc, python (default: ball_and_stick)",
    )


def run(options: argparse.Namespace) -> None:
    example = find_example(options.example)
    enter_project()
    if options.sweep in sweep_names(Path()):
        raise UserError(f"{options.sweep}: there is a sweep of this name; expected another name")
    files = copy_of_example(example, options.sweep)
    write_files(Path(), files)
    print("\n".join(f"wrote {path}" for path in files))
    print(f"Run it: snakemake --cores 8 {options.sweep}")
