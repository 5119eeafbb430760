"""A process that jobs are forked from: it has imported what they need, and has done nothing else.

Imports are most of what a short job takes. This process begins as any job does, in the same
environment, and imports the module of each product that is asked for, or that is to come while
nobody asks; a job is a fork of it, which goes on as if it had just imported that. Nothing comes
back from a job but its exit code, so that no job sees anything of another.

It declines to fork where that would not be the same as a start from nothing: a source has changed
since it was imported, an import failed, or a library has started a thread.
"""

import atexit
import json
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import NoReturn

from spikesweep.bytecode import is_as_loaded
from spikesweep.jobs.starting import imported, job_of
from spikesweep.products.environment import is_entered
from spikesweep.products.table import BY_NAME
from spikesweep.snakefile.signals import RUN, end_with_run, name_job

LONGEST = 1 << 16  # bytes of a request
DECLINED = "declined"
# Modules whose import takes long, of packages, in this order.
_LONG = {"numpy": "numpy", "h5py": "h5py", "pandas": "pandas", "matplotlib": "matplotlib.figure"}
_TASKS = "/proc/self/task"  # where Linux lists the threads of a process


def serve(number: int, simulates: bool) -> list[str]:
    """Answer requests until the other end is closed; return in each job, with its words.

    The first message lists products that are to come. Each other is a request, with the words of a
    job and its log, and a pipe to answer through: with a line that has the job's process id, or
    that it is declined, and when it has ended with one that has its exit code.

    Args:
        number: the file descriptor of a socket that keeps messages apart.
        simulates: whether jobs run code of models, in the environment for that.
    """
    # Ctrl-C of a terminal goes to each job as well, which has it from its first moment.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    if simulates and not is_entered():
        os._exit(0)
    server = _Server(socket.socket(fileno=number))
    while True:
        ready = server.waiting.poll(0 if server.to_import else None)
        for file, _ in ready:
            if file in server.running:
                server.tell_end(file)
            elif words := server.answer():
                return words
        if not ready:
            server.import_ahead()


class _Server:
    """What jobs are forked from.

    running: process id and pipe of each, by its file descriptor.
    to_import: modules of what is to come, those that take long before those that import them, so
        that a request waits for one of them at most.
    """

    def __init__(self, requests: socket.socket):
        self._process = os.getpid()
        self._requests = requests
        self.running: dict[int, tuple[int, int]] = {}
        self.to_import: deque[str] = deque()
        self.waiting = select.poll()
        self.waiting.register(requests, select.POLLIN)

    def answer(self) -> list[str]:
        """Answer a request; return its words in the job that is forked, and none in this process,
        which ends where nobody asks any more."""
        message, pipes, _, _ = socket.recv_fds(self._requests, LONGEST, 1)
        if not message:
            os._exit(0)
        if not pipes:
            for product in json.loads(message):
                used = BY_NAME[product].packages
                first = [module for package, module in _LONG.items() if package in used]
                self.to_import += [*first, job_of(product)]
            return []
        [pipe] = pipes
        words, log = json.loads(message)
        if not _may_fork(words[1]):
            _tell(pipe, DECLINED)
            os.close(pipe)
        elif process := os.fork():
            _tell(pipe, process)
            ended = os.pidfd_open(process)
            self.running[ended] = process, pipe
            self.waiting.register(ended, select.POLLIN)
        else:
            os.close(pipe)
            self._leave()
            name_job(words[1])
            _become_job(log, self._process)
            return list(words)
        return []

    def import_ahead(self) -> None:
        """Import a module of what is to come."""
        with suppress(Exception):  # the job itself will tell
            module = imported(self.to_import.popleft())
            self.to_import.extendleft(reversed(_ahead(module)))

    def tell_end(self, ended: int) -> None:
        """Tell the exit code of a job that has ended: of one that a signal ended, its negative."""
        process, pipe = self.running.pop(ended)
        self.waiting.unregister(ended)
        _, status = os.waitpid(process, 0)
        _tell(pipe, os.waitstatus_to_exitcode(status))
        os.close(pipe)
        os.close(ended)

    def _leave(self) -> None:
        """Keep in a job nothing by which the others are told of."""
        self._requests.close()
        for ended, (_, pipe) in self.running.items():
            os.close(ended)
            os.close(pipe)


def end_at_once() -> NoReturn:
    """End a job that has made its product, without taking all apart that was imported: a tenth of
    what a figure takes."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _ahead(module: ModuleType) -> Sequence[str]:
    """Return what a job names that it would import in the course of its work."""
    names: Sequence[str] = getattr(module, "AHEAD", ())
    return names


def _may_fork(product: str) -> bool:
    """Import the job of a product; return whether a fork is what a start from nothing would be."""
    try:
        for name in _ahead(imported(job_of(product))):
            imported(name)
    except Exception:  # the job itself will tell
        return False
    return is_as_loaded() and len(os.listdir(_TASKS)) == 1


def _become_job(log: str, forked_from: int) -> None:
    """Be what a shell would have started: with its words in the log, ended by Ctrl-C, and ended
    with the process that it was forked from, which ends with the run."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    os.environ[RUN] = str(forked_from)  # which may be gone by now
    end_with_run()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    for number in (1, 2):
        os.dup2(file, number)
    os.close(file)


def _tell(pipe: int, what: object) -> None:
    with suppress(BrokenPipeError):  # nobody waits for it any more
        os.write(pipe, f"{what}\n".encode())
