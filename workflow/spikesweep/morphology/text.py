"""Morphology files as lines of text."""

import re
from collections.abc import Iterator
from pathlib import Path

from spikesweep.errors import UserError, cut

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def numbered_lines(path: Path, what: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file, numbered from 1.

    Args:
        what: kind of file that is expected, for the message.

    Raises:
        UserError: the file cannot be read, or is not plain text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected {what}") from None
    if b"\0" in content:
        raise UserError(f"{path}: not plain text; expected {what}, in ASCII or UTF-8")
    # Comments may be in any encoding; numbers are ASCII in all that are left.
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    yield from enumerate(re.split(r"\r\n|\r|\n", text), 1)


def short(text: str) -> str:
    """Return a text as a message can show it."""
    return cut("".join(c if c.isprintable() else "?" for c in text.strip()))
