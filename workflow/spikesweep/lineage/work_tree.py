"""A work tree of git as it is on disk, compared with its last commit."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from spikesweep.lineage.git import GitError, run_git
from spikesweep.products.fingerprint import file_hash

_PATCH_FORMAT = [
    *["--patch", "--binary", "--full-index", "--unified=3", "--inter-hunk-context=0"],
    *["--diff-algorithm=myers", "--no-indent-heuristic", "--submodule=short"],
    *["--no-color", "--no-ext-diff", "--no-textconv"],
]
# Of the repository's own settings these count: what its file system can hold, and the line ends
# that it checks out. They can hide line ends and executable bits, and nothing else.
_OWN_SETTINGS = (
    *("core.autocrlf", "core.eol", "core.filemode", "core.ignorecase", "core.precomposeunicode"),
    "core.symlinks",
)
# No file is asked what it would be after a filter, an expanded keyword, another encoding.
_ATTRIBUTES = "* -filter -ident !working-tree-encoding !diff\n"
# What Git LFS commits in place of a large file: "oid sha256:" and the hash of its content.
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.+\n)*?oid sha256:([0-9a-f]{64})\n"
)
_POINTER_BYTES = 1024
_LFS = {"clean": "git-lfs clean -- %f", "smudge": "git-lfs smudge -- %f", "required": "true"}


def top_of(folder: Path) -> Path | None:
    """Return the top of the work tree that a folder lies in, or None if it lies in none."""
    try:
        return Path(os.fsdecode(run_git(folder, "rev-parse", "--show-toplevel")).removesuffix("\n"))
    except GitError as error:
        if re.search("not a git repository|must be run in a work tree", error.said):
            return None
        raise


def head(top: Path) -> str | None:
    """Return the hash of the commit that is checked out, or None without one.

    Raises:
        GitError: it names one that is not there.
    """
    try:
        return run_git(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except GitError as error:
        if error.status != 1:
            raise
    try:
        named = run_git(top, "rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
    except GitError:  # a branch that has none yet
        return None
    raise GitError(1, f"{top} has lost its commit {named}; see git fsck")


def commit_of(top: Path, revision: str) -> str:
    """Return the hash of the commit that a revision names: "HEAD~1", a tag, the first digits.

    Raises:
        GitError: it names none.
    """
    words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    return run_git(top, *words).decode().strip()


def is_in_history(top: Path, commit: str) -> bool:
    """Return whether a commit is one that a branch or tag of this clone, or HEAD, leads to."""
    try:
        commit_of(top, commit)
    except GitError:
        return False
    words = ["for-each-ref", "--count=1", f"--contains={commit}"]
    if run_git(top, *words, "refs/heads", "refs/remotes", "refs/tags"):
        return True
    try:
        run_git(top, "merge-base", "--is-ancestor", commit, "HEAD")
    except GitError:
        return False
    return True


def commit_date(top: Path, commit: str) -> str:
    """Return when a commit was made, in UTC: "2026-08-28T12:00:00Z"."""
    words = ["show", "--no-patch", "--format=%ct", "--end-of-options", commit]
    return datetime.fromtimestamp(int(run_git(top, *words)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Entry(NamedTuple):
    """What a commit holds under a name."""

    mode: str
    content: bytes

    @property
    def is_link(self) -> bool:
        return self.mode == "120000"


def committed_files(folder: Path) -> dict[str, Entry]:
    """Return the files and links of HEAD below a folder, by their names there, as committed.

    `git archive` would ask attributes what to leave out and what to fill in, and filters.
    """
    listed = run_git(folder, "ls-tree", "-r", "-z", "HEAD").split(b"\0")
    entries = [re.match(rb"(\d+) (\w+) (\w+)\t(.*)", line, re.DOTALL) for line in listed if line]
    files = [entry for entry in entries if entry[2] == b"blob"]
    contents = _blobs(folder, [entry[3].decode() for entry in files])
    return {
        os.fsdecode(entry[4]): Entry(entry[1].decode(), content)
        for entry, content in zip(files, contents, strict=True)
    }


def _blobs(folder: Path, names: list[str], environment: dict | None = None) -> Iterator[bytes]:
    """Yield the content of objects, whose names hold no line break."""
    asked = "".join(f"{name}\n" for name in names).encode()
    words = ["cat-file", "--batch=%(objectsize)"]
    answer = run_git(folder, *words, stdin=asked, environment=environment)
    place = 0
    for _ in names:
        end = answer.index(b"\n", place)
        size = int(answer[place:end])
        yield answer[end + 1 : end + 1 + size]
        place = end + 2 + size


def stands_for(content: bytes, file: Path) -> bool:
    """Return whether what is committed is Git LFS's pointer to what a file holds."""
    pointer = _POINTER.match(content) if len(content) <= _POINTER_BYTES else None
    return bool(pointer) and file.is_file() and file_hash(file) == pointer[1].decode()


