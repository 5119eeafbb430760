"""All files of a model that is code, found without running it.

These are the files that the sweep names; the modules beside them that they import; and whatever
file or folder of the project a string in them names, so that HOC's load_file and xopen, a
morphology or a table of weights are found alike. More may be found than is used; what cannot be
found, since its name is put together at run time, is to be named in `files`. A simulation sees
copies of these files and of no others, so that one which is missing here is missing there as well,
and is told.

What a file is counts, not its suffix: HOC is what HOC's or Python's load_file, HOC's xopen or the
sweep's `hoc` names. A file that may be HOC, since a string names it, is looked through as HOC and
counts with every byte.
"""

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import abspath, relpath
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.modelcode import hoc, packages, python, unseen
from spikesweep.products.code import source_hash
from spikesweep.products.fingerprint import sha256

# What a file counts as. MAYBE_HOC: a string names it, so that any load_file may be given it.
HOC, PYTHON, DATA, MAYBE_HOC = "hoc", "python", "bytes", "maybe"
HOC_SUFFIXES = (".hoc", ".oc", ".ses")
_LONGEST_NAME = 255
MOST_FILES = 5_000  # of a folder that a string names; more are no model's
# Modules that are there before any of a model's own, and would be found in their place.
_TAKEN = frozenset({*sys.stdlib_module_names, "h5py", "neuron", "numpy", "spikesweep"})


@dataclass(frozen=True)
class ModelCode:
    """The files of a model, and the packages that it imports.

    files: path relative to the project -> what it counts as, and the hash of what counts of it:
        HOC without comments, Python as syntax, the bytes of anything else.
    packages: name of an imported package -> its version, or None where it is not installed.
    imported: files of imported modules that have no version, by their names below the folder that
        they are imported from -> as `files`.
    notes: what the code does that no key can follow.
    init: where the code redefines NEURON's init(), '' where it does not.
    """

    files: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str | None] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    init: str = ""


def read_files(
    root: Path,
    named: Sequence[str],
    given: Iterable[object],
    more: Iterable[str],
    place: str,
    language: str = MAYBE_HOC,
    init: bool = False,
) -> ModelCode:
    """Return all files of a model.

    Args:
        named: the model's own files; what they load and import lies beside the first of them.
        given: what the code is called with: a text in it can name a file as one in the code can.
        more: files, or folders of them, that its code reads under names that cannot be found.
        language: what the model's own files are, whatever they are called: HOC or PYTHON; their
            suffixes say it where it is left out.
        init: whether they may redefine NEURON's init().

    Raises:
        UserError: a file that cannot be read, lies outside of the project, or does what no model
            here may do.
    """
    closure = _Closure(root, (root / named[0]).parent, place, init)
    for path in named:
        closure.add(root / path, language)
    closure.add_named((text for text in given if isinstance(text, str)), root / named[0])
    for path in more:
        for file in _files_below(root / path):
            closure.add(file, DATA)
    closure.follow()
    return ModelCode(
        *(dict(sorted(found.items())) for found in (closure.files, closure.packages)),
        imported=dict(sorted(closure.imported.items())),
        notes=closure.notes,
        init=closure.init,
    )


def files_named(root: Path, text: str, home: Path, place: str) -> dict[str, str]:
    """Return the files that a text names as code in the folder `home` would, with all that they
    load in turn; as `ModelCode.files`."""
    closure = _Closure(root, root / home, place)
    closure.add_named([text], root / home / "any")
    closure.follow()
    return dict(sorted(closure.files.items()))


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
        _copy(root / name, name, expected, folder / name)


def copy_imported(imported: Mapping[str, str], folder: Path) -> None:
    """Copy imported modules without a version, see `ModelCode.imported`, to a folder.

    Raises:
        UserError: one is gone, or another one by now.
    """
    for name, expected in imported.items():
        found = packages.where(Path(name).parts[0].removesuffix(".py"))
        source = found / name if found else Path(name)
        _copy(source, name, expected, folder / name)


def _copy(source: Path, name: str, expected: str, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, copy)
        found = content_hash(copy.read_bytes(), expected.partition(":")[0])
    except (OSError, SyntaxError, ValueError, RecursionError):  # gone, or no Python any more
        found = None
    if found != expected:
        raise UserError(
            f"{name}: changed while this run was going on; nothing was made of it. "
            "Run snakemake again: it makes what the new file asks for"
        )


def content_hash(content: bytes, kind: str) -> str:
    """Return what a file counts as, "hoc", "python" or "bytes", and the hash of what counts."""
    if kind == HOC:
        return f"{kind}:{hoc.content_hash(content)}"
    if kind == PYTHON:
        return f"{kind}:{source_hash(content)}"
    return f"{DATA}:{sha256(content)}"


