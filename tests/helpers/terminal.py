"""A program in a terminal, and what a person sees there: as the emulator pyte understands it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from pathlib import Path

import pyte


class Seen:
    """A terminal's screen, and all lines that have scrolled off it.

    torn: lines that a program let run on beyond the terminal's width.
    """

    def __init__(self, columns: int, lines: int = 24):
        self.screen = pyte.HistoryScreen(columns, lines, history=10_000)
        self.screens: list[str] = []
        self._stream = pyte.ByteStream(self.screen)

    def feed(self, content: bytes) -> None:
        """Show what a program has written at once."""
        self._stream.feed(content)
        self.screens.append("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        """All lines, without those that are empty at the end."""
        columns = range(self.screen.columns)
        above = ["".join(line[x].data for x in columns) for line in self.screen.history.top]
        return "\n".join(map(str.rstrip, [*above, *self.screen.display])).rstrip().splitlines()


def run_in_terminal(
    command: list[str],
    folder: Path,
    columns: int,
    environment: dict[str, str],
    terminal: type[Seen] = Seen,
) -> tuple[int, Seen, bytes]:
    """Run a command whose output is a terminal.

    Args:
        terminal: what is made of it.

    Returns:
        Its exit code; what was seen; and all that it wrote.
    """
    seen, written = terminal(columns), b""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", seen.screen.lines, columns, 0, 0))
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
        | environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    while True:
        select.select([ours], [], [])
        try:
            content = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not content:
            break
        seen.feed(content)
        written += content
    os.close(ours)
    return process.wait(), seen, written
