"""Snakemake's private parts that are changed, each only where it is as it was when it was read.

Where Snakemake is another by now, a patch is left out, and `snakemake --verbose` says so: without
any of them a run comes to the same results, later.
"""

import importlib
import inspect
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

from spikesweep.products.table import FIGURE, Kind
from spikesweep.snakefile.forking import Subprocesses, can_fork

SEEN_IN = "9.27.1"


class Patch(NamedTuple):
    """A change to Snakemake.

    effect: what is otherwise.
    fits: whether what is changed is there, as expected; may raise whatever it likes.
    apply: makes the change.
    """

    effect: str
    fits: Callable[[], bool]
    apply: Callable[[], None]
    seen_in: str = SEEN_IN


_applied: set[str] = set()


def patch_snakemake() -> None:
    """Apply every patch that fits, once a process."""
    for patch in PATCHES:
        if patch.effect not in _applied:
            _applied.add(patch.effect)
            _apply(patch)


def _apply(patch: Patch) -> bool:
    """Apply a patch and return whether it fits; what does not is a note of `--verbose`."""
    try:
        fits = patch.fits()
    except Exception:  # whatever it looks for is not there, in one way or another
        fits = False
    if fits:
        patch.apply()
    else:
        from snakemake.logging import logger

        logger.debug(
            f"spikesweep: left out, since this Snakemake is not as {patch.seen_in} was: "
            f"{patch.effect}"
        )
    return fits


def _takes(function: Callable, *names: str) -> bool:
    """Return whether a function has these parameters and no others."""
    return tuple(inspect.signature(function).parameters) == names


def _uses(function: Callable, *names: str) -> bool:
    """Return whether names of attributes and modules stand in a function's code."""
    return {*names} <= {*function.__code__.co_names}


def _scheduler() -> Any:
    import snakemake.api  # noqa: F401 - first: its modules import each other in a circle
    from snakemake.scheduling.job_scheduler import JobScheduler

    return JobScheduler


# ---- one clock ---------------------------------------------------------------------------------
# Of itself the scheduler starts one more clock each time it looks for work, to look again after a
# second: each goes on for ever while jobs wait, and the last keeps a finished run waiting.


def _has_clocks() -> bool:
    scheduler = _scheduler()
    return (
        _takes(scheduler._schedule_reevalutation, "self", "delay")
        and _uses(scheduler.schedule, "_schedule_reevalutation")
        and _uses(scheduler.__init__, "_open_jobs", "Semaphore")
    )


def keep_one_clock(scheduler: Any) -> None:
    """Let schedulers of a class have one clock at a time, which ends with the run."""

    def look_again_after(self: Any, delay: float) -> None:
        ticking = self.__dict__.setdefault("_ticking", threading.Lock())

        def look_again() -> None:
            ticking.release()
            self._open_jobs.release()

        if ticking.acquire(blocking=False):
            clock = threading.Timer(delay, look_again)
            clock.daemon = True
            clock.start()

    scheduler._schedule_reevalutation = look_again_after


# ---- figures that cannot be drawn --------------------------------------------------------------
# After a job that failed, Snakemake starts no others. Nothing is made of a figure but its stamped
# copies, so the others are drawn all the same. `--keep-going` would go on after any failure, also
# where the user wants a sweep to stop at the first.


def _stops_at_errors() -> bool:
    scheduler = _scheduler()
    return (
        _takes(scheduler._handle_error, "self", "job", "postprocess_job")
        and _uses(scheduler._handle_error, "failed")
        and _uses(scheduler.schedule, "keepgoing")
        and _uses(scheduler.__init__, "keepgoing")
    )


def draw_all_that_can_be(scheduler: Any) -> None:
    """Let schedulers of a class go on as long as nothing but figures failed."""
    handle = scheduler._handle_error

    def handle_error(self: Any, job: Any, postprocess_job: bool = True) -> None:
        handle(self, job, postprocess_job)
        asked = self.__dict__.setdefault("_keepgoing_asked", self.keepgoing)
        self.keepgoing = asked or only_figures(self.failed)

    scheduler._handle_error = handle_error


def only_figures(failed: Any) -> bool:
    """Return whether the jobs that failed are all drawings of figures; of jobs that a cluster had
    as one, it is not known which failed."""
    jobs = [job for one in failed for job in (one.jobs if one.is_group() else [one])]
    kinds = (job.rule.name.rpartition("_")[2] for job in jobs)  # as_module_figure in a module
    return bool(jobs) and all(kind == FIGURE.stage for kind in kinds)


# ---- jobs that left nothing --------------------------------------------------------------------
# Where a cluster says only that a job has ended, Snakemake finds that its files are missing, and
# speaks of nothing else.


def _misses_files() -> bool:
    from snakemake.jobs import GroupJob, Job

    takes = _takes(_scheduler()._handle_error, "self", "job", "postprocess_job")
    return takes and all(callable(one.log_error) for one in (Job, GroupJob))


def tell_of_missing(scheduler: Any) -> None:
    """Let schedulers of a class say of a job without its files what they say of any that failed."""
    handle = scheduler._handle_error

    def handle_error(self: Any, job: Any, postprocess_job: bool = True) -> None:
        if not postprocess_job:  # which was done: it found them missing
            job.log_error()
        handle(self, job, postprocess_job)

    scheduler._handle_error = handle_error


