"""The git label against git itself: what it calls changed, and a patch that `git apply` takes."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spikesweep.errors import UserError
from spikesweep.lineage.git_label import git_state, sweep_state

# What results depend on in the repository that the tests make; its README is not among them.
FILES = ["model", "config.yaml", "missing.csv", "local.yaml"]


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder: Path) -> str:
    """Commit everything and return the full hash."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")
    return git(folder, "log", "-1", "--format=%H").strip()


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture(autouse=True)
def plain_git(monkeypatch, tmp_path):
    """No settings, hooks or variables of the machine; a name to commit under."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A. Hodgkin")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "hodgkin@example.org")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-08-28T12:00:00Z")


def make_project(root: Path) -> Path:
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    write(root / ".gitignore", "*.log\nlocal.yaml\n")
    write(root / "README.md", "About this project\n")
    write(root / "config.yaml", "amp: 0.4 nA\n")
    write(root / "model/soma.py", "one\ntwo\nthree\n")
    write(root / "model/nat.mod", "NEURON { SUFFIX nat }\n")
    write(root / "model/pyramidal neuron µ.swc", "1 1 0 0 0 5 -1\n")
    write(root / "model/image.bin", bytes(range(256)))
    (root / "model/link.mod").symlink_to("nat.mod")
    commit(root)
    return root


@pytest.fixture
def project(tmp_path) -> Path:
    return make_project(tmp_path / "project")


def rewrite(name: str, content: str | bytes):
    return lambda root: write(root / name, content)


def staged(change):
    def stage(root):
        change(root)
        git(root, "add", "--all")

    return stage


def both(*changes):
    def change(root):
        for each in changes:
            each(root)

    return change


def run(*words: str):
    return lambda root: git(root, *words)


def replace_by_folder(root):
    (root / "model/soma.py").unlink()
    write(root / "model/soma.py/part.py", "one\n")


def retarget_link(root):
    (root / "model/link.mod").unlink()
    (root / "model/link.mod").symlink_to("soma.py")


def replace_by_link(root):
    (root / "config.yaml").unlink()
    (root / "config.yaml").symlink_to("README.md")


edit = rewrite("model/soma.py", "one\ntwo and a half\nthree\n")

# What is done to a committed project, and which of FILES are then not as in the commit.
CHANGES = {
    "nothing": (lambda root: None, []),
    "edited": (edit, ["model/soma.py"]),
    "edited and staged": (staged(edit), ["model/soma.py"]),
    "staged, then edited further": (
        both(staged(edit), rewrite("model/soma.py", "four\n")),
        ["model/soma.py"],
    ),
    # Results are made from what is on disk, and that is as in the commit.
    "staged, then put back": (
        both(staged(edit), rewrite("model/soma.py", "one\ntwo\nthree\n")),
        [],
    ),
    "touched": (lambda root: os.utime(root / "model/soma.py", (0, 0)), []),
    "new file": (rewrite("model/ka.mod", "NEURON { SUFFIX ka }\n"), ["model/ka.mod"]),
    "new file, staged": (staged(rewrite("model/ka.mod", "x\n")), ["model/ka.mod"]),
    "new file, intended": (
        both(rewrite("model/ka.mod", "x\n"), run("add", "--intent-to-add", ".")),
        ["model/ka.mod"],
    ),
    "new folder": (rewrite("model/more/deep/ka.mod", "x\n"), ["model/more/deep/ka.mod"]),
    "new empty file": (rewrite("model/__init__.py", ""), ["model/__init__.py"]),
    "new binary file": (rewrite("model/new.bin", b"\0\1\2\r\n" * 99), ["model/new.bin"]),
    "new file named itself": (rewrite("missing.csv", "a,b\n"), ["missing.csv"]),
    "ignored file in a folder": (rewrite("model/run.log", "x\n"), []),
    # Ignored, but results depend on it by name, and no commit holds it.
    "ignored file named itself": (rewrite("local.yaml", "x: 1\n"), ["local.yaml"]),
    "deleted": (lambda root: (root / "config.yaml").unlink(), ["config.yaml"]),
    "deleted, staged": (run("rm", "--quiet", "config.yaml"), ["config.yaml"]),
    "folder deleted": (
        lambda root: shutil.rmtree(root / "model"),
        [
            "model/image.bin",
            "model/link.mod",
            "model/nat.mod",
            "model/pyramidal neuron µ.swc",
            "model/soma.py",
        ],
    ),
    "no longer tracked, still there": (run("rm", "--quiet", "--cached", "config.yaml"), []),
    "renamed": (run("mv", "model/nat.mod", "model/na.mod"), ["model/na.mod", "model/nat.mod"]),
    "hidden from git status": (
        both(run("update-index", "--assume-unchanged", "model/soma.py"), edit),
        ["model/soma.py"],
    ),
    "binary edited": (rewrite("model/image.bin", bytes(255)), ["model/image.bin"]),
    "not UTF-8": (rewrite("model/nat.mod", b"COMMENT 5 \xb5m ENDCOMMENT\n"), ["model/nat.mod"]),
    "no newline at the end": (rewrite("model/soma.py", "one\ntwo\nthree"), ["model/soma.py"]),
    "space and unicode in the name": (
        rewrite("model/pyramidal neuron µ.swc", "1 1 0 0 0 6 -1\n"),
        ["model/pyramidal neuron µ.swc"],
    ),
    "quotes in a new name": (rewrite('model/a "b"\\c\n.swc', "1\n"), ['model/a "b"\\c\n.swc']),
    "wildcard in a new name": (rewrite("model/[ab]*.swc", "1\n"), ["model/[ab]*.swc"]),
    "made executable": (lambda root: (root / "model/soma.py").chmod(0o755), ["model/soma.py"]),
    "made executable, not tracked by this repository": (
        both(
            run("config", "core.fileMode", "false"),
            lambda root: (root / "model/soma.py").chmod(0o755),
        ),
        [],
    ),
    "line ends changed": (rewrite("model/soma.py", "one\r\ntwo\r\nthree\r\n"), ["model/soma.py"]),
    "line ends as this repository checks out": (
        both(
            run("config", "core.autocrlf", "true"),
            rewrite("model/soma.py", "one\r\ntwo\r\nthree\r\n"),
        ),
        [],
    ),
    "file became a folder": (replace_by_folder, ["model/soma.py", "model/soma.py/part.py"]),
    "link leads elsewhere": (retarget_link, ["model/link.mod"]),
    # The new link leads to README.md, on which results now depend; that one is as committed.
    "file became a link": (replace_by_link, ["config.yaml"]),
    "link's target edited": (rewrite("model/nat.mod", "NEURON { }\n"), ["model/nat.mod"]),
    "another file edited": (rewrite("README.md", "New words\n"), []),
    "another file new": (rewrite("notes.txt", "New words\n"), []),
    "another file staged": (staged(rewrite("README.md", "New words\n")), []),
}


@pytest.mark.parametrize(("change", "dirty"), CHANGES.values(), ids=CHANGES)
def test_dirty_files_and_label(project, change, dirty):
    head = git(project, "rev-parse", "HEAD").strip()
    change(project)
    state = git_state(project, FILES)
    assert list(state.dirty_files) == dirty
    digits = hashlib.sha256(state.patch).hexdigest()[:4]
    assert state.label == (f"{head[:8]}+{digits}" if dirty else head[:8])
    assert state.commit == head
    assert not state.note


def on_disk(root: Path) -> dict[str, tuple]:
    """The files that FILES stand for: what is in them or where they lead, executable or not."""
    below = {path for name in FILES for path in [root / name, *(root / name).rglob("*")]}
    return {
        str(path.relative_to(root)): (
            os.readlink(path) if path.is_symlink() else path.read_bytes(),
            os.access(path, os.X_OK),
        )
        for path in below
        if path.is_file()
    }


DIRTYING = {name: change for name, (change, dirty) in CHANGES.items() if dirty}


@pytest.mark.parametrize("change", DIRTYING.values(), ids=DIRTYING)
def test_commit_and_patch_make_the_files(project, tmp_path, change):
    """The commit in a fresh clone, with the patch applied, holds the files that were there."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(project), str(clone))
    change(project)
    state = git_state(project, FILES)

    git(clone, "checkout", "--quiet", state.commit)
    (tmp_path / "patch").write_bytes(state.patch)
    git(clone, "apply", str(tmp_path / "patch"))
    assert on_disk(clone) == on_disk(project)


