"""What a user sees when something of theirs cannot be right: one message, no traceback."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """A mistake that the user can mend.

    The message names the value, the place where it stands (file and key or line), what was
    expected there, and what to do. The command line prints it alone and exits with 1.
    """


class NoSweepError(UserError):
    """No sweep has the name that is asked for."""


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ', did you mean "x"?' for the known name nearest to `name`, or '' if none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f', did you mean "{near[0]}"?' if near else ""


def listing(names: Iterable[str], most: int = 12) -> str:
    """Return the names sorted and joined by commas, cut after `most` with the number left out."""
    names = sorted(names)
    rest = f", ... ({len(names) - most} more)" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def cut(text: str) -> str:
    """Return a text of the user's as a message can show it: 60 characters at most."""
    return text if len(text) <= 60 else f"{text[:57]}..."
