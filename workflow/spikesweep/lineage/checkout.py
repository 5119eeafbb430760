"""The sources of an earlier commit, on disk as they were, and its own package running there."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.lineage.git import GitError
from spikesweep.lineage.lineage import patch_path
from spikesweep.lineage.work_tree import checked_out, top_of
from spikesweep.products import engine
from spikesweep.products.fingerprint import file_hash

LOCK = "requirements.lock"


@contextmanager
def sources_at(commit: str, patch_hash: str | None = None) -> Iterator[Path]:
    """Give this project as it was at a commit, with a patch, in a folder that goes afterwards.

    Raises:
        UserError: there is no repository, the patch is not here, or commit and patch cannot be
            brought together.
    """
    if top_of(Path()) is None:
        raise UserError(
            f"commit {commit}: this folder is not in a git repository, so no commit can be checked "
            "out; run this in a clone (an unzipped bundle makes its results again with: make)"
        )
    patch = patch_path(patch_hash).resolve() if patch_hash else None
    if patch and (not patch.is_file() or file_hash(patch) != patch_hash):
        raise UserError(
            f"{patch_path(patch_hash)}: missing or damaged; without it the uncommitted "
            "changes that the file was made with are lost"
        )
    with tempfile.TemporaryDirectory(prefix="spikesweep-") as scratch:
        try:
            with checked_out(Path(), commit, Path(scratch, "tree"), patch) as project:
                yield project
        except GitError as error:
            raise UserError(
                f"commit {commit} cannot be checked out with its changes: {error.said}"
            ) from None


def run_there(
    project: Path, *words: str, python: Path | None = None
) -> subprocess.CompletedProcess:
    """Run Python with arguments in a project, with that project's package.

    Args:
        python: that of an environment of its own; default: ours, with all packages that we have.
    """
    others = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and not python]
    package = engine.own_package(project)  # None: the one that runs is that project's as well
    paths = [str(package.parent if package else engine.SEARCHED)]
    paths[:0] = [path for path in others if Path(path).resolve() != engine.SEARCHED]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    environment.pop(engine.RESTARTED, None)
    command = [python or sys.executable, *words]
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def locked_python(project: Path, version: str) -> Path:
    """Return the Python of the environment that a project's lock file names, which is made anew.

    Args:
        version: of the Python that is asked for, such as "3.11.7"; where there is no 3.11, the
            project's Makefile takes another one.

    Raises:
        UserError: the project cannot make it, or the package index is out of reach.
    """
    name = f"python{'.'.join(version.split('.')[:2])}"
    python = [f"PYTHON={found}"] if (found := shutil.which(name)) else []
    command = ["make", "--no-print-directory", "install", *python]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            f"the environment that {LOCK} names cannot be made; make install said:\n"
            f"{done.stdout}{done.stderr}"
        )
    return project / ".venv/bin/python"
