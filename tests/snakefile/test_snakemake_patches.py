"""Each change to Snakemake's private parts: it fits, does what it says, or is left out."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from spikesweep.snakefile import snakemake_patches
from spikesweep.snakefile.snakemake_patches import (
    PATCHES,
    Patch,
    answer_sigterm_in_thread,
    draw_all_that_can_be,
    hash_inputs_once,
    keep_one_clock,
    leave_pandas_alone,
    patch_snakemake,
    tell_of_missing,
)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.effect)
def test_it_fits_the_snakemake_that_is_installed(patch):
    assert patch.fits() or (patch is FORKED and sys.platform != "linux")


def test_one_clock_at_a_time():
    class Scheduler:
        def __init__(self):
            self._open_jobs = threading.Semaphore(0)

    keep_one_clock(Scheduler)
    scheduler = Scheduler()
    before = set(threading.enumerate())
    for _ in range(5):
        scheduler._schedule_reevalutation(0.05)
    (clock,) = set(threading.enumerate()) - before
    assert clock.daemon
    clock.join()
    assert scheduler._open_jobs.acquire(timeout=10)
    assert not scheduler._open_jobs.acquire(blocking=False)
    scheduler._schedule_reevalutation(0.001)  # and again, once it has struck
    assert scheduler._open_jobs.acquire(timeout=10)


def test_sigterm_is_answered_while_the_main_thread_holds_the_lock():
    """As Snakemake's scheduler does, whose own handler would wait for itself."""

    class Scheduler:
        def __init__(self):
            self._lock, self.answered = threading.Lock(), threading.Event()
            signal.signal(signal.SIGTERM, self.exit_gracefully)

        def exit_gracefully(self, *args):
            with self._lock:
                self.answered.set()

    before = signal.getsignal(signal.SIGTERM)
    answer_sigterm_in_thread(Scheduler)
    try:
        scheduler = Scheduler()
        with scheduler._lock:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05)
            assert not scheduler.answered.is_set()
        assert scheduler.answered.wait(5)
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("asked", "failed", "goes_on"),
    [
        (False, ["figure"], True),
        (False, ["figure", "figure"], True),
        (False, ["spikesweep_figure"], True),  # of this workflow as a module
        (False, ["simulate"], False),
        (False, ["figure", "simulate"], False),
        (False, [["figure", "figure"]], True),  # of a cluster, as one
        (False, [["figure", "collect"]], False),
        (False, ["figure", ["figure", "collect"]], False),
        (True, ["simulate"], True),  # --keep-going
    ],
)
def test_only_figures_let_a_run_go_on(asked, failed, goes_on):
    class Scheduler:
        def __init__(self):
            self.keepgoing, self.failed = asked, set()

        def _handle_error(self, job, postprocess_job=True):
            self.failed.add(job)

    draw_all_that_can_be(Scheduler)
    scheduler = Scheduler()
    for name in failed:
        scheduler._handle_error(job_of(name))
    assert scheduler.keepgoing == goes_on


class Job:
    """A job of a rule."""

    def __init__(self, name: str):
        self.rule = SimpleNamespace(name=name)
        self.told = 0

    def is_group(self) -> bool:
        return False

    def log_error(self) -> None:
        self.told += 1


class GroupJob:
    """Jobs that a cluster has as one: no rule is theirs."""

    def __init__(self, jobs: list[Job]):
        self.jobs = jobs

    def is_group(self) -> bool:
        return True


def job_of(name: str | list[str]) -> Job | GroupJob:
    return Job(name) if isinstance(name, str) else GroupJob([Job(one) for one in name])


@pytest.mark.parametrize("stand_in", [Job, GroupJob])
def test_jobs_are_asked_for_what_they_have(stand_in):
    """The stand-ins above have what Snakemake's own have, and nothing more."""
    from snakemake import jobs

    own = getattr(jobs, stand_in.__name__)
    names = {name for name in vars(stand_in) if not name.startswith("_")}
    assert "is_group" in names
    assert all(callable(getattr(own, name)) for name in names)
    assert hasattr(own, "jobs") == (stand_in is GroupJob)


