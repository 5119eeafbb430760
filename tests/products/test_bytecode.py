"""What runs is what was hashed: bytecode of another source with the same time and size does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT
from spikesweep.bytecode import hold_to_content


@pytest.fixture
def package(tmp_path):
    """A copy of the module at work, with a module `told` beside it; returns what runs it."""
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(ROOT / "workflow/spikesweep/bytecode.py", folder)
    edit(folder, "before")

    def run(*options, hold=True, **more):
        held = "from engine.bytecode import hold_to_content; hold_to_content(); " if hold else ""
        command = [sys.executable, *options, "-c", f"{held}import engine.told"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | more
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    run.folder = folder
    return run


def edit(folder: Path, word: str) -> None:
    """Write a word of six letters into the module, at one and the same time."""
    path = folder / "told.py"
    path.write_text(f"print({word!r})\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_python_alone_runs_old_bytecode(package):
    assert package(hold=False) == "before"
    edit(package.folder, "after_")
    assert package(hold=False) == "before"  # else this test of the rest shows nothing


@pytest.mark.parametrize("options", [(), ("-B",)], ids=["writing", "not writing"])
@pytest.mark.parametrize("first", [True, False])
def test_an_edit_of_equal_size_and_time_runs(package, options, first):
    assert package(hold=first) == "before"
    edit(package.folder, "after_")
    assert package(*options) == "after_"
    edit(package.folder, "at_end")
    assert package(*options) == "at_end"
    assert package() == "at_end"


def test_bytecode_is_warm_in_the_second_run(package):
    package()
    caches = {path: path.stat().st_mtime_ns for path in package.folder.rglob("*.pyc")}
    assert len(caches) == 3
    package()
    assert {path: path.stat().st_mtime_ns for path in caches} == caches


@pytest.mark.parametrize("has_cache", [True, False])
def test_a_folder_that_cannot_be_written(package, has_cache, tmp_path):
    """As that of another user: here a file stands in the way. A cache of the user's serves."""
    (package.folder / "__pycache__").touch()
    cache = tmp_path / "cache"
    if not has_cache:
        cache.touch()
    more = {"XDG_CACHE_HOME": str(cache)}
    assert package(**more) == "before"
    edit(package.folder, "after_")
    assert package(**more) == "after_"
    edit(package.folder, "at_end")
    assert package(**more) == "at_end"
    made = {path.name.partition(".")[0] for path in cache.rglob("*.pyc")}
    assert ("told" in made) is has_cache


def test_a_source_that_is_no_python_is_left_to_its_import(package):
    (package.folder / "broken.py").write_text("x = (\n")
    assert package() == "before"


def test_this_package_holds(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "pycache_prefix", None)
    hold_to_content()
    assert sys.pycache_prefix is None
