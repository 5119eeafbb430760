"""NMODL source as tokens: without comments and layout, INCLUDEs in place."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spikesweep.errors import UserError, suggest

# A unit, such as (S/cm2), is left as its parts: parentheses mean other things elsewhere.
_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t]+ | [:?][^\n]*)
  | (?P<newline>\n)
  | (?P<word>[A-Za-z_]\w*'*)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<string>"[^"\n]*")
  | (?P<operator><->|[<>=!]=|&&|\|\||~\+|.)
    """,
    re.VERBOSE | re.ASCII,
)
_QUOTED_HEADER = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_END_OF_FILE = re.compile(r"[\x04\x1a]")  # ^D and ^Z end a source for nocmodl
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_DEEPEST_INCLUDE = 20


class Token(NamedTuple):
    """A word, number, string, operator, or a whole VERBATIM block; and where it stands.

    kind: "word", "number", "string", "operator" or "verbatim".
    """

    text: str
    kind: str
    file: Path
    line: int


class Source(NamedTuple):
    """The tokens of one .mod file with its INCLUDEs; all files that were read."""

    tokens: list[Token]
    files: tuple[Path, ...]


def read_tokens(path: Path) -> Source:
    """Read an NMODL file.

    An INCLUDE is looked for as nocmodl does: beside the file that asks for it, beside the .mod
    file, one folder up, in the folders of the environment variable MODL_INCLUDE. The headers that
    VERBATIM blocks include in quotes count as source where they stand beside the file.

    Raises:
        UserError: unreadable, a block without its end, an INCLUDE that is not found.
    """
    files: list[Path] = []
    return Source(list(_tokens(path, path.parent, files)), tuple(dict.fromkeys(files)))


def normalised(tokens: list[Token]) -> str:
    """Return source text that is the same for sources that differ in comments and layout alone."""
    return " ".join(token.text for token in tokens)


def read_text(path: Path) -> str:
    """Return a source as text, up to its end and with \\n at line ends, as nocmodl sees it.

    A line ends at LF, CR or both. Comments may be in any encoding.

    Raises:
        UserError: unreadable, or a byte of 0, at which nocmodl loses the rest of a line.
    """
    try:
        text = path.read_bytes().decode("latin-1")
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); expected NMODL source"
        ) from None
    text = _END_OF_FILE.split(text, 1)[0].replace("\r\n", "\n").replace("\r", "\n")
    if (zero := text.find("\0")) >= 0:
        raise UserError(
            f"{path}, line {1 + text.count(chr(10), 0, zero)}: a byte of 0; expected text"
        )
    return text


def _tokens(path: Path, folder: Path, files: list[Path], depth: int = 0) -> Iterator[Token]:
    files.append(path)
    text, position, line = read_text(path), 0, 1
    while match := _TOKEN.match(text, position):
        position, kind, word = match.end(), match.lastgroup, match.group()
        if kind == "newline":
            line += 1
        elif word in ("TITLE", "REPRESENTS"):  # both speak to the end of the line, in any letters
            position = _line_end(text, position)
        elif word in ("COMMENT", "VERBATIM"):
            block, position = _block(text, position, word, path, line)
            if word == "VERBATIM":
                yield Token(_verbatim(block, path, folder, files), "verbatim", path, line)
            line += block.count("\n")
        elif word == "INCLUDE":
            name = re.compile(r'[ \t]*"([^"\n]*)"').match(text, position)
            if name is None:
                raise UserError(f'{path}, line {line}: expected INCLUDE "file"')
            position = name.end()
            included = _find_include(name[1], path, folder, line)
            if depth == _DEEPEST_INCLUDE:
                raise UserError(f'{path}, line {line}: INCLUDE "{name[1]}" includes itself')
            yield from _tokens(included, folder, files, depth + 1)
        elif kind != "blank":
            if not word.isascii():
                raise UserError(
                    f"{path}, line {line}: a letter that is not ASCII stands outside of comments, "
                    "where NEURON refuses it; expected ASCII, such as um for micrometre"
                )
            yield Token(word, kind, path, line)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _block(text: str, position: int, word: str, path: Path, line: int) -> tuple[str, int]:
    """Return what stands between a word and the line of its END, and where that line ends."""
    rest = text[position:]
    end = re.search(rf"^[ \t]*END{word}(?![A-Za-z])", rest, re.MULTILINE)
    if end is None:
        raise UserError(
            f"{path}, line {line}: {word} has no END{word}; expected a line that begins with it"
        )
    return rest[: end.start()], _line_end(text, position + end.end())


def _verbatim(block: str, path: Path, folder: Path, files: list[Path]) -> str:
    """Return a VERBATIM block without trailing spaces, with the headers that it brings along."""
    lines = [line.rstrip() for line in block.split("\n")]
    parts = ["VERBATIM", *(line for line in lines if line), "ENDVERBATIM"]
    waiting = _QUOTED_HEADER.findall(block)
    while waiting:
        name = waiting.pop(0)
        header = next((f for f in (path.parent / name, folder / name) if f.is_file()), None)
        if header is None or header in files:
            continue  # NEURON's or the system's, or already part of the source
        files.append(header)
        content = read_text(header)
        waiting += _QUOTED_HEADER.findall(content)
        parts += [f"HEADER {name}", *(line.rstrip() for line in content.split("\n"))]
    return _NOT_ASCII.sub("_", "\n".join(parts))  # as nocmodl is given it, see `compile`


def _find_include(name: str, path: Path, folder: Path, line: int) -> Path:
    more = [folder / f for f in os.environ.get("MODL_INCLUDE", "").split(":") if f]
    places = [path.parent, folder, folder.parent, *more]
    for place in places:
        if (place / name).is_file():
            return Path(os.path.normpath(place / name))
    beside = [file.name for file in folder.iterdir() if file.is_file()]
    raise UserError(
        f'{path}, line {line}: INCLUDE "{name}": no such file{suggest(name, beside)}; '
        f"looked in {', '.join(str(p) for p in dict.fromkeys(places))}"
    )
