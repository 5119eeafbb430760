"""What the rules ask of a cluster: memory and time. On one machine Snakemake does not use them.

Each attempt of a job asks for as much again: with `retries: 2` in a profile, one that the cluster
ended for want of memory or time has more the next time.
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
BYTES_GATHERED = 2000  # of each simulation more: 1,600 measured at a million, spikes only
MINUTES = 60  # of each attempt


def memory(
    project: "Project | None" = None, simulates: bool = False
) -> Callable[[Any, int, int], int]:
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
        limit = project.memory_limit(wildcards.sweep)
        each = ANY if limit is None else math.ceil(limit * 1000)
        return (STARTED + threads * each) * attempt

    return mem_mb


def group_of(kind: "Kind") -> str | None:
    """Return the group that a rule's jobs belong to: on a cluster one job makes all that is
    gathered of a sweep, and waits in its queue once. None of what simulates."""
    return None if kind.simulates else "gather"


def runtime(wildcards: Any, attempt: int) -> int:
    """Tell Snakemake the time that a job may take, in minutes."""
    return MINUTES * attempt
