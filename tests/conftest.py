"""What the tests share."""

import signal
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

from planning import STICK, merged
from project import Project
from spikesweep.plan.making import make_plan

# A shell that starts tests in the background has them, and all that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test is timed, since machines are noisy; and what a fixture made is there for all examples.
settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("untimed")

# Fixtures that are projects in which Snakemake runs.
RUN = {"committed", "project", "published", "shared_project"}
# Fixtures that are compiled mechanisms.
COMPILED = {"calcium", "compiled", "depressing", "gaps", "library"}


def pytest_collection_modifyitems(items):
    """Mark as `workflow` what runs Snakemake or a compiler; `make test-fast` leaves it out."""
    for item in items:
        if (RUN | COMPILED) & set(getattr(item, "fixturenames", ())):
            item.add_marker("workflow")


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
