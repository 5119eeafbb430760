"""Bytecode of this package held to the content of its sources: what runs is what was hashed.

Python takes bytecode for current if its source has the same size and the same time in whole
seconds; so a file that was unzipped, or edited twice within a second, can run as it once was, while
its hash is that of the new text. Bytecode that names its source's hash (PEP 552) is compared by
content at every import, and made anew by Python itself. This makes all of the package's so, before
anything of it is imported; other packages keep theirs.
"""

import os
import sys
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

PACKAGE = Path(__file__).parent
_BY_CONTENT = (0b11).to_bytes(4, "little")  # flags of PEP 552: by hash, and checked
_FLAGS = slice(4, 8)  # behind the magic number


def hold_to_content(package: Path = PACKAGE) -> None:
    """Have every module of a package imported by the content of its source.

    Where bytecode is not to be written, what is there is made anew all the same. Where it cannot
    be, since the folder is another's, it goes to a cache of the user's, with that of all other
    packages: without bytecode a start takes twice as long. Where neither can be, none by time is
    read.
    """
    if _is_made(package):
        return
    left = any(_flags(cache_from_source(source)) is not None for source in _sources(package))
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    sys.pycache_prefix = os.path.join(cache, "spikesweep", "bytecode")
    if not _is_made(package):
        sys.pycache_prefix = os.devnull if left else None


def _is_made(package: Path) -> bool:
    """Make bytecode that is checked by content; return whether all that is wanted is there."""
    for source in _sources(package):
        found = _flags(cache := cache_from_source(source))
        if found == _BY_CONTENT or (sys.dont_write_bytecode and found is None):
            continue
        if not _is_compiled(source, cache):
            return False
    return True


def _sources(package: Path) -> Iterator[str]:
    for folder, _, files in os.walk(package):
        yield from (os.path.join(folder, file) for file in files if file.endswith(".py"))


def _flags(cache: str) -> bytes | None:
    try:
        with open(cache, "rb") as file:
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