@pytest.mark.parametrize(("postprocess_job", "told"), [(False, 1), (True, 0)])
def test_a_job_without_its_files_is_told_once(postprocess_job, told):
    """By the scheduler, unless an executor has done so."""
    handled = []

    class Scheduler:
        def _handle_error(self, job, postprocess_job=True):
            handled.append((job, postprocess_job))

    tell_of_missing(Scheduler)
    job = Job("simulate")
    Scheduler()._handle_error(job, postprocess_job=postprocess_job)
    assert job.told == told
    assert handled == [(job, postprocess_job)]


class Persistence:
    """The records of a run as Snakemake has them, to be changed."""

    def __init__(self):
        self.recorded = []

    def _serialize_param_builtin(self, value):
        return repr(value)

    def _serialize_param_pandas(self, value):
        import pandas

        is_table = isinstance(value, pandas.DataFrame)
        return "a table" if is_table else self._serialize_param_builtin(value)

    async def finished(self, job):
        for output in job.output:
            self.recorded.append({output: [await file.checksum(1000) for file in job.input]})


class File(str):
    """A file that counts how often it is hashed."""

    times = 0

    async def checksum(self, threshold=None, force=False, algorithm=None):
        self.times += 1
        return f"{self} up to {threshold}, time {self.times}"


def changed(change, *of):
    """Return classes like these, changed."""
    classes = [type(one.__name__, one.__bases__, dict(vars(one))) for one in of]
    change(*classes)
    return classes


def test_pandas_is_asked_of_parameters_only_where_it_is_imported(monkeypatch):
    (Changed,) = changed(leave_pandas_alone, Persistence)
    import pandas

    assert Changed()._serialize_param_pandas(pandas.DataFrame()) == "a table"
    monkeypatch.delitem(sys.modules, "pandas")
    assert Changed()._serialize_param_pandas("text") == "'text'"
    assert "pandas" not in sys.modules


def test_inputs_are_hashed_once_a_job():
    """And anew for the next job, and wherever else Snakemake asks."""
    Records, Input = changed(hash_inputs_once, Persistence, File)
    file, records = Input("a"), Records()
    for _ in range(2):
        job = SimpleNamespace(input=[file, Input("a")], output=["b", "c", "d"])
        asyncio.run(records.finished(job))
    first, second = ["a up to 1000, time 1"] * 2, ["a up to 1000, time 2"] * 2
    assert records.recorded == [{name: first} for name in "bcd"] + [{n: second} for n in "bcd"]
    assert asyncio.run(file.checksum(1000)) == "a up to 1000, time 3"


class Scheduler:
    """A scheduler as Snakemake has it, to be changed."""

    def __init__(self):
        self._open_jobs = threading.Semaphore(0)
        self.keepgoing = False
        signal.signal(signal.SIGTERM, self.exit_gracefully)

    def schedule(self):
        self._schedule_reevalutation(1)
        return self.keepgoing

    def _handle_error(self, job, postprocess_job=True):
        self.failed.add(job)

    def _schedule_reevalutation(self, delay):
        pass

    def exit_gracefully(self, *args):
        with self._lock:
            pass


CLOCK, SIGTERM, FIGURES, MISSING, PANDAS, HASHES, FORKED = PATCHES


