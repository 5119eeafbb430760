"""Figures, leaves and bundles, each made by its job with a full or read-only disk, and with
something else in the place of a file: one message, nothing wrong left, and the next run ends with
the bytes of an undisturbed one."""

import contextlib
import io
import itertools
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from project import Project
from spikesweep.cli import main
from spikesweep.products.plan_file import PlanFile, read_plan

SMALL, MADE = Path("results/small"), Path("results/made/small")
DONE, REFUSED, OTHERWISE = 0, 1, 3

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")


@pytest.fixture(scope="module")
def made(published, tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("leaves") / "project", of=published)


@pytest.fixture
def plan(made, tmp_path, monkeypatch) -> PlanFile:
    monkeypatch.chdir(made.root)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return read_plan(next(MADE.glob("plan_*.json")))


def outputs(kind: str) -> list[Path]:
    """What the job of a kind makes; the first is what it is asked for."""
    files = {
        "figure": [*MADE.glob("heatmap_rate_*.*")],
        "stamp": [*MADE.glob("stamped_*"), *SMALL.rglob("figures/**/*.*"), SMALL / "index.html"],
        "current": [*MADE.glob("current_*"), *SMALL.glob("*.csv"), SMALL / "dataset.nc"],
        "bundle": [*Path("results/published").glob("small_*.zip")],
    }[kind]
    first = next(file for file in files if kind != "figure" or file.suffix == ".pdf")
    return [first, *(file for file in files if file != first and not file.is_dir())]


def full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def nearly_full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))


def no_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**20, resource.RLIM_INFINITY))


def no_harm() -> None:
    """The job is left alone."""


def made_by(words: list[str], harm: Callable[[], None]) -> tuple[int, str]:
    """Make a product in a process of its own; return its exit code, and what it said."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as said:
            told = said.read()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told
    signal.alarm(60)  # a pipe must not keep it waiting
    said, code = io.StringIO(), DONE
    try:
        harm()
        with contextlib.redirect_stderr(said):
            main(["make", *words])
    except SystemExit as end:
        code = REFUSED if end.code == REFUSED else OTHERWISE
    except BaseException as error:  # which the command line would show as a traceback
        code = OTHERWISE
        said.write(f"Traceback: {error!r}")
    finally:
        os.write(writing, said.getvalue().encode())
        os._exit(code)


def contents() -> dict[str, bytes]:
    """What is below results/, links by where they lead; but for what no run believes."""
    return {
        str(path): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(Path("results").rglob("*"))
        if (path.is_symlink() or path.is_file()) and path.parts[1] != "logs"
    }


def is_one_message(said: str) -> bool:
    return said.startswith("spikesweep: ") and "Traceback" not in said


LIMITS = {"full": full_disk, "nearly full": nearly_full_disk, "no memory": no_memory}


@pytest.mark.parametrize("kind", ["figure", "stamp", "current", "bundle"])
def test_under_limits(plan, kind):
    import_module(f"spikesweep.jobs.{kind}")
    if kind == "figure":
        import spikesweep.figures.heatmap  # noqa: F401
    before = contents()
    files = outputs(kind)
    words = [kind, str(plan.path), str(files[0])]
    # A bundle holds a report that Snakemake makes: seconds each.
    for name, limit in LIMITS.items() if kind != "bundle" else [("full", full_disk)]:
        for file in files:
            file.unlink(missing_ok=True)
        code, said = made_by(words, limit)
        if name == "full" and kind != "current":  # links need no room but for their mark
            assert is_one_message(said), said
        if name == "full":
            assert code == REFUSED
            assert not files[0].exists()
        left = contents()
        assert left == {path: before[path] for path in left}, name
        code, said = made_by(words, no_harm)
        assert (code, said) == (DONE, ""), name
        assert contents() == before, name


def folder(place: Path) -> None:
    place.mkdir()
    (place / "inside").write_text("x")


def pipe(place: Path) -> None:
    os.mkfifo(place)


def dangling(place: Path) -> None:
    place.symlink_to("nowhere/at/all")


def loop(place: Path) -> None:
    place.symlink_to(place.name)


def places(kind: str, plan: PlanFile) -> Iterator[Path]:
    """What the job of a kind writes, and what it reads."""
    written = outputs(kind)
    yield from {file.suffix: file for file in written}.values()
    yield from (plan.path, plan.path.with_suffix(".csv"))
    yield from (MADE.glob("statistics_*.*") if kind != "figure" else MADE.glob("simulations_*.*"))
    if kind == "stamp":
        yield from Path("results/provenance").glob("small_*.json")
        yield from MADE.glob("heatmap_rate_*.*")


OTHERS = itertools.cycle([folder, pipe, dangling, loop])  # one a place: a drawing takes seconds


@pytest.mark.parametrize("kind", ["figure", "stamp", "current"])
def test_something_else_in_the_place_of_a_file(plan, kind):
    """It is written over, or one message; and once it is gone, what is made has the right bytes."""
    import_module(f"spikesweep.jobs.{kind}")
    before = contents()
    [first, *_] = outputs(kind)
    words = [kind, str(plan.path), str(first)]
    for place in [*places(kind, plan)]:
        aside = Path(tempfile.gettempdir(), "aside")
        os.rename(place, aside)
        next(OTHERS)(place)
        code, said = made_by(words, no_harm)
        assert (code, said) == (DONE, "") or (code == REFUSED and is_one_message(said)), (
            place,
            said,
        )
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        elif os.path.lexists(place):
            place.unlink()
        os.rename(aside, place)
        assert made_by(words, no_harm) == (DONE, ""), place
        assert contents() == before, place
