"""What the tests share: a project of their own, run as a user runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from planning import STICK, merged

from spikesweep.plan import make_plan

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("Snakefile", "workflow", "profiles", "requirements.lock", "mod", "morphologies")


class Project:
    """A project in a folder of its own, with the sweeps that a test writes into it."""

    def __init__(self, root: Path, of: "Project | None" = None):
        self.root = root
        self.python_path: tuple[str, ...] = ()  # searched before this project's package
        if of is not None:
            shutil.copytree(of.root, root, symlinks=True)
            return
        root.mkdir(parents=True)
        for name in SHIPPED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, root / name)
        (root / "config/sweeps").mkdir(parents=True)
        self.configure()

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
        return self._run([sys.executable, "-m", "snakemake", "--cores", "2", *arguments], check)

    def spikesweep(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run the command line of this project's own package."""
        return self._run([sys.executable, "-P", "-m", "spikesweep", *arguments], check)

    def _run(self, command: list[str], check: bool) -> subprocess.CompletedProcess:
        paths = [*self.python_path, str(self.root / "workflow")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}", pytrace=False)
        return done


@pytest.fixture
def project(tmp_path) -> Project:
    """A project for one test."""
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def committed(tmp_path_factory) -> Project:
    """A sweep in a git repository, run at its first commit, `first`. Not to be changed: copy it."""
    from provenance import make_repository

    project = Project(tmp_path_factory.mktemp("committed") / "project")
    project.first = make_repository(project)
    project.snakemake()
    return project


@pytest.fixture(scope="session")
def published(committed, tmp_path_factory) -> Project:
    """The same sweep, published; `bundle` is its path. Not to be changed either."""
    copy = Project(tmp_path_factory.mktemp("published") / "project", of=committed)
    copy.first = committed.first
    copy.snakemake("publish")
    [copy.bundle] = (copy.root / "results/published").iterdir()
    return copy


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory) -> Project:
    """A project for all tests of a module."""
    return Project(tmp_path_factory.mktemp("shared") / "project")


@pytest.fixture
def plan_text(tmp_path, monkeypatch):
    """Plans a sweep from its text, in a folder of its own, which is entered."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def plan_text(text):
        (tmp_path / "config/sweeps/s.yaml").write_text(text)
        return make_plan(Path(), "s")

    return plan_text


@pytest.fixture
def plan(plan_text):
    """Plans a sweep that differs from STICK by what is merged into it."""

    def plan(changes=None):
        return plan_text(yaml.safe_dump(merged(STICK, changes or {}), sort_keys=False))

    return plan


@pytest.fixture
def plan_cell(plan_text):
    """Plans the sweep of a cell with some of its text replaced, see `changed_cell`."""
    from anatomy import changed_cell

    return lambda *replaced, axes="{}": plan_text(changed_cell(*replaced, axes=axes))


@pytest.fixture
def collected(tmp_path):
    """Collects results of simulations and opens the dataset; closed at the end of the test."""
    from collecting import collecting

    with collecting(tmp_path) as collected:
        yield collected


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    """What figures of the synthetic sweeps read, by name."""
    from drawing import write_sweeps

    return write_sweeps(tmp_path_factory.mktemp)


@pytest.fixture(scope="module")
def structure(tmp_path_factory):
    """What figures of a soma, a bent dendrite and a second cell read."""
    from drawing import write_structure

    return write_structure(tmp_path_factory.mktemp("structure") / "structure_0.csv")


@pytest.fixture
def python_model(tmp_path, monkeypatch):
    """A project with the Python model, entered."""
    from code_models import FILES, write

    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    write(FILES)
