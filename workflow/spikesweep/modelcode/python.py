"""Python text: the strings in it, what it imports, and what a class of it takes."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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


def loaded(tree: ast.Module) -> Iterator[str]:
    """Yield the constants that stand in calls of load_file and xopen: names of HOC files."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in ("load_file", "xopen"):
            yield from (
                part.value
                for argument in node.args
                for part in ast.walk(argument)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def called(call: ast.Call) -> str:
    """Return the last name of what is called: load_file of n.load_file(...)."""
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


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


def check_call(tree: ast.Module, name: str, given: Iterable[str], file: str, place: str) -> None:
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
    signature = _signature(tree, name)
    if signature is None:
        return
    unknown = [keyword for keyword in given if keyword not in signature]
    if unknown and "**" not in signature:
        raise UserError(
            f'{place}.parameters: {name} takes no parameter "{unknown[0]}"'
            f"{suggest(unknown[0], signature)} (it takes: {listing(signature, 30) or 'none'})"
        )
    if missing := [word for word, needed in signature.items() if needed and word not in given]:
        raise UserError(
            f"{place}.parameters: {name} needs {listing(missing, 30)} as well; expected a value "
            "for each parameter without a default"
        )


def methods(tree: ast.Module, name: str) -> set[str]:
    """Return the names that a class of a file defines, those of its bases in the file included."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    found: set[str] = set()
    waiting, seen = [name], set()
    while waiting:
        current = waiting.pop()
        if current in classes and current not in seen:
            seen.add(current)
            found |= {getattr(node, "name", "") for node in classes[current].body}
            waiting += [base.id for base in classes[current].bases if isinstance(base, ast.Name)]
    return found


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module binds somewhere; '*' where it imports all of another."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _signature(tree: ast.Module, name: str) -> dict[str, bool] | None:
    """Return the keywords that a class or function takes, and whether it needs them.

    '**' is among them where it takes any. None where no one definition in the module says so.
    """
    function, own = _definition(tree.body, name), 0
    if isinstance(function, ast.ClassDef):
        function, own = _definition(function.body, "__init__"), 1
    if not isinstance(function, ast.FunctionDef):
        return None
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = len(positional) - len(arguments.defaults)
    signature = {
        argument.arg: place < needed
        for place, argument in enumerate(positional)
        if place >= max(own, len(arguments.posonlyargs))
    }
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        signature[argument.arg] = default is None
    return signature | ({"**": False} if arguments.kwarg else {})


def _definition(body: list[ast.stmt], name: str) -> ast.stmt | None:
    """Return what defines a name, if that is one class or function without decorators."""
    found = [node for node in body if getattr(node, "name", None) == name]
    return found[0] if len(found) == 1 and not found[0].decorator_list else None
