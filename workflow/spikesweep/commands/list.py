"""The verb `list`: sweeps and figure sets of a project, and examples that one can begin with."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from spikesweep.commands.examples import examples, set_titles, titles
from spikesweep.commands.place import enter_project
from spikesweep.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--examples", action="store_true", help="only those that ship")


def run(options: argparse.Namespace) -> None:
    own: dict[str, str] = {}
    if not options.examples:
        try:
            enter_project()
            own = titles(Path())
        except UserError as error:
            print(f"{error}\n")
    if own:
        print(_table("Sweeps of this project (run one: snakemake --cores 8 NAME)", own))
        if sets := set_titles(Path()):
            print("\n" + _table("Figure sets (run one: snakemake --cores 8 NAME)", sets))
    more = {name: title for name, title in examples().items() if name not in own}
    if more:
        heading = "Examples (begin with one: spikesweep new MY_SWEEP --from NAME)"
        print(("\n" if own else "") + _table(heading, more))


def _table(heading: str, rows: Mapping[str, str]) -> str:
    width = max(map(len, rows))
    return "\n".join([heading, *(f"  {name:<{width}}  {title}" for name, title in rows.items())])
