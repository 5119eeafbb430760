"""Children: what they answer, how they end, and that none outlives its parent."""

import ctypes
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from project import PACKAGE
from spikesweep.execution import child as isolation
from spikesweep.execution.child import in_child
from spikesweep.simulation.errors import SimulationError, printable
from spikesweep.simulation.printed import printed

MEGABYTE = 2**20


def fail(error: Exception):
    raise error


def end_by(number: int):
    os.kill(os.getpid(), number)
    time.sleep(10)


def write_and_end(text: bytes, code: int):
    os.write(2, text)
    os._exit(code)


def allocate(megabytes: int) -> int:
    return len(np.ones(megabytes * MEGABYTE, np.uint8))


@pytest.mark.parametrize(
    ("function", "limits", "status", "value", "message"),
    [
        (lambda: {"a": [1, None]}, {}, "ok", {"a": [1, None]}, ""),
        (lambda: None, {"timeout": 30, "memory": 100 * MEGABYTE}, "ok", None, ""),
        (lambda: 6, {"timeout": 1e9}, "ok", 6, ""),  # 1e12 ms are more than poll can wait
        (lambda: b"x" * 5 * MEGABYTE, {}, "ok", b"x" * 5 * MEGABYTE, ""),  # more than a pipe holds
        (lambda: fail(SimulationError("no such cell")), {}, "error", None, "no such cell"),
        (lambda: fail(KeyError("k")), {}, "error", None, "KeyError: 'k'"),
        (lambda: open, {}, "ok", open, ""),
        (lambda: lambda: 0, {}, "error", None, "local object"),  # an answer that cannot travel
        (lambda: time.sleep(60), {"timeout": 0.2}, "timeout", None, "took longer than 0.2 s"),
        # Far more than what lies free in the heap of this process, which no limit withholds.
        (lambda: allocate(9000), {"memory": 100 * MEGABYTE}, "memory", None, "ran out of memory"),
        (lambda: allocate(300) > 0, {"memory": 600 * MEGABYTE}, "ok", True, ""),
        (lambda: 6, {"memory": 10**30}, "ok", 6, ""),  # more than the system can count
        # More than the process may have as it is, as under `ulimit -v`.
        (lambda: in_child(lambda: 6, memory=2**40).value, {"memory": 2**30}, "ok", 6, ""),
        (lambda: fail(MemoryError()), {}, "memory", None, "ran out of memory"),
        (lambda: fail(RuntimeError("std::bad_alloc")), {}, "memory", None, "ran out of memory"),
        (lambda: end_by(signal.SIGSEGV), {}, "crashed", None, "SIGSEGV"),
        (lambda: end_by(signal.SIGKILL), {}, "crashed", None, "SIGKILL"),
        (lambda: end_by(signal.SIGRTMIN + 2), {}, "crashed", None, f"signal {signal.SIGRTMIN + 2}"),
        (lambda: end_by(signal.SIGTERM), {}, "crashed", None, "SIGTERM"),
        (lambda: os._exit(0), {}, "ended", None, "its own code ended it, as HOC's quit() does"),
        (lambda: write_and_end(b"bye\n", 0), {}, "ended", None, "as HOC's quit() does: bye"),
        (lambda: sys.exit(3), {}, "ended", None, "its own code ended it"),
        (lambda: write_and_end(b"oh no\n", 7), {}, "crashed", None, "exit code 7: oh no"),
        (
            lambda: write_and_end(b"terminate called after 'std::bad_alloc'", 6),
            {},
            "memory",
            None,
            "ran out of memory",
        ),
    ],
)
def test_outcome(function, limits, status, value, message):
    outcome = in_child(function, **limits)
    assert (outcome.status, outcome.value) == (status, value)
    assert message in outcome.message
    assert bool(outcome.message) == (status != "ok")


def test_a_child_that_cannot_begin_was_not_ended_by_its_function(monkeypatch):
    monkeypatch.setattr(isolation, "_print_to", lambda output: fail(OSError("too many open files")))
    outcome = in_child(lambda: 1)
    assert outcome.status == "crashed"
    assert f"exit code {os.EX_OSERR}" in outcome.message


def test_half_an_answer_is_none():
    """Killed while it answers, as for want of memory."""
    before = open_pipes()

    def answer_in_part():
        [pipe] = open_pipes() - before
        os.write(pipe, pickle.dumps("a long answer")[:8])
        end_by(signal.SIGKILL)

    outcome = in_child(answer_in_part)
    assert (outcome.status, outcome.message, outcome.killed) == ("crashed", "SIGKILL", True)


def open_pipes() -> set[int]:
    descriptors = set()
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):  # that by which the descriptors were listed
            if stat.S_ISFIFO(os.fstat(int(name)).st_mode):
                descriptors.add(int(name))
    return descriptors


def test_what_the_child_prints_is_kept_from_the_terminal(capfd):
    def chatter():
        print("Python")
        os.system("echo shell")
        ctypes.CDLL(None).puts(b"C")
        return printed()

    assert sorted(in_child(chatter).value.split()) == ["C", "Python", "shell"]
    assert capfd.readouterr() == ("", "")


def test_only_the_end_of_what_was_printed_is_kept():
    text = in_child(lambda: os.write(1, b"." * 10_000 + b"end") and printed()).value
    assert text.endswith("...end")
    assert len(text) < 1000


def test_a_line_that_was_cut_is_left_out():
    """Its rest could hold a part of what is taken out of messages, such as a folder's name."""
    lines = b"x" * 400 + b"\n" + b"y" * 400 + b"\n"
    assert in_child(lambda: os.write(1, lines) and printed()).value == "y" * 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a tab\tand\na line of \u00e9", "a tab\tand\na line of \u00e9"),
        ("\ud800 \x1b[31m \x00 \u202e", r"\ud800 \x1b[31m \x00 \u202e"),
        ("CVode 0x55d1da3f8990 cell advance", "CVode 0x... cell advance"),
        ("x" * 3000, "x" * 2000 + "..."),
    ],
)
def test_messages_can_be_shown_and_stored(text, said):
    assert printable(text) == said


def test_state_stays_in_the_child():
    state = []
    assert in_child(lambda: state.append(1) or len(state)).value == 1
    assert state == []


def test_children_can_have_children():
    assert in_child(lambda: in_child(lambda: 6).value + 1).value == 7


def test_nothing_is_left_behind():
    """No file is left open, and no child, whatever way it ended."""
    before, children = len(os.listdir("/dev/fd")), psutil.Process().children()
    for function in (lambda: 1, lambda: fail(ValueError()), lambda: os._exit(1)):
        in_child(function)
    in_child(lambda: time.sleep(60), timeout=0.05)
    assert len(os.listdir("/dev/fd")) == before
    assert psutil.Process().children() == children  # nor one that nobody waited for


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel kills orphans on Linux only")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_child_outlives_its_parent(number):
    script = """
import os, time
from spikesweep.execution.child import in_child
def endless():
    os.write(told, f"{os.getpid()}\\n".encode())
    time.sleep(60)
told = os.dup(1)  # the child's own output is captured
in_child(endless)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
    )
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.send_signal(number)
    parent.wait(timeout=10)
    deadline = time.monotonic() + 10
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(child)
