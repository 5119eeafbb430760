"""Bytecode of this package held to the content of its sources: what runs is what was hashed.

Python takes bytecode for current if its source has the same size and the same time in whole
seconds; so a file that was unzipped, or edited twice within a second, can run as it once was, while
its hash is that of the new text. Bytecode that names its source's hash (PEP 552) is compared by
content at every import, and made anew by Python itself. This makes that of each module of the
package so, when it is imported; other packages keep theirs.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from types import CodeType, ModuleType

PACKAGE = Path(__file__).parent
_FIRST = ("__init__.py", "__main__.py", "bytecode.py")  # what runs before this can look at it
_BY_CONTENT = (0b11).to_bytes(4, "little")  # flags of PEP 552: by hash, and checked
_FLAGS = slice(4, 8)  # behind the magic number
_loaded: dict[str, bytes] = {}  # hashes of the sources of modules, as they were loaded


def hold_to_content(package: Path = PACKAGE) -> None:
    """Have every module of a package imported by the content of its source, from now on.

    Where bytecode is not to be written, what is there is made anew all the same. Where it cannot
    be, since the folder is another's, it goes to a cache of the user's, with that of all other
    packages: without bytecode a start takes twice as long. Where neither can be, none is read.
    """
    for name in _FIRST:
        if (source := package / name).is_file():
            _is_held(str(source))
    if not any(isinstance(f, _Finder) and f.package == package.name for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder(package.name))


class _Finder:
    """Finds the modules of a package as Python does, and has them loaded by content."""

    def __init__(self, package: str):
        self.package = package

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(f"{self.package}."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def is_as_loaded() -> bool:
    """Return whether the sources of all modules are still what was loaded in this process."""
    return all(_hash(source) == loaded for source, loaded in _loaded.items())


def _hash(source: str) -> bytes:
    try:
        return source_hash(Path(source).read_bytes())
    except OSError:
        return b""


class _Loader(SourceFileLoader):
    def get_data(self, path: str) -> bytes:
        """Return the bytes of a source or of bytecode; keep in mind which source it was."""
        data: bytes = super().get_data(path)
        if path == self.path:
            _loaded[path] = source_hash(data)
        return data

    def get_code(self, fullname: str) -> CodeType | None:
        if _is_held(self.path):
            return super().get_code(fullname)
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def _is_held(source: str) -> bool:
    """Make a module's bytecode one that is checked by content; return whether Python can be left
    to read what is there."""
    if _is_made(source):
        return True
    before = sys.pycache_prefix
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    sys.pycache_prefix = os.path.join(cache, "spikesweep", "bytecode")
    if _is_made(source):
        return True
    sys.pycache_prefix = before
    return False


def _is_made(source: str) -> bool:
    found = _flags(cache := cache_from_source(source))
    if found == _BY_CONTENT or (sys.dont_write_bytecode and found is None):
        return True
    return _is_compiled(source, cache)


def _flags(cache: str) -> bytes | None:
    try:
        with open(cache, "rb", buffering=0) as file:
            return file.read(_FLAGS.stop)[_FLAGS]
    except OSError:
        return None


def _is_compiled(source: str, cache: str) -> bool:
    """Write bytecode that is checked by content; return whether it could be written."""
    import py_compile

    by_content = py_compile.PycInvalidationMode.CHECKED_HASH
    try:
        py_compile.compile(source, cache, doraise=True, invalidation_mode=by_content)
    except py_compile.PyCompileError:  # its import will tell
        return True
    except OSError:
        return False
    return True
