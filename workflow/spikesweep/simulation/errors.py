"""What is wrong with a simulation."""

import re

MOST_CHARACTERS = 2000  # of a message
_ADDRESS = re.compile(r"\b0x[0-9a-f]+")


class SimulationError(Exception):
    """A simulation cannot be built or run; one sentence says what in its document is wrong."""


def describe(error: Exception) -> str:
    """Return the sentence of a SimulationError, or the kind and words of any other exception."""
    if isinstance(error, SimulationError):
        return printable(str(error))
    return printable(f"{type(error).__name__}: {error}")


def printable(text: str) -> str:
    """Return the beginning of a text, with escapes for what no table or terminal should get, and
    without addresses in memory, which differ from run to run."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1]
        for character in _ADDRESS.sub("0x...", text[:MOST_CHARACTERS])
    ) + ("..." if len(text) > MOST_CHARACTERS else "")
