"""The code of this package: which module imports which, and a hash of each as syntax.

Comments, docstrings, layout and types do not count, and the hashes are the same on all supported
versions of Python. To take the whole package apart takes a quarter of a second; so what was
found is kept beside Python's own bytecode, each module with the hash of the bytes that it was
found in, and taken apart again when these are others.
"""

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, NamedTuple

from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import fingerprint, sha256

PACKAGE = Path(__file__).parents[1]


class Syntax(NamedTuple):
    """What counts of a source file: a hash of its syntax, and all that it may import."""

    hash: str
    imports: list[str]


def code_hashes(*modules: str) -> dict[str, str]:
    """Return the hashes of modules of this package and of all that they import from it."""
    closure = sorted(import_closure(modules))
    return {module: _syntax_of(module).hash for module in closure}


def byte_hashes(modules: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of the source files of modules.

    Equal bytes are equal code, which is told a hundred times faster than equal syntax is.

    Raises:
        FileNotFoundError: a module is no longer there.
    """
    return {module: sha256(_read(_source(module))) for module in modules}


@cache
def code_hash(*modules: str) -> str:
    """Return one hash for modules of this package and all that they import from it."""
    return fingerprint(code_hashes(*modules))


def import_closure(modules: Iterable[str]) -> set[str]:
    """Return modules of this package and those that they import from it, however far.

    A package's `__init__` runs when one of its modules is imported, so it belongs as well.
    """
    closure: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in closure or not _is_module(module):
            continue
        closure.add(module)
        waiting += _syntax_of(module).imports
        waiting.append(module.rpartition(".")[0])
    _keep()
    return closure


def source_hash(source: str | bytes) -> str:
    """Return the hash of Python source as syntax."""
    return _syntax_hash(ast.parse(source))


@cache
def _source(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _is_module(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE.name and _source(module).is_file()


@cache
def _read(path: Path) -> bytes:
    """Return a source file's bytes; what is hashed and what is parsed is what was read once."""
    return path.read_bytes()


# ---- what was found before ---------------------------------------------------------------------


@cache
def _syntax_of(module: str) -> Syntax:
    source = _read(_source(module))
    kept, bytes_hash = _kept(), sha256(source)
    if kept.get(module, [""])[0] != bytes_hash:
        tree = ast.parse(source, str(_source(module)))
        kept[module] = [bytes_hash, _syntax_hash(tree), _imports(tree)]
        _unkept.append(module)
    return Syntax(*kept[module][1:])


_unkept: list[str] = []  # modules that were taken apart since


@cache
def _kept() -> dict[str, list[Any]]:
    """Return module -> [hash of its bytes, *Syntax]."""
    try:
        kept = json.loads(_keeping_file().read_bytes())
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(kept, dict) and kept.get("found by") == _finder()
    return kept["modules"] if is_ours else {}


def _keep() -> None:
    """Write down what was found; nowhere, if nothing is to be or can be written there."""
    if not _unkept or sys.dont_write_bytecode:
        return
    _unkept.clear()
    with suppress(OSError), written(_keeping_file()) as temporary:
        temporary.write_text(json.dumps({"found by": _finder(), "modules": _kept()}))


def _keeping_file() -> Path:
    return Path(cache_from_source(__file__)).with_name("syntax.json")


def _finder() -> str:
    """Return a hash of this module, since another would find something else."""
    return sha256(_read(Path(__file__)))


# ---- syntax ------------------------------------------------------------------------------------


def _imports(tree: ast.Module) -> list[str]:
    names = []
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in dict.fromkeys(names) if name.partition(".")[0] == PACKAGE.name]


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all statements, in any block; `ast.walk`, which goes through expressions as well,
    takes ten times as long."""
    blocks = [tree]
    while blocks:
        block: ast.AST = blocks.pop()
        yield block
        for field in _BLOCKS:
            blocks += getattr(block, field, ())


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _syntax_hash(tree: ast.Module) -> str:
    lines: list[str] = []
    _write_syntax(tree, lines)
    return sha256("\n".join(lines))


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# They add nothing to the other fields, and come, go or change between Python versions; or they
# only say of which type something is.
_SKIPPED_FIELDS = {"ctx", "kind", "type_comment", "type_ignores", "returns", "type_params"}
_TYPED = {"Protocol", "TypedDict"}  # classes of these are types alone


def _write_syntax(node: ast.AST, lines: list[str], in_class: bool = False) -> None:
    """Append a syntax tree as lines, without docstrings, types and empty fields.

    The annotations of a class's own attributes stay: dataclasses and pydantic go by them.

    `ast.dump` would be shorter, but what it writes differs between Python 3.11, 3.12 and 3.13.
    """
    lines.append(type(node).__name__)
    for field in node._fields:
        value = getattr(node, field, None)
        if field in _SKIPPED_FIELDS or value is None or value == []:
            continue
        if field == "annotation" and not in_class:
            continue
        if (
            field == "body"
            and isinstance(node, _DOCUMENTED)
            and ast.get_docstring(node, clean=False) is not None
        ):
            value = value[1:]
        lines.append(f".{field}")
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, ast.AST):
                lines.append(f"={item!r}")
            elif not (_is_empty_text(node, item) or _is_type(item)):
                _write_syntax(item, lines, isinstance(node, ast.ClassDef))
    lines.append("end")


def _is_empty_text(node: ast.AST, item: ast.AST) -> bool:
    """Return whether this is the empty text with which 3.12 ends some f-strings."""
    return isinstance(node, ast.JoinedStr) and getattr(item, "value", None) == ""


def _is_type(node: ast.AST) -> bool:
    """Return whether a statement only makes a type: a TypedDict or a Protocol."""
    return isinstance(node, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id in _TYPED for base in node.bases
    )
