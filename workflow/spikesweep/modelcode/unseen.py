"""What the code of models does that no key can follow: said in the plan, with its lines."""

import ast
import re
from collections.abc import Iterable, Iterator
from os.path import relpath
from pathlib import Path

from spikesweep.mechanisms.code import without_comments
from spikesweep.modelcode import hoc, python

ENVIRONMENT = "reads the environment"
PROGRAMS = "starts other programs"
CHANCE = "draws random numbers that no seed sets"
_OPENS = "opens files"
_ADVICE = {
    ENVIRONMENT: "it has the variables of model.environment and few others",
    _OPENS: "whose content no key has",
}

# Names that are read, and names that are called, whatever object they are of.
_READ = {"environ": ENVIRONMENT, "environb": ENVIRONMENT, "subprocess": PROGRAMS}
_CALLED = {
    **{"getenv": ENVIRONMENT, "system": PROGRAMS, "popen": PROGRAMS},
    **{"urandom": CHANCE, "SystemRandom": CHANCE, "uuid1": CHANCE, "uuid4": CHANCE},
}
_SEEDED_BY_ARGUMENT = ("default_rng", "RandomState", "Random")  # those of Python and numpy alone
_IN_HOC = re.compile(r"\bsystem\s*\(")
_IN_C = {
    ENVIRONMENT: re.compile(r"\b(?:secure_)?getenv\s*\("),
    _OPENS: re.compile(r"\b(?:fopen|open|ifstream)\b\s*[({]|\bifstream\s+\w"),
    PROGRAMS: re.compile(r"\b(?:system|popen)\s*\("),
}


def in_python(tree: ast.Module, place: str) -> list[str]:
    """Return notes on Python code."""
    found: dict[str, list[int]] = {}
    for node in ast.walk(tree):
        for what in _of_node(node):
            found.setdefault(what, []).append(node.lineno)
    return _told(found, place)


def _of_node(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute | ast.Name):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in _READ and isinstance(node.ctx, ast.Load):
            yield _READ[name]
    elif isinstance(node, ast.Call):
        name = python.called(node)
        if name in _CALLED:
            yield _CALLED[name]
        elif name in _SEEDED_BY_ARGUMENT and _is_of_random(node):
            yield from [] if node.args or node.keywords else [CHANCE]


def _is_of_random(call: ast.Call) -> bool:
    """Whether a call is of Python's or numpy's `random`: NEURON's own n.Random() is another."""
    return not isinstance(call.func, ast.Attribute) or "random" in ast.unparse(call.func.value)


def in_hoc(text: str, place: str) -> list[str]:
    """Return notes on HOC code."""
    code = hoc.without_comments(text)
    return _told({PROGRAMS: _lines(_IN_HOC, code)}, place)


def in_verbatim(blocks: Iterable[tuple[Path, int, str]], root: Path) -> list[str]:
    """Return notes on the VERBATIM blocks of mechanisms: file, line where the block begins, C++."""
    found: dict[str, dict[str, list[int]]] = {}
    for file, line, block in blocks:
        code = without_comments(block)
        for what, pattern in _IN_C.items():
            if pattern.search(code):
                place = relpath(file, root)
                found.setdefault(place, {}).setdefault(f"{what} in VERBATIM", []).append(line)
    return [note for place, of_file in found.items() for note in _told(of_file, place)]


def _lines(pattern: re.Pattern, text: str) -> list[int]:
    return [1 + text.count("\n", 0, match.start()) for match in pattern.finditer(text)]


def _told(found: dict[str, list[int]], place: str) -> list[str]:
    notes = []
    for what, lines in found.items():
        if lines:
            numbers = sorted(set(lines))
            word = "line" if len(numbers) == 1 else "lines"
            listed = ", ".join(map(str, numbers))
            advice = next((f" ({a})" for begin, a in _ADVICE.items() if what.startswith(begin)), "")
            notes.append(f"{place}: {what}: {word} {listed}{advice}")
    return notes
