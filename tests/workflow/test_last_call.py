"""Every call that publishes something is made the last one that a process executes: what it leaves
is made good by what runs next, to the bytes of an undisturbed run."""

import itertools
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import provenance
from project import Project
from rerunning import edit
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.table import CURRENT, TABLES, file_names, split_stage
from spikesweep.snakefile.project import Project as Sweeps

SMALL = Path("results/small")
MADE = Path("results/made/small")
SUMMARIES = """\
statistics:
  replicates: [celsius]
figures:
- {kind: dose_response, of: rate, x: gkbar}
- {kind: firing_map, x: gkbar, y: celsius}
- {kind: population_rate, bin: 5 ms}
"""
OWN = """\
def half(simulation):
    \"\"\"Half of the number of spikes.\"\"\"
    return len(simulation.train) / 2
"""
SAMPLE = {
    "axes": {
        "gkbar": {"unit": "mS/cm2", "sets": "cell.soma.hh.gkbar"},
        "celsius": {"sets": "protocol.celsius"},
    },
    "design": {"saltelli": 2, "of": {"gkbar": [20, 36], "celsius": [6.3, 12]}},
    "sensitivity": {"of": ["rate"], "traces": ["v"], "resamples": 20},
    "accept": {"fires": {"of": "rate", "range": [1, 90], "at": {}}},
    "trust": {"dt": [0.5], "sample": "20%", "alone": 1},
    "statistics": {"half": {"python": "measures/own.py:half"}},
    "figures": [],
}
SEARCH = {
    "design": {"threshold": {"of": "n_spikes", "at": 1, "axis": "celsius", "to": "3 degC"}},
    "figures": [],
}
ENDED = 77
NEVER = -1


