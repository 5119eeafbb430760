"""What the rules ask of a cluster: memory, time and disk. On one machine Snakemake uses none.

What was measured of a sweep, by `spikesweep plan <sweep> --estimate`, decides; without it a job
asks for what most need. Each attempt of a job asks for as much again: with `retries: 2` in a
profile, one that the cluster ended for want of memory or time has more the next time.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spikesweep.products.table import Kind
    from spikesweep.snakefile.project import Project

STARTED = 500  # MB: Python, NEURON, NumPy and h5py, before the first simulation
ANY = 1500  # MB: of a simulation whose sweep names no limit
GATHERING = 2000  # MB: of what reads results, with pandas, xarray or matplotlib
BYTES_READ = 300  # of each simulation of a sweep: a job reads the plan's table, twice for a moment
BYTES_GATHERED = 2000  # of each simulation more: 1,600 measured at a million, spikes only
MINUTES = 60  # of a job of which nothing was measured
LEAST_MINUTES = 10  # of any other: two starts of Snakemake, and a slow file system
ROOM = 3  # times what was measured: on another machine, beside others' jobs
PACK = 256  # simulations that one core runs at least, where others are idle
DISK = 1000  # MB: of a job of which nothing was measured
LEAST_DISK = 100  # MB

Ask = Callable[[Any, int, int], int]  # of wildcards, attempt, threads


def memory(project: "Project | None" = None, simulates: bool = False) -> Ask:
    """Return the function that tells Snakemake the memory of a rule's jobs, in MB.

    As many packs of a job run side by side as its rule has threads, and none may take more than
    `limits.memory` beyond what its job starts with.

    Args:
        project: whose sweeps have limits; may be left out where nothing is simulated.
        simulates: whether the jobs run code of models.
    """

    def mem_mb(wildcards: Any, attempt: int, threads: int) -> int:
        if not project:
            return GATHERING * attempt
        if not simulates:
            gathered = BYTES_GATHERED * project.count(wildcards.sweep)
            return (GATHERING + math.ceil(gathered / 1e6)) * attempt
        limit = project.limits(wildcards.sweep).memory
        each = ANY if limit is None else math.ceil(limit * 1000)
        if limit is None and (taken := project.measured_of_job(wildcards)):
            each = max(each, math.ceil(2 * taken.memory / 1e6))
        read = BYTES_READ * project.count(wildcards.sweep)
        return (STARTED + math.ceil(read / 1e6) + threads * each) * attempt

    return mem_mb


def threads_told(told: bool) -> Callable[[Any, int], str]:
    """Return the function that tells a job the threads of its rule, as a word more; '' where the
    job is not told."""
    return lambda wildcards, threads: f" {threads}" if told else ""


def group_of(kind: "Kind") -> str | None:
    """Return the group that a rule's jobs belong to: on a cluster one job makes all that is
    gathered of a sweep, and waits in its queue once. None of what simulates."""
    return None if kind.simulates else "gather"


def runtime(project: "Project | None" = None, simulates: bool = False) -> Ask:
    """Return the function that tells Snakemake how long a rule's jobs may take, in minutes.

    A simulation that reaches `limits.timeout` is to be recorded, before the cluster ends its job.
    """

    def minutes(wildcards: Any, attempt: int, threads: int) -> int:
        if not (project and simulates):
            return MINUTES * attempt
        timeout = project.limits(wildcards.sweep).timeout or 0.0
        taken = project.measured_of_job(wildcards)
        if taken is None:
            return (MINUTES + math.ceil(timeout / 60)) * attempt
        side_by_side = max(1.0, min(threads, taken.simulations / PACK))
        seconds = ROOM * taken.seconds / side_by_side + timeout
        return (LEAST_MINUTES + math.ceil(seconds / 60)) * attempt

    return minutes


def disk(project: "Project", simulates: bool) -> Ask:
    """Return the function that tells Snakemake what a rule's jobs write at most, in MB."""

    def disk_mb(wildcards: Any, attempt: int, threads: int) -> int:
        taken = project.measured_of_job(wildcards) if simulates else project.measured(wildcards)
        megabytes = DISK if taken is None else LEAST_DISK + math.ceil(ROOM * taken.stored / 1e6)
        return megabytes * attempt

    return disk_mb
