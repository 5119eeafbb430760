"""Every call that publishes something is made the last one that a process executes: what it leaves
is made good by what runs next, to the bytes of an undisturbed run."""

import itertools
import os
import tempfile
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

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
"""
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
    """The sweep run as it is, then with an axis value less and replicates; `plans` are both."""
    project = Project(tmp_path_factory.mktemp("last") / "project", of=committed)
    first = {*(project.root / MADE).glob("plan_*.json")}
    edit(project, "config/sweeps/small.yaml", ("    - 36\n", ""), ("figures:\n", SUMMARIES))
    project.snakemake()
    second = {*(project.root / MADE).glob("plan_*.json")} - first
    project.plans = [path.relative_to(project.root) for path in (*first, *second)]
    return project


@pytest.fixture
def plans(run_twice, tmp_path, monkeypatch) -> list[PlanFile]:
    monkeypatch.chdir(run_twice.root)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # who is killed leaves its folders
    return [read_plan(path) for path in run_twice.plans]


@pytest.mark.parametrize("kind", [kind.name for kind in TABLES])
def test_products(plans, kind):
    """Killed after each call of its job, a product is made again to the same bytes."""
    plan, first = next(
        (plan, name)
        for plan in plans
        for name, made in plan["products"].items()
        if split_stage(made["stage"])[0].name == kind
    )
    make = import_module(f"spikesweep.jobs.{kind}").make
    output = MADE / Path(first).name
    before = contents(MADE)
    names = file_names(plan.stage(output), output.name)
    files = [MADE / name for name in names] + [(MADE / name).with_suffix(".json") for name in names]
    for calls in itertools.count():
        for file in files:
            file.unlink(missing_ok=True)
        killed = killed_after(calls, lambda: make(plan.path, output))
        assert not killed_after(NEVER, lambda: make(plan.path, output))
        assert contents(MADE) == before, calls
        if not killed:
            break
    assert calls >= len({*files})  # each of them by one call at least


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
