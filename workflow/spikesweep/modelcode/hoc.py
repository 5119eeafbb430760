"""HOC text: what counts of it, the strings in it, and what it must not do."""

import re
from collections.abc import Iterator

from spikesweep.errors import UserError

_STRING = r'"(?:\\.|[^"\\\n])*"'
_STRINGS = re.compile(_STRING)
_STRINGS_AND_COMMENTS = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TEMPLATES = re.compile(r"\bbegintemplate\b.*?(?:\bendtemplate\b|\Z)", re.DOTALL)
# What NEURON's run system calls; spikesweep calls finitialize and makes the steps itself.
RUN_SYSTEM = ("init", "stdinit", "run", "continuerun", "advance", "step", "steprun")
_REDEFINITION = re.compile(rf"\b(?:proc|func)\s+({'|'.join(RUN_SYSTEM)})\s*\(")
_LIBRARY = re.compile(r"\bnrn_load_dll\s*\(")


def without_comments(text: str) -> str:
    """Return HOC text without comments, every line where it was."""

    def kept(match: re.Match) -> str:
        found = match[0]
        return found if found.startswith('"') else "\n" * found.count("\n") or " "

    return _STRINGS_AND_COMMENTS.sub(kept, text)


def normalised(text: str) -> str:
    """Return what counts of HOC text: no comments, no indentation, no empty lines."""
    lines = (line.strip() for line in without_comments(text).splitlines())
    return "\n".join(filter(None, lines))


def strings(text: str) -> Iterator[str]:
    """Yield the string constants of HOC text, without their quotes."""
    for match in _STRINGS.finditer(without_comments(text)):
        yield match[0][1:-1]


def refuse_run_system(text: str, place: str, first_line: int = 1) -> None:
    """Refuse HOC text that redefines NEURON's run system, or that loads mechanisms.

    Procedures of templates are their own, whatever they are called.

    Raises:
        UserError: naming the line.
    """
    code = without_comments(text)
    outside = _TEMPLATES.sub(lambda match: "\n" * match[0].count("\n"), code)
    if match := _REDEFINITION.search(outside):
        raise UserError(
            f"{_line(place, outside, match, first_line)}: redefines {match[1]}(), which nothing "
            "here calls: cells are initialised by finitialize(v_init) and integrated to "
            "protocol.tstop. Leave it out, or do what it does in the phases of a Python model"
        )
    if match := _LIBRARY.search(code):
        raise UserError(
            f"{_line(place, code, match, first_line)}: loads mechanisms by itself; expected their "
            ".mod files in a set of mod/ and its name in model.mechanisms"
        )


def _line(place: str, text: str, match: re.Match, first_line: int) -> str:
    return f"{place}, line {first_line + text.count(chr(10), 0, match.start())}"
