"""Plain files, and nothing else: what stands in a file's place may be anything.

A pipe keeps whoever opens it waiting for ever, a device may never end, and a folder has no bytes.
"""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


def opened(path: Path | str) -> BufferedReader:
    """Open a plain file to be read.

    Raises:
        OSError: there is none, or something else stands in its place; at once, in any case.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no plain file", str(path))
    return os.fdopen(descriptor, "rb")


def content(path: Path | str) -> bytes:
    """Return the bytes of a plain file.

    Raises:
        OSError: as `opened` does.
    """
    with opened(path) as file:
        return file.read()
