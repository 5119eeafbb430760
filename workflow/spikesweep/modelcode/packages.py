"""Modules that models import and that are not their own: by version, or by content.

An installed package is known by its version. What stands on PYTHONPATH, or is installed so that it
can be edited, has none that says what is in it; so all its files count.
"""

import importlib.metadata
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from spikesweep.errors import UserError

MOST_FILES = 5_000
MOST_BYTES = 200_000_000


@cache
def version(top: str) -> str | None:
    """Return the version of an installed package by the name that it is imported under.

    None where nothing of that name is installed, or where what is imported lies elsewhere.
    """
    places = [path.resolve() for path in _places(top)]
    versions = []
    for name in dict.fromkeys(importlib.metadata.packages_distributions().get(top, ())):
        distribution = importlib.metadata.distribution(name)
        home = Path(str(distribution.locate_file(""))).resolve()
        if all(place.is_relative_to(home) for place in places):
            versions.append(distribution.version)
    return ", ".join(versions) or None


def where(top: str) -> Path | None:
    """Return the folder that a module or package is imported from, if there is one."""
    places = _places(top)
    return places[0].parent if places else None


def files(top: str, place: str) -> Iterator[Path]:
    """Yield all files of a module or package, but for bytecode.

    Raises:
        UserError: it has no end that a hash could come to.
    """
    count = size = 0
    for start in _places(top):
        for file in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if "__pycache__" in file.parts or not file.is_file():
                continue
            count, size = count + 1, size + file.stat().st_size
            if count > MOST_FILES or size > MOST_BYTES:
                raise UserError(
                    f"{place}: imports {top} from {start}, which has no version and more than "
                    f"{MOST_FILES:,} files or {MOST_BYTES // 1_000_000} MB that would count; "
                    "expected an installed package, or a smaller one"
                )
            yield file


@cache
def _places(top: str) -> tuple[Path, ...]:
    """Return the file of a module, or the folder, or folders, of a package."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return ()
    if spec is None or spec.origin in ("built-in", "frozen"):
        return ()
    if spec.submodule_search_locations is not None:
        return tuple(Path(place) for place in spec.submodule_search_locations)
    return (Path(spec.origin),) if spec.origin else ()
