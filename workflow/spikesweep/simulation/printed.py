"""What a simulation has printed so far, NEURON's own words included: its stderr is an open file."""

import ctypes
import os
import sys
from contextlib import suppress

from spikesweep.simulation.errors import printable

PRINTED_BYTES = 600  # of what was printed, in a message

_MEMORY_WORDS = ("bad_alloc", "out of memory", "out of space", "cannot allocate", "no more memory")
_LIBC = ctypes.CDLL(None)


def printed() -> str:
    """Return the end of what this process printed so far, NEURON's own words included."""
    flush()
    _LIBC.fflush(None)
    return tail(2)


def printing_position() -> int:
    """Return how much this process has printed so far, for `printed_since`."""
    flush()
    _LIBC.fflush(None)
    return os.fstat(2).st_size


def printed_since(position: int) -> str:
    """Return all that this process has printed from a position on; '' outside of a child."""
    size = printing_position() - position
    try:
        return os.pread(2, max(0, size), position).decode(errors="replace")
    except OSError:
        return ""


def is_memory_error(error: Exception) -> bool:
    """Whether an exception says that memory ran out, in Python's, C++'s or NEURON's words."""
    return isinstance(error, MemoryError) or tells_of_memory(str(error))


def tells_of_memory(text: str) -> bool:
    """Whether a text has the words that programs have for memory that ran out."""
    return any(word in text.lower() for word in _MEMORY_WORDS)


def tail(file: int) -> str:
    """Return the end of an open file, whole lines if it has any; '' of a terminal and the like."""
    try:
        start = max(0, os.fstat(file).st_size - PRINTED_BYTES)
        text = os.pread(file, PRINTED_BYTES, start).decode(errors="replace").strip()
    except OSError:
        return ""
    _, _, whole = text.partition("\n")
    return printable(whole if start and whole else text)


def flush() -> None:
    """Write out what Python still holds of what was printed."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a model may have removed or closed them
            stream.flush()
