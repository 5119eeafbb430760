"""HOC text as NEURON reads it: what counts of it, what it names, and what it must not do.

NEURON ends a line at LF, CR or both, and a file at ^D or ^Z; a comment runs from // to the end of
its line or from /* to */; a string can hold both, and goes on after a backslash in the next line.
"""

import re
from collections.abc import Iterator

from spikesweep.errors import UserError
from spikesweep.products.fingerprint import sha256

_STRING = r'"(?:\\.|[^"\\\n])*"'
STRINGS = re.compile(_STRING, re.DOTALL)
_PARTS = re.compile(
    rf"""(?P<string>{_STRING})
    | (?P<comment>//[^\n]* | /\*.*?\*/)
    | (?P<open>/\*.*)
    | (?P<joined>\\\n)
    | (?P<blank>[ \t]+)""",
    re.VERBOSE | re.DOTALL,
)
_LINE_END = re.compile(r"\r\n?")
_END_OF_FILE = re.compile(r"[\x04\x1a]")  # ^D and ^Z
_ODD = re.compile(r"[\x00\xff]")  # by which NEURON ends a line, or a file, in some places
_READS_ITSELF = re.compile(r"\b(?:fscan|getstr)\b")  # numbers and lines of the file that runs
LOADS = re.compile(rf"\b(?:load_file|xopen)\s*\(([^()]*?)({_STRING})", re.DOTALL)
TEMPLATES = re.compile(r"\bbegintemplate\b.*?(?:\bendtemplate\b|\Z)", re.DOTALL)
# What NEURON's run system calls; spikesweep calls finitialize and makes the steps itself.
RUN_SYSTEM = ("init", "stdinit", "run", "continuerun", "advance", "step", "steprun")
_REDEFINITION = re.compile(rf"\b(?:proc|func)\s+({'|'.join(RUN_SYSTEM)})\s*\(")
_NOT_CALLED = {
    False: "which nothing here calls: cells are integrated from t = 0 to protocol.tstop. Leave it "
    "out; what else it does can be done as `spikesweep docs models_with_init` shows",
    True: "which nothing here calls: cells are initialised by finitialize(v_init). "
    "`spikesweep docs models_with_init` shows where to put what it does; or "
    "`model.initialise: init` in the sweep file has it run as it stands",
}
_LIBRARY = re.compile(r"\bnrn_load_dll\s*\(")


def read(content: bytes) -> str:
    """Return the text of a HOC file up to its end, as NEURON sees it, with \\n at line ends."""
    text = content.decode("latin-1")  # which every byte is something in
    return _LINE_END.sub("\n", _END_OF_FILE.split(text, maxsplit=1)[0])


def content_hash(content: bytes) -> str:
    """Return a hash of what counts of a HOC file: not its comments, blanks and empty lines.

    Where it is not sure what counts, every byte does.
    """
    text = read(content)
    if _ODD.search(text) or _READS_ITSELF.search(without_comments(text)):
        return sha256(content)
    return sha256(_normalised(text))


def _normalised(text: str) -> str:
    def kept(part: re.Match) -> str:  # the text has no \0: a mark for line ends that stay
        stays = part["string"] or part["open"] or part["joined"]
        return part[0].replace("\n", "\0") if stays else " "

    return re.sub(r" *\n[ \n]*", "\n", f"\n{_PARTS.sub(kept, text)}\n")


def without_comments(text: str) -> str:
    """Return HOC text without comments, every line where it was."""

    def kept(part: re.Match) -> str:
        return part[0] if part["string"] else " " + "\n" * part[0].count("\n")

    return _PARTS.sub(kept, text)


def strings(text: str) -> Iterator[str]:
    """Yield the string constants of HOC text, without their quotes."""
    for match in STRINGS.finditer(without_comments(text)):
        yield match[0][1:-1]


def loaded(text: str) -> Iterator[str]:
    """Yield the names of files that HOC text loads as HOC, where it names them by constants."""
    for match in LOADS.finditer(without_comments(text)):
        yield match[2][1:-1]


def loaded_once(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the names of `load_file`, and whether it loads what has been loaded before, too."""
    for match in LOADS.finditer(without_comments(text)):
        if match[0].startswith("load_file"):
            yield match[2][1:-1], match[1].strip().startswith("1")


def refuse_run_system(text: str, place: str, first_line: int = 1, init: bool = False) -> str:
    """Refuse HOC text that redefines NEURON's run system, or that loads mechanisms.

    Procedures of templates are their own, whatever they are called.

    Args:
        init: whether it may redefine init(), which then initialises in NEURON's place.

    Returns:
        Where init() is redefined, '' where it is not.

    Raises:
        UserError: naming the line.
    """
    code, found = without_comments(text), ""
    outside = TEMPLATES.sub(lambda match: "\n" * match[0].count("\n"), code)
    for match in _REDEFINITION.finditer(outside):
        where = _line(place, outside, match, first_line)
        if match[1] != "init" or not init:
            raise UserError(f"{where}: redefines {match[1]}(), {_NOT_CALLED[match[1] == 'init']}")
        found = where
    if match := _LIBRARY.search(code):
        raise UserError(
            f"{_line(place, code, match, first_line)}: loads mechanisms by itself; expected their "
            ".mod files in a set of mod/ and its name in model.mechanisms"
        )
    return found


def _line(place: str, text: str, match: re.Match, first_line: int) -> str:
    return f"{place}, line {first_line + text.count(chr(10), 0, match.start())}"