# ---- SIGTERM -----------------------------------------------------------------------------------
# The handler waits for a lock that the main thread holds while it finishes jobs. Called in the main
# thread, as Python does, it would wait for ever (tried, at the first job).


def _has_handler() -> bool:
    scheduler = _scheduler()
    return (
        _takes(scheduler.exit_gracefully, "self", "args")
        and _uses(scheduler.exit_gracefully, "_lock")
        and _uses(scheduler.__init__, "exit_gracefully", "SIGTERM")
    )


def answer_sigterm_in_thread(scheduler: Any) -> None:
    """Have schedulers of a class answer SIGTERM in a thread of its own."""
    handler = scheduler.exit_gracefully

    def exit_gracefully(self: Any, *signalled: Any) -> None:
        threading.Thread(target=handler, args=(self, *signalled), daemon=True).start()

    scheduler.exit_gracefully = exit_gracefully


# ---- pandas ------------------------------------------------------------------------------------
# Snakemake imports it when the first job with parameters ends, to look whether they are tables of
# pandas (a third of a second, as much as all else that a job costs Snakemake).


def _persistence() -> Any:
    import snakemake.api  # noqa: F401 - as above
    from snakemake.persistence import PersistenceBase

    return PersistenceBase


def _imports_pandas_late() -> bool:
    persistence = _persistence()
    return (
        _takes(persistence._serialize_param_pandas, "self", "value")
        and _uses(persistence._serialize_param_pandas, "pandas", "_serialize_param_builtin")
        and _takes(persistence._serialize_param_builtin, "self", "value")
    )


def leave_pandas_alone(persistence: Any) -> None:
    """Have records of a class import no pandas: where nothing has, no parameter is of it."""
    of_pandas = persistence._serialize_param_pandas

    def serialize(self: Any, value: Any) -> Any:
        as_is = self._serialize_param_builtin
        return of_pandas(self, value) if "pandas" in sys.modules else as_is(value)

    persistence._serialize_param_pandas = serialize


# ---- hashes of inputs --------------------------------------------------------------------------
# For each output of a job, Snakemake hashes all its inputs anew: those of `stamp` a thousand times,
# in a fifth of a second.

_hashed: ContextVar[dict[tuple, Any] | None] = ContextVar("_hashed", default=None)


def _files() -> Any:
    import snakemake.api  # noqa: F401 - as above
    from snakemake.io import _IOFile

    return _IOFile


def _hashes_for_each_output() -> bool:
    finished, checksum = _persistence().finished, _files().checksum
    return (
        all(map(inspect.iscoroutinefunction, (finished, checksum)))
        and _takes(finished, "self", "job")
        and _takes(checksum, "self", "threshold", "force", "algorithm")
    )


def hash_inputs_once(persistence: Any, files: Any) -> None:
    """Have records of a class hash each input of a job once, when the job has finished.

    Args:
        files: the class of inputs.
    """
    record, hashing = persistence.finished, files.checksum

    async def finished(self: Any, job: Any) -> None:
        before = _hashed.set({})
        try:
            await record(self, job)
        finally:
            _hashed.reset(before)

    async def checksum(
        self: Any, threshold: Any = None, force: bool = False, algorithm: Any = None
    ) -> Any:
        known, asked = _hashed.get(), (str(self), threshold, force, algorithm)
        if known is None:
            return await hashing(self, threshold, force, algorithm)
        if asked not in known:
            known[asked] = await hashing(self, threshold, force, algorithm)
        return known[asked]

    persistence.finished, files.checksum = finished, checksum


# ---- forked jobs -------------------------------------------------------------------------------
# Snakemake starts each job by a shell. The imports of a figure take three times as long as its
# drawing.


def _shell() -> Any:
    import snakemake.api  # noqa: F401 - as above

    return importlib.import_module("snakemake.shell")  # as an attribute it is the class in it


def _starts_by_shell() -> bool:
    shell = _shell()
    start = shell.shell.__new__
    return can_fork() and shell.sp is subprocess and _uses(start, "sp", "Popen", "pid", "wait")


def fork_jobs(shell: Any) -> None:
    """Have Snakemake fork jobs that run no code of models.

    Args:
        shell: the module that starts them.
    """
    shell.sp = Subprocesses()


def expect_jobs(kinds: Sequence[Kind], declared: Collection[str]) -> None:
    """Begin what jobs of some kinds are forked from, where they are; see `Forks.expect`."""
    starts = _shell().sp
    if isinstance(starts, Subprocesses):
        starts.forks.expect(kinds, declared)


PATCHES = (
    Patch("one clock at a time", _has_clocks, lambda: keep_one_clock(_scheduler())),
    Patch(
        "SIGTERM answered in a thread", _has_handler, lambda: answer_sigterm_in_thread(_scheduler())
    ),
    Patch(
        "all figures drawn that can be",
        _stops_at_errors,
        lambda: draw_all_that_can_be(_scheduler()),
    ),
    Patch(
        "said what a job said that left nothing",
        _misses_files,
        lambda: tell_of_missing(_scheduler()),
    ),
    Patch("pandas not imported", _imports_pandas_late, lambda: leave_pandas_alone(_persistence())),
    Patch(
        "inputs hashed once a job",
        _hashes_for_each_output,
        lambda: hash_inputs_once(_persistence(), _files()),
    ),
    Patch("jobs forked", _starts_by_shell, lambda: fork_jobs(_shell())),
)
