"""What the user's own functions do: in children, watched, twice."""

import os
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.products.atomic import written
from spikesweep.products.engine import PACKAGE

Draw = Callable[[Sequence[Path]], None]
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# What Python says before it changes files otherwise than by opening them, and before it starts
# another program.
_CHANGES = {
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr"),
}
_STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"}


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
            _called(lambda out=outputs, n=number: _watched(draw, out, readable, n), place)
            times.append([path.read_bytes() for path in outputs])
        if times[0] != times[1]:
            raise UserError(
                f"{place}: draws another picture each time, by random numbers or the "
                "time; expected the same from the same results: seed what is random"
            )
        for file, content in zip(files, times[0], strict=True):
            with written(file) as temporary:
                temporary.write_bytes(content)


def in_own_child(
    call: Callable[[Path], Any],
    copy: Callable[[Path], None],
    readable: Sequence[Path],
    number: int,
    place: str,
) -> Any:
    """Return what a user's function comes to in a child, which writes no file but in its folder.

    Args:
        call: is given the folder. copy: copies the function's files there.
        readable: files and folders of the project that may be opened.
        number: seeds what is random where the function does not.
        place: what calls it, for messages.

    Raises:
        UserError: what went wrong, with file and line.
    """
    with TemporaryDirectory(prefix="spikesweep_") as scratch:
        folder = Path(scratch).resolve()
        copy(folder)

        def watched() -> Any:
            _seed(number)
            _watch_files(readable, "`files` of the statistic", [folder], is_sealed=True)
            return call(folder)

        return _called(watched, place)


def _called(function: Callable[[], Any], place: str) -> Any:
    outcome = in_child(function)
    if outcome.status != "ok":
        message = outcome.message.removeprefix("UserError: ") or outcome.status
        raise UserError(f"{place}: {message}")
    return outcome.value


def _seed(number: int) -> None:
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002, the one that a careless function would take


def _watched(draw: Draw, outputs: Sequence[Path], readable: Iterable[Path], number: int) -> None:
    """Draw in this child, whose random numbers are its own, and which opens no other results."""
    _seed(number)
    folders = [path.parent for path in outputs]
    _watch_files(readable, "`files` or `reads` of the figure", folders)
    draw(outputs)


def _watch_files(
    readable: Iterable[Path], told: str, writable: Sequence[Path], is_sealed: bool = False
) -> None:
    """Refuse from now on to open files of the project other than these, and to change any of it.

    Args:
        readable: files and folders; of a path without its suffix, files with any.
        told: where the sweep file says what may be read.
        writable: folders in which anything may be done.
        is_sealed: whether no file elsewhere is opened to be written either, and no other program
            is started, whose files nobody sees.
    """
    root = f"{Path.cwd().resolve()}{os.sep}"
    own = tuple(f"{folder.resolve()}{os.sep}" for folder in writable)
    packages = (str(PACKAGE), sys.prefix, sys.base_prefix)
    files = {str(path.resolve()) for path in readable}
    inside = (*packages, *own, *(f"{path}{end}" for path in files for end in (os.sep, ".")))

    def refuse_change(path: str) -> None:
        if path.startswith(root) and not path.startswith(own):
            raise PermissionError(f"{path.removeprefix(root)} is changed, which is the project's")

    def watch(event: str, arguments: tuple) -> None:
        if event in _STARTS and is_sealed:
            raise PermissionError("another program is started; expected what Python itself does")
        if event in _CHANGES:
            for argument in arguments:
                if isinstance(argument, str | bytes | os.PathLike):
                    refuse_change(os.path.realpath(os.fsdecode(argument)))
        if event != "open" or not isinstance(arguments[0], str):
            return
        path = os.path.realpath(arguments[0])
        if path.startswith(root) and path not in files and not path.startswith(inside):
            raise PermissionError(
                f"{path.removeprefix(root)} is read, which the sweep file does not say; "
                f"expected it in {told}"
            )
        if not arguments[2] & _WRITES:
            return
        refuse_change(path)
        if is_sealed and not path.startswith((*own, "/dev/")):
            raise PermissionError(f"{path} is written; expected a function that returns a number")

    sys.addaudithook(watch)
