"""How a process ends before its time: told to, or orphaned, each of which cleans up after itself;
and by what name the system knows it."""

import ctypes
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

RUN = "SPIKESWEEP_RUN"  # environment variable: process id of the snakemake that starts jobs
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15  # linux/prctl.h


def end_cleanly() -> None:
    """Let SIGTERM end this process as an exception does: temporary files are removed."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(TERMINATED)


def end_jobs_with_this() -> None:
    """Let the jobs that this process starts end when it does."""
    os.environ[RUN] = str(os.getpid())


def end_with_run() -> None:
    """Let this job end when its snakemake does, however that ends (Linux).

    Otherwise an orphaned job would go on beside the next run, and both do the same work: that
    changes no result, but takes its time twice.
    """
    run = int(os.environ.get(RUN) or 0)
    if not run or sys.platform != "linux":
        return
    if os.getppid() == run:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have died just before that; any other parent is a shell between the two.
    if os.getppid() != run and not _is_alive(run):
        sys.exit(TERMINATED)


def name_job(product: str) -> None:
    """Have tools that list processes show what this one makes, which is not in its command line
    (Linux, which keeps 15 bytes of a name)."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, f"make {product}".encode())


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
