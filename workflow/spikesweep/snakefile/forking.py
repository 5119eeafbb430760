"""Jobs forked from a process that has imported what they need, instead of started by a shell.

Of a short job, imports take most. Those that run no code of models or of the user's are forked from
one process, `serving.py`, that the first of them starts and that ends with the run. What it
declines is started as ever: by a shell that starts Python.
"""

import atexit
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Any

from spikesweep.products.engine import PACKAGES, PYTHON, make
from spikesweep.products.table import BY_NAME
from spikesweep.snakefile.serving import DECLINED

SWITCH = "SPIKESWEEP_FORK"  # environment variable: 0 has a shell start every job
_SERVE = (
    "from spikesweep.bytecode import hold_to_content; hold_to_content(); "
    "from spikesweep.snakefile.serving import end_at_once, serve; words = serve({}); "
    "from spikesweep.cli import main; main(words); end_at_once()"
)
# What runs code of the user's, starts compilers, or is made once in a while.
_NOT_SERVED = {"mechanisms", "own_statistics", "bundle"}
_SERVED = {kind.name for kind in BY_NAME.values() if not kind.simulates} - _NOT_SERVED
# As Snakemake hands the command of our rules to a shell.
_WORDS = r"[\w./+-]+(?: [\w./+-]+)*"
_COMMAND = re.compile(
    r"set -euo pipefail;\s+"
    + re.escape(make("\0").replace("{log}", "\1"))
    .replace("\0", rf"(?P<words>{_WORDS})")
    .replace("\1", r"(?P<log>[\w./+-]+)"),
    re.ASCII,
)


class ForkedJob:
    """A job that was forked, with what Snakemake asks of a process that it has started.

    pid: its process id. returncode: its exit code, None until it was waited for.
    """

    stdout = None

    def __init__(self, pid: int, answers: IO[str]):
        self.pid = pid
        self.returncode: int | None = None
        self._answers = answers

    def wait(self) -> int:
        """Return its exit code when it has ended, negative of the signal that ended it; that of
        SIGKILL where the process that it was forked from is gone, since the job goes with it."""
        if self.returncode is None:
            with self._answers as answers:
                self.returncode = int(answers.readline() or -signal.SIGKILL)
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Tell it to end."""
        self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Forks:
    """Starts jobs, as `subprocess.Popen` does, from a process of its own where that may be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen | None = None
        self._requests: socket.socket | None = None
        self._around: tuple[str, dict[str, str]] | None = None

    @property
    def process(self) -> int:
        """The process id of what jobs are forked from; 0 where there is none yet."""
        return self._server.pid if self._server else 0

    def start(self, command: str, environment: dict[str, str]) -> ForkedJob | None:
        """Start the job of a command; None where a shell is to do so."""
        found = _COMMAND.fullmatch(command)
        words = found["words"].split() if found else []
        if not found or words[0] not in _SERVED or environment.get(SWITCH) == "0":
            return None
        with suppress(OSError, ValueError):  # it is gone
            return self._forked(["make", *words], found["log"], environment)
        return None

    def _forked(self, words: list[str], log: str, environment: dict[str, str]) -> ForkedJob | None:
        around = os.getcwd(), environment
        with self._lock:
            if self._requests is None:
                self._begin(environment)
                self._around = around
        if around != self._around or self._requests is None:
            return None
        ours, theirs = os.pipe()
        answers = os.fdopen(ours)
        try:
            message = json.dumps([words, log]).encode()
            socket.send_fds(self._requests, [message], [theirs])
        finally:
            os.close(theirs)
        said = answers.readline().strip()
        if said in (DECLINED, ""):
            answers.close()
            return None
        return ForkedJob(int(said), answers)

    def _begin(self, environment: dict[str, str]) -> None:
        """Start the process in the environment of the first job, and in the same way."""
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = subprocess.Popen(
                [environment[PYTHON], "-P", "-c", _SERVE.format(theirs.fileno())],
                env=environment | {"PYTHONPATH": environment[PACKAGES]},
                stdout=subprocess.DEVNULL,  # no terminal, as the log of a job is none
                stderr=subprocess.DEVNULL,  # what an import says would tear the line of the run
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self.end)

    def end(self) -> None:
        """Let the process end."""
        if self._requests and self._server:
            self._requests.close()
            self._server.wait()


class Subprocesses:
    """The module `subprocess` as Snakemake's `shell` has it, with jobs that are forked."""

    def __init__(self) -> None:
        self._forks = Forks()

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: Any, **settings: Any) -> Any:
        """Fork a job, or start the command."""
        forked = None
        if isinstance(command, str) and settings.get("stdout") in (None, sys.stdout):
            forked = self._forks.start(command, settings.get("env") or {})
        return forked or subprocess.Popen(command, **settings)


def can_fork() -> bool:
    """Return whether this system has what it takes (Linux), and it is not switched off."""
    return hasattr(os, "pidfd_open") and sys.platform == "linux" and os.environ.get(SWITCH) != "0"