class _Closure:
    """Files found so far; those whose contents are still to be looked through wait."""

    def __init__(self, root: Path, home: Path, place: str, may_init: bool = False):
        self.root, self.home = Path(abspath(root)), Path(abspath(home))
        self.place, self.init, self._may_init = place, "", may_init
        self.files: dict[str, str] = {}
        self.packages: dict[str, str | None] = {}
        self.imported: dict[str, str] = {}
        self.notes: list[str] = []
        self._kinds: dict[str, set[str]] = {}
        self._waiting: list[tuple[Path, str]] = []

    def add(self, path: Path, kind: str) -> None:
        """Add a file that counts as a kind; its suffix says what it is where nothing else does."""
        path = Path(abspath(path))  # a link keeps its name, by which the code asks for it
        inside = path.resolve().is_relative_to(self.root.resolve())
        if not inside or not path.is_relative_to(self.root):
            raise UserError(
                f"{self.place}: {relpath(path, self.root)} lies outside of the project; expected "
                "every file that the model reads inside it, so that it is the same on every machine"
            )
        if kind in (DATA, MAYBE_HOC):
            by_suffix = {".py": PYTHON, **dict.fromkeys(HOC_SUFFIXES, HOC)}
            kind = by_suffix.get(path.suffix, kind)
        kinds = self._kinds.setdefault(written(self.root, path), set())
        if kind not in kinds:
            kinds.add(kind)
            self._waiting.append((path, kind))

    def add_named(self, texts: Iterable[str], of: Path, kind: str = MAYBE_HOC) -> None:
        """Add the files and folders that strings name, seen from their file and the model's."""
        for text in texts:
            if not 0 < len(text) <= _LONGEST_NAME or any(mark in text for mark in "\0\n"):
                continue
            for path in dict.fromkeys((of.parent / text, self.home / text)):
                if _is_file(path):
                    self.add(path, kind)
                elif self._is_own_folder(path):
                    self._add_folder(path)

    def _is_own_folder(self, path: Path) -> bool:
        """Whether a path is a folder of data: none that holds the model itself or its project."""
        full = Path(abspath(path))
        if not full.is_relative_to(self.root) or self.home.is_relative_to(full):
            return False
        top = full.relative_to(self.root).parts[0]
        return top != "results" and not top.startswith(".") and _is_folder(full)

    def _add_folder(self, path: Path) -> None:
        """Add the files of a folder: its name may be joined to theirs at run time."""
        files = _files_below(path)
        if len(files) > MOST_FILES:
            note = (
                f"{relpath(path, self.root)}: a folder that the code names, of more than "
                f"{MOST_FILES:,} files, which it does not see; name those that it reads in files"
            )
            self.notes.append(note)
            return
        for file in files:
            self.add(file, MAYBE_HOC)

    def follow(self) -> None:
        """Look through what waits, and through what is found there, until nothing waits."""
        while self._waiting:
            path, kind = self._waiting.pop()
            name = written(self.root, path)
            content = path.read_bytes()
            if kind == PYTHON:
                self._look_through_python(content, path, name)
            elif kind == HOC or (kind == MAYBE_HOC and b"\0" not in content):
                self._look_through_hoc(content, path, name, kind)
            kinds = self._kinds[name] - {MAYBE_HOC}
            counts_as = kinds.pop() if len(kinds) == 1 else DATA
            try:
                self.files[name] = content_hash(content, counts_as)
            except RecursionError:
                raise UserError(f"{name}: nested too deeply; expected Python") from None

    def _look_through_hoc(self, content: bytes, path: Path, name: str, kind: str) -> None:
        text = hoc.read(content)
        self._check_run_system(text, name)
        self.add_named(hoc.loaded(text), path, HOC)
        self.add_named(hoc.strings(text), path)
        if kind == HOC:
            self.notes += unseen.in_hoc(text, name)

    def _check_run_system(self, text: str, name: str, first_line: int = 1) -> None:
        self.init = hoc.refuse_run_system(text, name, first_line, self._may_init) or self.init

    def _look_through_python(self, content: bytes, path: Path, name: str) -> None:
        tree = python.parse(content, name)
        for constant in python.strings(tree):  # HOC may stand in them: n("proc init() ...")
            self._check_run_system(constant.value, name, constant.lineno)
            self.add_named(hoc.loaded(constant.value), path, HOC)
        self.add_named(python.loaded(tree), path, HOC)
        self.add_named((constant.value for constant in python.strings(tree)), path)
        self.notes += unseen.in_python(tree, name)
        for module in python.imports(tree):
            self._add_module(module, path)

    def _add_module(self, module: python.Import, of: Path) -> None:
        if module.level:
            for base in of.parents[module.level - 1 : module.level]:
                for file in _module_files(base, module.name):
                    self.add(file, PYTHON)
            return
        files = list(_module_files(self.home, module.name))
        for file in files:
            self.add(file, PYTHON)
        top = module.name.partition(".")[0]
        if files and top in _TAKEN:
            raise UserError(
                f"{files[0].relative_to(self.root)}: a module named {top} is there before the "
                "model's; expected another name for this file"
            )
        if not files:
            self._add_package(top)

    def _add_package(self, top: str) -> None:
        """Add an imported module that is not the model's own, by its version or its content."""
        if top in {*sys.stdlib_module_names, "neuron", *self.packages}:
            return
        self.packages[top] = packages.version(top)
        if self.packages[top] is not None or (folder := packages.where(top)) is None:
            return
        self.packages[top] = "by content"
        for file in packages.files(top, self.place):
            content, name = file.read_bytes(), file.relative_to(folder).as_posix()
            kind = PYTHON if file.suffix == ".py" else DATA
            if kind == PYTHON:
                tree = python.parse(content, str(file))
                self.notes += unseen.in_python(tree, name)
                for module in python.imports(tree):
                    if not module.level:
                        self._add_package(module.name.partition(".")[0])
            self.imported[name] = content_hash(content, kind)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
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
