"""Names by which code loads HOC: NEURON loads a name once, whoever asks for it, from anywhere.

So where two models in different folders load `lib.hoc`, each its own, the second one would go on
with the first one's. Names that are put together at run time are not seen.
"""

import ast
from collections.abc import Iterator, Mapping
from os.path import normpath
from pathlib import Path
from typing import NamedTuple

from spikesweep.modelcode import hoc, python
from spikesweep.modelcode.closure import HOC, PYTHON


class Load(NamedTuple):
    """A file of a model that its code loads by a name.

    always: whether it is loaded though its name has been: load_file(1, "lib.hoc").
    """

    name: str
    file: str
    always: bool


def loads(root: Path, home: Path, sources: Mapping[str, str]) -> Iterator[Load]:
    """Yield what the code of a model loads.

    Args:
        home: its folder, in the project.
        sources: its files, as `ModelCode.files` has them.
    """
    for file, content in sources.items():
        for name, always in _names(root / file, content.partition(":")[0]):
            for folder in (Path(file).parent, home):
                if (found := normpath(folder / name)) in sources:
                    yield Load(name, found, always)
                    break


def _names(path: Path, kind: str) -> Iterator[tuple[str, bool]]:
    if kind == HOC:
        yield from hoc.loaded_once(hoc.read(path.read_bytes()))
    elif kind == PYTHON:
        tree = python.parse(path.read_bytes(), str(path))
        for constant in python.strings(tree):  # n('load_file("lib.hoc")')
            yield from hoc.loaded_once(constant.value)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and python.called(call) == "load_file":
                arguments = [ast.unparse(argument) for argument in call.args]
                name = call.args[-1] if call.args else None
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield name.value, arguments[0] == "1"
