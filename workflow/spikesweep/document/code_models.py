"""Cells that code builds, as the simulation document writes them.

Which sections and point processes such a cell has only NEURON can tell. So names are taken here
as they are written, and looked up where the simulation runs.
"""

from pathlib import Path
from typing import Any

from spikesweep.document.cells import biophysics_document, names_document
from spikesweep.document.files import inside
from spikesweep.document.known import KnownModel
from spikesweep.document.shape import OpenShape, Shape
from spikesweep.errors import UserError
from spikesweep.modelcode.closure import HOC, PYTHON, ModelCode, read_files, written
from spikesweep.modelcode.python import check_call, parse
from spikesweep.sweepfile.model import CodeCell, HocCell, PythonCell


def code_cell_document(
    cell: CodeCell, model: KnownModel, place: str
) -> tuple[dict[str, Any], Shape]:
    """Return the document of a cell that code builds, and its shape, which is open.

    Raises:
        UserError: a file that is missing or does what no model may do, a class or parameter that
            the file has not, a mechanism or parameter in `biophysics` that is unknown.
    """
    if isinstance(cell, PythonCell):
        document, code = _python(cell, model.files.root, place)
    else:
        document, code = _hoc(cell, model.files.root, place)
    model.files.models.update(code.files)
    model.files.imported.update(code.imported)
    model.files.notes += [note for note in code.notes if note not in model.files.notes]
    document["sources"] = code.files
    if code.packages:
        document["packages"] = code.packages
    if code.imported:
        document["imported"] = code.imported
    names, shape = names_document(cell, OpenShape(), model.parameters, place)
    document |= names
    document["biophysics"] = biophysics_document(
        cell.biophysics, shape, model, f"{place}.biophysics"
    )
    return document, shape


def _python(cell: PythonCell, root: Path, place: str) -> tuple[dict[str, Any], ModelCode]:
    path = inside(root, cell.file, f"{place}.python")
    given, more = cell.parameters.values(), _more(cell, root, place)
    code = read_files(root, [cell.file], given, more, f"{place}.python", PYTHON)
    tree = parse(path.read_bytes(), cell.file)
    check_call(tree, cell.class_name, cell.parameters, cell.file, place)
    named = {"file": written(root, path), "class": cell.class_name}
    return {"python": named, "parameters": dict(cell.parameters)}, code


def _hoc(cell: HocCell, root: Path, place: str) -> tuple[dict[str, Any], ModelCode]:
    paths = [inside(root, file, f"{place}.hoc") for file in cell.hoc]
    more = _more(cell, root, place)
    code = read_files(root, cell.hoc, cell.arguments, more, f"{place}.hoc", HOC)
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
