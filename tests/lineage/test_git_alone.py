"""What git answers depends on the repository alone: neither settings, attributes and variables of
whoever runs the workflow, nor what hides changes from git, changes a label or a patch."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from project import PACKAGE
from provenance import git
from spikesweep.cli import main
from spikesweep.errors import UserError
from spikesweep.lineage.git_label import git_state
from spikesweep.lineage.work_tree import checked_out, committed_files, is_in_history

FILES = ["model", "table.csv"]
EDITED = "one\ntwo and a half\n"


@pytest.fixture
def project(tmp_path) -> Path:
    root = tmp_path / "project"
    (root / "model").mkdir(parents=True)
    (root / "model/cell.hoc").write_text("one\ntwo\n")
    (root / "table.csv").write_text("amp\n1\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    committed(root)
    return root


def committed(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a change")
    return git(root, "rev-parse", "HEAD")


def edit(root: Path) -> None:
    (root / "model/cell.hoc").write_text(EDITED)


def clean_filter(root: Path, monkeypatch) -> None:
    """A filter that gives git what is committed, whatever stands on disk."""
    git(root, "config", "filter.hide.clean", "git cat-file blob HEAD:model/cell.hoc")
    (root / ".git/info/attributes").write_text("*.hoc filter=hide\n")


def clean_filter_in_the_tree(root: Path, monkeypatch) -> None:
    clean_filter(root, monkeypatch)
    (root / ".git/info/attributes").unlink()
    (root / ".gitattributes").write_text("*.hoc filter=hide -diff\n")


def keyword(root: Path, monkeypatch) -> None:
    """What stands behind a keyword is no part of the file, to git."""
    (root / "model/cell.hoc").write_text("one\n$Id$\n")
    committed(root)
    (root / ".git/info/attributes").write_text("*.hoc ident\n")
    (root / "model/cell.hoc").write_text("one\n$Id: two and a half $\n")


def replaced_blob(root: Path, monkeypatch) -> None:
    """The committed file replaced by the edited one, so that they seem equal."""
    new = git(root, "hash-object", "-w", "model/cell.hoc")
    git(root, "replace", git(root, "rev-parse", "HEAD:model/cell.hoc"), new)


def replaced_commit(root: Path, monkeypatch) -> None:
    git(root, "add", "--all")
    tree = git(root, "write-tree")
    new = git(root, "commit-tree", tree, "-m", "another")
    git(root, "replace", git(root, "rev-parse", "HEAD"), new)
    git(root, "reset", "--quiet")


def foreign_repository(root: Path, monkeypatch) -> None:
    """Variables as a hook has them that runs a workflow elsewhere."""
    other = root.parent / "other"
    other.mkdir()
    (other / "model").mkdir()
    (other / "model/cell.hoc").write_text(EDITED)
    git(other, "init", "--quiet")
    committed(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git/objects"))


def own_diff(root: Path, monkeypatch) -> None:
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "true")
    git(root, "config", "diff.external", "true")
    git(root, "config", "diff.words.textconv", "tr a-z A-Z <")
    git(root, "config", "diff.words.binary", "true")
    (root / ".git/info/attributes").write_text("*.hoc diff=words\n")


def settings_by_variable(root: Path, monkeypatch) -> None:
    for i, (name, value) in enumerate([("diff.noprefix", "true"), ("core.autocrlf", "input")]):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{i}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{i}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=0")


def settings_of_the_account(root: Path, monkeypatch) -> None:
    settings = root.parent / "home"
    settings.write_text(
        "[core]\nexcludesFile = ignored\nattributesFile = attributes\n"
        '[diff]\nnoprefix = true\nalgorithm = patience\n[diff "hoc"]\nxfuncname = none\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))


def another_language(root: Path, monkeypatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setenv("GIT_TRACE", "1")


HIDING = (
    clean_filter, clean_filter_in_the_tree, replaced_blob, replaced_commit, foreign_repository,
    own_diff, settings_by_variable, settings_of_the_account, another_language,
)  # fmt: skip


@pytest.mark.parametrize("hide", HIDING)
def test_a_change_is_seen_whatever_hides_it(project, hide, monkeypatch):
    edit(project)
    plain = git_state(project, FILES)
    assert plain.dirty_files == ("model/cell.hoc",)
    hide(project, monkeypatch)
    assert git_state(project, FILES) == plain


def test_a_change_behind_a_keyword_is_seen(project, monkeypatch):
    keyword(project, monkeypatch)
    assert git_state(project, FILES).dirty_files == ("model/cell.hoc",)


@pytest.mark.parametrize("ignored", ["info/exclude", "account"])
def test_a_new_file_is_seen_whatever_ignores_it(project, ignored, tmp_path, monkeypatch):
    """But what the project itself ignores, by its .gitignore."""
    if ignored == "account":
        (tmp_path / "ignored").write_text("*.hoc\n")
        (tmp_path / "home").write_text(f"[core]\nexcludesFile = {tmp_path / 'ignored'}\n")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home"))
    else:
        (project / ".git/info/exclude").write_text("*.hoc\n")
    (project / "model/new.hoc").write_text("new\n")
    assert git_state(project, FILES).dirty_files == ("model/new.hoc",)


def test_digits_of_the_label_are_of_the_content(project):
    """Of two repositories with equal files, commits and changes, whatever their settings are."""
    edit(project)
    state = git_state(project, FILES)
    assert state.label.endswith(f"+{hashlib.sha256(state.patch).hexdigest()[:4]}")
    assert b"two and a half" in state.patch


def test_what_a_pointer_of_git_lfs_stands_for_is_no_change(project):
    content = bytes(range(256)) * 20
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(content).hexdigest()}\nsize {len(content)}\n"
    )
    (project / "model/large.swc").write_text(pointer)
    commit = committed(project)
    (project / "model/large.swc").write_bytes(content)
    assert git_state(project, FILES).label == commit[:8]
    (project / "model/large.swc").write_bytes(content[:-1])
    assert git_state(project, FILES).dirty_files == ("model/large.swc",)


def test_no_hook_runs_where_a_commit_is_checked_out(project, tmp_path):
    hook = project / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    commit = git(project, "rev-parse", "HEAD")
    with checked_out(project, commit, tmp_path / "tree", None) as tree:
        assert (tree / "model/cell.hoc").read_text() == "one\ntwo\n"
    assert not (tmp_path / "ran").exists()


def test_what_is_committed_is_read_without_attributes(project):
    """git archive leaves out and fills in; links stay links."""
    (project / ".gitattributes").write_text("table.csv export-ignore\n*.hoc export-subst\n")
    (project / "model/cell.hoc").write_text("$Format:%H$\n")
    (project / "model/link.hoc").symlink_to("cell.hoc")
    (project / 'model/a "b"\\c\n.swc').write_bytes(b"\0\n")
    committed(project)
    files = committed_files(project)
    assert files["table.csv"].content == b"amp\n1\n"
    assert files["model/cell.hoc"].content == b"$Format:%H$\n"
    assert files['model/a "b"\\c\n.swc'].content == b"\0\n"
    assert [name for name, entry in files.items() if entry.is_link] == ["model/link.hoc"]
    assert files["model/link.hoc"].content == b"cell.hoc"
    assert {*committed_files(project / "model")} == {
        name.removeprefix("model/") for name in files if name.startswith("model/")
    }


def test_what_is_in_the_history(project):
    first = git(project, "rev-parse", "HEAD")
    assert is_in_history(project, first)
    edit(project)
    lost = committed(project)
    git(project, "reset", "--quiet", "--hard", first)
    assert not is_in_history(project, lost)  # its objects are there, and no branch leads to it
    assert not is_in_history(project, "0" * 40)
    git(project, "checkout", "--quiet", "--detach", lost)
    assert is_in_history(project, lost)


@pytest.mark.parametrize(
    "verb", ["git_label.git_state(Path(), [])", "checkout.sources_at('a' * 40)"]
)
@pytest.mark.parametrize("trouble", ["another user", "no git"])
def test_what_git_refuses_is_one_message(project, verb, trouble, tmp_path):
    code = (
        "from pathlib import Path; from spikesweep.errors import UserError\n"
        f"from spikesweep.lineage import git_label, checkout\ntry:\n  made = {verb}\n"
        "  print(made.note if hasattr(made, 'note') else made.__enter__())\n"
        "except UserError as error: print(error)"
    )
    settings = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"} if trouble == "another user" else {}
    path = os.environ["PATH"] if settings else str(tmp_path)
    environment = {"PATH": path, "PYTHONPATH": os.pathsep.join(sys.path), **settings}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=environment, capture_output=True, text=True
    )
    expected = "belongs to another user" if settings else "here is no git on the PATH"
    assert expected in done.stdout, done.stderr


def test_a_folder_of_another_user_that_is_trusted_is_read(project, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    from spikesweep.lineage import git as ours

    ours._trusted.cache_clear()
    with pytest.raises(UserError, match="belongs to another user"):
        git_state(project, FILES)
    (tmp_path / "home").write_text(f"[safe]\ndirectory = {project}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home"))
    ours._trusted.cache_clear()
    assert git_state(project, FILES).commit
    ours._trusted.cache_clear()


# ---- a git, or a repository, that is broken ----------------------------------------------------


def test_a_commit_that_is_lost_is_no_repository_without_one(project):
    shutil.rmtree(project / ".git/objects")
    (project / ".git/objects").mkdir()
    with pytest.raises(UserError, match=r"^git refuses: .+ has lost its commit [0-9a-f]{40}; see"):
        git_state(project, FILES)


@pytest.mark.parametrize("harm", ["gitdir: /nowhere/at/all\n", None])
def test_a_repository_that_cannot_be_read_is_said(project, harm):
    shutil.rmtree(project / ".git")
    if harm:
        (project / ".git").write_text(harm)
    note = git_state(project, FILES).note
    said = f"{project / '.git'} is no repository that git can read."
    assert note == (said if harm else "This folder is not in a git repository.")


@pytest.mark.parametrize("program", ["echo hello", "kill -9 $$", "exit 3"])
def test_a_git_that_does_not_work_is_one_message(project, tmp_path, program):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "bin/git").chmod(0o755)
    ask = (
        "from pathlib import Path; from spikesweep.errors import UserError\n"
        "from spikesweep.lineage.git_label import git_state\n"
        "try: git_state(Path(), ['model'])\n"
        "except UserError as error: print(error)"
    )
    path = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=project, env=os.environ | path | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert "git" in done.stdout
    assert "install another" in done.stdout or done.stdout.startswith("git refuses")
    assert (done.returncode, done.stderr) == (0, "")


def test_init_leaves_the_repository_alone_whose_hook_runs_it(project, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(project / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(project / ".git/index"))
    main(["init", str(tmp_path / "mine"), "--template", "hoc"])
    for name in ("GIT_DIR", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert git(project, "status", "--porcelain") == ""
    assert (tmp_path / "mine/.git").is_dir()