def killed_after(calls: int, work: Callable[[], None]) -> bool:
    """Do some work in a process that dies at once after so many renames and removals; return
    whether it came to them.

    Undisturbed work has a process of its own too: one can load a library of mechanisms only once.
    """
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) in (0, ENDED)
        return os.waitstatus_to_exitcode(status) == ENDED
    left = itertools.count(calls, -1)

    def last(call):
        def counted(*paths, **options):
            if next(left) == 0:
                os._exit(ENDED)
            return call(*paths, **options)

        return counted

    try:
        os.replace, os.unlink = last(os.replace), last(os.unlink)
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def contents(folder: Path) -> dict[str, bytes]:
    """What a folder holds, links by where they lead."""
    return {
        str(path): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def run_twice(committed, tmp_path_factory) -> Project:
    """The sweep run as it is, as a sample, and with an axis value less and replicates; `plans` are
    the first, the last, those of the sample and of the search."""
    project = Project(tmp_path_factory.mktemp("last") / "project", of=committed)
    written = (project.root / "config/sweeps/small.yaml").read_text()
    (project.root / "measures").mkdir()
    (project.root / "measures/own.py").write_text(OWN)
    first = {*(project.root / MADE).glob("plan_*.json")}
    project.write_sweep("small", provenance.SWEEP | SAMPLE)
    project.snakemake()
    sample = {*(project.root / MADE).glob("plan_*.json")} - first
    before_search = {*(project.root / MADE).glob("plan_*.json")}
    project.write_sweep("small", provenance.SWEEP | SEARCH)
    project.snakemake()
    search = {*(project.root / MADE).glob("plan_*.json")} - before_search
    project.write_sweep("small", written)
    edit(project, "config/sweeps/small.yaml", ("    - 36\n", ""), ("figures:\n", SUMMARIES))
    project.snakemake()
    last = {*(project.root / MADE).glob("plan_*.json")} - first - sample - search
    project.plans = [path.relative_to(project.root) for path in (*first, *last, *sample, *search)]
    return project


@pytest.fixture
def plans(run_twice, tmp_path, monkeypatch) -> list[PlanFile]:
    monkeypatch.chdir(run_twice.root)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # who is killed leaves its folders
    return [read_plan(path) for path in run_twice.plans]


def product_of(plans: list[PlanFile], kind: str) -> tuple[PlanFile, Path]:
    """Return a product of a kind, and a plan that names it."""
    return next(
        (plan, MADE / Path(name).name)
        for plan in plans
        for name, made in plan["products"].items()
        if split_stage(made["stage"])[0].name == kind and name in plan["files"].values()
    )


def files_of(plan: PlanFile, output: Path) -> list[Path]:
    """Return the files of a product, and what may lie beside each."""
    names = file_names(plan.stage(output), output.name)
    return [MADE / name for name in names] + [(MADE / name).with_suffix(".json") for name in names]


@pytest.mark.parametrize("kind", [kind.name for kind in TABLES])
def test_products(plans, kind):
    """Killed after each call of its job, a product is made again to the same bytes."""
    plan, output = product_of(plans, kind)
    make = import_module(f"spikesweep.jobs.{kind}").make
    before = contents(MADE)
    files = files_of(plan, output)
    for calls in itertools.count():
        for file in files:
            file.unlink(missing_ok=True)
        killed = killed_after(calls, lambda: make(plan.path, output))
        assert not killed_after(NEVER, lambda: make(plan.path, output))
        assert contents(MADE) == before, calls
        if not killed:
            break
    assert calls >= len({*files})  # each of them by one call at least


def full_disk() -> None:
    """No file may be written: what the system says is that it is too large."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def nearly_full_disk() -> None:
    """What is small can be written, and the beginning of what is large."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))


def no_memory() -> None:
    """Hardly more than what the process has by now."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**20, resource.RLIM_INFINITY))


def no_harm() -> None:
    """What the job does is not disturbed, but by others of its kind."""


def jobs(harm: Callable[[], None], work: Callable[[], None], count: int) -> list[int]:
    """Do some work in processes of their own, all at once; return their process ids."""
    children = []
    for _ in range(count):
        if child := os.fork():
            children.append(child)
            continue
        try:
            harm()
            work()
            os._exit(0)
        except BaseException:  # whatever it comes to: what is left is looked at
            os._exit(ENDED)
    return children


HARMS = {"full": full_disk, "nearly full": nearly_full_disk, "no memory": no_memory}


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
@pytest.mark.parametrize("kind", [kind.name for kind in TABLES])
def test_products_under_limits_and_of_many_writers(plans, kind):
    """A stage that has no room on the disk, or no memory, leaves nothing that is believed; and of
    eight writers, some of them killed, a whole product is left: in the bytes of one alone."""
    plan, output = product_of(plans, kind)
    make = import_module(f"spikesweep.jobs.{kind}").make
    before = contents(MADE)
    files = files_of(plan, output)

    def remove() -> None:
        for file in files:
            file.unlink(missing_ok=True)

    for name, harm in HARMS.items():
        remove()
        [child] = jobs(harm, lambda: make(plan.path, output), 1)
        _, status = os.waitpid(child, 0)
        if name == "full":
            assert os.waitstatus_to_exitcode(status) != 0
            assert not output.exists()
        left = contents(MADE)
        assert {path: left[path] for path in left} == {path: before[path] for path in left}, name
        assert not killed_after(NEVER, lambda: make(plan.path, output))
        assert contents(MADE) == before, name

    remove()
    writers = jobs(no_harm, lambda: make(plan.path, output), 8)
    for writer in writers[::3]:
        time.sleep(0.05)
        os.kill(writer, signal.SIGKILL)
    ended = [os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) for writer in writers]
    assert {code for i, code in enumerate(ended) if i % 3} == {0}
    assert contents(MADE) == before


def test_stable_names_from_one_sweep_to_another_and_back(run_twice, plans):
    """Killed after any call on the way from the second sweep to the first, and edited back: the
    names of the second stand, or are known not to stand and are made again."""
    make = import_module(f"spikesweep.jobs.{CURRENT.name}").make
    mark = Sweeps(Path()).current_mark("small")
    other = MADE / f"{CURRENT.files[0].name}_{'0' * 12}"
    before = contents(SMALL)
    for calls in itertools.count():
        killed = killed_after(calls, lambda: make(plans[0].path, other))
        sweeps = Sweeps(Path())
        stands = not sweeps.current_inputs("small")
        assert stands == (contents(SMALL) == before and mark.is_file()), calls
        if not stands:
            make(plans[1].path, sweeps.current_mark("small"))
        assert contents(SMALL) == before, calls
        assert not Sweeps(Path()).current_inputs("small"), calls
        if not killed:
            break
    assert calls > len(plans[1].links)
