"""Jobs forked from a warm process: what they make, how they end, and what is not forked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from killing import children, command, name
from project import Project
from small import small_sweep
from spikesweep.plan.making import make_plan
from spikesweep.products.engine import ENTER, PACKAGES, PYTHON, enter, make
from spikesweep.products.environment import entering, of_simulations
from spikesweep.products.table import BATCH, BY_NAME, FIGURE, PLAN
from spikesweep.snakefile.forking import SWITCH, Forks, of_jobs
from spikesweep.snakefile.signals import RUN

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are forked on Linux alone")

NAME = "results/made/small/plan_0123456789ab.json"  # of no plan


def of_shell(words, log="job.log", before="set -euo pipefail;  "):
    """Return the command that Snakemake hands to a shell."""
    kind = BY_NAME[words.split()[0]]
    return before + make(words, enter(kind.simulates)).replace("{log}", log)


def environment_of(project):
    """Return the environment in which the jobs of a project run."""
    package = str(project.root / "workflow")
    others = {name: os.environ[name] for name in os.environ if name != "PYTEST_CURRENT_TEST"}
    own = {PACKAGES: package, PYTHON: sys.executable, RUN: str(os.getpid())}
    around = {**others, **own, "OMP_NUM_THREADS": "1"}
    return around | {ENTER: entering(around)}


@pytest.fixture
def small(project, monkeypatch):
    """A project with a small sweep, in its folder."""
    project.write_sweep("small", small_sweep())
    monkeypatch.chdir(project.root)
    return project


@pytest.fixture
def forks():
    started = Forks()
    yield started
    started.end()


@pytest.fixture
def held(small, forks):
    """A job that waits until somebody reads its log."""
    os.mkfifo("held.log")
    job = forks.start(of_shell(f"plan small {NAME}", "held.log"), environment_of(small))
    assert job is not None
    return job


def is_gone(process, within=20.0):
    deadline = time.monotonic() + within
    while command(process) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not command(process)


@pytest.mark.parametrize(
    "line",
    [
        # Of sweeps that may have code of the user's.
        of_shell("batch results/made/small/p.json b.csv 1"),
        of_shell("structure results/made/small/p.json s.csv"),
        of_shell("own_statistics p.json o.csv"),  # calls functions of the user's
        of_shell("mechanisms default m"),
        of_shell("plan small 'p q.json'"),  # which only a shell takes apart
        of_shell("plan small $(ls)"),
        of_shell("plan small p.json", before="source activate x; set -euo pipefail;  "),
        of_shell("plan small p.json") + "; true",
        "set -euo pipefail;  ls",  # of a rule of the user's own
    ],
)
def test_what_a_shell_starts(line, small, forks):
    assert forks.start(line, environment_of(small)) is None


def test_switched_off(small, forks):
    around = environment_of(small) | {SWITCH: "0"}
    assert forks.start(of_shell(f"plan small {NAME}"), around) is None


def test_it_makes_what_one_makes_that_a_shell_starts(small, forks):
    """And says the same, and ends the same, be it well or not."""
    refused = small.spikesweep("make", "plan", "small", NAME, check=False)
    assert refused.returncode == 1
    around = environment_of(small)
    for _ in range(2):
        job = forks.start(of_shell(f"plan small {NAME}"), around)
        assert job.wait() == job.wait() == 1
        assert Path("job.log").read_text() == refused.stdout + refused.stderr

    plan = make_plan(Path(), "small").plan.path
    small.spikesweep("make", "plan", "small", str(plan))
    by_shell = plan.read_bytes()
    plan.unlink()
    job = forks.start(of_shell(f"plan small {plan}"), around)
    assert (job.wait(), Path("job.log").read_text()) == (0, "")
    assert plan.read_bytes() == by_shell


def test_processes_are_listed_by_what_they_make(held):
    deadline = time.monotonic() + 20
    while name(held.pid) != "make plan":
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("end", "number"), [("kill", signal.SIGKILL), ("terminate", signal.SIGTERM)]
)
def test_one_that_is_ended_tells_the_signal(held, end, number):
    assert held.returncode is None
    getattr(held, end)()
    assert held.wait() == held.returncode == -number
    getattr(held, end)()  # once more does nothing


def test_others_go_on_beside_one_that_waits(small, forks, held):
    other = forks.start(of_shell(f"plan small {NAME}"), environment_of(small))
    assert other.wait() == 1
    assert held.returncode is None
    held.kill()
    assert held.wait() == -signal.SIGKILL


def test_ctrl_c_ends_the_job_and_not_what_it_is_forked_from(small, forks, held):
    os.kill(forks.process(), signal.SIGINT)
    os.kill(held.pid, signal.SIGINT)
    assert held.wait() in (1, 130, -signal.SIGINT)
    assert forks.start(of_shell(f"plan small {NAME}"), environment_of(small)).wait() == 1


def test_without_what_it_is_forked_from_a_job_ends_and_shells_start_others(small, forks, held):
    os.kill(forks.process(), signal.SIGKILL)
    assert held.wait() == -signal.SIGKILL
    assert is_gone(held.pid)
    assert forks.start(of_shell(f"plan small {NAME}"), environment_of(small)) is None


def test_another_environment_or_folder_is_a_shells(small, forks, monkeypatch, tmp_path):
    around = environment_of(small)
    assert forks.start(of_shell(f"plan small {NAME}"), around).wait() == 1
    assert forks.start(of_shell(f"plan small {NAME}"), around | {"TZ": "UTC"}) is None
    monkeypatch.chdir(tmp_path)
    assert forks.start(of_shell(f"plan small {NAME}"), around) is None


def test_code_that_has_changed_since_it_was_imported_is_a_shells(small, forks):
    around = environment_of(small)
    source = Path("workflow/spikesweep/plan/making.py")
    text, times = source.read_text(), source.stat()
    assert forks.start(of_shell(f"plan small {NAME}"), around).wait() == 1
    source.write_text(text.replace("return", "return ", 1)[: len(text)])
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert forks.start(of_shell(f"plan small {NAME}"), around) is None
    source.write_text(text)  # is again what was imported
    assert forks.start(of_shell(f"plan small {NAME}"), around).wait() == 1


def declares(forks, monkeypatch, project, kinds, sweeps=("small",)):
    """Have kinds of jobs expected, in the environment of the project's; return that."""
    around = environment_of(project)
    with monkeypatch.context() as patched:
        for name in os.environ.keys() - around.keys():
            patched.delenv(name)
        for name, value in around.items():
            patched.setenv(name, value)
        forks.expect(kinds, set(sweeps))
        return {**around, **of_jobs()}


