"""The code of figures and statistics by the user's own functions: all that these depend on."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spikesweep.document.files import inside
from spikesweep.errors import UserError, listing, suggest
from spikesweep.modelcode.closure import PYTHON, ModelCode, read_files
from spikesweep.modelcode.python import parse
from spikesweep.sweepfile.figures import PythonFigure
from spikesweep.sweepfile.sweep import OwnStatistic


def figure_code(root: Path, figure: PythonFigure, place: str) -> ModelCode:
    """Return the files of a figure's function, with what they import and name.

    Raises:
        UserError: no such file or function, or an option that the function does not take.
    """
    place = f"{place}.draw"
    _function(root, figure.draw, ("fig", "results"), figure.options, place)
    return _code(root, figure.draw, figure.options, figure.files, place)


def statistic_code(root: Path, statistic: OwnStatistic, place: str) -> ModelCode:
    """Return the files of a statistic's function, with what they import and name.

    Raises:
        UserError: as `figure_code` does.
    """
    place = f"{place}.python"
    _function(root, statistic.python, ("simulation",), statistic.options, place)
    return _code(root, statistic.python, statistic.options, statistic.files, place)


def statistics_code(root: Path, own: Mapping[str, OwnStatistic]) -> dict[str, dict[str, Any]]:
    """Return all that own statistics depend on, besides spikes and traces."""
    made = {}
    for name, one in own.items():
        code = statistic_code(root, one, name)
        made[name] = {
            **{"python": one.python, "options": one.options, "each": one.each},
            **{"sources": code.files, "imported": code.imported, "packages": code.packages},
        }
    return made


def statistics_words(root: Path, own: Mapping[str, OwnStatistic]) -> dict[str, dict[str, str]]:
    """Return what own statistics are: unit, label, definition."""
    return {
        name: {"unit": one.unit, "label": one.label, "definition": definition(root, one, name)}
        for name, one in own.items()
    }


def definition(root: Path, statistic: OwnStatistic, place: str) -> str:
    """Return what a statistic is: the first paragraph of its function's docstring, or its name."""
    node = _function(root, statistic.python, ("simulation",), statistic.options, place)
    text = ast.get_docstring(node) if isinstance(node, ast.FunctionDef | ast.ClassDef) else ""
    return " ".join((text or "").partition("\n\n")[0].split()).rstrip(".") or statistic.python


def _function(
    root: Path, function: str, given: Sequence[str], options: Mapping[str, Any], place: str
) -> ast.AST:
    """Return what a file calls by the function's name.

    Args:
        given: what it is called with, besides its options.
    """
    file, _, name = function.partition(":")
    tree = parse(inside(root, file, place).read_bytes(), file)
    named = {str(node.name): node for node in tree.body if hasattr(node, "name")}
    if name not in named:
        expected = ", ".join(sorted(named)) or f"a function of ({', '.join(given)})"
        raise UserError(f'{place}: {file} has no function "{name}"; expected one of: {expected}')
    node = named[name]
    if isinstance(node, ast.FunctionDef) and node.args.kwarg is None:
        arguments = node.args
        taken = [one.arg for one in (*arguments.args[len(given) :], *arguments.kwonlyargs)]
        for option in options:
            if option not in taken:
                raise UserError(
                    f'{place}: {name} of {file}, line {node.lineno}, takes no option "{option}"'
                    f"{suggest(option, taken)}; expected one of: {listing(taken) or 'none'}"
                )
    return node


def _code(
    root: Path, function: str, options: Mapping[str, Any], files: Sequence[str], place: str
) -> ModelCode:
    return read_files(root, [function.partition(":")[0]], options.values(), files, place, PYTHON)
