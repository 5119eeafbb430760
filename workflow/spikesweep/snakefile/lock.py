"""One run at a time works on `results/`: a lock that dies with the process that holds it.

Snakemake's own lock is a file that a killed run leaves behind, for the user to remove. A `flock`
is released by the kernel, however its process ends.
"""

import errno
import fcntl
import os
import socket
import sys
from pathlib import Path

from spikesweep.errors import UserError

LOCK = Path("results/.lock")
# A file system that cannot lock, as some shared ones.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
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
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(file, 200, 0).decode(errors="replace").strip() or "unknown process"
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


def _leave_name(file: int) -> None:
    """Write who holds the lock, for the message; a full disk is noticed by what needs it."""
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    except OSError:
        pass
