"""Files appear whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written(path: Path, size: int = 0) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; when the block ends well, rename it.

    Killed at any moment, `path` is as it was before or complete.

    Args:
        size: bytes that the file takes at least. HDF5 wants to be asked beforehand: where it
            cannot write its first page, it crashes.

    Raises:
        OSError: the disk has no room for them (ENOSPC); and whatever else the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def is_unfinished(path: Path) -> bool:
    """Return whether a path is one that `written` gave: what is there, a killed process left."""
    return path.name.startswith(".") and ".part" in path.suffixes[-2:]
