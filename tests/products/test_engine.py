"""Project and engine are two roots; that they coincide here is one case."""

import os
import shutil
import subprocess
import sys
import tomllib
from types import SimpleNamespace

import pytest

import spikesweep
from project import PACKAGE, ROOT
from spikesweep.errors import UserError
from spikesweep.lineage import git_label
from spikesweep.lineage.git_label import sweep_state
from spikesweep.products import engine

WHO = ["-c", "user.name=a", "-c", "user.email=a@b"]


def git(folder, *words):
    subprocess.run(["git", *WHO, *words], cwd=folder, check=True, capture_output=True)


def repository(folder, **files):
    """Make a repository with files, by name with two underscores for a slash, and commit them."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An engine in a repository of its own, as an editable install has it."""
    root = repository(tmp_path / "engine", workflow__spikesweep__a="a = 1\n", README="read\n")
    monkeypatch.setattr(engine, "SEARCHED", root / "workflow")
    monkeypatch.setattr(engine, "PACKAGE", root / "workflow/spikesweep")
    return root


def test_here_they_coincide():
    assert engine.own_package(ROOT) == engine.PACKAGE == PACKAGE / "spikesweep"
    engine.check(ROOT)


def test_a_project_without_a_package_takes_the_one_that_is_there(tmp_path):
    assert engine.own_package(tmp_path) is None
    engine.check(tmp_path)
    engine.restart_with_own(tmp_path)


def test_a_project_with_a_package_takes_no_other(tmp_path, monkeypatch):
    (tmp_path / "workflow/spikesweep").mkdir(parents=True)
    with pytest.raises(UserError, match="expected the one of this project"):
        engine.check(tmp_path)
    monkeypatch.setenv(engine.RESTARTED, "1")
    with pytest.raises(UserError, match="the package of another project"):
        engine.restart_with_own(tmp_path)


def test_the_command_line_runs_the_projects_own(tmp_path):
    """Another one's package is put before it, as an install of another clone."""
    project = tmp_path / "project"
    (project / "config").mkdir(parents=True)
    shutil.copytree(PACKAGE, project / "workflow")
    code = project / "workflow/spikesweep/plan/telling.py"
    code.write_text("raise SystemExit('the own one')\n")
    command = [sys.executable, "-P", "-m", "spikesweep", "plan", "small"]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.stderr.strip() == "the own one"


def test_uncommitted_changes_of_the_engine_show_in_the_label(tmp_path, installed):
    project = repository(tmp_path / "project", Snakefile="pass\n", config__sweeps__s="s\n")
    sources = ["config/sweeps/s"]
    clean = sweep_state(project, sources)
    assert clean.label == clean.commit[:8]

    (installed / "README").write_text("changed\n")  # no code
    assert sweep_state(project, sources) == clean
    (installed / "workflow/spikesweep/a").write_text("a = 2\n")
    changed = sweep_state(project, sources)
    assert changed.label.startswith(f"{clean.label}+")
    assert changed.dirty_files == ("spikesweep/a",)
    (installed / "workflow/spikesweep/a").write_text("a = 3\n")
    assert sweep_state(project, sources).label not in (clean.label, changed.label)

    git(installed, "commit", "-qam", "second")
    assert sweep_state(project, sources) == clean


def test_an_engine_that_git_does_not_know_changes_no_label(tmp_path, installed):
    shutil.rmtree(installed / ".git")
    project = repository(tmp_path / "project", Snakefile="pass\n")
    assert sweep_state(project, []).label == sweep_state(project, []).commit[:8]


@pytest.mark.parametrize("name", git_label.PINS)
def test_what_pins_the_engine_is_a_source_of_results(tmp_path, installed, name):
    project = repository(tmp_path / "project", Snakefile="pass\n", **{"pyproject.toml": "a = 1\n"})
    (project / name).write_text("a = 2\n")
    assert sweep_state(project, []).dirty_files == (name,)


def test_identity(tmp_path, monkeypatch):
    """The version is the checkout's, whatever is installed beside it; the hash is the files'."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert engine.identity()["version"] == project["version"]
    copy = tmp_path / "spikesweep"
    shutil.copytree(engine.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(engine, "PACKAGE", copy)
    identity = engine.identity.__wrapped__
    assert identity() == engine.identity()
    (copy / "errors.py").write_text((copy / "errors.py").read_text() + "# a word\n")
    assert identity()["sha256"] != engine.identity()["sha256"]


def test_the_package_tells_its_version():
    assert spikesweep.__version__ == engine.identity()["version"]


@pytest.mark.parametrize(("said", "expected"), [
    ('{"url": "https://a.example/s.whl", "archive_info": {}}', "https://a.example/s.whl"),
    ('{"url": "file:///is/gone/s.whl", "archive_info": {}}', ""),
    ('{"url": "file:///", "dir_info": {"editable": true}}', "file:///"),
    ('{"url": "https://a.example/s", "vcs_info": {"vcs": "git", "commit_id": "1a2b"}}',
     "git+https://a.example/s@1a2b"),
    (None, ""),  # an index had it
])  # fmt: skip
def test_what_the_package_was_installed_from(monkeypatch, said, expected):
    monkeypatch.setattr(engine, "SHIPPED", engine._IN_WHEEL)
    known = SimpleNamespace(read_text=lambda name: said)
    monkeypatch.setattr(engine, "distribution", lambda name: known)
    assert engine.installed_from() == expected


def test_a_checkout_that_runs_is_installed_from_itself():
    assert engine.installed_from() == ROOT.as_uri()
