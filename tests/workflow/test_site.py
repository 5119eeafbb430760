"""The site of the documentation, and the terminal that the README shows."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from project import ROOT


def module(name: str):
    """Return a module of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"docs/{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built strictly: every link leads somewhere, every page is in the navigation."""
    folder = tmp_path_factory.mktemp("site") / "repository"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, listed):
        if Path(name).suffix in (".md", ".png", ".svg", ".yaml", ".yml", ".py", ""):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def build(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "docs/site.py"], cwd=folder, capture_output=True, text=True
    )


def test_the_site_is_built_strictly(site):
    done = build(site)
    assert done.returncode == 0, done.stderr
    pages = yaml.safe_load((site / "mkdocs.yml").read_text().replace("!", ""))["nav"]
    text = str(pages)
    for page in re.findall(r"'([\w/.]+)\.md'", text):
        name = "index" if page == "README" else page.replace("README", "index")
        assert (site / f"build/site/{name}.html").is_file(), page


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("[x](docs/no_such_page.md)", "no_such_page.md"),
        ("[x](docs/promises.md#no-such-heading)", "no-such-heading"),
        ('<img src="https://example.org/x.png">', "fetched from elsewhere by: index.html"),
    ],
)
def test_a_page_that_is_wrong_fails(site, line, complaint):
    readme = site / "README.md"
    before = readme.read_text()
    readme.write_text(f"{before}\n{line}\n")
    done = build(site)
    readme.write_text(before)
    assert done.returncode != 0
    assert complaint in done.stderr


# ---- the recording -----------------------------------------------------------------------------


def test_frames_are_what_one_would_notice():
    recording = module("recording")
    seen = recording.Recorder(20, 4)
    seen.feed(b"one")
    seen.shown[-1] = (0.0, seen.shown[-1][1])
    seen.feed(b"\rt\x1b[31mwo\x1b[0m <&>")  # at once after it: never noticed
    seen.shown[-1] = (0.01, seen.shown[-1][1])
    seen.feed(b"\r\nthree")
    seen.shown[-1] = (50.0, seen.shown[-1][1])
    first, last = seen.frames()
    assert [text for text, _ in first.lines[0]][:2] == ["t", "wo"]
    assert first.lines[0][1] == ("wo", "red")
    assert first.seconds == pytest.approx(recording.LONGEST + 0.01)  # waits are cut
    assert last.seconds == recording.LAST
    picture = ElementTree.fromstring(recording.svg([first, last]))
    words = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["t", "wo", "<&>", "t", "wo", "<&>", "three"]


def test_the_recording_of_the_readme():
    """It moves, ends with a sweep that is complete, and runs no script."""
    text = (ROOT / "docs/recording.svg").read_text()
    assert text.count("@keyframes") > 10
    assert "Nothing to be done" in text.rpartition('<g class="f')[2]
    assert "simulate" in text
    assert not re.search(r"<script|href|/tmp/|/root", text)
