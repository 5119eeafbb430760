"""Names that follow from content: hashes of values, of code, of versions.

A fingerprint is the SHA-256 of the canonical JSON of everything that can change what a stage
makes. The first twelve digits stand in the file's name, the whole of it in the file.
"""

import ast
import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
DIGITS = 12


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted, no layout, shortest exact numbers."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256(text: str | bytes) -> str:
    """Return the SHA-256 of a text or of bytes, as 64 hex digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(inputs: Any) -> str:
    """Return the fingerprint of everything that a stage depends on, as 64 hex digits."""
    return sha256(canonical_json(inputs))


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the installed versions of packages, without importing them."""
    return {package: importlib.metadata.version(package) for package in sorted(packages)}


def code_hashes(*modules: str) -> dict[str, str]:
    """Return the hashes of modules of this package and of all that they import from it.

    Code is hashed as syntax: comments, docstrings and layout do not count, and the hash is
    the same on all supported versions of Python.
    """
    closure = sorted(import_closure(modules))
    return {module: _module_hash(_source(module)) for module in closure}


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
        waiting += _imports(module)
        waiting.append(module.rpartition(".")[0])
    return closure


def _source(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _is_module(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE.name and _source(module).is_file()


@cache
def _imports(module: str) -> list[str]:
    names = []
    for node in ast.walk(_parse(_source(module))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


@cache
def _read(path: Path) -> bytes:
    """Return a source file's bytes; what is hashed and what is parsed is what was read once."""
    return path.read_bytes()


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(_read(path), str(path))


@cache
def _module_hash(path: Path) -> str:
    return sha256("\n".join(_syntax(_parse(path))))


def source_hash(source: str) -> str:
    """Return the hash of Python source as syntax."""
    return sha256("\n".join(_syntax(ast.parse(source))))


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# They add nothing to the other fields, and come, go or change between Python versions.
_SKIPPED_FIELDS = {"ctx", "kind", "type_comment", "type_ignores"}


def _syntax(node: ast.AST) -> Iterator[str]:
    """Yield a syntax tree as lines, without docstrings and empty fields.

    `ast.dump` would be shorter, but what it writes differs between Python 3.11, 3.12 and 3.13.
    """
    yield type(node).__name__
    for field, value in ast.iter_fields(node):
        if field in _SKIPPED_FIELDS or value is None or value == []:
            continue
        if (
            field == "body"
            and isinstance(node, _DOCUMENTED)
            and ast.get_docstring(node) is not None
        ):
            value = value[1:]
        yield f".{field}"
        for item in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.JoinedStr) and getattr(item, "value", None) == "":
                continue  # 3.12 ends some f-strings with an empty text
            if isinstance(item, ast.AST):
                yield from _syntax(item)
            else:
                yield f"={item!r}"
    yield "end"
