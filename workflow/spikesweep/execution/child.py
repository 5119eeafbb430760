"""Functions run in a forked child, so that no state leaks and a crash costs one child.

The child starts as an exact copy of this process, with NEURON imported and its library loaded,
which costs milliseconds; it answers through a pipe and ends without any clean-up. Several may run
side by side.
"""

import atexit
import ctypes
import os
import pickle
import resource
import select
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from spikesweep.simulation.errors import describe
from spikesweep.simulation.printed import flush, is_memory_error, printed, tail, tells_of_memory

OUT_OF_MEMORY = "ran out of memory"
ENDED = "its own code ended it, as HOC's quit() does"

_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_LIBC = ctypes.CDLL(None)
_LONGEST_WAIT = 2**31 // 1000  # s, of poll: 24 days, and a longer timeout is none
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Outcome:
    """How a child ended.

    status: "ok"; "error", the function raised; "ended", it ended the process as if all were well,
        with exit code 0; "timeout"; "memory"; "crashed".
    value: what the function returned, if it did. message: what went wrong, or ''.
    killed: whether a signal ended it that no code gets by its own fault: someone sent it, or the
        system for want of memory.
    """

    status: str
    value: Any = None
    message: str = ""
    killed: bool = False


def in_child(
    function: Callable[[], Any], timeout: float | None = None, memory: int | None = None
) -> Outcome:
    """Run a function in a forked child and return how that ended; arguments as of `Child`."""
    with Child(function, timeout, memory) as child:
        while not wait([child]):
            pass
        return child.outcome()


class Child:
    """A forked child that runs a function; none outlives its `with`, however that is left.

    Args:
        function: what it returns travels through a pipe, and should be small.
        timeout: seconds after which the child is killed.
        memory: bytes of address space that the child may take beyond what it starts with, of which
            a part may lie free; no limit where the system does not tell how much that is (it does
            on Linux).
    """

    def __init__(
        self,
        function: Callable[[], Any],
        timeout: float | None = None,
        memory: int | None = None,
    ):
        is_limited = timeout is not None and timeout < _LONGEST_WAIT
        self.deadline = time.monotonic() + timeout if is_limited else None
        self._timeout = timeout
        self._answer: list[bytes] = []
        self._is_whole = self._is_gone = False
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        try:
            self._process, self._reading = _fork(function, self._output.fileno(), memory)
        except BaseException:
            self._output.close()
            raise

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        os.close(self._reading)
        self._output.close()

    def fileno(self) -> int:
        """The end of the pipe from which its answer is read."""
        return self._reading

    def read(self) -> bool:
        """Read some of what it answers, once there is something; return whether that was all."""
        part = os.read(self._reading, 1 << 16)
        self._answer.append(part)
        self._is_whole = not part
        return self._is_whole

    def outcome(self) -> Outcome:
        """Return how it ended, once `wait` has named it; one that did not is killed."""
        state = self._end()
        if not self._is_whole:
            return Outcome("timeout", message=f"took longer than {self._timeout:g} s")
        answer = b"".join(self._answer)
        if state or not answer:  # killed while it answered, or before
            return _silent_end(state, tail(self._output.fileno()))
        return pickle.loads(answer)

    def _end(self) -> int:
        """Wait for its end, which is now; return its state as the system tells it."""
        if self._is_gone:
            return 0
        if not self._is_whole:
            os.kill(self._process, signal.SIGKILL)
        _, state = os.waitpid(self._process, 0)
        self._is_gone = True
        return state


def wait(children: Sequence[Child], until: float | None = None) -> list[Child]:
    """Return those of some children that have answered, or whose time is up, as soon as there are
    any; none, once it is `until` (s, of time.monotonic)."""
    poll = select.poll()
    by_file = {child.fileno(): child for child in children}
    for file in by_file:
        poll.register(file, select.POLLIN)
    ends = [time for time in (until, *(child.deadline for child in children)) if time is not None]
    while True:
        left = None if not ends else 1000 * max(0.0, min(ends) - time.monotonic())
        ready = [by_file[file] for file, _ in poll.poll(left)]
        done = [child for child in ready if child.read()]
        now = time.monotonic()
        done += [
            child
            for child in children
            if child not in done and child.deadline is not None and child.deadline <= now
        ]
        if done or (until is not None and until <= now):
            return done


def _fork(function: Callable[[], Any], output: int, memory: int | None) -> tuple[int, int]:
    """Return the child's process id and the end of the pipe from which its answer is read."""
    parent = os.getpid()
    reading, writing = os.pipe()
    flush()  # or the child would hold the same text, and might print it again
    with warnings.catch_warnings():
        # Python 3.12 warns of any thread; those of numpy's BLAS are idle and survive forks.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _live(function, parent, output, writing, memory)
    os.close(writing)
    return child, reading


def _live(
    function: Callable[[], Any], parent: int, output: int, writing: int, memory: int | None
) -> NoReturn:
    """Be the child: call the function, answer, and end.

    The exit code is 0 only where the function has come to an end, or ended this process itself.
    """
    code = os.EX_OSERR
    try:
        _die_with(parent)
        # HOC's quit() has Python end as well: not with the parent's exit handlers, nor in a crash.
        atexit._clear()
        atexit.register(os._exit, 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        _print_to(output)
        if memory is not None:
            _limit_memory(memory)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(_answer(function))
        code = 0
    finally:
        os._exit(code)  # without Python's clean-up, which would run the parent's exit handlers


def _answer(function: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps(Outcome("ok", function()))
    except Exception as error:
        if is_memory_error(error):
            return pickle.dumps(Outcome("memory", message=OUT_OF_MEMORY))
        return pickle.dumps(Outcome("error", message=describe(error)))
    except SystemExit:  # of Python's sys.exit()
        return pickle.dumps(_ended(printed()))


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, however that dies (Linux)."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died just before
            os._exit(0)


def _print_to(output: int) -> None:
    """Send all that Python and NEURON print to an open file."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(output, number)
        # A stream of its own, since the parent's may lead elsewhere than to that number.
        setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


def _limit_memory(memory: int) -> None:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except FileNotFoundError:  # not Linux
        return
    limit = pages * resource.getpagesize() + memory
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if limit < (sys.maxsize if most == resource.RLIM_INFINITY else most):  # else that holds already
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _silent_end(state: int, text: str) -> Outcome:
    """Return the outcome of a child that ended without a whole answer; `text`: what it printed."""
    if tells_of_memory(text):
        return Outcome("memory", message=OUT_OF_MEMORY)
    code = os.waitstatus_to_exitcode(state)
    if code == 0:
        return _ended(text)
    what = _signal_name(-code) if code < 0 else f"ended by itself, with exit code {code}"
    killed = -code in _FROM_OUTSIDE
    return Outcome("crashed", message=_with(text, what), killed=killed)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # one of the real-time signals, most of which have no name
        return f"signal {number}"


def _ended(text: str) -> Outcome:
    return Outcome("ended", message=_with(text, ENDED))


def _with(printed_text: str, what: str) -> str:
    return f"{what}: {printed_text}" if printed_text else what
