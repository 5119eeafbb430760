"""The sources of an earlier commit, on disk as they were, and its own package running there."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from git import GitCommandError

from spikesweep.errors import UserError
from spikesweep.fingerprint import file_hash
from spikesweep.provenance.lineage import patch_path
from spikesweep.provenance.work_tree import checked_out, top_of


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
        except GitCommandError as error:
            words = error.stderr.strip().removeprefix("stderr:").strip(" '\n")
            raise UserError(
                f"commit {commit} cannot be checked out with its changes: {words}"
            ) from None


def run_there(project: Path, *words: str) -> subprocess.CompletedProcess:
    """Run Python with arguments in a project, with that project's package and our other ones."""
    others = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    own = Path("workflow").resolve()
    paths = [*(p for p in others if Path(p).resolve() != own), str(project / "workflow")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("SPIKESWEEP_RESTARTED", None)
    return subprocess.run(
        [sys.executable, *words],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
