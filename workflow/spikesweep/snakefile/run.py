"""This run, as Snakemake knows it: whether it runs jobs, forces some, or only shows what there is.

While Snakemake reads the Snakefile it has decided nothing: `workflow.dag_settings` and the executor
are None. It calls input functions when it has both, and before it decides what must run (seen in
Snakemake 9.27.1). So these ask, and the first of them begins the run.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products.table import Kind
from spikesweep.snakefile.lock import hold_lock
from spikesweep.snakefile.snakemake_patches import expect_jobs, patch_snakemake

# What no attribute of Snakemake tells, since it is done without an executor, or after the run: by
# the words of the command line, which may be cut short.
REPORTS = ("--report", "--report-after-run")
DELETES = ("--delete-all-output", "--delete-temp-output")
HARMLESS = ("MTIME",)  # of Snakemake's triggers
CACHE = "XDG_CACHE_HOME"  # environment variable
_SHORTEST = len("--rep")  # of a word that is cut short


@contextmanager
def one_message() -> Iterator[None]:
    """End the process with a user's mistake as one message.

    Snakemake makes a traceback of any other exception, in the Snakefile as in a function that it
    calls.
    """
    try:
        yield
    except UserError as error:
        sys.exit(f"spikesweep: {error}")


def _is_elsewhere(executor: Any) -> bool:
    """Return whether an executor runs jobs on other machines than this one."""
    common = getattr(executor, "common_settings", None)
    return bool(getattr(common, "non_local_exec", False))


def _leave_home_alone(executor: Any) -> None:
    """Have Snakemake on the nodes of a cluster keep its cache in the shared folder.

    Each of its processes makes a folder there, and a node need not have the user's home. The
    command that submits hands the environment on.
    """
    if _is_elsewhere(executor):
        os.environ.setdefault(CACHE, str(Path(".snakemake/cache").resolve()))


class Run:
    """One run of Snakemake, or the part of it in a job of a cluster.

    Args:
        workflow: Snakemake's, as a Snakefile has it.
        words: of the command line.
    """

    def __init__(self, workflow: Any, words: Sequence[str]):
        self.workflow = workflow
        self.words = words
        self.on_report: Callable[[], None] = lambda: None  # called before a report is made
        self.check_report: Callable[[], None] = lambda: None  # where only a report is asked for
        self.on_start: Callable[[], None] = lambda: None  # called before jobs are run
        self.on_end: Callable[[], None] = lambda: None  # called when all of them have ended
        self._has_begun = False

    @property
    def is_job(self) -> bool:
        """Whether this is what Snakemake started for one job: on a cluster, or beside itself."""
        return self.workflow is not None and not self.workflow.is_main_process

    @property
    def executes(self) -> bool:
        """Whether jobs are run, or their files touched; otherwise they are only shown."""
        return self.workflow.executor_plugin is not None and not self.workflow.dryrun

    @property
    def names_all_inputs(self) -> bool:
        """Whether products that exist name what they are made from as well.

        Otherwise a graph would have gaps, and forced jobs no order.
        """
        settings = self.workflow.dag_settings
        forces = settings.forceall or settings.forcerun or settings.forcetargets
        return bool(forces) or self.workflow.executor_plugin is None or self.is_told(REPORTS)

    def is_told(self, options: Sequence[str]) -> bool:
        """Return whether one of some long options stands in the command line."""
        told = [word.partition("=")[0] for word in self.words]
        return any(
            option.startswith(word) for word in told if len(word) >= _SHORTEST for option in options
        )

    def expect(self, kinds: Sequence[Kind], declared: Collection[str]) -> None:
        """Begin what jobs of these kinds are forked from, if they run on this machine; see
        `Forks.expect`."""
        if not _is_elsewhere(self.workflow.executor_plugin):
            expect_jobs(kinds, declared)

    def make_again(self, path: Path) -> None:
        """Have a file made again, whatever else is asked for.

        Snakemake makes what exists again where something that is asked for is missing: a rule of
        the user's own that reads a stable name asks for no mark, and would read what belongs to
        another configuration (tried: "Nothing to be done"). It has this set for `--forcerun`.
        """
        forced = getattr(getattr(self.workflow, "dag", None), "forcefiles", None)
        if isinstance(forced, set):
            forced.add(str(path))

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Callable[[Any], Any]:
        """Return a function as Snakemake is to call it: every one in a rule goes through here.

        Args:
            function: of the wildcards.
            arguments: with which it is called in place of the wildcards.
        """

        def answered(wildcards: Any) -> Any:
            with one_message():
                self._begin()
                return function(*arguments) if arguments else function(wildcards)

        return answered

    def _leave_it_to_names(self) -> None:
        """Take from Snakemake's triggers those that go by its own record of earlier runs.

        The profile does so as well, but a workflow that has this one as a module may have none.
        Products that exist name no inputs, so that the record finds other inputs the next time, and
        runs them again, in no order; and what was made with `--sdm conda` is the same without. File
        times stay, for rules of the user's own.
        """
        settings = self.workflow.dag_settings
        settings.rerun_triggers = frozenset(
            t for t in settings.rerun_triggers if t.name in HARMLESS
        )

    def _begin(self) -> None:
        if self._has_begun:
            return
        self._leave_it_to_names()
        if self.workflow.is_main_process and (self.executes or self.is_told(DELETES)):
            hold_lock()
        if self.executes:
            patch_snakemake()
            if self.workflow.is_main_process:
                _leave_home_alone(self.workflow.executor_plugin)
                self.on_start()
        if self.is_told(REPORTS[:1]):
            self.check_report()
        if self.workflow.executor_plugin is None or self.is_told(REPORTS):
            self.on_report()
        self._has_begun = True