def test_reading_leaves_the_repository_alone(project):
    staged(edit)(project)
    write(project / "model/ka.mod", "x\n")
    before = (project / ".git/index").read_bytes(), git(project, "count-objects")
    git_state(project, FILES)
    assert ((project / ".git/index").read_bytes(), git(project, "count-objects")) == before


def test_label_follows_the_content(project):
    labels = []
    for amplitude in ("0.5", "0.6", "0.5"):
        write(project / "config.yaml", f"amp: {amplitude} nA\n")
        labels.append(git_state(project, FILES).label)
    assert labels[0] == labels[2] != labels[1]
    commit(project)
    assert "+" not in git_state(project, FILES).label


def test_other_settings_and_folder_same_patch(project, tmp_path, monkeypatch):
    """Taste in diffs, and where a clone lies, change no label."""
    edit(project)
    write(project / "model/neuron ü.swc", "1\n")
    write(project / "model/image.bin", bytes(999))
    expected = git_state(project, FILES)

    clone = tmp_path / "elsewhere" / "a: folder"
    git(tmp_path, "clone", "--quiet", str(project), str(clone))
    for name in expected.dirty_files:
        shutil.copy(project / name, clone / name)
    for setting in (
        "color.ui=always",
        "core.abbrev=12",
        "core.compression=0",
        "core.quotePath=true",
        "diff.algorithm=histogram",
        "diff.context=9",
        "diff.external=false",
        "diff.ignoreSubmodules=all",
        "diff.mnemonicPrefix=true",
        "diff.noprefix=true",
        "diff.renames=copies",
        "diff.suppressBlankEmpty=true",
        "status.showUntrackedFiles=no",
    ):
        git(clone, "config", *setting.split("="))
    monkeypatch.setenv("LANGUAGE", "de")
    assert git_state(clone, FILES) == expected


