"""Lines that rewrite themselves at the bottom of a terminal; what else is said goes above them."""

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

UP = "\x1b[A"
CLEAR_BELOW = "\x1b[J"
RED, BOLD, PLAIN = "\x1b[31m", "\x1b[1m", "\x1b[0m"


def say_in_any_encoding() -> None:
    """Have standard output write what its encoding lacks as escapes, as standard error does."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):  # a notebook's has none
        reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO) -> bool:
    """Return whether lines can be rewritten there."""
    return stream.isatty() and os.environ.get("TERM") not in (None, "", "dumb")


class Screen:
    """The end of a stream that is a terminal.

    Args:
        colour: whether failures are red; see https://no-color.org.
    """

    def __init__(self, stream: TextIO, colour: bool):
        self.stream = stream
        self.colour = colour and not os.environ.get("NO_COLOR")
        self._drawn = 0

    @property
    def width(self) -> int:
        """Columns that a line may take: the last would make some terminals begin another."""
        return shutil.get_terminal_size().columns - 1

    def draw(self, lines: Sequence[str]) -> None:
        """Show lines in the place of those that are shown."""
        most = max(1, shutil.get_terminal_size().lines - 2)
        if len(lines) > most:
            lines = [*lines[: most - 1], f"and {len(lines) - most + 1} more"[: self.width]]
        self._write(self._clear() + "\n".join(lines))
        self._drawn = len(lines)

    def say(self, text: str, wrong: bool = False) -> None:
        """Print text that stays, in the place of the lines; what is wrong in red."""
        if wrong and self.colour:
            text = f"{RED}{text}{PLAIN}"
        self._write(f"{self._clear()}{text}\n")
        self._drawn = 0

    def clear(self) -> None:
        """Take the lines away."""
        self._write(self._clear())
        self._drawn = 0

    def _clear(self) -> str:
        return f"\r{UP * (self._drawn - 1)}{CLEAR_BELOW}" if self._drawn else ""

    def _write(self, text: str) -> None:
        if text:
            self.stream.write(text)
            self.stream.flush()
