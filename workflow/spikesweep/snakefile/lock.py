"""One run at a time works on `results/`: a lock that dies with the process that holds it.

Snakemake's own lock is a file that a killed run leaves behind, for the user to remove. A `flock`
is released by the kernel, however its process ends.
"""

import errno
import fcntl
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from spikesweep.errors import UserError

LOCK = Path("results/.lock")
# A file system that cannot lock, as some shared ones.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
TRIES = 5  # someone who only looks whether it is held holds it for an instant
_held: list[int] = []


def hold_lock(path: Path = LOCK) -> None:
    """Hold the lock until this process ends; its children do not inherit it.

    Raises:
        UserError: another process holds it, or nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UserError(
            f"{path.parent}: nothing can be written there ({error.strerror}); "
            "expected a folder that this user may write to"
        ) from None
    try:
        _take(file)
    except BlockingIOError:
        holder = _name(file)
        os.close(file)
        raise UserError(
            f"{path.parent}: another run works on it ({holder}); "
            "wait until it has ended, or stop it"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        print(
            f"spikesweep: {path.parent} is on a file system without locks; "
            "do not start two runs at once",
            file=sys.stderr,
        )
    _held.append(file)
    _leave_name(file)


def _take(file: int) -> None:
    for _ in range(TRIES):
        with suppress(BlockingIOError):
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.02)
    return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def held_since(started: float) -> float:
    """Return when this process took the lock (seconds of the epoch), by the clock that gives files
    their times: a file server's may be slow, and what nodes write would seem older than the run.

    Args:
        started: what to return where it holds none.
    """
    return os.fstat(_held[-1]).st_mtime if _held else started


def holder(path: Path = LOCK) -> str:
    """Return who holds the lock now, on whatever machine; '' where nobody does."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # given back when it is closed
    except BlockingIOError:
        return _name(file)
    except OSError:
        pass
    finally:
        os.close(file)
    return ""


def _name(file: int) -> str:
    return os.pread(file, 200, 0).decode(errors="replace").strip() or "unknown process"


def _leave_name(file: int) -> None:
    """Write who holds the lock, for the message; a full disk is noticed by what needs it."""
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    except OSError:
        pass
