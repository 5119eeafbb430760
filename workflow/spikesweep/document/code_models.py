"""Cells that code builds, as the simulation document writes them.

Which sections and point processes such a cell has only NEURON can tell. So names are taken here
as they are written, and looked up where the simulation runs.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from spikesweep.document.cells import biophysics_document, name_places
from spikesweep.document.files import inside
from spikesweep.document.known import KnownModel
from spikesweep.document.shape import OpenShape, Shape
from spikesweep.errors import UserError, listing
from spikesweep.language import document as doc
from spikesweep.modelcode.closure import HOC, PYTHON, ModelCode, read_files, written
from spikesweep.modelcode.hoc_order import TooLate, set_too_late
from spikesweep.modelcode.loading import Load, loads
from spikesweep.modelcode.python import check_call, methods, parse
from spikesweep.sweepfile.model import AnyCell, CodeCell, HocCell, PythonCell


def code_cell_document(
    cell: HocCell | PythonCell, model: KnownModel, place: str, init: bool = False
) -> tuple[doc.CodeCell, Shape]:
    """Return the document of a cell that code builds, and its shape, which is open.

    Args:
        init: whether its code may redefine NEURON's init().

    Raises:
        UserError: a file that is missing or does what no model may do, a class or parameter that
            the file has not, a mechanism or parameter in `biophysics` that is unknown.
    """
    document: doc.CodeCell
    if isinstance(cell, PythonCell):
        document, code = _python(cell, model.files.root, place, init)
    else:
        document, code = _hoc(cell, model.files.root, place, init)
    if code.init:
        document["initialise"] = "init"
    model.files.models.update(code.files)
    model.files.imported.update(code.imported)
    model.files.notes += [note for note in code.notes if note not in model.files.notes]
    if tops := sorted({Path(name).parts[0].removesuffix(".py") for name in code.imported}):
        model.files.notes.append(
            f"{place}: imports {listing(tops)} from outside of the project: every file of it is in "
            "the keys, but in no commit and no bundle; expected it beside the model, or installed "
            "as a package with a version"
        )
    if code.packages:
        document["packages"] = code.packages
    if code.imported:
        document["imported"] = code.imported
    open_shape = OpenShape(words=_words(code, model.files.root), notes=model.files.notes)
    shape = name_places(document, cell, open_shape, model.parameters, place)
    document["biophysics"] = biophysics_document(
        cell.biophysics, shape, model, f"{place}.biophysics"
    )
    return document, shape


def _words(code: ModelCode, root: Path) -> frozenset[str] | None:
    """Return all names in the code of a model; None where packages may bring others."""
    if {*code.packages} - {"neuron", "numpy"} or code.imported:
        return None
    texts = [(root / name).read_bytes() for name in code.files]
    return frozenset(re.findall(r"[A-Za-z_]\w*", b"\n".join(texts).decode(errors="replace")))


def folder_of(cell: HocCell | PythonCell) -> Path:
    """Return the folder of a cell's code, in the project."""
    return Path(cell.file if isinstance(cell, PythonCell) else cell.hoc[0]).parent


def check_init(cells: Mapping[str, doc.Cell], place: str) -> None:
    """Check that just one cell's code has an init() of its own, where that is to be run.

    Raises:
        UserError: there is none, or more than one.
    """
    having = [name for name, cell in cells.items() if "initialise" in cell]
    if not having:
        raise UserError(
            f"{place}.initialise: no file of the model redefines init(); expected none of this key"
        )
    if len(having) > 1:
        raise UserError(
            f"{place}.initialise: the code of {listing(having)} redefines init(), which NEURON has "
            "once; expected it in one of them"
        )


