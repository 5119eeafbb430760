"""The verb `diff`: what differs between two commits, runs or bundles."""

import argparse
import json
import os
from pathlib import Path

from spikesweep.commands.place import enter_project, moved
from spikesweep.comparing import diff_text
from spikesweep.comparing.diff import as_json
from spikesweep.comparing.sides import paired_sides
from spikesweep.lineage.checked import readable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    sides = 'git revision, figure, dataset, table, bundle, or "." for the sources as they are'
    parser.add_argument("a", metavar="A", help=sides)
    parser.add_argument("b", metavar="B", help="likewise")
    parser.add_argument("--sweep", action="append", default=[], help="of several; default: all")
    parser.add_argument("--json", action="store_true", help="all that differs, as JSON")


def run(options: argparse.Namespace) -> None:
    here = Path.cwd()
    enter_project()
    old, new = (_from_root(here / name, name) for name in (options.a, options.b))
    with readable(f"{options.a} or {options.b}"), paired_sides(old, new, options.sweep) as pairs:
        if options.json:
            print(json.dumps({sweep: as_json(*pair) for sweep, pair in pairs.items()}, indent=1))
        else:
            print(diff_text.tell_all(pairs))


def _from_root(path: Path, name: str) -> str:
    """Return what the user named as seen from the project's root, if it is a file or folder."""
    return os.path.relpath(found) if (found := moved(path)).exists() else name
