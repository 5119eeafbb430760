"""Drawing by the user's own function: in children, watched, twice."""

import os
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.products.atomic import written
from spikesweep.products.engine import PACKAGE

Draw = Callable[[Sequence[Path]], None]


def draw_twice(draw: Draw, files: Sequence[Path], readable: Iterable[Path], place: str) -> None:
    """Draw in a child; and again in another, with other random numbers at another time, which must
    give the same bytes.

    Args:
        draw: writes each of the files that it is given.
        readable: files and folders of the project that may be opened.
        place: what draws, for messages.

    Raises:
        UserError: what went wrong, with file and line; or the bytes differ.
    """
    readable = [*readable]
    with TemporaryDirectory(prefix="spikesweep_") as scratch:
        times = []
        for number in (1, 2):
            folder = Path(scratch, str(number))
            folder.mkdir()
            outputs = [folder / file.name for file in files]
            outcome = in_child(lambda out=outputs, n=number: _watched(draw, out, readable, n))
            if outcome.status != "ok":
                message = outcome.message.removeprefix("UserError: ") or outcome.status
                raise UserError(f"{place}: {message}")
            times.append([path.read_bytes() for path in outputs])
        if times[0] != times[1]:
            raise UserError(
                f"{place}: draws another picture each time, by random numbers or the "
                "time; expected the same from the same results: seed what is random"
            )
        for file, content in zip(files, times[0], strict=True):
            with written(file) as temporary:
                temporary.write_bytes(content)


def _watched(draw: Draw, outputs: Sequence[Path], readable: Iterable[Path], number: int) -> None:
    """Draw in this child, whose random numbers are its own, and which opens no other results."""
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002, the one that a careless function would take
    root = f"{Path.cwd().resolve()}{os.sep}"
    allowed = (str(PACKAGE), sys.prefix, sys.base_prefix)
    allowed += tuple(str(path.resolve()) for path in readable)
    allowed += tuple(str(path.parent.resolve()) for path in outputs)

    def watch(event: str, arguments: tuple) -> None:
        if event != "open" or not isinstance(arguments[0], str):
            return
        path = os.path.realpath(arguments[0])
        if path.startswith(root) and not path.startswith(allowed):
            raise PermissionError(
                f"{path.removeprefix(root)} is read, which the sweep file does not say; "
                "expected it in `files` or `reads` of the figure"
            )

    sys.addaudithook(watch)
    draw(outputs)
