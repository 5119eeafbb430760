"""Where a verb works: the root of the project that the current folder lies in."""

import os
from collections.abc import Sequence
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.plan.making import EXAMPLES, SWEEPS
from spikesweep.products import engine
from spikesweep.products.table import EARLIER


def enter_project() -> None:
    """Go to the root of the project that the current folder lies in; see that its code runs.

    Raises:
        UserError: not in a project.
    """
    here = Path.cwd()
    folder = find_project(here)
    if folder is None:
        raise UserError(f"{here}: not in a spikesweep project; expected a folder with a Snakefile")
    engine.restart_with_own(folder)
    os.chdir(folder)


def find_project(here: Path) -> Path | None:
    """Return the root of the project that a folder lies in, None where it lies in none."""
    return next(filter(_is_project, (here, *here.parents)), None)


def _is_project(folder: Path) -> bool:
    """Return whether a folder has a package of its own, or else a Snakefile and sweeps."""
    snakefiles = (folder / "Snakefile", folder / "workflow/Snakefile")
    has_sweeps = (folder / "config/sweeps").is_dir() or (folder / "config/config.yaml").is_file()
    return engine.own_package(folder) is not None or (
        has_sweeps and any(map(Path.is_file, snakefiles))
    )


def sweep_name(text: str) -> str:
    """Return the name of a sweep that is asked for by its name or by its file, from anywhere.

    Raises:
        UserError: a file that is no sweep's.
    """
    path = Path(text)
    if path.suffix not in (".yaml", ".yml"):
        return text
    folder = path.resolve().parent
    if folder.parts[-2:] not in (SWEEPS.parts, EXAMPLES.parts) or path.suffix != ".yaml":
        raise UserError(
            f"{text}: not the file of a sweep; expected one that lies in {SWEEPS} and ends in .yaml"
        )
    return path.stem


def moved(path: Path) -> Path:
    """Return where a figure is now: of an earlier label, it made room for those of a later one."""
    label = path.stem.rpartition("_")[2]
    earlier = path.parent / EARLIER / label / path.name
    return earlier if not path.exists() and earlier.is_file() else path


def entered(paths: Sequence[Path]) -> list[Path]:
    """Go to the project's root, if there is one; return the user's paths as seen from there.

    A stamped figure and a bundle say all by themselves, wherever they are.
    """
    absolute = [moved(Path.cwd() / path) for path in paths]
    try:
        enter_project()
    except UserError:
        return list(paths)
    root = Path.cwd()
    return [p.relative_to(root) if p.is_relative_to(root) else p for p in absolute]
