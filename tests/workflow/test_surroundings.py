"""Every entry point in hostile surroundings: its result, or one message; never a traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from project import Project

# The account's folders cannot be made, the terminal knows ASCII alone, git is told of another
# repository, Python of other options.
HOSTILE = {
    "HOME": "/proc/none",
    "XDG_CONFIG_HOME": "/dev/null",
    "XDG_DATA_HOME": "",
    "XDG_RUNTIME_DIR": "/proc/none",
    "TMPDIR": "/proc/none",
    "LC_ALL": "C",
    "PYTHONIOENCODING": "ascii",
    "PYTHONHASHSEED": "7",
    "PYTHONOPTIMIZE": "2",
    "GIT_DIR": "/proc/none",
    "GIT_INDEX_FILE": "/dev/null",
    "GIT_CONFIG_PARAMETERS": "'bad",
    "BROWSER": "true",
}
# What is typed, and a word of what it says; those below write nothing that others read.
SAID = {
    "plan small": "simulations",
    "status small": "small",
    "why small": "small",
    "verify .": "as they were made",
    "explain results/small/figures/{figure}": "\\u2500",  # of a line that ASCII has not
    "run small --index 1": "ok",
    "diff HEAD HEAD": "",
    "store size": "simulations",
    "gc": "Nothing else is there",
    "open small": "index.html",
    "list": "small",
    "methods small": "NEURON",
    "schema": "properties",
    "structure small": "soma",
    "retry small": "no simulation",
    "init mine --template small": "mine",
    "new another --from small": "",
    "rebuild README.md": "",
}


@pytest.fixture(scope="module")
def surrounded(committed, tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("surrounded") / "project", of=committed)


def run(project: Project, *words: str, **environment: str) -> subprocess.CompletedProcess:
    path = {"PYTHONPATH": str(project.root / "workflow")}
    return subprocess.run(
        [sys.executable, *words],
        cwd=project.root, env=os.environ | path | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace",
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("typed", SAID)
def test_verbs(surrounded, typed):
    [figure] = surrounded.root.glob("results/small/figures/heatmap_rate_*.pdf")
    words = typed.format(figure=figure.name).split()
    done = run(surrounded, "-P", "-m", "spikesweep", *words, **HOSTILE)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    if done.returncode:
        assert (done.returncode, said.startswith("spikesweep: ")) == (1, True), said
    assert SAID[typed] in said, said


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_snakemake_with_a_cache_of_its_own(surrounded, tmp_path):
    """Without one it ends before it reads any Snakefile, see docs/promises.md."""
    hostile = HOSTILE | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run(surrounded, "-m", "snakemake", "--cores", "1", **hostile)
    assert "Nothing to be done" in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["é ü 😀", "a'b\"c $HOME `x`;#{d}%s", "-x"])
def test_folders_of_any_name(committed, tmp_path, name):
    """NEURON loads compiled mechanisms by names of ASCII alone."""
    project = Project(tmp_path / name / "project", of=committed)
    done = run(project, "-P", "-m", "spikesweep", "run", "small", "--index", "0",
               TMPDIR=str(tmp_path / name))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  ok" in done.stdout


@pytest.mark.parametrize("name", [b"a:b", b"\xff\xfe"])
def test_folders_that_python_cannot_name_are_refused(committed, tmp_path, name):
    root = tmp_path / os.fsdecode(name)
    try:
        project = Project(root, of=committed)
    except OSError:
        pytest.skip("this file system takes no such name")
    done = run(project, "-m", "snakemake", "-n")
    assert done.returncode == 1
    assert "Python does not find packages by such a path" in done.stderr
    assert "Traceback" not in done.stderr
    shutil.rmtree(root)


@pytest.mark.parametrize("place", ["figures/current", "../made/small"])
def test_a_file_in_the_place_of_a_folder_is_refused(committed, tmp_path, place):
    project = Project(tmp_path / "project", of=committed)
    folder = Path(os.path.normpath(project.root / "results/small" / place))
    shutil.rmtree(folder)
    folder.write_text("x")
    done = run(project, "-m", "snakemake", "-n")
    assert done.returncode == 1
    name = folder.relative_to(project.root)
    assert f"spikesweep: {name}: something else stands where a folder should" in done.stderr
    assert "Traceback" not in done.stderr