@contextmanager
def checked_out(root: Path, commit: str, tree: Path, patch: Path | None) -> Iterator[Path]:
    """Give a project as it was at a commit, with a patch, in a work tree that goes afterwards.

    Args:
        root: the project, which may lie anywhere in its repository.
        tree: a folder that does not exist yet.

    Raises:
        GitError: there is no such commit, or the patch does not fit it.
    """
    top = top_of(root)
    # Of filters Git LFS's alone: files that are pointers in the commit come from it.
    lfs = [word for name, value in _LFS.items() for word in ("-c", f"filter.lfs.{name}={value}")]
    run_git(top, *lfs, "worktree", "add", "--detach", "--", str(tree), commit)
    try:
        if patch:
            run_git(tree, "apply", "--whitespace=nowarn", "--", str(patch))
        yield tree / root.resolve().relative_to(top.resolve())
    finally:
        run_git(top, "worktree", "remove", "--force", "--", str(tree))


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
    """A work tree of git, seen through a repository of our own, whose index begins at HEAD.

    It lies in a scratch folder, with the objects of changed files. The real index would not do: it
    may hide changes (assume-unchanged), and says what is staged, not what is. Nor would the
    repository's settings: a filter or an attribute there hides changes as well.
    """

    def __init__(self, top: Path, scratch: Path) -> None:
        self.top = top
        commit = head(top)
        objects = top / os.fsdecode(run_git(top, "rev-parse", "--git-path", "objects"))[:-1]
        quoted = str(objects).replace("\\", r"\\").replace('"', r"\"")
        run_git(scratch, "init", "--quiet", "--bare", "--template=", *_format(top), "git")
        own = scratch / "git"
        self._environment = {
            "GIT_DIR": str(own),
            "GIT_WORK_TREE": str(top),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"',
        }
        (own / "info").mkdir(exist_ok=True)
        (own / "info/attributes").write_text(_ATTRIBUTES)
        (own / "HEAD").write_text(f"{commit}\n")
        settings = {**_own_settings(top), "core.bare": "false"}
        self._settings = [word for name in settings for word in ("-c", f"{name}={settings[name]}")]
        self._git("read-tree", "HEAD")

    def listing(self, folder: Path) -> set[Path]:
        """Return the files of HEAD below a folder, and the new ones that git does not ignore."""
        options = ["--cached", "--others", "--exclude-standard", "-z"]
        return self._paths(self._git("ls-files", *options, "--", self._name(folder)))

    def take(self, files: Iterable[Path]) -> None:
        """Put files into the index as they are on disk; take those out that are not there."""
        names = b"".join(os.fsencode(self._name(f)) + b"\0" for f in sorted(files))
        options = ["--add", "--remove", "--replace", "-z", "--stdin"]
        self._git("update-index", *options, stdin=names)
        self._leave_pointers()

    def _leave_pointers(self) -> None:
        """Put back the pointers of Git LFS to files that are what the pointers say."""
        raw = self._diff("--raw", "--no-abbrev", "-z").split(b"\0")
        changed = [
            (*about.split(), name) for about, name in zip(raw[:-1:2], raw[1::2], strict=True)
        ]
        modified = [e for e in changed if e[4] == b"M" and e[0].startswith(b":100")]  # files
        contents = _blobs(self.top, [e[2].decode() for e in modified], self._environment)
        pointers = b"".join(
            b"%s %s\t%s\0" % (entry[0].lstrip(b":"), entry[2], entry[5])
            for entry, content in zip(modified, contents, strict=True)
            if stands_for(content, self.top / os.fsdecode(entry[5]))
        )
        if pointers:
            self._git("update-index", "-z", "--index-info", stdin=pointers)

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

    def _git(self, *words: str, stdin: bytes = b"") -> bytes:
        words = (*self._settings, *words)
        return run_git(self.top, *words, stdin=stdin, environment=self._environment)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.top).as_posix()

    def _paths(self, names: bytes) -> set[Path]:
        return {self.top / os.fsdecode(name) for name in names.split(b"\0") if name}


def _format(top: Path) -> list[str]:
    """Return the option for a repository of the same hashes, where they are not the usual ones."""
    of_hashes = run_git(top, "rev-parse", "--show-object-format").decode().strip()
    return [] if of_hashes == "sha1" else [f"--object-format={of_hashes}"]


def _own_settings(top: Path) -> dict[str, str]:
    names = "|".join(name.replace(".", r"\.") for name in _OWN_SETTINGS)
    try:
        found = run_git(top, "config", "--local", "--null", "--get-regexp", f"^({names})$")
    except GitError as error:
        if error.status == 1:  # none is set
            return {}
        raise
    pairs = (os.fsdecode(pair).partition("\n") for pair in found.split(b"\0") if pair)
    return {name: value or "true" for name, _, value in pairs}
