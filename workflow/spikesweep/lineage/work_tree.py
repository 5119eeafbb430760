"""A work tree of git as it is on disk, compared with its last commit."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from spikesweep.lineage.git import Git, GitCommandError

# The patch must depend on the files alone, not on the taste of whoever runs the workflow.
_SETTINGS = {
    "core.quotePath": "false",
    "core.compression": "-1",
    "core.safecrlf": "false",
    "core.fsmonitor": "false",
    "core.splitIndex": "false",
    "diff.suppressBlankEmpty": "false",
}
_PATCH_FORMAT = [
    *["--patch", "--binary", "--full-index", "--unified=3", "--inter-hunk-context=0"],
    *["--diff-algorithm=myers", "--no-indent-heuristic", "--submodule=short"],
    *["--no-color", "--no-ext-diff", "--no-textconv"],
]


def _run(folder: Path, *words: str, **options) -> bytes:
    """Return what a git command in a folder prints, as bytes: names and patches need no encoding.

    Raises:
        GitCommandError: git fails.
        GitCommandNotFound: there is no git.
    """
    git = Git(folder)
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return git.execute(
        [git.GIT_PYTHON_GIT_EXECUTABLE, *settings, *words],
        stdout_as_string=False,
        strip_newline_in_stdout=False,
        **options,
    )


def top_of(folder: Path) -> Path | None:
    """Return the top of the work tree that a folder lies in, or None if it lies in none."""
    try:
        return Path(os.fsdecode(_run(folder, "rev-parse", "--show-toplevel")).removesuffix("\n"))
    except GitCommandError as error:
        if re.search("not a git repository|must be run in a work tree", error.stderr):
            return None
        raise


def head(top: Path) -> str | None:
    """Return the hash of the commit that is checked out, or None without one."""
    try:
        return _run(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except GitCommandError as error:
        if error.status == 1:
            return None
        raise


def commit_of(top: Path, revision: str) -> str:
    """Return the hash of the commit that a revision names: "HEAD~1", a tag, the first digits.

    Raises:
        GitCommandError: it names none.
    """
    words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    return _run(top, *words).decode().strip()


def commit_date(top: Path, commit: str) -> str:
    """Return when a commit was made, in UTC: "2026-08-28T12:00:00Z"."""
    seconds = int(_run(top, "show", "--no-patch", "--format=%ct", commit))
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def committed_archive(folder: Path) -> bytes:
    """Return the files of HEAD below a folder as a tar archive."""
    return _run(folder, "archive", "--format=tar", "HEAD")


@contextmanager
def checked_out(root: Path, commit: str, tree: Path, patch: Path | None) -> Iterator[Path]:
    """Give a project as it was at a commit, with a patch, in a work tree that goes afterwards.

    Args:
        root: the project, which may lie anywhere in its repository.
        tree: a folder that does not exist yet.

    Raises:
        GitCommandError: there is no such commit, or the patch does not fit it.
    """
    top = top_of(root)
    _run(top, "worktree", "add", "--detach", str(tree), commit)
    try:
        if patch:
            _run(tree, "apply", "--whitespace=nowarn", str(patch))
        yield tree / root.resolve().relative_to(top.resolve())
    finally:
        _run(top, "worktree", "remove", "--force", str(tree))


def _way(path: Path, top: Path) -> list[Path]:
    """Return the folders from below `top` down to `path`, and `path`."""
    return [step for step in [*reversed(path.parents), path] if top in step.parents]


def first_link(path: Path, top: Path) -> Path | None:
    """Return the first symbolic link on the way from `top` to `path`, or None."""
    return next((step for step in _way(path, top) if step.is_symlink()), None)


def link_followed(link: Path, path: Path) -> Path:
    """Return where `path`, which goes through `link`, leads with that one link followed."""
    return Path(os.path.normpath(link.parent / os.readlink(link) / path.relative_to(link)))


def nested_work_tree(path: Path, top: Path) -> Path | None:
    """Return the outermost work tree inside the one at `top` that holds `path`, or None."""
    return next((step for step in _way(path, top) if (step / ".git").exists()), None)


class WorkTree:
    """A work tree of git, seen through an index that begins at HEAD.

    The index and the objects of changed files lie in a scratch folder. The repository's own index
    would not do: it may hide changes (assume-unchanged), and says what is staged, not what is.
    """

    def __init__(self, top: Path, scratch: Path) -> None:
        self.top = top
        self._scratch = scratch
        (scratch / "objects").mkdir()
        objects = top / os.fsdecode(_run(top, "rev-parse", "--git-path", "objects")).rstrip("\n")
        quoted = str(objects).replace("\\", r"\\").replace('"', r"\"")
        self._environment = {
            "GIT_INDEX_FILE": str(scratch / "index"),
            "GIT_OBJECT_DIRECTORY": str(scratch / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"',
            "GIT_LITERAL_PATHSPECS": "1",
        }
        self._git("read-tree", "HEAD")

    def listing(self, folder: Path) -> set[Path]:
        """Return the files of HEAD below a folder, and the new ones that git does not ignore."""
        options = ["--cached", "--others", "--exclude-standard", "-z"]
        return self._paths(self._git("ls-files", *options, "--", self._name(folder)))

    def take(self, files: Iterable[Path]) -> None:
        """Put files into the index as they are on disk; take those out that are not there."""
        names = self._scratch / "names"
        names.write_bytes(b"".join(os.fsencode(self._name(f)) + b"\0" for f in sorted(files)))
        with names.open("rb") as stdin:
            options = ["--add", "--remove", "--replace", "-z", "--stdin"]
            self._git("update-index", *options, istream=stdin)

    def changed_files(self) -> set[Path]:
        """Return the files that differ between HEAD and the index."""
        return self._paths(self._diff("--name-only", "-z"))

    def patch(self, prefix: str) -> bytes:
        """Return the patch from HEAD to the index, with `prefix` before the names of files."""
        names = [f"--src-prefix=a/{prefix}", f"--dst-prefix=b/{prefix}"]
        return self._diff(*_PATCH_FORMAT, *names)

    def _diff(self, *options: str) -> bytes:
        always = ["--cached", "--no-renames", "--ignore-submodules=none"]
        return self._git("diff-index", *always, *options, "HEAD")

    def _git(self, *words: str, **options) -> bytes:
        return _run(self.top, *words, env=self._environment, **options)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.top).as_posix()

    def _paths(self, names: bytes) -> set[Path]:
        return {self.top / os.fsdecode(name) for name in names.split(b"\0") if name}
