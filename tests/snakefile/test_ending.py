"""Ways to end before the time: orphaned, told to, or for want of disk."""

import errno
import os
import subprocess
import sys
import time

import pytest

from spikesweep.products.disk import disk_trouble
from spikesweep.snakefile.signals import RUN, TERMINATED

WAITING_JOB = (
    "import time; from spikesweep.snakefile.signals import end_cleanly, end_with_run;"
    "end_cleanly(); end_with_run(); print('waits', flush=True); time.sleep(60)"
)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_job_ends_when_its_run_is_killed():
    """The run is a shell that starts the job and waits, and says its own number."""
    job = f'{RUN}=$$ {sys.executable} -c "{WAITING_JOB}" & echo $!; wait'
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        ["bash", "-c", job], stdout=subprocess.PIPE, text=True, env=environment
    ) as run:
        process = int(run.stdout.readline())
        assert run.stdout.readline() == "waits\n"
        run.kill()
        run.stdout.read()  # ends when the job, which holds its other end, has ended
    deadline = time.monotonic() + 10
    while runs(process) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not runs(process)


def runs(process):
    """Whether a process is there, and not only waits for somebody to take note of its end."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_job_whose_run_has_gone_does_not_start():
    gone = subprocess.Popen(["true"])
    gone.wait()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), RUN: str(gone.pid)}
    done = subprocess.run(
        [sys.executable, "-c", WAITING_JOB], env=environment, capture_output=True, timeout=30
    )
    assert done.returncode == TERMINATED
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "read-only"),
        (OSError(errno.EACCES, "Permission denied"), "may not write"),
        # HDF5's words, as h5py raises them
        (OSError("Can't write data (file write failed: errno = 28, error message = 'No space')"),
         "the disk is full"),
        (RuntimeError("results cannot be saved: OSError: [Errno 28] No space left on device"),
         "the disk is full"),
        (OSError(errno.ENOENT, "No such file or directory"), ""),
        (RuntimeError("errno = 281, of something else"), ""),
    ],
)  # fmt: skip
def test_what_the_disk_refuses(error, said):
    advice = disk_trouble(error)
    assert said in advice
    assert bool(said) == bool(advice)