def test_what_simulates_is_forked_of_sweeps_without_code_of_the_users(small, forks, monkeypatch):
    plan = make_plan(Path(), "small")
    small.spikesweep("make", "plan", "small", str(plan.plan.path))
    batch = plan.simulations[0].path
    words = f"batch {plan.plan.path} {batch} 1"
    around = declares(forks, monkeypatch, small, [BATCH])
    job = forks.start(of_shell(words), around)
    assert (job.wait(), Path("job.log").read_text()) == (0, "")
    by_fork = batch.read_bytes()
    assert b",run," in by_fork
    batch.unlink()
    for segment in Path("results/store").iterdir():
        segment.unlink()
    small.spikesweep("make", *words.split())
    assert batch.read_bytes() == by_fork


def environment_at_start(process, within=20.0):
    """Return the environment in which Python began, which bash and env have become."""
    deadline = time.monotonic() + within
    while not command(process).startswith(sys.executable):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    text = Path(f"/proc/{process}/environ").read_bytes().decode()
    return dict(line.split("=", 1) for line in text.split("\0") if line)


def test_what_simulates_begins_in_its_environment(small, forks, monkeypatch):
    """As the job does that a shell starts: of that of the run, nothing else is left."""
    monkeypatch.setenv("MODEL_SAYS", "5")
    around = declares(forks, monkeypatch, small, [BATCH])
    assert around["MODEL_SAYS"] == "5"
    expected = of_simulations(around) | {"PYTHONPATH": around[PACKAGES]}
    others = environment_at_start(forks.process(True)).items() ^ expected.items()
    assert {name for name, _ in others} <= {"PWD", "OLDPWD", "SHLVL", "_"}


