"""Running a user's own function, of a figure or a statistic, among copies of its files."""

import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError


@contextmanager
def own_function(folder: str, function: str) -> Iterator[Callable[..., Any]]:
    """Give a function, "figures/my_figure.py:effect", to be called within, in its folder.

    Args:
        folder: holds copies of the function's file and of all that this reads: in these it runs.

    Raises:
        UserError: whatever the function raises, with the last line of the user's own, and notes
            of the exception.
    """
    file, _, name = function.partition(":")
    path = Path(folder, file)
    here, searched = Path.cwd(), [*sys.path]
    sys.path[:0] = [str(path.parent), folder]
    os.chdir(folder)
    try:
        specification = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(specification)
        sys.modules[path.stem] = module
        specification.loader.exec_module(module)
        if not callable(found := getattr(module, name, None)):
            raise UserError(f'{file}: has no function "{name}"')
        yield found
    except (Exception, SystemExit) as error:
        told = str(error) if isinstance(error, UserError) else _told(error, folder, file)
        raise UserError("".join([told, *getattr(error, "__notes__", ())])) from None
    finally:
        os.chdir(here)
        sys.path[:] = searched


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
