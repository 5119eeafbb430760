"""Jobs forked from processes that have imported what they need, instead of started by a shell.

Of a short job, imports take most. There are two such processes, `serving.py`: one for jobs that run
no code of models, and one, in the environment of simulations, for those that do, where that is not
the user's own. They begin with the run, and import ahead what is to come while it looks about, and
end with it. What they decline is started as ever: by a shell that starts Python.
"""

import atexit
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import IO, Any

from spikesweep.products.engine import PYTHON, enter, make, python
from spikesweep.products.environment import of_simulations
from spikesweep.products.table import BY_NAME, Kind
from spikesweep.snakefile.serving import DECLINED

SWITCH = "SPIKESWEEP_FORK"  # environment variable: 0 has a shell start every job
_SERVE = (
    "from spikesweep.bytecode import hold_to_content; hold_to_content(); "
    "from spikesweep.snakefile.serving import end_at_once, serve; words = serve({}, {}); "
    "from spikesweep.cli import main; main(words); end_at_once()"
)
# What runs code of the user's, starts compilers, or is made once in a while.
_NOT_SERVED = {"mechanisms", "own_statistics", "bundle"}
_SERVED = {name: kind.simulates for name, kind in BY_NAME.items() if name not in _NOT_SERVED}
# What Snakemake tells each job of, beside the environment that it has itself.
_THREADS = (
    *(f"{library}_NUM_THREADS" for library in ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR")),
    "VECLIB_MAXIMUM_THREADS",
)
_FOLDERS = ("TMPDIR", "TMP", "TEMPDIR", "TEMP")
# As Snakemake hands the command of our rules to a shell.
_WORDS = r"[\w./+-]+(?: [\w./+-]+)*"
_COMMANDS = {
    simulates: re.compile(
        r"set -euo pipefail;\s+"
        + re.escape(make("\0", enter(simulates)).replace("{log}", "\1"))
        .replace("\0", rf"(?P<words>{_WORDS})")
        .replace("\1", r"(?P<log>[\w./+-]+)"),
        re.ASCII,
    )
    for simulates in (False, True)
}


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


class Warm:
    """A process that jobs are forked from, in one environment and folder: those in which it began.

    Args:
        simulates: whether its jobs run code of models.
    """

    def __init__(self, simulates: bool):
        self.simulates = simulates
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._requests: socket.socket | None = None
        self._around: tuple[str, dict[str, str]] | None = None
        self._ahead: list[str] = []
        self._has_jobs = False

    @property
    def pid(self) -> int:
        """Its process id; 0 before it begins."""
        return self._process.pid if self._process else 0

    def expect(self, products: Sequence[str], environment: dict[str, str]) -> None:
        """Have it begin, and import ahead what jobs of these products do; there are none yet."""
        self._ahead = [*products]
        self._begin(environment)

    def fork(self, words: Sequence[str], log: str, environment: dict[str, str]) -> ForkedJob | None:
        """Return a job that it forked; None where it declines, or began around something else."""
        with self._lock:
            if self._around != self._as_around(environment):
                if self._has_jobs:
                    return None
                self.end()  # where another environment was expected
                self._begin(environment)
            self._has_jobs = True
            ours, theirs = os.pipe()
            answers = os.fdopen(ours)
            try:
                self._send([words, log], theirs)
            finally:
                os.close(theirs)
        said = answers.readline().strip()
        if said in (DECLINED, ""):
            answers.close()
            return None
        return ForkedJob(int(said), answers)

    def end(self) -> None:
        """Let it end."""
        if self._requests and self._process:
            self._requests.close()
            self._process.wait()

    def _as_around(self, environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        own = of_simulations(environment) if self.simulates else dict(environment)
        return os.getcwd(), own

    def _begin(self, environment: dict[str, str]) -> None:
        """Start it as a shell would start a job."""
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        serve = _SERVE.format(theirs.fileno(), self.simulates)
        with theirs:
            self._process = subprocess.Popen(
                ["bash", "-c", python('-c "$0"', enter(self.simulates)), serve],
                env=environment,
                stdout=subprocess.DEVNULL,  # no terminal, as the log of a job is none
                stderr=subprocess.DEVNULL,  # what an import says would tear the line of the run
                pass_fds=[theirs.fileno()],
            )
        self._around = self._as_around(environment)
        with suppress(OSError):  # it has ended
            self._send(self._ahead)

    def _send(self, message: object, *files: int) -> None:
        assert self._requests
        socket.send_fds(self._requests, [json.dumps(message).encode()], files)


class Forks:
    """Starts jobs, as `subprocess.Popen` does, from processes of its own where that may be."""

    def __init__(self) -> None:
        self._warm = {simulates: Warm(simulates) for simulates in (False, True)}
        self._declared: Collection[str] = ()
        atexit.register(self.end)

    def process(self, simulates: bool = False) -> int:
        """The process id of what jobs are forked from; 0 where there is none yet."""
        return self._warm[simulates].pid

    def expect(self, kinds: Sequence[Kind], declared: Collection[str]) -> None:
        """Begin what jobs of these kinds are forked from, in the order in which they come.

        Args:
            declared: the sweeps of whose models no code is the user's; of all others, a shell
                starts what simulates.
        """
        self._declared = declared
        environment = of_jobs()
        if environment.get(PYTHON) != sys.executable or environment.get(SWITCH) == "0":
            return
        for simulates, warm in self._warm.items():
            products = [kind.name for kind in kinds if _SERVED.get(kind.name) is simulates]
            if products and (declared or not simulates):
                with suppress(OSError):  # each job will try
                    warm.expect(products, environment)

    def start(self, command: str, environment: dict[str, str]) -> ForkedJob | None:
        """Start the job of a command; None where a shell is to do so."""
        for simulates, form in _COMMANDS.items():
            if found := form.fullmatch(command):
                words = found["words"].split()
                if environment.get(SWITCH) == "0" or not self._is_served(words, simulates):
                    return None
                with suppress(OSError, ValueError):  # it is gone
                    return self._warm[simulates].fork(["make", *words], found["log"], environment)
        return None

    def _is_served(self, words: Sequence[str], simulates: bool) -> bool:
        if _SERVED.get(words[0]) is not simulates:
            return False
        return not simulates or PurePath(words[1]).parent.name in self._declared

    def end(self) -> None:
        """Let the processes end."""
        for warm in self._warm.values():
            warm.end()


def of_jobs() -> dict[str, str]:
    """Return the environment that jobs of one thread will have, unless Snakemake is told of another
    folder for temporary files."""
    folder = tempfile.gettempdir()
    return {**os.environ, **dict.fromkeys(_THREADS, "1"), **dict.fromkeys(_FOLDERS, folder)}


class Subprocesses:
    """The module `subprocess` as Snakemake's `shell` has it, with jobs that are forked."""

    def __init__(self) -> None:
        self.forks = Forks()

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: Any, **settings: Any) -> Any:
        """Fork a job, or start the command."""
        forked = None
        if isinstance(command, str) and settings.get("stdout") in (None, sys.stdout):
            forked = self.forks.start(command, settings.get("env") or {})
        return forked or subprocess.Popen(command, **settings)


def can_fork() -> bool:
    """Return whether this system has what it takes (Linux), and it is not switched off."""
    return hasattr(os, "pidfd_open") and sys.platform == "linux" and os.environ.get(SWITCH) != "0"
