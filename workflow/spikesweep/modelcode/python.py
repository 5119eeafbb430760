"""Python text: the strings in it, what it imports, and what a class of it takes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spikesweep.errors import UserError, listing, suggest

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def parse(content: bytes, place: str) -> ast.Module:
    """Return the syntax tree of a Python file.

    Raises:
        UserError: it is no Python.
    """
    try:
        return ast.parse(content)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UserError(f"{place}{line}: {error.msg}; expected Python") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{place}: {error}; expected Python") from None


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the string constants, but not the docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings:
            yield node


@dataclass(frozen=True)
class Import:
    """A module that is imported; level: dots before the name, 0 for none."""

    name: str
    level: int = 0


def imports(tree: ast.Module) -> Iterator[Import]:
    """Yield all that a file imports, at its top or anywhere; of `from a import b` also a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield Import(base, node.level)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}".lstrip("."), node.level)


def check_call(tree: ast.Module, name: str, given: list[str], file: Path, place: str) -> None:
    """Check that a file has a class, or function, and that it takes these keywords.

    What it takes is known where the file itself says so; otherwise the call will tell.

    Raises:
        UserError: no such name, a keyword that it does not take, or one that it needs.
    """
    names = set(_bound(tree))
    if name not in names and "*" not in names:
        known = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        raise UserError(
            f'{place}.python: {file} has no class "{name}"{suggest(name, names)} '
            f"(classes: {listing(known) or 'none'})"
        )
    arguments = _arguments(tree, name)
    if arguments is None:
        return
    taken, needed = _keywords(arguments)
    for keyword in given:
        if keyword not in taken and arguments.kwarg is None:
            raise UserError(
                f'{place}.parameters: {name} takes no parameter "{keyword}"'
                f"{suggest(keyword, taken)} (it takes: {listing(taken, 30) or 'none'})"
            )
    if missing := [keyword for keyword in needed if keyword not in given]:
        raise UserError(
            f"{place}.parameters: {name} needs {listing(missing, 30)} as well; expected a value "
            "for each parameter without a default"
        )


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield the names that the top of a module binds; '*' where it imports all of another."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _arguments(tree: ast.Module, name: str) -> ast.arguments | None:
    """Return what a class or function of the module takes, where one definition says so."""
    found = [node for node in tree.body if getattr(node, "name", None) == name]
    if len(found) != 1 or found[0].decorator_list:
        return None
    (node,) = found
    if isinstance(node, ast.FunctionDef):
        return node.args
    methods = [part for part in node.body if getattr(part, "name", None) == "__init__"]
    if len(methods) != 1 or methods[0].decorator_list:
        return None
    arguments = methods[0].args
    own = (arguments.posonlyargs or arguments.args)[:1]
    del (arguments.posonlyargs or arguments.args)[: len(own)]
    return arguments


def _keywords(arguments: ast.arguments) -> tuple[list[str], list[str]]:
    """Return the names that can be given as keywords, and those that must be."""
    positional = [argument.arg for argument in arguments.args]
    optional = len(arguments.defaults)
    needed = positional[: len(positional) - optional] if optional else positional
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        positional.append(argument.arg)
        if default is None:
            needed = [*needed, argument.arg]
    return positional, needed
