"""What a run says while it runs: a handler of Snakemake's logger, and the words of the jobs.

Jobs write to files in `results/logs`, so that nothing tears the live line. What they warn of is
said when they end; of one that failed, the last that it said.

Snakemake's own words remain with `--verbose`, `--printshellcmds`, and where the profile is not
ours, which silences the rules: then the words of the jobs are added to them. With
`--logger spikesweep`, where the package is installed, no profile need silence anything.
"""

import logging
import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from logging.handlers import QueueHandler
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError, listing, suggest
from spikesweep.plan.products import Plan
from spikesweep.products.plan_file import read_plan
from spikesweep.products.table import PLAN
from spikesweep.snakefile.progress import RULES, WIDE, Known, Part, Progress, part_of
from spikesweep.snakefile.record import LOGS, write_record
from spikesweep.snakefile.screen import Screen, is_terminal

MOST_LINES = 40  # of what a failed job said
CLUSTER_LINES = 3  # of what a cluster's own log says of it
EVERY = 30.0  # s, between lines where there is no terminal
TICK = 1.0  # s, between drawings of the live line
RECORD_EVERY = 1.0  # s
PLUGIN = "snakemake_logger_plugin_spikesweep"  # which Snakemake imports where it is installed
LONGEST_WAIT = 1.0  # s
OURS = "spikesweep: "
# Of what Snakemake says besides events, that which says nothing of this run.
_NOISE = (
    *("Select jobs", "Execute ", "Using shell", "Touching output", "Complete log", "Building DAG"),
    *("Removing output files of failed", "Job ", "Assuming ", "Updating job"),
    "Group jobs: inactive",
    *("Conda environments: ignored", "Singularity containers: ignored"),
    *("Activating conda environment", "Activating singularity image"),
)
# What Snakemake says after a job that failed, which has told it in its own words.
_AFTER_FAILURE = (
    "Exiting because a job execution failed",
    "WorkflowError:\nAt least one job did not complete",
)
# What Snakemake adds to a cluster's words.
_SEE_LOGS = (
    "For further error details see the cluster/cloud log and the log files of the involved rule(s)."
)
# What Snakemake warns of where a product that was missing is there again before its job: the job
# makes it anew all the same.
_THERE_AGAIN = "not present when the DAG was created"
_NO_RULE = re.compile(r"No rule to produce ([\w-]+) \(")
_OUR_JOB = "-m spikesweep "  # stands in the commands of our rules


def log_file(path: str) -> str:
    """Return where a job writes what it says, by the names of what it makes."""
    return str(LOGS / f"{path}.log")


class UnknownTarget(logging.Filter):
    """Puts what Snakemake says of a target that nothing makes into words of ours.

    Only Snakemake knows, once all rules are read, also those of a workflow that has this one as a
    module; before that, a target cannot be told from the last word of an option.

    Args:
        sweeps, sets: the names of all there are.
    """

    def __init__(self, sweeps: Sequence[str], sets: Sequence[str]):
        super().__init__()
        self.known = f"sweeps: {listing(sweeps) or 'none'}"
        self.known += f"; figure sets: {listing(sets)}" if sets else ""
        self.names = [*sweeps, *sets]

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        if match := _NO_RULE.search(record.getMessage()):
            near = suggest(match[1], self.names)
            record.args = ()
            record.msg = (
                f'{OURS}"{match[1]}" is neither a sweep nor a figure set, a rule or a file{near} '
                f"({self.known})"
            )
        return True


def explain_unknown(sweeps: Sequence[str], sets: Sequence[str]) -> None:
    """Have Snakemake say of a target that nothing makes which sweeps and figure sets there are."""
    from snakemake.logging import logger

    logger.addFilter(UnknownTarget(sweeps, sets))


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

    def has_said(self, job: int) -> bool:
        """Return whether a job said anything."""
        return any(map(_read, self._logs.get(job, [])))

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


def _of_cluster(record: logging.LogRecord) -> str:
    """Return what a cluster says of a job that said nothing, as one that it ended: in what state
    that is, and the end of its own log."""
    if not (message := getattr(record, "rule_msg", None)):
        return ""
    return "\n".join([message.removesuffix(_SEE_LOGS).strip(), *_ends(record.log)])


def _ends(logs: Iterable[str]) -> list[str]:
    """Return the last lines of those logs that are a cluster's own."""
    own = [path for path in map(Path, logs) if not path.is_relative_to(LOGS)]
    return [line for path in own for line in _read(path).splitlines()[-CLUSTER_LINES:]]


def _are_made(outputs: Iterable[str]) -> bool:
    return all(Path(path).exists() for path in outputs)


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


