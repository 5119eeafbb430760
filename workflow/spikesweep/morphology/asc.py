"""Reads Neurolucida ASC files as far as that is cheap: NEURON alone knows their sections."""

import re
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.morphology.morphology import Morphology

_TOKEN = re.compile(r'"[^"\n]*"|;[^\n]*|[()]|[^\s()";]+|"')


def read_asc(path: Path) -> Morphology:
    """Read an ASC file.

    Raises:
        UserError: not plain text, no points, or brackets that do not match.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); expected an ASC file"
        ) from None
    if b"\0" in raw:
        raise UserError(f"{path}: not plain text; expected a Neurolucida ASC file")
    opened: list[int] = []  # lines of the brackets that are still open
    lines: list[str] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", raw.decode("latin-1")), 1):
        words = [word for word in _TOKEN.findall(line) if not word.startswith(";")]
        for word in words:
            if word == "(":
                opened.append(number)
            elif word == ")" and not opened:
                raise UserError(f'{path}, line {number}: ")" closes no bracket')
            elif word == ")":
                opened.pop()
            elif word == '"':
                raise UserError(f"{path}, line {number}: a quotation mark is never closed")
        if words:
            lines.append(" ".join(words))
    if opened:
        raise UserError(
            f'{path}, line {opened[-1]}: "(" is never closed ({len(opened)} in all); '
            "was the file cut off?"
        )
    if not any("(" in line for line in lines):
        raise UserError(f"{path}: no points; expected a Neurolucida ASC file")
    return Morphology(path, "asc", "".join(f"{line}\n" for line in lines))
