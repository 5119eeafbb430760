"""A project in a folder of its own, run as a user runs it; and where this one's files lie."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from forking import Forks

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "workflow"
HELPERS = Path(__file__).parent
PYRAMIDAL = ROOT / "morphologies/pyramidal.swc"
C91662 = ROOT.parent / "shared/data/c91662.swc"
SHIPPED = ("Snakefile", "workflow", "profiles", "requirements.lock", "mod", "morphologies")


class Project:
    """A project in a folder of its own, with the sweeps that a test writes into it.

    forks: starts the runs of all projects.
    """

    forks: Forks

    def __init__(self, root: Path, of: "Project | None" = None):
        self.root = root
        self.python_path: tuple[str, ...] = ()  # searched before this project's package
        if of is not None:
            shutil.copytree(of.root, root, symlinks=True, copy_function=_copy)
            return
        root.mkdir(parents=True)
        for name in SHIPPED:
            source = ROOT / name
            if source.is_dir():  # with its bytecode
                being_written = shutil.ignore_patterns("*.pyc.*")
                shutil.copytree(source, root / name, ignore=being_written, copy_function=_copy)
            else:
                shutil.copy(source, root / name)
        (root / "config/sweeps").mkdir(parents=True)
        self.configure()

    @classmethod
    def at(cls, root: Path) -> "Project":
        """The project that lies in a folder already, such as an unzipped bundle."""
        project = cls.__new__(cls)
        project.root, project.python_path = root, ()
        return project

    def has_its_sums(self) -> bool:
        """Whether every file of an unzipped bundle is as its SHA256SUMS say, by another tool."""
        command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
        done = subprocess.run(command, cwd=self.root, capture_output=True, check=False)
        return (done.returncode, done.stdout) == (0, b"")

    def configure(self, *sweeps: str) -> None:
        """Name the sweeps that a plain `snakemake` runs."""
        (self.root / "config/config.yaml").write_text(yaml.safe_dump({"sweeps": list(sweeps)}))

    def write_sweep(self, name: str, sweep: dict | str) -> None:
        """Write a sweep file, from its text or from what YAML makes of it."""
        text = sweep if isinstance(sweep, str) else yaml.safe_dump(sweep, sort_keys=False)
        (self.root / f"config/sweeps/{name}.yaml").write_text(text)

    def add_examples(self) -> None:
        """Have the sweeps of config/examples as well, which run by name."""
        shutil.copytree(ROOT / "config/examples", self.root / "config/examples")

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run `snakemake --cores 2` with more arguments."""
        return self._run(["-m", "snakemake", "--cores", "2", *arguments], check)

    def spikesweep(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run the command line of this project's own package."""
        return self._run(["-P", "-m", "spikesweep", *arguments], check)

    def _run(self, words: list[str], check: bool) -> subprocess.CompletedProcess:
        paths = [*self.python_path, str(self.root / "workflow")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        done = self.forks.run(words, self.root, environment)
        if check and done.returncode:
            pytest.fail(f"{' '.join(words)}\n{done.stdout}\n{done.stderr}", pytrace=False)
        return done


def _copy(source: str, copy: str) -> None:
    """Copy a file; bytecode, which Python replaces and never changes, by another name of it."""
    if source.endswith(".pyc"):
        with suppress(OSError):  # on another file system
            os.link(source, copy)
            return
    shutil.copy2(source, copy)
