"""Code of the user's, run among copies of its files, its errors told by file and line."""

import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.printed import is_memory_error, printed_since, printing_position

# All errors of HOC look so, those too of which no exception comes: n("bad"), load_file("missing").
_PRINTED_ERROR = re.compile(r"^NEURON: (.+)\n (?:in (\S+) )?near line (\d+)", re.MULTILINE)

_CALL = re.compile(r"^\s+(\w+)\(.*\)$", re.MULTILINE)  # of the calls below it, the innermost first

# What NEURON, HOC's File and Python say of a file that is not there.
_MISSING = re.compile(r"Couldn't find: |FileNotFoundError|[Ff]ile (?:is )?not open|can't open")
_REMEDY = (
    "; the code runs among copies of the files that something names: if the file exists in the "
    "project, nothing names it: add it to files"
)

IMPORTED = ".imported"  # in the folder of all copies: modules that models import from elsewhere


@dataclass(frozen=True)
class Home:
    """Where a model's code runs: the folder of its file, below the one that holds all copies."""

    folder: Path
    root: Path

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run code of the model in its folder, with the modules there.

        Raises:
            SimulationError: in place of any exception of that code but for memory that ran out,
                and of errors that NEURON only prints.
        """
        position = printing_position()
        try:
            with self._entered():
                yield
        except SimulationError as error:
            raise SimulationError(
                _with_remedy(_printed_error(position, self.root) or str(error))
            ) from error
        except (Exception, SystemExit) as error:
            if is_memory_error(error):
                raise
            told = _printed_error(position, self.root) or self._told(error)
            raise SimulationError(_with_remedy(told)) from error
        if told := _printed_error(position, self.root):
            raise SimulationError(_with_remedy(told))

    @contextmanager
    def _entered(self) -> Iterator[None]:
        here, folder, imported = os.getcwd(), str(self.folder), str(self.root / IMPORTED)
        os.chdir(folder)
        sys.path[:0] = [folder, imported]
        bytecode, sys.pycache_prefix = (
            sys.pycache_prefix,
            None,
        )  # beside the copies
        try:
            yield
        finally:
            sys.pycache_prefix = bytecode
            for added in (folder, imported):
                sys.path.remove(added)
            os.chdir(here)
            for name, module in list(sys.modules.items()):  # another model may have others so named
                if (getattr(module, "__file__", None) or "").startswith(f"{folder}{os.sep}"):
                    del sys.modules[name]

    def _told(self, error: BaseException) -> str:
        """Return an exception in words, with the last line of the model's own that led to it."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(str(self.root))]
        place = f"{own[-1].filename}, line {own[-1].lineno}: " if own else ""
        return f"{place}{type(error).__name__}: {error}".replace(f"{self.root}{os.sep}", "")


def _with_remedy(message: str) -> str:
    """Say of a file that is missing what brings it here; no more, since messages are stored, and
    what the project has is in no key."""
    return message + _REMEDY if _MISSING.search(message) else message


def _printed_error(position: int, folder: Path) -> str:
    """Return the first error that NEURON has printed since a position, or ''.

    Args:
        folder: of the model's files.
    """
    printed = printed_since(position)
    match = _PRINTED_ERROR.search(printed)
    if match is None:
        return ""
    message, file, line = match.groups()
    if file:
        return f"{Path(file).name}, line {line}: {message}"
    return f"HOC: {message}{_procedure(printed[match.end() :], folder)}"


def _procedure(printed: str, folder: Path) -> str:
    """Return in which procedure of a model's files HOC met an error, which has no line of its own:
    the innermost of those that NEURON names below the error, where one file alone defines it."""
    for name in _CALL.findall(printed.partition("^\n")[2].partition("NEURON: ")[0]):
        begins = re.compile(rf"^\s*(?:proc|func|obfunc)\s+{name}\s*\(", re.MULTILINE)
        texts = {path: path.read_text(errors="replace") for path in sorted(folder.rglob("*.hoc"))}
        found = [(path, match) for path, text in texts.items() for match in begins.finditer(text)]
        if len(found) == 1:
            path, match = found[0]
            line = texts[path].count("\n", 0, match.end()) + 1
            return f", in {name}(), which {path.name} defines at line {line}"
    return ""
