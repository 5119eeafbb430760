"""What nrnivmodl and the C++ compiler said that helps, in terms of the user's own files."""

import re
from pathlib import Path

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What they say about their own doings.
_CHATTER = re.compile(
    r"\s*$|/|cfiles =|Mod files:|Creating '|MODOBJS=| -> | => |Translating |Thread Safe|Notice: "
    r"|INCLUDEing |make(\[\d+\])?: |NOTE: If you are|refer to the C\+\+ migration guide"
    r"|Warning: Default |WARNING: |Successfully created|mod_func\.cpp:|\^$"
    r"|.*\.cpp: (In|At) |In file included from |\s+from .*:\d+[,:]$"
)
_NOCMODL_PLACE = re.compile(r"at line (\d+) in file (\S+)")
_CPP_PLACE = re.compile(r"(?P<file>[^:]*?(?P<stem>\w+)\.cpp):(?P<line>\d+):(?:\d+:)? (?P<said>.*)")
_CPP_QUOTE = re.compile(r"^ +\d* \|")  # a line of C++ that is quoted, with its number
_CHANGED = re.compile(r"[:?].*|\s|;|\b_[lz](?=[A-Za-z])|(?<=\d)\.0\b")
_MOST_LINES = 24


def useful_lines(output: str, build: Path, sources: Path, folder: Path) -> str:
    """Return the lines of nrnivmodl's output that say what is wrong, and where.

    Args:
        output: all that nrnivmodl wrote.
        build: the folder that it ran in.
        sources: the copies that it compiled.
        folder: the user's folder that they are copies of.
    """
    text = _COLOUR.sub("", output).partition("Traceback (most recent call last)")[0]
    lines: list[str] = []
    helpful = False  # the message that the lines of C++ belong to, which the compiler quotes
    for line in text.splitlines():
        if not _CPP_QUOTE.match(line):
            place = _CPP_PLACE.match(line)
            helpful = place is not None or not _CHATTER.match(line)
            line = _in_source(place, build, sources, folder) if place else line
        if helpful:
            line = _NOCMODL_PLACE.sub(lambda m: f"at line {m[1]} in file {folder / m[2]}", line)
            lines.append(_CPP_QUOTE.sub("    |", line).replace(str(sources), str(folder)))
    if not lines:  # better too much than nothing
        lines = [line for line in text.splitlines() if line.strip()]
    more = [f"... ({len(lines) - _MOST_LINES} more lines)"] if len(lines) > _MOST_LINES else []
    return "\n".join(lines[:_MOST_LINES] + more)


def _in_source(place: re.Match, build: Path, sources: Path, folder: Path) -> str:
    """Return a message of the C++ compiler with the place in the NMODL source that it is about.

    nocmodl does not note which of its lines came from where, but it leaves most of them as they
    were, and VERBATIM blocks wholly: a line that is found once is the line.
    """
    name = f"{place['stem']}.mod"
    cpp = next(build.glob(f"*/{place['stem']}.cpp"), None)
    if cpp is None or not (sources / name).is_file():
        return place.string
    code = _keys(cpp)[int(place["line"]) - 1 :][:1]
    found = [i for i, key in enumerate(_keys(sources / name), 1) if code == [key] != [""]]
    at = f", line {found[0]}" if len(found) == 1 else ""
    return f"{folder / name}{at}: {place['said']}"


def _keys(file: Path) -> list[str]:
    """Return the lines of a file without what nocmodl changes: layout, prefixes of LOCALs, `.0`."""
    text = file.read_bytes().decode("latin-1")
    return [_CHANGED.sub("", line) for line in text.splitlines()]
