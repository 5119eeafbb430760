"""The verb `completion`: what lets a shell complete commands; and what it then completes."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import argcomplete
from argcomplete.lexers import split_line

from spikesweep.commands.examples import FORMS, examples
from spikesweep.commands.place import find_project
from spikesweep.plan.figure_sets import set_names
from spikesweep.plan.making import sweep_names

SHELLS = ("bash", "zsh", "fish")
# Verbs that know figure sets as well, by the argument `sweep`.
OF_SETS = ("methods", "open", "plan", "status", "why")
# What one asks about, from the project's root: figures, tables, datasets, bundles.
RESULTS = (
    *("results/*/figures/*.*", "results/figure_sets/*/*.*"),
    *("results/*/*.nc", "results/*/*.csv", "results/published/*.zip"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


def run(options: argparse.Namespace) -> None:
    print(argcomplete.shellcode(["spikesweep"], shell=options.shell))


def complete(parser_of: Callable[[str], argparse.ArgumentParser]) -> None:
    """Answer a shell, and end the process.

    Args:
        parser_of: returns the parser in which one verb has its arguments.
    """
    *_, words, _ = split_line(os.environ["COMP_LINE"], int(os.environ["COMP_POINT"]))
    verb = words[1] if len(words) > 1 else ""
    parser = parser_of(verb)
    for action in _actions(parser, verb):
        if names := _names_of(verb, action.dest):
            action.completer = lambda names=names, **_: list(names())  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _actions(parser: argparse.ArgumentParser, verb: str) -> Iterable[argparse.Action]:
    """Return what a verb takes, and nothing of a word that is none."""
    [verbs] = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return verbs.choices[verb]._actions if verb in verbs.choices else []


def _names_of(verb: str, what: str) -> Callable[[], Iterable[str]] | None:
    """Return what may stand for an argument of a verb; None where the shell offers files."""
    if what in ("example", "template"):
        return lambda: [*FORMS, *examples()]
    if what in ("file", "paths"):
        return _results
    if what == "sweep" and verb != "new":
        return lambda: _sweeps(with_sets=verb in OF_SETS)
    return None


def _sweeps(with_sets: bool) -> list[str]:
    root = find_project(Path.cwd())
    if root is None:
        return []
    return sweep_names(root) + (set_names(root) if with_sets else [])


def _results() -> list[str]:
    """Return the files that one asks about, as seen from here."""
    root = find_project(Path.cwd())
    if root is None:
        return []
    found = sorted(path for pattern in RESULTS for path in root.glob(pattern))
    return [os.path.relpath(path) for path in found if not path.name.startswith(".")]
