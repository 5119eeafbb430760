"""The git label: which commit results were made from, and whether that says it all.

    1a2b3c4d        every file that the results depend on is as in commit 1a2b3c4d
    1a2b3c4d+9f0e   some are not; 9f0e begins the SHA-256 of the patch that makes the difference
    nogit           there is no commit to name

What counts is the files on disk, from which results are made: as they would be committed, compared
with HEAD. `git diff` alone sees no new files, `git status` no content. So the commit is prepared,
in an index and an object store of its own; the repository itself is only read.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from spikesweep.errors import UserError, listing
from spikesweep.lineage.git import NoGit
from spikesweep.lineage.published import published_lineage
from spikesweep.lineage.work_tree import (
    WorkTree,
    commit_date,
    first_link,
    head,
    link_followed,
    nested_work_tree,
    top_of,
)
from spikesweep.products import engine
from spikesweep.products.fingerprint import sha256

NOGIT = "nogit"
COMMIT_DIGITS = 8
PATCH_DIGITS = 4
PROVENANCE = Path("results/provenance")  # lineages by label, patches by hash
# Results depend on these whatever the sweep is.
SHARED_SOURCES = ("Snakefile", "workflow", "requirements.lock")
# And on these, where the package that runs is one that the project depends on: they pin it.
PINS = ("pyproject.toml", "requirements.txt", "uv.lock")


@dataclass(frozen=True)
class GitState:
    """What git knows about the files that results depend on.

    Attributes:
        label: the git label.
        commit: the full hash of HEAD; None without one.
        date: when it was committed, in UTC: "2026-08-28T12:00:00Z"; None without one.
        dirty_files: the files that are not as in the commit, relative to the project's root.
        patch: makes these files out of the commit, by `git apply` at the repository's top.
        note: where the label is "nogit", one sentence that says why.
    """

    label: str
    commit: str | None = None
    date: str | None = None
    dirty_files: tuple[str, ...] = ()
    patch: bytes = b""
    note: str = ""

    @property
    def patch_hash(self) -> str | None:
        """The SHA-256 of the patch, by which it is kept; None without one."""
        return sha256(self.patch) if self.patch else None

    @property
    def in_words(self) -> str:
        """The label, and why it is not that of a commit."""
        changed = f"not committed: {listing(self.dirty_files)}" if self.dirty_files else ""
        why = self.note or changed
        return f"{self.label} ({why})" if why else self.label


def git_state(root: Path, files: Iterable[str | Path]) -> GitState:
    """Return the commit of a project, and how the files that results depend on differ from it.

    `files` are relative to `root`. A folder stands for all files below it that git does not
    ignore; a file named itself counts even if git ignores it. Symbolic links count with what they
    lead to, submodules and other repositories inside with their own changes. A file outside the
    repository is in no commit, so it always counts as changed.

    Runs git about seven times, and reads every one of the files; writes to a temporary folder.

    Raises:
        UserError: git refuses to read the repository, for instance because it belongs to
            another user.
    """
    root = Path(root).resolve()
    try:
        top = top_of(root)
        if top is None:
            return GitState(NOGIT, note=_no_repository(root))
        commit = head(top)
        if commit is None:
            return GitState(NOGIT, note="The git repository has no commit yet.")
        changes = _changes(top, {Path(os.path.normpath(root / file)) for file in files})
    except NoGit:
        return GitState(NOGIT, note="There is no git on the PATH.")
    return GitState(
        label=_label(commit, changes.patch),
        commit=commit,
        date=commit_date(top, commit),
        dirty_files=tuple(sorted(os.path.relpath(file, root) for file in changes.files)),
        patch=changes.patch,
    )


def _no_repository(root: Path) -> str:
    """Return why a folder is in no repository that git can read."""
    for folder in (root, *root.parents):
        if os.path.lexists(folder / ".git"):
            return f"{folder / '.git'} is no repository that git can read."
    return "This folder is not in a git repository."


def sweep_state(
    root: Path, sources: Iterable[str | Path], imported: Mapping[str, str] | None = None
) -> GitState:
    """Return the state of all that a sweep's results depend on; `sources` are the sweep's own.

    What its models import from elsewhere without a version, `imported`, name -> hash, is in no
    commit, so it counts as changed.

    In an unzipped bundle whose sources are unchanged, it is that of the commit in the bundle.
    A package that lies outside of the project and has uncommitted changes makes the state a
    changed one: its patch is named by its hash in the project's.
    """
    has_own = engine.own_package(root) is not None
    files = [*SHARED_SOURCES, *([] if has_own else PINS), *map(str, sources)]
    state = git_state(root, files)
    if state.label == NOGIT and (lineage := published_lineage(root, files)):
        patch = lineage["patch"]
        return GitState(
            label=lineage["label"],
            commit=lineage["commit"],
            date=lineage["date"],
            dirty_files=tuple(lineage["changed_files"]),
            patch=(root / PROVENANCE / f"{patch}.patch").read_bytes() if patch else b"",
        )
    state = _with_imported(state, imported or {})
    return state if has_own else _with_engine(state, git_state(engine.SEARCHED, [engine.PACKAGE]))


def _with_imported(state: GitState, imported: Mapping[str, str]) -> GitState:
    """Return the state of a project whose models import modules from elsewhere.

    `git apply` skips the lines, as those of files that no commit can hold.
    """
    if not state.commit or not imported:
        return state
    lines = "".join(f"# imported: {name} {imported[name]}\n" for name in sorted(imported))
    patch = state.patch + lines.encode()
    names = (f"{name} (imported from outside of the project)" for name in sorted(imported))
    return replace(
        state,
        label=_label(state.commit, patch),
        dirty_files=(*state.dirty_files, *names),
        patch=patch,
    )


def _with_engine(state: GitState, of_engine: GitState) -> GitState:
    """Return the state of a project that is run by an engine in another repository.

    `git apply` skips the line, as those of files that no commit can hold.
    """
    if not state.commit or not of_engine.patch:
        return state
    patch = state.patch + f"# engine: {engine.NAME} {of_engine.patch_hash}\n".encode()
    return replace(
        state,
        label=_label(state.commit, patch),
        dirty_files=(*state.dirty_files, *of_engine.dirty_files),
        patch=patch,
    )


def _label(commit: str, patch: bytes) -> str:
    return commit[:COMMIT_DIGITS] + (f"+{sha256(patch)[:PATCH_DIGITS]}" if patch else "")


@dataclass
class _Changes:
    """Files (absolute paths) that are not as in the commit, and the patch that makes them."""

    files: set[Path] = field(default_factory=set)
    patch: bytes = b""

    def add(self, other: "_Changes") -> None:
        self.files |= other.files
        self.patch += other.patch


def _changes(top: Path, paths: Iterable[Path], prefix: str = "") -> _Changes:
    """Return what a commit of `paths` in the work tree at `top` would change.

    `prefix` is where that work tree lies in the outermost one, such as "mod/library/".
    """
    with tempfile.TemporaryDirectory(prefix="spikesweep-git-") as scratch:
        tree = WorkTree(top, Path(scratch))
        survey = _survey(tree, paths)
        changes = _outside_changes(survey.outside)
        nested = _Changes()
        for inner in sorted(survey.nested):
            if head(inner) is None:
                raise UserError(
                    f"{inner.relative_to(top)}: is a git repository of its own, without a commit; "
                    "commit its files there, or remove its .git folder"
                )
            inside = f"{prefix}{inner.relative_to(top).as_posix()}/"
            nested.add(_changes(inner, survey.nested[inner], inside))
        tree.take(survey.names)
        changes.add(_Changes(tree.changed_files(), tree.patch(prefix)))
        changes.add(nested)
    return changes


def _outside_changes(outside: Iterable[Path]) -> _Changes:
    """Return the changes for files that no commit can hold: their names and their hashes.

    `git apply` skips these lines. Only the last part of the path stands there, for the same
    file lies elsewhere on another machine.
    """
    files = {file for path in outside for file in [path, *path.rglob("*")] if file.is_file()}
    lines = sorted(f"# outside: {file.name} {sha256(file.read_bytes())}\n" for file in files)
    return _Changes(files, "".join(lines).encode())


@dataclass
class _Survey:
    """Where the content behind some paths lies: in the work tree, in one nested in it, or outside.

    The names of a work tree include those of its symbolic links and nested work trees.
    """

    names: set[Path] = field(default_factory=set)
    nested: dict[Path, set[Path]] = field(default_factory=lambda: defaultdict(set))
    outside: set[Path] = field(default_factory=set)


def _survey(tree: WorkTree, paths: Iterable[Path]) -> _Survey:
    """Return where the content behind `paths` lies, however many links lead there."""
    survey = _Survey()
    waiting, seen = list(paths), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.is_relative_to(tree.top):
            path = path.resolve()
        if not path.is_relative_to(tree.top):
            survey.outside.add(path)
        elif link := first_link(path, tree.top):
            survey.names.add(link)
            if path.exists():
                waiting.append(link_followed(link, path))
        elif inner := nested_work_tree(path, tree.top):
            survey.names.add(inner)
            survey.nested[inner].add(path)
        elif path.is_file():
            survey.names.add(path)
        else:
            listed = tree.listing(path)
            survey.names |= listed
            waiting += [name for name in listed if name.is_symlink() or name.is_dir()]
    return survey