def test_project_in_a_subfolder(tmp_path):
    """Names are relative to the project; the patch applies at the repository's top."""
    project = make_project(tmp_path / "repository")
    sub = project / "model"
    edit(project)
    write(project / "config.yaml", "amp: 1 nA\n")
    state = git_state(sub, ["soma.py", "../config.yaml"])
    assert state.dirty_files == ("../config.yaml", "soma.py")
    assert b"a/model/soma.py b/model/soma.py" in state.patch
    assert git_state(sub, ["nat.mod"]).label == state.commit[:8]


def test_work_tree_and_detached_head(project, tmp_path):
    first = git(project, "rev-parse", "HEAD").strip()
    edit(project)
    commit(project)
    tree = tmp_path / "tree"
    git(project, "worktree", "add", "--quiet", "--detach", str(tree), first)
    assert git_state(tree, FILES).label == first[:8]
    edit(tree)
    assert git_state(tree, FILES).dirty_files == ("model/soma.py",)


@pytest.fixture
def with_submodule(project, tmp_path) -> Path:
    library = tmp_path / "library"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(library))
    write(library / "kdr.mod", "NEURON { SUFFIX kdr }\n")
    commit(library)
    allowed = ("-c", "protocol.file.allow=always")
    git(project, *allowed, "submodule", "--quiet", "add", str(library), "model/library")
    commit(project)
    return project


def move_submodule(root):
    write(root / "model/library/ka.mod", "NEURON { SUFFIX ka }\n")
    commit(root / "model/library")


SUBMODULE_CHANGES = {
    "nothing": (lambda root: None, []),
    "edited": (rewrite("model/library/kdr.mod", "x\n"), ["model/library/kdr.mod"]),
    "new file": (rewrite("model/library/ka.mod", "x\n"), ["model/library/ka.mod"]),
    "another commit checked out": (move_submodule, ["model/library"]),
    "another commit, and edited": (
        both(move_submodule, rewrite("model/library/ka.mod", "x\n")),
        ["model/library", "model/library/ka.mod"],
    ),
    "not checked out": (run("submodule", "--quiet", "deinit", "--force", "--all"), []),
}


@pytest.mark.parametrize(("change", "dirty"), SUBMODULE_CHANGES.values(), ids=SUBMODULE_CHANGES)
def test_submodule(with_submodule, change, dirty):
    change(with_submodule)
    state = git_state(with_submodule, FILES)
    assert list(state.dirty_files) == dirty
    assert ("+" in state.label) == bool(dirty)
    for name in dirty:
        assert f"b/{name}".encode() in state.patch


def test_file_of_a_submodule_named_itself(with_submodule):
    write(with_submodule / "model/library/ka.mod", "x\n")
    named = git_state(with_submodule, ["model/library/kdr.mod"])
    assert "+" not in named.label
    assert git_state(with_submodule, ["model/library/ka.mod"]).dirty_files


