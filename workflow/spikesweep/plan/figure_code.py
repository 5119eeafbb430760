"""The code of figures that the user's own functions draw: all that their pictures depend on."""

from pathlib import Path

from spikesweep.document.files import inside
from spikesweep.errors import UserError
from spikesweep.modelcode.closure import PYTHON, ModelCode, read_files
from spikesweep.modelcode.python import parse
from spikesweep.sweepfile.figures import PythonFigure


def figure_code(root: Path, figure: PythonFigure, place: str) -> ModelCode:
    """Return the files of a figure's function, with what they import and name.

    Raises:
        UserError: no such file or function, or an option that the function does not take.
    """
    file, _, function = figure.draw.partition(":")
    path = inside(root, file, f"{place}.draw")
    tree = parse(path.read_bytes(), file)
    names = {node.name for node in tree.body if hasattr(node, "name")}
    if function not in names:
        raise UserError(
            f'{place}.draw: {file} has no function "{function}"; '
            f"expected one of: {', '.join(sorted(names)) or 'a function of (fig, results)'}"
        )
    given = figure.options.values()
    return read_files(root, [file], given, figure.files, f"{place}.draw", PYTHON)
