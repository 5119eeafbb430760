"""The verbs of provenance: explain, verify, rebuild, diff."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from spikesweep.errors import UserError


def add_verbs(verbs, enter_project: Callable[[], None]) -> None:
    """Add the verbs of provenance to the command line's.

    Args:
        enter_project: goes to the root of the project; raises UserError where there is none.
    """
    explain = verbs.add_parser("explain", help="say what made a figure, a dataset or a table")
    explain.add_argument("file", type=Path)
    explain.add_argument("--at", nargs="+", metavar="AXIS=VALUE", help="the one simulation there")
    explain.add_argument("--json", action="store_true", help="the lineage as JSON")
    explain.set_defaults(run=lambda options: _explain(options, enter_project))

    verify = verbs.add_parser("verify", help="recompute every hash of a file, a bundle or a folder")
    verify.add_argument("paths", type=Path, nargs="+", metavar="FILE|BUNDLE|.")
    verify.set_defaults(run=lambda options: _verify(options, enter_project))

    rebuild = verbs.add_parser("rebuild", help="make a file again at its commit, and compare")
    rebuild.add_argument("file", type=Path)
    rebuild.add_argument("--cores", default="all")
    rebuild.add_argument("--from-scratch", action="store_true", help="simulate everything again")
    rebuild.add_argument(
        "--locked", action="store_true", help="with the packages that the commit's lock file names"
    )
    rebuild.add_argument(
        "--yes", action="store_true", help="run the commit's code though no branch here leads to it"
    )
    rebuild.set_defaults(run=lambda options: _rebuild(options, enter_project))

    diff = verbs.add_parser("diff", help="say what differs between two commits, runs or bundles")
    sides = 'git revision, figure, dataset, table, bundle, or "." for the sources as they are'
    diff.add_argument("a", metavar="A", help=sides)
    diff.add_argument("b", metavar="B", help="likewise")
    diff.add_argument("--sweep", action="append", default=[], help="of several; default: all")
    diff.add_argument("--json", action="store_true", help="all that differs, as JSON")
    diff.set_defaults(run=lambda options: _diff(options, enter_project))


def _entered(paths: list[Path], enter_project: Callable[[], None]) -> list[Path]:
    """Go to the project's root, if there is one; return the user's paths as seen from there.

    A stamped figure and a bundle say all by themselves, wherever they are.
    """
    absolute = [Path.cwd() / path for path in paths]
    try:
        enter_project()
    except UserError:
        return paths
    root = Path.cwd()
    return [p.relative_to(root) if p.is_relative_to(root) else p for p in absolute]


def _explain(options: argparse.Namespace, enter_project: Callable[[], None]) -> None:
    from spikesweep.commands import explain, point
    from spikesweep.lineage.checked import readable
    from spikesweep.lineage.records import find_lineage

    [file] = _entered([options.file], enter_project)
    lineage = find_lineage(file)
    with readable(file):
        if options.at:
            simulation = point.simulation_at(lineage, options.at)
            print(json.dumps(simulation, indent=1) if options.json else point.tell(simulation))
        else:
            print(json.dumps(lineage, indent=1) if options.json else explain.explain(lineage, file))


def _verify(options: argparse.Namespace, enter_project: Callable[[], None]) -> None:
    from spikesweep.commands.verify import tell, verify

    damaged = False
    for path in _entered(options.paths, enter_project):
        findings = verify(path)
        print(tell(findings, path))
        damaged |= any(finding.problem for finding in findings)
    sys.exit(damaged)


def _rebuild(options: argparse.Namespace, enter_project: Callable[[], None]) -> None:
    from spikesweep.commands.rebuild import code_to_run, rebuild, tell
    from spikesweep.lineage.records import find_lineage

    [file] = _entered([options.file], enter_project)
    lineage = find_lineage(file)
    if words := code_to_run(lineage, options.yes):
        print(f"spikesweep: rebuild {words}", file=sys.stderr, flush=True)
    rebuilt = rebuild(file, lineage, options.cores, options.from_scratch, options.locked)
    print(tell(rebuilt, lineage))
    sys.exit(not rebuilt.outcomes[-1].is_same)


def _diff(options: argparse.Namespace, enter_project: Callable[[], None]) -> None:
    from spikesweep.comparing import diff_text
    from spikesweep.comparing.diff import as_json
    from spikesweep.comparing.sides import paired_sides
    from spikesweep.lineage.checked import readable

    here = Path.cwd()
    enter_project()
    old, new = (_from_root(here / name, name) for name in (options.a, options.b))
    with readable(f"{options.a} or {options.b}"), paired_sides(old, new, options.sweep) as pairs:
        if options.json:
            print(json.dumps({sweep: as_json(*pair) for sweep, pair in pairs.items()}, indent=1))
        else:
            print("\n".join(diff_text.tell(sweep, *pair) for sweep, pair in pairs.items()))


def _from_root(path: Path, name: str) -> str:
    """Return what the user named as seen from the project's root, if it is a file or folder."""
    return os.path.relpath(path) if path.exists() else name
