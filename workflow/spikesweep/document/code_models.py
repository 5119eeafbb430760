"""Cells that code builds, as the simulation document writes them.

Which sections and point processes such a cell has only NEURON can tell. So names are taken here
as they are written, and looked up where the simulation runs.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spikesweep.document.catalogue import Catalogue
from spikesweep.document.cells import Files, inside, names_document, rule_document
from spikesweep.document.parameters import Parameters
from spikesweep.document.shape import Section, Shape
from spikesweep.errors import UserError
from spikesweep.modelcode import ModelCode, read_files, written
from spikesweep.modelcode.python import check_call, parse
from spikesweep.spec.model import CodeCell, HocCell, PythonCell
from spikesweep.spec.quantities import split_copy

_PROCESS = re.compile(r"[A-Za-z_]\w*(?:\[\d+\])?")


@dataclass(frozen=True)
class OpenShape(Shape):
    """The sections of a cell that code builds: any may be there."""

    regions: dict[Section, str | None] = field(default_factory=dict)

    def has(self, section: Section) -> bool:
        return True

    def select(self, name: str, place: str) -> frozenset[Section]:
        return frozenset()


def code_cell_document(
    cell: CodeCell, catalogue: Catalogue, files: Files, parameters: Parameters, place: str
) -> tuple[dict[str, Any], Shape]:
    """Return the document of a cell that code builds, and its shape, which is open.

    Raises:
        UserError: a file that is missing or does what no model may do, a class or parameter that
            the file has not, a mechanism or parameter in `biophysics` that is unknown.
    """
    if isinstance(cell, PythonCell):
        document, code = _python(cell, files.root, place)
    else:
        document, code = _hoc(cell, files.root, place)
    files.models.update(code.files)
    document["sources"] = code.files
    if code.packages:
        document["packages"] = code.packages
    names, shape = names_document(cell, OpenShape(), parameters, place)
    document |= names
    document["biophysics"] = [
        rule_document(rule, shape, catalogue, parameters, f"{place}.biophysics[{i}]")
        for i, rule in enumerate(cell.biophysics)
    ]
    return document, shape


def _python(cell: PythonCell, root: Path, place: str) -> tuple[dict[str, Any], ModelCode]:
    path = inside(root, cell.file, f"{place}.python")
    given, more = cell.parameters.values(), _more(cell, root, place)
    code = read_files(root, [cell.file], given, more, f"{place}.python")
    tree = parse(path.read_bytes(), cell.file)
    check_call(tree, cell.class_name, cell.parameters, cell.file, place)
    named = {"file": written(root, path), "class": cell.class_name}
    return {"python": named, "parameters": dict(cell.parameters)}, code


def _hoc(cell: HocCell, root: Path, place: str) -> tuple[dict[str, Any], ModelCode]:
    paths = [inside(root, file, f"{place}.hoc") for file in cell.hoc]
    code = read_files(root, cell.hoc, cell.arguments, _more(cell, root, place), f"{place}.hoc")
    document: dict[str, Any] = {"hoc": [written(root, path) for path in paths]}
    if cell.template is not None:
        document |= {"template": cell.template, "arguments": list(cell.arguments)}
    if cell.globals:
        document["globals"] = dict(cell.globals)
    return document, code


def _more(cell: CodeCell, root: Path, place: str) -> list[str]:
    for file in cell.files:
        if inside(root, file, f"{place}.files", folders=True).resolve() == root.resolve():
            raise UserError(f'{place}.files: "{file}" is the whole project; expected what is read')
    return cell.files


def is_process(text: str, shapes: dict[str, Shape]) -> bool:
    """Return whether a text, `pyr.syn[2]`, names what a cell's code calls a point process."""
    cell, _, name = text.strip().partition(".")
    shape = shapes.get(split_copy(cell)[0])
    return isinstance(shape, OpenShape) and bool(_PROCESS.fullmatch(name))
