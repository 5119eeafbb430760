"""What a shell offers when one presses Tab, asked as bash and zsh ask."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from planning import STICK
from project import PACKAGE
from spikesweep.cli import VERBS
from spikesweep.commands.completion import SHELLS

pytestmark = pytest.mark.workflow  # starts shells

FIGURE = "results/dose/figures/heatmap_1a2b3c4d.pdf"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A project with two sweeps, a figure set and a figure; the command lies in `bin`."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    (tmp_path / "config/figure_sets").mkdir()
    (tmp_path / "Snakefile").touch()
    for name in ("dose", "doses_in_the_cold"):
        (tmp_path / f"config/sweeps/{name}.yaml").write_text(yaml.safe_dump(STICK))
    (tmp_path / "config/figure_sets/paper.yaml").touch()
    (tmp_path / FIGURE).parent.mkdir(parents=True)
    (tmp_path / FIGURE).touch()
    command = tmp_path / "bin/spikesweep"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m spikesweep "$@"\n')
    command.chmod(0o755)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "PATH": path, "HOME": str(folder)}


def offered(folder: Path, line: str, where: str = ".") -> list[str]:
    """Return what bash offers at the end of a line."""
    script = """
    eval "$(spikesweep completion bash)"
    COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_WORDBREAKS=" "
    _python_argcomplete spikesweep
    printf '%s\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "-", line],
        cwd=folder / where,
        env=environment(folder),
        capture_output=True,
        text=True,
    )
    assert not done.stderr
    return sorted(map(str.strip, filter(None, done.stdout.split("\n"))))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("spikesweep st", ["status", "store", "structure"]),
        ("spikesweep why ", ["--help", "-h", "dose", "doses_in_the_cold", "paper"]),
        ("spikesweep plan d", ["dose", "doses_in_the_cold"]),
        ("spikesweep plan p", ["paper"]),
        ("spikesweep retry p", []),  # a figure set has no simulations of its own
        ("spikesweep plan dose --est", ["--estimate"]),
        ("spikesweep explain results/dose", [FIGURE]),
        ("spikesweep rebuild r", [FIGURE]),
        ("spikesweep store ver", ["verify"]),
        ("spikesweep new mine --from swc", ["swc"]),
        ("spikesweep init mine --template hh_s", ["hh_soma"]),
        ("spikesweep new d", []),  # a name of one's own
        ("spikesweep completion z", ["zsh"]),
    ],
)
def test_what_is_offered(folder, line, words):
    assert offered(folder, line) == words


def test_all_verbs_are_offered(folder):
    assert set(VERBS) <= set(offered(folder, "spikesweep "))


def test_from_a_folder_below(folder):
    assert offered(folder, "spikesweep plan dose", "config") == ["dose", "doses_in_the_cold"]
    assert offered(folder, "spikesweep explain ..", "config") == [f"../{FIGURE}"]


def test_elsewhere_there_are_no_sweeps(folder, tmp_path_factory):
    assert offered(folder, "spikesweep plan d", str(tmp_path_factory.mktemp("elsewhere"))) == []


def test_a_path_to_the_command_completes_as_well(folder):
    """As documented: `.venv/bin/spikesweep`, which bash completes by its last part."""
    assert offered(folder, "bin/spikesweep plan doses") == ["doses_in_the_cold"]


def test_zsh_offers_the_same(folder):
    if not shutil.which("zsh"):
        assert "CI" not in os.environ
        pytest.skip("no zsh")
    script = """
    autoload -U compinit && compinit -u
    eval "$(spikesweep completion zsh)"
    _describe() { print -l "${(@P)2}" }
    compset() { :; }
    words=(spikesweep plan d) CURRENT=3 BUFFER="spikesweep plan d" CURSOR=${#BUFFER}
    _python_argcomplete spikesweep
    """
    done = subprocess.run(
        ["zsh", "-f", "-c", script],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
    )
    offered = [line.partition(":")[0].strip() for line in done.stdout.splitlines()]
    assert offered == ["dose", "doses_in_the_cold"], done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_code(shell):
    done = subprocess.run(
        [sys.executable, "-m", "spikesweep", "completion", shell],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "spikesweep" in done.stdout
