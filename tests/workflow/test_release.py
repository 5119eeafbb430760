"""A release by one command, in a clone of what the repository has."""

import datetime
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from project import ROOT

FILES = ("CHANGELOG.md", "CITATION.cff", ".zenodo.json", "pyproject.toml", "Makefile")
WHO = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b"}
WHO |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """A clone of a repository with the files that a release changes."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    origin = tmp_path / "origin"
    (origin / ".ci").mkdir(parents=True)
    for name in (*FILES, ".ci/release.py"):
        shutil.copy(ROOT / name, origin / name)
    git(origin, "init", "--quiet")
    changelog = origin / "CHANGELOG.md"
    if "\n## Unreleased\n\n## " in changelog.read_text():  # just after a release
        text = changelog.read_text()
        changelog.write_text(text.replace("Unreleased\n", "Unreleased\n\n- A change.\n", 1))
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "first")
    git(tmp_path, "clone", "--quiet", "origin", "clone")
    return tmp_path / "clone"


def release(clone: Path, version: str) -> subprocess.CompletedProcess:
    command = ["make", "--no-print-directory", "release", f"VERSION={version}"]
    return subprocess.run(
        [*command, f"PYTHON={sys.executable}"], cwd=clone, capture_output=True, text=True
    )


def test_a_release(clone):
    before = (clone / "CHANGELOG.md").read_text()
    done = release(clone, "98.7.6")
    assert done.returncode == 0, done.stderr
    assert "git push --follow-tags" in done.stdout
    today = datetime.datetime.now(datetime.UTC).date()
    project = tomllib.loads((clone / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((clone / "CITATION.cff").read_text())
    archive = json.loads((clone / ".zenodo.json").read_text())
    assert [project["version"], citation["version"], archive["version"]] == ["98.7.6"] * 3
    assert (citation["date-released"], archive["publication_date"]) == (today, today.isoformat())
    heading = f"## Unreleased\n\n## 98.7.6 - {today}\n"
    after = (clone / "CHANGELOG.md").read_text()
    assert after == before.replace("## Unreleased\n", heading, 1)
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "describe", "--exact-match") == "v98.7.6"
    told = git(clone, "tag", "--list", "--format=%(contents:body)", "v98.7.6")
    assert told.strip().splitlines()[-1] in before
    # Nothing but the version has changed.
    [name_and_lines] = re.findall(r"(\d+) insertions", git(clone, "show", "--stat", "HEAD"))
    assert int(name_and_lines) <= 8


def test_a_second_release_has_its_own_date_and_section(clone):
    assert release(clone, "98.7.6").returncode == 0
    path = clone / "CHANGELOG.md"
    path.write_text(path.read_text().replace("Unreleased\n", "Unreleased\n\n- Faster.\n", 1))
    git(clone, "commit", "--quiet", "--all", "--message", "faster")
    assert release(clone, "98.8.0").returncode == 0
    assert (clone / "CITATION.cff").read_text().count("date-released") == 1
    headings = re.findall(r"^## (\S+)", path.read_text(), re.MULTILINE)
    assert headings[:3] == ["Unreleased", "98.8.0", "98.7.6"]
    told = git(clone, "tag", "--list", "--format=%(contents:body)", "v98.8.0")
    assert told == "- Faster."


def dirty(clone):
    (clone / "new.txt").touch()


def tagged(clone):
    git(clone, "tag", "v98.7.6")


def in_the_changelog(clone):
    with (clone / "CHANGELOG.md").open("a") as file:
        file.write("\n## 98.7.6 - 2026-01-01\n")
    git(clone, "commit", "--quiet", "--all", "--message", "x")


def nothing_new(clone):
    path = clone / "CHANGELOG.md"
    text = re.sub(r"(?s)(## Unreleased\n).*?(\n## |\Z)", r"\1\n### Added\n\2", path.read_text())
    path.write_text(text)
    git(clone, "commit", "--quiet", "--all", "--message", "x")


@pytest.mark.parametrize(
    ("change", "version", "message"),
    [
        (dirty, "98.7.6", "not committed: new.txt; commit first"),
        (tagged, "98.7.6", "VERSION=98.7.6: released already"),
        (in_the_changelog, "98.7.6", "VERSION=98.7.6: released already"),
        (nothing_new, "98.7.6", "CHANGELOG.md: nothing stands under Unreleased"),
        (None, "0.0.1", "VERSION=0.0.1: below "),
        (None, "", "VERSION=: no version; expected three numbers"),
        (None, "v1.2.3", "VERSION=v1.2.3: no version"),
        (None, "1.2", "VERSION=1.2: no version"),
        (None, "1.02.0", "VERSION=1.02.0: no version"),
        (None, "1.2.3\\n", "no version"),
    ],
)
def test_what_is_no_release_is_refused_and_changes_nothing(clone, change, version, message):
    if change:
        change(clone)
    before = {name: (clone / name).read_bytes() for name in FILES}
    head, tags = git(clone, "rev-parse", "HEAD"), git(clone, "tag")
    done = release(clone, version)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert {name: (clone / name).read_bytes() for name in FILES} == before
    assert (git(clone, "rev-parse", "HEAD"), git(clone, "tag")) == (head, tags)
