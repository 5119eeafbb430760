"""In which order HOC files set and use a variable: whether setting it from outside comes too late.

A variable can be set from outside once a file is loaded. Where that file has used the variable by
then, in its own text, in files that it loads, in procedures that it calls or objects that it makes,
it would have used its own value.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path

from spikesweep.modelcode.hoc import LOADS, STRINGS, TEMPLATES, read, without_comments

_DEEPEST = 50
_BODY = re.compile(r"\b(?:proc|func|obfunc|iterator)\s+(\w+)\s*\(\s*\)\s*\{")
_EXECUTED = re.compile(r"\bexecute1?\s*\(\s*$")  # what a string behind it holds is run
_TEMPLATE_NAME = re.compile(r"\bbegintemplate\s+(\w+)")


@dataclass(frozen=True)
class TooLate:
    """A named file that sets and uses a variable; the file in which the line that sets it stands,
    and whether it would be read again where it stood before as well."""

    file: Path
    setting: Path
    is_read_again: bool


def set_too_late(files: list[Path], variable: str) -> TooLate | None:
    """Return the first of some HOC files, loaded one by one, that sets a variable and then uses it.

    Args:
        files: the first one's folder is that in which they are loaded.
    """
    order = _Order(files[0].parent, variable)
    for file in files:
        setting = None
        for what, where in order.load(file):
            if what == "set":
                setting = setting or where
            elif setting:
                return TooLate(file, setting, setting in order.opened or setting == file)
    return None


@dataclass
class _Order:
    """Follows files as NEURON runs them; what they define stays."""

    home: Path
    variable: str
    loaded: set[Path] = field(default_factory=set)
    opened: set[Path] = field(default_factory=set)  # by what reads a file however often
    bodies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        name = re.escape(self.variable)
        self._events = re.compile(
            rf"(?P<load>{LOADS.pattern})"
            rf"|(?P<set>(?<![.\w]){name}\s*=(?!=)[^\n}}]*)"
            rf"|(?P<use>(?<![.\w]){name}\b)"
            r"|(?P<call>\b(?:new\s+)?(?P<called>\w+)\s*\()",
            re.DOTALL,
        )

    def load(self, file: Path, depth: int = 0) -> Iterator[tuple[str, Path]]:
        """Yield "set" and "use" as a file is run, with the file in which that stands."""
        file = Path(normpath(file))
        self.loaded.add(file)
        try:
            code = without_comments(read(file.read_bytes()))
        except OSError:
            return
        yield from self._run(self._defined(code), file, depth)

    def _defined(self, code: str) -> str:
        """Keep what text defines, and return what is left of it: what runs at once."""

        def keep(template: re.Match) -> str:
            if name := _TEMPLATE_NAME.search(template[0]):
                self.bodies[name[1]] = self._body(template[0][name.end() :], template=True)
            return ""

        code, parts, end = TEMPLATES.sub(keep, code), [], 0
        for match in _BODY.finditer(code):
            if match.start() < end:
                continue
            parts.append(code[end : match.start()])
            depth, end = 1, match.end()
            while depth and end < len(code):
                depth += {"{": 1, "}": -1}.get(code[end], 0)
                end += 1
            self.bodies[match[1]] = self._body(code[match.end() : end - 1])
        return "".join([*parts, code[end:]])

    def _body(self, text: str, template: bool = False) -> str:
        """Return a body without the variable, where a variable of its own bears that name."""
        name = rf"\b{re.escape(self.variable)}\b"
        declared = re.search(rf"\b{'external' if template else 'local'}\b[^\n]*{name}", text)
        return text if bool(declared) is template else re.sub(name, "_", text)

    def _run(self, code: str, file: Path, depth: int) -> Iterator[tuple[str, Path]]:
        if depth > _DEEPEST:
            return
        for match in self._events.finditer(_without_strings(code)):
            if match["load"]:
                yield from self._load_named(match["load"], file, depth)
            elif match["call"]:
                body = self.bodies.get(match["called"], "")
                yield from self._run(body, file, depth + 1) if body else ()
            else:
                yield ("set" if match["set"] else "use"), file

    def _load_named(self, statement: str, file: Path, depth: int) -> Iterator[tuple[str, Path]]:
        match = LOADS.match(statement)
        places = (Path(normpath(folder / match[2][1:-1])) for folder in (self.home, file.parent))
        found = next((place for place in places if place.is_file()), None)
        again = statement.startswith("xopen") or "1" in match[1]
        if found is None or depth > _DEEPEST or (found in self.loaded and not again):
            return
        if again:
            self.opened.add(found)
        yield from self.load(found, depth + 1)


def _without_strings(code: str) -> str:
    """Return code whose strings are empty, but for names of files that are loaded, and for
    statements that are executed, which stand there as such."""
    kept = {match.span(2) for match in LOADS.finditer(code)}

    def left(string: re.Match) -> str:
        if string.span() in kept:
            return string[0]
        return string[0][1:-1] if _EXECUTED.search(code, 0, string.start()) else '""'

    return STRINGS.sub(left, code)
