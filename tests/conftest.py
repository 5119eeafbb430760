"""What the tests share."""

import fcntl
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

from compiling import compile_once, compile_package
from forking import Forks
from planning import STICK, merged
from project import Project
from spikesweep.bytecode import hold_to_content
from spikesweep.plan.making import make_plan

# A shell that starts tests in the background has them, and all that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Projects of tests are copied with it, rather than compile the package anew, each of them.
hold_to_content()

# No test is timed, since machines are noisy; and what a fixture made is there for all examples.
settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("untimed")


def pytest_configure(config):
    """Have all workers compile the same mechanisms once: they inherit the environment."""
    if not hasattr(config, "workerinput"):
        compile_package()
        config.compiled = tempfile.TemporaryDirectory(prefix="spikesweep_compiled_")
        compile_once(Path(config.compiled.name))
    Project.forks = Forks()


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        config.compiled.cleanup()


# Fixtures that are projects in which Snakemake runs.
RUN = {
    "bench", "committed", "done", "mapped", "project", "published", "ran", "rerun_project",
    "shared_project",
}  # fmt: skip
# Fixtures that drive a browser.
BROWSER = {"browser"}
# Fixtures that are compiled mechanisms.
COMPILED = {"calcium", "compiled", "depressing", "gaps", "hay_folder", "library"}


def pytest_collection_modifyitems(items):
    """Mark as `workflow` what runs Snakemake, a browser or a compiler; `make test-fast` leaves it
    out.

    These come first, since their files take longest: none shall be last and alone.
    """
    for item in items:
        if (RUN | BROWSER | COMPILED) & set(getattr(item, "fixturenames", ())):
            item.add_marker("workflow")
    long = {item.path for item in items if item.get_closest_marker("workflow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def project(tmp_path) -> Project:
    """A project for one test."""
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Makes a project that many tests share, once for all workers; returns a worker's own copy."""

    def shared(name: str, make) -> Project:
        folder = tmp_path_factory.getbasetemp()
        if "PYTEST_XDIST_WORKER" in os.environ:
            folder = folder.parent  # of all workers
        root = folder / name
        with (folder / f".{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not root.exists():
                shutil.rmtree(folder / f".{name}", ignore_errors=True)  # of one that failed
                made = make(folder / f".{name}/project")
                made.root.rename(root)
        return Project(tmp_path_factory.mktemp(name) / "project", of=Project.at(root))

    return shared


@pytest.fixture(scope="session")
def committed(shared) -> Project:
    """A sweep in a git repository, run at its first commit, `first`. Not to be changed: copy it."""
    from provenance import git, make_repository

    def make(root: Path) -> Project:
        project = Project(root)
        make_repository(project)
        project.snakemake()
        return project

    project = shared("committed", make)
    project.first = git(project.root, "rev-parse", "HEAD")
    return project


@pytest.fixture(scope="session")
def published(committed, shared) -> Project:
    """The same sweep, published; `bundle` is its path. Not to be changed either."""

    def make(root: Path) -> Project:
        project = Project(root, of=committed)
        project.snakemake("publish")
        return project

    project = shared("published", make)
    project.first = committed.first
    [project.bundle] = (project.root / "results/published").iterdir()
    return project


@pytest.fixture(scope="session")
def rerun_project(shared) -> Project:
    """The sweep `small` of the re-run table, run: four simulations, and figures that are blank.
    Not to be changed: copy it."""
    from rerunning import EVERYTHING, leave_figures_blank, run, write_small_sweep

    def make(root: Path) -> Project:
        project = Project(root)
        write_small_sweep(project)
        leave_figures_blank(project)
        ran = run(project)
        assert (ran.what, ran.simulations) == (EVERYTHING, 4)
        return project

    return shared("rerun", make)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory) -> Project:
    """A project for all tests of a module."""
    return Project(tmp_path_factory.mktemp("shared") / "project")


@pytest.fixture(scope="module")
def results(shared_project, request) -> Path:
    """What the sweeps that a module lists in EXAMPLES came to, all in one run."""
    shared_project.add_examples()
    shared_project.snakemake(*request.module.EXAMPLES)
    return shared_project.root / "results"


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


@pytest.fixture(scope="session")
def sweeps(tmp_path_factory):
    """What figures of the synthetic sweeps read, by name."""
    from drawing import Written

    return Written(tmp_path_factory.mktemp)


@pytest.fixture(scope="session")
def structure(tmp_path_factory):
    """What figures of a soma, a bent dendrite and a second cell read."""
    from drawing import write_structure

    return write_structure(tmp_path_factory.mktemp("structure") / "structure_0.csv")


@pytest.fixture
def entered(tmp_path, monkeypatch) -> Path:
    """A project's folder, which is entered."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def python_model(entered):
    """A project with the Python model, entered."""
    from code_models import FILES, write

    write(FILES)
