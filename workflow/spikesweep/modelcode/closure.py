"""All files of a model that is code, found without running it.

These are the files that the sweep names; the modules beside them that they import; and whatever
file of the project a string in them names, so that HOC's load_file and xopen, a morphology or a
table of weights are found alike. More may be found than is used; what cannot be found, since its
name is put together at run time, is to be named in `files`. A simulation sees copies of these
files and of no others, so that one which is missing here is missing there as well, and is told.
"""

import importlib.metadata
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from os.path import abspath, relpath
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.modelcode import hoc, python
from spikesweep.products.code import source_hash
from spikesweep.products.fingerprint import sha256

HOC_SUFFIXES = (".hoc", ".oc", ".ses")
_LONGEST_NAME = 255
# Modules that are there before any of a model's own, and would be found in their place.
_TAKEN = frozenset({*sys.stdlib_module_names, "h5py", "neuron", "numpy", "spikesweep"})


@dataclass(frozen=True)
class ModelCode:
    """The files of a model, and the packages that it imports.

    files: path relative to the project -> hash of what counts of it: HOC without comments, Python
        as syntax, the bytes of anything else.
    packages: name of an imported package -> its version, or None where it is not installed.
    """

    files: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str | None] = field(default_factory=dict)


def read_files(
    root: Path, named: Sequence[str], given: Iterable[object], more: Iterable[str], place: str
) -> ModelCode:
    """Return all files of a model.

    Args:
        named: the model's own files; what they load and import lies beside the first of them.
        given: what the code is called with: a text in it can name a file as one in the code can.
        more: files, or folders of them, that its code reads under names that cannot be found.

    Raises:
        UserError: a file that cannot be read, lies outside of the project, or does what no model
            here may do.
    """
    closure = _Closure(root, (root / named[0]).parent, place)
    for path in named:
        closure.add(root / path)
    closure.add_named((text for text in given if isinstance(text, str)), root / named[0])
    for path in more:
        for file in _files_below(root / path):
            closure.add(file)
    closure.follow()
    return ModelCode(dict(sorted(closure.files.items())), dict(sorted(closure.packages.items())))


def written(root: Path, path: Path) -> str:
    """Return a path as `ModelCode.files` names it: relative to the project."""
    return relpath(abspath(path), abspath(root))


def _files_below(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file())
    return [file for file in found if "__pycache__" not in file.parts]


def copy_files(root: Path, files: Mapping[str, str], folder: Path) -> None:
    """Copy the files of models to a folder, each to the place that it has in the project.

    Args:
        files: as `ModelCode.files` has them.

    Raises:
        UserError: one is gone, or another one by now.
    """
    for name, expected in files.items():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(root / name, copy)
            found = content_hash(copy, copy.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):  # gone, or no Python any more
            found = None
        if found != expected:
            raise UserError(
                f"{name}: changed while this run was going on; nothing was made of it. "
                "Run snakemake again: it makes what the new file asks for"
            )


def content_hash(path: Path, content: bytes) -> str:
    """Return the hash of what counts of a file's content."""
    if path.suffix in HOC_SUFFIXES:
        return sha256(hoc.normalised(_text(content)))
    return source_hash(content) if path.suffix == ".py" else sha256(content)


def _text(content: bytes) -> str:
    return content.decode("latin-1")  # which every byte is something in


class _Closure:
    """Files found so far; those whose contents are still to be looked through wait."""

    def __init__(self, root: Path, home: Path, place: str):
        self.root, self.home = Path(abspath(root)), Path(abspath(home))
        self.place = place
        self.files: dict[str, str] = {}
        self.packages: dict[str, str | None] = {}
        self._waiting: list[Path] = []

    def add(self, path: Path) -> None:
        path = Path(abspath(path))  # a link keeps its name, by which the code asks for it
        inside = path.resolve().is_relative_to(self.root.resolve())
        if not inside or not path.is_relative_to(self.root):
            raise UserError(
                f"{self.place}: {relpath(path, self.root)} lies outside of the project; expected "
                "every file that the model reads inside it, so that it is the same on every machine"
            )
        if written(self.root, path) not in self.files:
            self._waiting.append(path)

    def add_named(self, texts: Iterable[str], of: Path) -> None:
        """Add the files that strings name, seen from their own file and from the model's."""
        for text in texts:
            if not 0 < len(text) <= _LONGEST_NAME or any(mark in text for mark in "\0\n"):
                continue
            for path in {of.parent / text, self.home / text}:
                if _is_file(path):
                    self.add(path)

    def follow(self) -> None:
        """Look through what waits, and through what is found there, until nothing waits."""
        while self._waiting:
            path = self._waiting.pop()
            name = written(self.root, path)
            content = path.read_bytes()
            if path.suffix in HOC_SUFFIXES:
                hoc.refuse_run_system(_text(content), name)
                self.add_named(hoc.strings(_text(content)), path)
            elif path.suffix == ".py":
                self._look_through_python(content, path, name)
            try:
                self.files[name] = content_hash(path, content)
            except RecursionError:
                raise UserError(f"{name}: nested too deeply; expected Python") from None

    def _look_through_python(self, content: bytes, path: Path, name: str) -> None:
        tree = python.parse(content, name)
        for constant in python.strings(tree):  # HOC may stand in them: n("proc init() ...")
            hoc.refuse_run_system(constant.value, name, constant.lineno)
        self.add_named((constant.value for constant in python.strings(tree)), path)
        for module in python.imports(tree):
            self._add_module(module, path)

    def _add_module(self, module: python.Import, of: Path) -> None:
        if module.level:
            for base in of.parents[module.level - 1 : module.level]:
                for file in _module_files(base, module.name):
                    self.add(file)
            return
        files = list(_module_files(self.home, module.name))
        for file in files:
            self.add(file)
        top = module.name.partition(".")[0]
        if files and top in _TAKEN:
            raise UserError(
                f"{files[0].relative_to(self.root)}: a module named {top} is there before the "
                "model's; expected another name for this file"
            )
        if not files and top not in {*sys.stdlib_module_names, "neuron"}:
            self.packages[top] = _version(top)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _module_files(base: Path, name: str) -> Iterator[Path]:
    """Yield the files that importing a.b.c from a folder runs, as far as they lie there."""
    folder = base
    for part in name.split("."):
        package, module = folder / part / "__init__.py", folder / f"{part}.py"
        if _is_file(package):
            yield package
        elif _is_file(module):
            yield module
            return
        folder = folder / part


@cache
def _version(package: str) -> str | None:
    """Return the version of an installed package by the name that it is imported under."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        names = importlib.metadata.packages_distributions().get(package)
        return importlib.metadata.version(names[0]) if names else None
