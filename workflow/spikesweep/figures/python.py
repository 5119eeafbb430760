"""A figure that the user's own function draws, in the house style, from read-only results."""

import importlib.util
import os
import sys
import traceback
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.results import Numbers


def draw(fig: style.Canvas, results: Numbers, options: dict) -> None:
    """Call the function `draw` ("figures/my_figure.py:effect") with the figure, the results that
    the sweep file lets it read, and its `options` as keywords.

    `folder` holds copies of the function's file and of all that this reads: in these it runs.

    Raises:
        UserError: whatever the function raises, with the last line of the user's own.
    """
    file, _, name = options["draw"].partition(":")
    path = Path(options["folder"], file)
    here = Path.cwd()
    sys.path[:0] = [str(path.parent), options["folder"]]
    os.chdir(options["folder"])
    try:
        specification = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(specification)
        sys.modules[path.stem] = module
        specification.loader.exec_module(module)
        if not callable(function := getattr(module, name, None)):
            raise UserError(f'{file}: has no function "{name}"; expected the one of `draw`')
        function(fig, results, **options["options"])
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        raise UserError(_told(error, options["folder"], file)) from None
    finally:
        os.chdir(here)


def _told(error: BaseException, folder: str, file: str) -> str:
    """An exception in words, with the last line of the user's own that led to it."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(folder)
    ]
    place = f"{os.path.relpath(own[-1].filename, folder)}, line {own[-1].lineno}" if own else file
    if isinstance(error, SyntaxError):
        place = f"{file}, line {error.lineno}"
    return f"{place}: {type(error).__name__}: {error}"