def refuse_shared_names(cells: Mapping[str, doc.Cell], root: Path, place: str) -> None:
    """Refuse models that load different files by one name, of which NEURON would load the first.

    Raises:
        UserError: naming both files.
    """
    first: dict[str, tuple[str, str, Load]] = {}
    of_code = {name: cell for name, cell in cells.items() if "python" in cell or "hoc" in cell}
    for name, cell in of_code.items() if len(of_code) > 1 else ():
        home = Path(cell["python"]["file"] if "python" in cell else cell["hoc"][0]).parent
        for load in loads(root, home, cell["sources"]):
            content = cell["sources"][load.file]
            other, known, before = first.setdefault(load.name, (name, content, load))
            if name != other and content != known and not (load.always and before.always):
                raise UserError(
                    f'{place}.{name}: loads {load.file} as "{load.name}", the name by which the '
                    f"code of {other} loads {before.file}; NEURON loads a name once, so that "
                    f"{name} would go on with the file of {other}; expected different names"
                )


def refuse_phases(cells: Mapping[str, AnyCell], root: Path, place: str) -> None:
    """Refuse Python models with phases, where the steps are CVode's.

    Raises:
        UserError: naming the model. Phases that it inherits from elsewhere the run will tell.
    """
    for name, cell in cells.items():
        if isinstance(cell, PythonCell):
            tree = parse((root / cell.file).read_bytes(), cell.file)
            if "phases" in methods(tree, cell.class_name):
                raise UserError(
                    f"{place}.{name}.python: {cell.class_name} has phases, which begin at steps "
                    "of equal length; expected dt in the protocol, and no cvode"
                )


def _python(
    cell: PythonCell, root: Path, place: str, init: bool
) -> tuple[doc.PythonCell, ModelCode]:
    path = inside(root, cell.file, f"{place}.python")
    given, more = cell.parameters.values(), _more(cell, root, place)
    code = read_files(root, [cell.file], given, more, f"{place}.python", PYTHON, init)
    tree = parse(path.read_bytes(), cell.file)
    check_call(tree, cell.class_name, cell.parameters, cell.file, place)
    document: doc.PythonCell = {
        "python": {"file": written(root, path), "class": cell.class_name},
        "parameters": dict(cell.parameters),
        "sources": code.files,
        "biophysics": [],
    }
    return document, code


def _hoc(cell: HocCell, root: Path, place: str, init: bool) -> tuple[doc.HocCell, ModelCode]:
    paths = [inside(root, file, f"{place}.hoc") for file in cell.hoc]
    more = _more(cell, root, place)
    code = read_files(root, cell.hoc, cell.arguments, more, f"{place}.hoc", HOC, init)
    document: doc.HocCell = {
        "hoc": [written(root, path) for path in paths],
        "sources": code.files,
        "biophysics": [],
    }
    if cell.template is not None:
        document["template"] = cell.template
        document["arguments"] = [_double(value) for value in cell.arguments]
    for name in cell.globals:
        if late := set_too_late(paths, name):
            raise UserError(f"{place}.globals.{name}: {_told(late, name, root)}")
    if cell.globals:
        document["globals"] = dict(cell.globals)
    return document, code


def _told(late: TooLate, name: str, root: Path) -> str:
    """Say that a variable would be set too late, and what to do."""
    file, setting = written(root, late.file), written(root, late.setting)
    if late.is_read_again:
        own = f"expected the line that sets it in a file of its own, which stands before {file}"
    else:
        own = f"expected {setting} before {file}"
    sets = "sets" if setting == file else f"loads {setting}, which sets"
    return (
        f"{file} {sets} {name}, and uses it at once, so another value would come too late; "
        f"{own} in hoc"
    )


def _double(value: float | str | bool) -> float | str | bool:
    """Return an argument as HOC has it, which knows no whole numbers."""
    return float(value) if type(value) is int else value


def _more(cell: CodeCell, root: Path, place: str) -> list[str]:
    for file in cell.files:
        if inside(root, file, f"{place}.files", folders=True).resolve() == root.resolve():
            raise UserError(f'{place}.files: "{file}" is the whole project; expected what is read')
    return cell.files