def test_repository_cloned_into_the_project(project, tmp_path):
    """Its commit is not recorded anywhere, so the project is not as committed."""
    git(project, "clone", "--quiet", str(project), "model/clone")
    assert git_state(project, FILES).dirty_files == ("model/clone",)
    write(project / "model/clone/config.yaml", "x\n")
    assert git_state(project, FILES).dirty_files == ("model/clone", "model/clone/config.yaml")


def test_repository_without_commit_inside(project):
    git(project, "init", "--quiet", "model/begun")
    write(project / "model/begun/ka.mod", "x\n")
    with pytest.raises(UserError, match=r"model/begun: is a git repository of its own, without"):
        git_state(project, FILES)


def test_file_outside_the_repository(project, tmp_path):
    """No commit can hold it: its content stands in the label, its place in nothing."""
    outside = tmp_path / "cell.swc"
    write(outside, "1 1 0 0 0 5 -1\n")
    first = git_state(project, ["../cell.swc"])
    assert first.dirty_files == ("../cell.swc",)
    assert str(tmp_path).encode() not in first.patch
    write(outside, "1 1 0 0 0 6 -1\n")
    assert git_state(project, [outside]).label != first.label


def test_links_are_followed(project, tmp_path):
    write(tmp_path / "data/cell.swc", "1 1 0 0 0 5 -1\n")
    (project / "model/data").symlink_to(tmp_path / "data")
    (project / "model/shared").symlink_to("../library")
    write(project / "library/ka.mod", "x\n")
    commit(project)
    assert git_state(project, ["model/shared"]).dirty_files == ()
    assert git_state(project, ["model/data/cell.swc"]).dirty_files == ("../data/cell.swc",)
    write(project / "library/ka.mod", "y\n")
    assert git_state(project, ["model"]).dirty_files == ("../data/cell.swc", "library/ka.mod")


def test_link_to_itself_ends(project):
    (project / "model/loop").symlink_to("loop")
    (project / "model/up").symlink_to("..")
    assert git_state(project, ["model"]).dirty_files == ("model/loop", "model/up")


def test_no_repository(tmp_path):
    state = git_state(tmp_path, FILES)
    assert (state.label, state.commit, state.patch) == ("nogit", None, b"")
    assert state.note == "This folder is not in a git repository."


def test_no_commit(tmp_path):
    git(tmp_path, "init", "--quiet")
    state = git_state(tmp_path, FILES)
    assert (state.label, state.note) == ("nogit", "The git repository has no commit yet.")


def test_bare_repository(project, tmp_path):
    git(tmp_path, "clone", "--quiet", "--bare", str(project), "bare.git")
    assert git_state(tmp_path / "bare.git", FILES).label == "nogit"


def test_no_git(project):
    """In a process of its own, whose PATH has none."""
    code = (
        "import sys; from spikesweep.lineage.git_label import git_state;"
        "state = git_state(sys.argv[1], []); print(state.label, state.note)"
    )
    environment = {"PATH": str(project / "model"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(project)], env=environment, capture_output=True, text=True
    )
    assert done.stdout == "nogit There is no git on the PATH.\n", done.stderr


def test_repository_of_another_user(project, monkeypatch):
    # git's own switch for tests of this refusal (since 2.35.2).
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UserError) as refused:
        git_state(project, FILES)
    assert "belongs to another user" in str(refused.value)
    assert str(refused.value).endswith(f"git config --global --add safe.directory {project}")


def test_unreadable_repository(project):
    """Whatever else git says reaches the user in git's words."""
    write(project / ".git/config", "[broken\n")
    with pytest.raises(UserError, match="bad config line 1 in file"):
        git_state(project, FILES)


def test_what_models_import_from_elsewhere_shows_in_the_label(project):
    """It is in no commit: modules of PYTHONPATH and editable installs, by their content."""
    without = sweep_state(project, ["model"])
    one, other = (sweep_state(project, ["model"], {"sizes.py": f"python:{x}"}) for x in "ab")
    assert len({state.label for state in (without, one, other)}) == 3
    assert sweep_state(project, ["model"], {"sizes.py": "python:a"}) == one
    assert sweep_state(project, ["model"], {}) == without
    assert "sizes.py (imported from outside of the project)" in one.in_words
    assert b"# imported: sizes.py python:a\n" in one.patch
