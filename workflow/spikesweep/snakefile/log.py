"""What a run says while it runs: a handler of Snakemake's logger, and the words of the jobs.

Jobs write to files in `results/logs`, so that nothing tears the live line. What they warn of is
said when they end; of one that failed, the last that it said.

Snakemake's own words remain with `--verbose`, `--printshellcmds`, and where the profile is not
ours, which silences the rules: then the words of the jobs are added to them.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from spikesweep.plan.products import Plan
from spikesweep.snakefile.progress import RULES, Known, Part, Progress, part_of
from spikesweep.snakefile.screen import Screen, is_terminal

LOGS = Path("results/logs")
MOST_LINES = 40  # of what a failed job said
EVERY = 30.0  # s, between lines where there is no terminal
TICK = 1.0  # s, between drawings of the live line
OURS = "spikesweep: "
# Of what Snakemake says besides events, that which says nothing of this run.
_NOISE = (
    *("Select jobs", "Execute ", "Using shell", "Touching output", "Complete log", "Building DAG"),
    *("Removing output files of failed", "Job ", "Assuming ", "Updating job"),
)


def log_file(path: str) -> str:
    """Return where a job writes what it says, by the names of what it makes."""
    return str(LOGS / f"{path}.log")


class Words:
    """What the jobs of a run say, from their files."""

    def __init__(self) -> None:
        self._logs: dict[int, list[Path]] = {}
        self._told: set[int] = set()

    def starts(self, job: int, logs: Iterable[str]) -> None:
        """A job started, which writes to these files."""
        self._logs[job] = [path for path in map(Path, logs) if path.is_relative_to(LOGS)]
        self._told.discard(job)

    def of_finished(self, job: int) -> str:
        """Return what a job warned of; an empty file goes."""
        warnings = []
        for path in self._logs.get(job, []):
            if not (text := _read(path)):
                path.unlink(missing_ok=True)
            warnings += [line for line in text.splitlines() if line.startswith(OURS)]
        return "\n".join(warnings)

    def of_failed(self, job: int) -> str:
        """Return the last that a job said, once; '' where it said nothing."""
        if job in self._told or job not in self._logs:
            return ""
        self._told.add(job)
        said = []
        for path in self._logs[job]:
            lines = _read(path).splitlines()
            if len(lines) > MOST_LINES:
                # Whole: what we say ourselves, however long before the end.
                kept = [line for line in lines[:-MOST_LINES] if line.startswith(OURS)]
                said += [f"(the end of {path})", *kept]
            said += lines[-MOST_LINES:]
        return "\n".join(said) or _full_disk()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\n")
    except OSError:
        return ""


def _full_disk() -> str:
    """Return what a job could not write, as there was no room for it."""
    try:
        full = os.statvfs(LOGS).f_bavail == 0
    except OSError:
        full = False
    return (
        f"{OURS}{LOGS.parent}: the disk is full; make room and run snakemake again: what was "
        "finished is kept"
        if full
        else ""
    )


class JobsHandler(logging.Handler):
    """Adds the words of the jobs to Snakemake's own."""

    def __init__(self, stream: Any):
        super().__init__()
        self.stream = stream
        self.words = Words()

    def emit(self, record: logging.LogRecord) -> None:
        """Answer an event."""
        event = str(getattr(record, "event", ""))
        if event == "job_info":
            self.words.starts(record.jobid, record.log)
        elif event == "job_finished":
            self._say(self.words.of_finished(record.job_id))
        elif event == "job_error":
            self._say(self.words.of_failed(record.jobid))

    def _say(self, text: str) -> None:
        if text:
            self.stream.write(f"{text}\n")
            self.stream.flush()