class RunHandler(logging.Handler):
    """Follows a run: adds the words of its jobs to what Snakemake says, and records how far it is.

    Args:
        stream: where to say it.
        jobs: returns all jobs that are to run: number and outputs.
        known: what the names of files do not tell of jobs.
        clock: s.
    """

    def __init__(
        self,
        stream: Any,
        jobs: Callable[[], Iterable[tuple[int, list[str]]]],
        known: Known,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        self.stream = stream
        self.progress = Progress()
        self.words = Words()
        self._jobs = jobs
        self._known = known
        self._clock = clock
        self._started = clock()
        self._recorded = -RECORD_EVERY
        self._ended = False

    def emit(self, record: logging.LogRecord) -> None:
        """Answer an event, or what else is said."""
        event = str(getattr(record, "event", None) or "")
        getattr(self, f"_on_{event}", self._on_other)(record)
        self._after()

    def _on_other(self, record: logging.LogRecord) -> None:
        """Leave it to Snakemake's own handler."""

    def _on_run_info(self, record: logging.LogRecord) -> None:
        for job, outputs in self._jobs():
            if part := part_of(outputs, self._known):
                self.progress.expects(job, part)

    def _on_job_info(self, record: logging.LogRecord) -> None:
        self.words.starts(record.jobid, record.log)
        part = part_of(record.output, self._known) or _rule(record)
        if part:
            self.progress.starts(record.jobid, part, self._clock())

    def _on_job_finished(self, record: logging.LogRecord) -> None:
        if said := self.words.of_finished(record.job_id):
            self._say(said)
        part = self.progress.ends(record.job_id, self._clock())
        if part and part.stage == PLAN.stage:
            self._learn()
        if part and self.progress.stages[part.sweep][part.stage].is_done:
            self._stage_done(part)

    def _on_group_error(self, record: logging.LogRecord) -> None:
        """Of jobs that a cluster had as one, say what it says itself where those that failed say
        nothing; each of them is told after this."""
        failed = [job["jobid"] for job in record.job_error_info if not _are_made(job["output"])]
        if any(map(self.words.has_said, failed)):
            return
        self._on_other(record)
        if lines := _ends(record.aux_logs):
            self._say("\n".join(lines))

    def _on_job_error(self, record: logging.LogRecord) -> None:
        if getattr(record, "indent", False) and _are_made(
            record.output
        ):  # others of a group failed
            self.progress.ends(record.jobid, self._clock(), failed=True)
            return
        said = self.words.of_failed(record.jobid)
        part = self.progress.ends(record.jobid, self._clock(), failed=True)
        said = said or _of_cluster(record)
        self._job_failed(record, bool(said))
        if said:
            what = f"{part.sweep}: {part.stage}" if part else record.rule_name
            made = ", ".join(record.output[:1])
            self._say(f"{what} failed{made and f' ({made})'}:", wrong=True)
            self._say(said)
        elif not record.log:  # a rule of the user's own, whose words went to the terminal
            self._on_other(record)

    def _learn(self) -> None:
        """Count the simulations of jobs anew: a late plan is known now."""
        for path in filter(Path.exists, [*self._known.late]):
            self._known.late.remove(path)
            self._known.simulations.update(_counted(path))
        for job, outputs in self._jobs():
            if part := part_of(outputs, self._known):
                self.progress.learns(job, part)

    def _stage_done(self, part: Part) -> None:
        """Nothing need be said."""

    def _job_failed(self, record: logging.LogRecord, is_told: bool) -> None:
        """Snakemake's own words about it are left to its own handler."""

    def _after(self) -> None:
        """Record now and then how far the run is."""
        now = self._clock()
        if now - self._recorded >= RECORD_EVERY:
            self._recorded = now
            self._record()

    def _record(self) -> None:
        if self.progress.stages:
            write_record(self.progress.told(self._clock(), self._ended))

    def _say(self, text: str, wrong: bool = False) -> None:
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def end(self) -> None:
        """The last job has ended: what follows is said below all that this has said."""
        with self.lock:
            if not self._ended:
                self._ended = True
                self._record()

    def close(self) -> None:
        """Be done, as Snakemake tells its handlers."""
        self.end()
        super().close()


class LiveHandler(RunHandler):
    """Tells a run in a line a sweep, in the place of Snakemake's own handler.

    To a stream that is a terminal in lines that rewrite themselves; to any other in a line a stage,
    and one now and then.
    """

    def __init__(self, stream: Any, colour: bool, *more: Any):
        super().__init__(stream, *more)
        self.screen = Screen(stream, colour) if is_terminal(stream) else None
        self._said = self._clock()
        self._done = threading.Event()
        self._commands: list[str] = []  # that failed, as Snakemake says before it tells the job
        self._is_told = False  # of a job that failed, in its own words

    def _on_other(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        is_event = hasattr(record, "event")
        is_noise = record.levelno < logging.INFO or is_event or text.startswith(_NOISE)
        if (
            record.levelno >= logging.ERROR
            and text.startswith("RuleException")
            and _OUR_JOB in text
        ):
            self._commands.append(text)
        elif _THERE_AGAIN in text or (text.startswith(_AFTER_FAILURE) and self._is_told):
            pass
        elif text and (record.levelno >= logging.WARNING or not is_noise):
            self._say(text, wrong=record.levelno >= logging.ERROR)

    def _job_failed(self, record: logging.LogRecord, is_told: bool) -> None:
        """Say which command failed where the job itself says nothing, as one that was killed."""
        self._is_told = self._is_told or is_told
        of_job = [text for text in self._commands if any(path in text for path in record.output)]
        self._commands = [text for text in self._commands if text not in of_job]
        for text in of_job if not is_told else []:
            self._say(text, wrong=True)

    def _ignore(self, record: logging.LogRecord) -> None:
        """Say nothing."""

    _on_progress = _on_shellcmd = _on_resources_info = _on_job_started = _on_debug_dag = _ignore
    _on_group_info = _on_rulegraph = _on_workflow_started = _ignore

    def _on_run_info(self, record: logging.LogRecord) -> None:
        super()._on_run_info(record)
        if self.screen:
            threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        while not self._done.wait(TICK):
            with self.lock:
                self._after()

    def _stage_done(self, part: Part) -> None:
        if self.screen:
            return
        done = self.progress.stages[part.sweep][part.stage].done
        since = self._clock() - self._started
        name = "" if part.sweep == RULES else f"{part.sweep}  "
        self._say(f"{name}{part.stage} {done}/{done} done, after {since:.0f} s")

    def _after(self) -> None:
        super()._after()
        if self._ended:
            return
        now = self._clock()
        if self.screen:
            self.screen.draw(self.progress.lines(self.screen.width, now))
        elif now - self._said >= EVERY:
            for line in self.progress.lines(WIDE, now):
                self._say(line)

    def _say(self, text: str, wrong: bool = False) -> None:
        self._said = self._clock()
        if self.screen:
            self.screen.say(text, wrong)
        else:
            super()._say(text)

    def end(self) -> None:
        """Take the live line away, for what is said when all is done."""
        for text in self._commands:
            self._say(text, wrong=True)
        self._commands = []
        super().end()
        self._done.set()
        with self.lock:
            if self.screen:
                self.screen.clear()


def _counted(path: Path) -> dict[str, int]:
    """Return how many simulations each job of a plan has, by the name of its file."""
    try:
        plan = read_plan(path)
        counts = Counter(row.batch for row in plan.rows())
    except UserError:  # damaged since, as the jobs that read it say
        return {}
    return {name: counts[Path(name).stem.rpartition("_")[2]] for name in plan["batches"]}


def _rule(record: logging.LogRecord) -> Part | None:
    """Return what a job of a user's own rule is; None of one that only names others."""
    return Part(RULES, record.rule_name) if record.output else None


def known_of(plans: Iterable[Plan]) -> Known:
    """Return what plans tell of the jobs of their sweeps."""
    simulations: dict[str, int] = {}
    libraries: dict[str, str] = {}
    late = []
    for plan in plans:
        late += [one.plan.path for one in (*plan.companions, plan) if one.unknown]
        for one in (plan, plan.refined) if plan.refined else (plan,):
            files = [product.path.name for product in one.simulations]
            numbers = zip(files, map(len, one.batches), strict=True)
            # A job counts as one simulation where it is not known yet how many it has.
            simulations.update((file, n or 1 if one.unknown else n) for file, n in numbers)
        if plan.library:
            libraries.setdefault(plan.library.path.name, plan.name)
    return Known(simulations, libraries, late)


def attach(workflow: Any, plans: Iterable[Plan]) -> RunHandler:
    """Have a run told in a line a sweep, where Snakemake would only say which jobs have finished.

    Args:
        workflow: Snakemake's, in its main process, which runs jobs.
        plans: of the sweeps that it runs.
    """
    from snakemake.logging import logger

    def jobs() -> Iterable[tuple[int, list[str]]]:
        for job in workflow.dag.needrun_jobs(exclude_finished=False):
            yield job.jobid, [str(path) for path in job.output]

    default = [handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"]
    plugin = _plugin()
    told_by = plugin or (default[0] if default else None)
    settings = workflow.output_settings
    stream = told_by.stream if told_by else sys.stderr
    quiet = {str(kind).rpartition(".")[2].lower() for kind in (settings.quiet or ())}
    if plugin and not quiet:
        quiet = {"rules"}  # it is asked for by its name
    is_told_all = settings.verbose or settings.printshellcmds or settings.debug_dag
    if not told_by or is_told_all or "rules" not in quiet or quiet & {"all", "progress"}:
        own = RunHandler(stream, jobs, known_of(plans))
        logger.addHandler(own)
        return own

    live = LiveHandler(stream, not settings.nocolor, jobs, known_of(plans))
    live.setFormatter(told_by.formatter)
    if plugin:
        _wait_for_queues(logger)  # of what was said before, in a thread of its own
        plugin.end()
    else:
        logger.removeHandler(told_by)
    logger.addHandler(live)
    return live


def _plugin() -> Any:
    """Return the handler of `--logger spikesweep`, None where that was not asked for."""
    module = sys.modules.get(PLUGIN)
    return module.LogHandler.current if module else None


def _wait_for_queues(logger: logging.Logger) -> None:
    """Wait until all that was said to plugins of Snakemake's logger is told; but not for ever."""
    until = time.monotonic() + LONGEST_WAIT
    queues = [h.queue for h in logger.handlers if isinstance(h, QueueHandler)]
    while any(queue.unfinished_tasks for queue in queues) and time.monotonic() < until:
        time.sleep(0.001)