@pytest.mark.parametrize("kinds", [[PLAN], [PLAN, FIGURE]])
def test_what_is_expected_begins_ahead(small, forks, monkeypatch, kinds):
    around = declares(forks, monkeypatch, small, kinds)
    server = forks.process()
    assert server
    assert not forks.process(True)  # nothing simulates
    assert forks.start(of_shell(f"plan small {NAME}"), around).wait() == 1
    assert forks.process() == server


def test_expected_in_another_environment(small, forks, monkeypatch):
    """Of Snakemake's default resources, another folder for temporary files."""
    around = declares(forks, monkeypatch, small, [PLAN])
    server = forks.process()
    job = forks.start(of_shell(f"plan small {NAME}"), around | {"TMPDIR": str(small.root)})
    assert job.wait() == 1
    assert forks.process() not in (0, server)
    assert is_gone(server)


def test_nothing_is_expected_that_is_switched_off(small, forks, monkeypatch):
    monkeypatch.setenv(SWITCH, "0")
    declares(forks, monkeypatch, small, [PLAN, BATCH])
    assert (forks.process(), forks.process(True)) == (0, 0)


RUNS = """
import os, sys, time
from spikesweep.snakefile.forking import Forks
forks = Forks()
job = forks.start(sys.argv[1], dict(os.environ))
print(job.pid, forks.process(), flush=True)
time.sleep(600)
"""


def test_all_end_with_the_run(small):
    """However that ends."""
    os.mkfifo("held.log")
    line = of_shell(f"plan small {NAME}", "held.log")
    run = subprocess.Popen(
        [sys.executable, "-P", "-c", RUNS, line],
        env=environment_of(small) | {"PYTHONPATH": "workflow"},
        stdout=subprocess.PIPE,
        text=True,
    )
    job, server = map(int, run.stdout.readline().split())
    assert server in children(run.pid)
    assert job in children(server)
    run.kill()
    run.wait()
    assert is_gone(server)
    assert is_gone(job)


def test_nothing_is_left_when_it_ends(small):
    forks = Forks()
    assert forks.start(of_shell(f"plan small {NAME}"), environment_of(small)).wait() == 1
    server = forks.process()
    forks.end()
    assert not command(server)


TABLES = ("*.csv", "*.nc", "*.html", "*.pdf", "*.png", "*.svg")


def products(project):
    found = [path for form in TABLES for path in (project.root / "results/made/small").glob(form)]
    return {path.name: path.read_bytes() for path in found}


@pytest.mark.workflow
def test_products_are_the_same_by_both(tmp_path, monkeypatch):
    """Byte by byte, one after the other and side by side."""
    figures = [
        {"kind": "heatmap", "of": "rate", "x": "gkbar", "y": "celsius"},
        {"kind": "traces", "rows": "celsius", "columns": "gkbar"},
    ]
    made = []
    for number, (fork, cores) in enumerate([("0", "1"), ("1", "1"), ("1", "8")]):
        one = Project(tmp_path / str(number))
        one.write_sweep("small", small_sweep() | {"figures": figures})
        monkeypatch.setenv(SWITCH, fork)
        one.snakemake("small", "--cores", cores)
        made.append(products(one))
    assert len(made[0]) > 12
    assert made[0] == made[1] == made[2]
