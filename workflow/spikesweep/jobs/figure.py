"""The job that draws a figure."""

import os
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.figures.data import FigureData
from spikesweep.figures.render import drawing, render
from spikesweep.jobs.task import Task, begin
from spikesweep.modelcode.closure import copy_files, copy_imported
from spikesweep.products.atomic import written
from spikesweep.products.engine import PACKAGE
from spikesweep.products.plan_file import read_plan
from spikesweep.products.table import split_stage

OWN = "python"  # the kind that the user's own function draws


def make(plan_path: Path, output: Path) -> None:
    """Draw a figure as PDF, PNG and SVG."""
    _, kind = split_stage(read_plan(plan_path).stage(output))
    drawing(kind)  # is imported before its code is looked at
    task = begin(plan_path, output)
    told = {name: task.recipe.get(name) for name in ("simulation", "places")}
    data = FigureData(
        **{name: path for name, path in _absolute(task) if name != "failures"}, **told
    )
    if kind == OWN:
        _draw_own(task, data)
    else:
        render(kind, task.recipe["options"], data, task.files)
    task.describe()


def _absolute(task: Task) -> Iterator[tuple[str, Path]]:
    """What is read, from wherever the user's function runs."""
    return ((name, path.absolute()) for name, path in task.reads.items())


def _draw_own(task: Task, data: FigureData) -> None:
    """Draw a figure by the user's own function: in a child, among copies of its files; and again
    in another, with other random numbers at another time, which must give the same bytes.

    Raises:
        UserError: what went wrong, with file and line; or the bytes differ.
    """
    from spikesweep.figures.results import Numbers

    plan, recipe = task.plan, task.recipe
    results = Numbers(plan["sweep"], plan["title"], plan["axes"], data, dict(_absolute(task)))
    with TemporaryDirectory(prefix="spikesweep_") as scratch:
        code = Path(scratch, "code")
        copy_files(Path(), recipe["sources"], code)
        copy_imported(recipe["imported"], code)
        options = recipe["options"] | {"folder": str(code.resolve())}
        times = []
        for number in (1, 2):
            folder = Path(scratch, str(number))
            folder.mkdir()
            outputs = [folder / file.name for file in task.files]
            outcome = in_child(lambda out=outputs, n=number: _render(options, results, out, n))
            if outcome.status != "ok":
                message = outcome.message.removeprefix("UserError: ") or outcome.status
                raise UserError(f"{options['draw']}: {message}")
            times.append([path.read_bytes() for path in outputs])
        if times[0] != times[1]:
            raise UserError(
                f"{options['draw']}: draws another picture each time, by random numbers or the "
                "time; expected the same from the same results: seed what is random"
            )
        for file, content in zip(task.files, times[0], strict=True):
            with written(file) as temporary:
                temporary.write_bytes(content)


def _render(options: dict, results: object, outputs: Sequence[Path], number: int) -> None:
    """Draw in this child, whose random numbers are its own, and which opens no other results."""
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002, the one that a careless function would take
    root = f"{Path.cwd().resolve()}{os.sep}"
    allowed = (str(PACKAGE), sys.prefix, sys.base_prefix, options["folder"])
    allowed += tuple(str(path.resolve().with_suffix("")) for path in results._files.values())
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
    render(OWN, options, results, outputs)