@pytest.mark.parametrize(
    ("patch", "changes"),
    [
        (CLOCK, {"_schedule_reevalutation": None}),  # gone
        (CLOCK, {"_schedule_reevalutation": lambda self, delay, jitter: None}),
        (CLOCK, {"schedule": lambda self: None}),  # calls it no longer
        (CLOCK, {"__init__": lambda self: None}),  # has no semaphore
        (SIGTERM, {"exit_gracefully": None}),
        (SIGTERM, {"exit_gracefully": lambda self, number, frame: None}),
        (SIGTERM, {"exit_gracefully": lambda self, *args: None}),  # takes no lock
        (SIGTERM, {"__init__": lambda self: None}),  # is no handler
        (FIGURES, {"_handle_error": None}),
        (FIGURES, {"_handle_error": lambda self, job: None}),
        (FIGURES, {"schedule": lambda self: None}),  # does not look whether it goes on
        (MISSING, {"_handle_error": None}),
        (MISSING, {"_handle_error": lambda self, job: None}),
    ],
)
def test_it_is_left_out_where_snakemake_is_another(patch, changes, monkeypatch):
    monkeypatch.setattr(snakemake_patches, "_scheduler", lambda: Scheduler)
    assert patch.fits()
    for name, change in changes.items():
        if change is None:
            monkeypatch.delattr(Scheduler, name)
        else:
            monkeypatch.setattr(Scheduler, name, change)
    before = dict(vars(Scheduler))
    assert not snakemake_patches._apply(patch)
    assert dict(vars(Scheduler)) == before


@pytest.mark.parametrize(
    ("patch", "change"),
    [
        (PANDAS, {"_serialize_param_pandas": lambda self, value: repr(value)}),  # imports it not
        (PANDAS, {"_serialize_param_builtin": lambda self, value, kind: repr(value)}),
        (HASHES, {"finished": lambda self, job: None}),  # is no coroutine
        (HASHES, {"finished": Persistence.__init__}),
    ],
)
def test_records_are_left_alone_where_they_are_others(patch, change, monkeypatch):
    monkeypatch.setattr(snakemake_patches, "_persistence", lambda: Persistence)
    monkeypatch.setattr(snakemake_patches, "_files", lambda: File)
    assert patch.fits()
    for name, other in change.items():
        monkeypatch.setattr(Persistence, name, other)
    before = dict(vars(Persistence))
    assert not snakemake_patches._apply(patch)
    assert dict(vars(Persistence)) == before


class Shell:
    """What starts jobs, as Snakemake has it."""

    def __new__(cls, command):
        process = shells.sp.Popen(command)
        return process.pid, process.wait()


shells = SimpleNamespace(shell=Shell, sp=subprocess)


@pytest.mark.parametrize("change", [{"sp": SimpleNamespace()}, {"shell": Job}, {"shell": None}])
def test_jobs_are_forked_where_snakemake_starts_them_so(change, monkeypatch):
    monkeypatch.setattr(snakemake_patches, "_shell", lambda: shells)
    assert FORKED.fits()
    for name, other in change.items():
        monkeypatch.setattr(shells, name, other)
    before = vars(shells).copy()
    assert not snakemake_patches._apply(FORKED)
    assert vars(shells) == before


def test_no_job_is_forked_where_that_is_switched_off(monkeypatch):
    monkeypatch.setenv("SPIKESWEEP_FORK", "0")
    assert not FORKED.fits()


def test_what_is_left_out_is_a_note_of_verbose_and_no_error(monkeypatch, caplog):
    def fits():
        raise RuntimeError("not at all as it was")

    def apply():
        raise AssertionError

    from snakemake.logging import logger

    monkeypatch.setattr(snakemake_patches, "PATCHES", [Patch("an effect", fits, apply)])
    monkeypatch.setattr(snakemake_patches, "_applied", set())
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, logger.name):
        patch_snakemake()
        patch_snakemake()
    (record,) = caplog.records
    assert record.levelname == "DEBUG"
    assert record.getMessage() == (
        "spikesweep: left out, since this Snakemake is not as 9.27.1 was: an effect"
    )


def test_each_is_applied_once(monkeypatch):
    times = []
    patch = Patch("an effect", lambda: True, lambda: times.append(1))
    monkeypatch.setattr(snakemake_patches, "PATCHES", [patch])
    monkeypatch.setattr(snakemake_patches, "_applied", set())
    patch_snakemake()
    patch_snakemake()
    assert times == [1]