class LiveHandler(logging.Handler):
    """Tells a run in a line a sweep, in the place of Snakemake's own handler.

    Args:
        stream: a terminal, in which lines rewrite themselves; or any other, to which a line a stage
            is written, and one now and then.
        jobs: returns all jobs that are to run: number and outputs.
        known: what the names of files do not tell of jobs.
    """

    def __init__(
        self,
        stream: Any,
        colour: bool,
        jobs: Callable[[], Iterable[tuple[int, list[str]]]],
        known: Known,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        self.stream = stream
        self.screen = Screen(stream, colour) if is_terminal(stream) else None
        self.progress = Progress()
        self.words = Words()
        self._jobs = jobs
        self._known = known
        self._clock = clock
        self._started = clock()
        self._said = clock()
        self._ended = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Answer an event, or pass on what else is said."""
        event = str(getattr(record, "event", None) or "")
        if answer := getattr(self, f"_on_{event}", None):
            answer(record)
        elif record.levelno >= logging.WARNING:
            self._say(self.format(record), wrong=record.levelno >= logging.ERROR)
        elif not event and record.levelno >= logging.INFO:
            text = record.getMessage()
            if text and not text.startswith(_NOISE):
                self._say(text)
        self._show()

    def _on_run_info(self, record: logging.LogRecord) -> None:
        for job, outputs in self._jobs():
            if part := part_of(outputs, self._known):
                self.progress.expects(job, part)
        if self.screen and not self._ended.is_set():
            threading.Thread(target=self._tick, daemon=True).start()

    def _on_job_info(self, record: logging.LogRecord) -> None:
        self.words.starts(record.jobid, record.log)
        part = part_of(record.output, self._known) or _rule(record)
        if part:
            self.progress.starts(record.jobid, part, self._clock())

    def _on_job_finished(self, record: logging.LogRecord) -> None:
        if said := self.words.of_finished(record.job_id):
            self._say(said)
        part = self.progress.ends(record.job_id, self._clock())
        if part and self.progress.stages[part.sweep][part.stage].is_done:
            self._stage_done(part)

    def _on_job_error(self, record: logging.LogRecord) -> None:
        said = self.words.of_failed(record.jobid)
        part = self.progress.ends(record.jobid, self._clock(), failed=True)
        if said:
            what = f"{part.sweep}: {part.stage}" if part else record.rule_name
            made = ", ".join(record.output[:1])
            self._say(f"{what} failed{made and f' ({made})'}:", wrong=True)
            self._say(said)
        elif not record.log:  # a rule of the user's own, whose words went to the terminal
            self._say(self.format(record), wrong=True)

    def _ignore(self, record: logging.LogRecord) -> None:
        """Say nothing."""

    _on_progress = _on_shellcmd = _on_resources_info = _on_job_started = _on_debug_dag = _ignore
    _on_group_info = _on_rulegraph = _on_workflow_started = _ignore

    def _stage_done(self, part: Part) -> None:
        if self.screen:
            return
        done = self.progress.stages[part.sweep][part.stage].done
        since = self._clock() - self._started
        name = "" if part.sweep == RULES else f"{part.sweep}  "
        self._say(f"{name}{part.stage} {done}/{done} done, after {since:.0f} s")

    def _tick(self) -> None:
        while not self._ended.wait(TICK):
            with self.lock:
                self._show()

    def _show(self) -> None:
        if self._ended.is_set():
            return
        now = self._clock()
        if self.screen:
            self.screen.draw(self.progress.lines(self.screen.width, now))
        elif now - self._said >= EVERY:
            for line in self.progress.lines(200, now):
                self._say(line)

    def _say(self, text: str, wrong: bool = False) -> None:
        self._said = self._clock()
        if self.screen:
            self.screen.say(text, wrong)
        else:
            self.stream.write(f"{text}\n")
            self.stream.flush()

    def end(self) -> None:
        """Take the live line away, for what is said when all is done."""
        with self.lock:
            if not self._ended.is_set():
                self._ended.set()
                if self.screen:
                    self.screen.clear()

    def close(self) -> None:
        """Be done, as Snakemake tells its handlers."""
        self.end()
        super().close()


def _rule(record: logging.LogRecord) -> Part | None:
    """Return what a job of a user's own rule is; None of one that only names others."""
    return Part(RULES, record.rule_name) if record.output else None


def known_of(plans: Iterable[Plan]) -> Known:
    """Return what plans tell of the jobs of their sweeps."""
    simulations, libraries = {}, {}
    for plan in plans:
        files = [product.path.name for product in plan.simulations]
        simulations.update(zip(files, map(len, plan.batches), strict=True))
        if plan.library:
            libraries.setdefault(plan.library.path.name, plan.name)
    return Known(simulations, libraries)


def attach(workflow: Any, plans: Iterable[Plan]) -> LiveHandler | None:
    """Have a run told in a line a sweep, where Snakemake would only say which jobs have finished.

    Args:
        workflow: Snakemake's, in its main process, which runs jobs.
        plans: of the sweeps that it runs.
    """
    from snakemake.logging import logger

    default = [handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"]
    settings = workflow.output_settings
    stream = default[0].stream if default else sys.stderr
    quiet = {str(kind).rpartition(".")[2].lower() for kind in (settings.quiet or ())}
    is_told_all = settings.verbose or settings.printshellcmds or settings.debug_dag
    if not default or is_told_all or "rules" not in quiet or quiet & {"all", "progress"}:
        if "all" not in quiet:
            logger.addHandler(JobsHandler(stream))
        return None

    def jobs() -> Iterable[tuple[int, list[str]]]:
        for job in workflow.dag.needrun_jobs(exclude_finished=False):
            yield job.jobid, [str(path) for path in job.output]

    live = LiveHandler(stream, not settings.nocolor, jobs, known_of(plans))
    live.setFormatter(default[0].formatter)
    logger.removeHandler(default[0])
    logger.addHandler(live)
    return live
