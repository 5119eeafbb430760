"""How the simulations of a sweep are shared out over Snakemake's jobs.

By the plan alone, never by cores: so the same sweep has the same jobs on a laptop and a cluster.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from spikesweep.document.axes.design import MOST_SIMULATIONS
from spikesweep.document.axes.template import Template
from spikesweep.plan.compartments import count_compartments

JOBS = 64  # up to here a job each; above, simulations share at most this many jobs
# Starting a job costs half a second, so that a sweep of tiny simulations gets fewer: of as many
# steps of one compartment each as take about a second. Still as many as a laptop has cores, where
# each of them works about as long as it takes to start.
JOB_WORK = 10_000_000
LEAST_WORK = 2_000_000
SMALL_JOBS = 8
# Where a workstation's cores have such a job each, more would only start more often: jobs beyond
# are of as many steps as take about three seconds.
WORKSTATION_JOBS = 16
LONG_WORK = 25_000_000
# Of a late plan where only NEURON can tell how long its simulations take: enough for a workstation.
# It finds far fewer than it may, and a job with nothing to do takes half a second as well.
LATE_JOBS = WORKSTATION_JOBS


def share_out(
    template: Template,
    columns: Sequence[Sequence[Any]],
    keys: Sequence[str],
    per_job: int | str,
    shuffled: bool = False,
) -> list[list[int]]:
    """Return the simulations of each job, as indices; those that can share a pack stand together.

    Those of one key, of which other things are recorded, are one to run: they stand in one job.

    Args:
        columns: what stands in each slot of the template, a value a simulation.
        keys: of the simulations.
        per_job: how many of different keys one job runs, or "auto".
        shuffled: each job has some from all over the design. Keys are hashes, so that their order
            is as good as drawn.
    """
    n = len(keys)
    if len(set(keys)) < n:
        alike = _by_key(keys)
        first = [same[0] for same in alike]
        values = [[column[i] for i in first] for column in columns]
        jobs = share_out(template, values, [keys[i] for i in first], per_job, shuffled)
        return [[i for place in job for i in alike[place]] for job in jobs]
    if isinstance(per_job, str):  # auto
        per_job = round_up(-(-n // count_jobs(n, work(template, columns, n))))
    shared = [
        column for slot, column in zip(template.slots, columns, strict=True) if slot.is_shared
    ]

    def packed(simulations: Iterable[int]) -> list[int]:
        return sorted(simulations, key=lambda i: ([column[i] for column in shared], i))

    order = sorted(range(n), key=keys.__getitem__) if shuffled else packed(range(n))
    pieces = (order[first : first + per_job] for first in range(0, n, per_job))
    return [*map(packed, pieces)] if shuffled else [*pieces]


def _by_key(keys: Sequence[str]) -> list[list[int]]:
    """Return the simulations of each key, in the order of their first ones."""
    found: dict[str, list[int]] = {}
    for i, key in enumerate(keys):
        found.setdefault(key, []).append(i)
    return list(found.values())


def slots(
    template: Template, columns: Sequence[Sequence[Any]], n: int, most: int, per_job: int | str
) -> int:
    """Return how many jobs a late plan has, whatever it will find; see `plan.late`.

    Args:
        columns: what stands in each slot of the template, in n simulations that are like those
            that will be found.
        most: simulations that it may find.
        per_job: how many simulations one job runs, or "auto".
    """
    if not isinstance(per_job, str):
        return max(1, min(JOBS, -(-most // per_job)))
    of_all = work(template, columns, n) / max(n, 1) * most
    if not math.isfinite(of_all):
        return max(1, min(most, LATE_JOBS))
    return int(max(1, min(most, JOBS, math.ceil(of_all / JOB_WORK))))


def spread(
    template: Template,
    columns: Sequence[Sequence[Any]],
    keys: Sequence[str],
    simulations: Sequence[int],
    jobs: int,
    shuffled: bool = False,
) -> list[list[int]]:
    """Return some of the simulations in so many jobs, as even as can be; of some there may be none.

    Those of one key stand in one job, and those that can share a pack together. See `share_out`.
    """
    shared = [
        column for slot, column in zip(template.slots, columns, strict=True) if slot.is_shared
    ]

    def packed(i: int) -> Any:
        return [column[i] for column in shared], i

    alike = [[simulations[i] for i in of] for of in _by_key([keys[i] for i in simulations])]
    alike.sort(key=lambda same: keys[same[0]] if shuffled else packed(same[0]))
    edges = [len(alike) * job // jobs for job in range(jobs + 1)]
    pieces = (alike[first:last] for first, last in pairwise(edges))
    return [sorted((i for same in piece for i in same), key=packed) for piece in pieces]


def lasting(seconds: float, each: float) -> int:
    """Return how many simulations make a job that lasts so long at least: one or more, and no more
    than a sweep can have.

    Args:
        each: s, of one simulation.
    """
    return round_up(max(1, math.ceil(min(seconds / each, MOST_SIMULATIONS))))


def round_up(per_job: int) -> int:
    """Return the next number of three binary digits and zeros: 1 to 8, 10, 12, 14, 16, 20, ...

    So a sweep that grows a little has the same jobs as before, and a last one with what is new:
    the others' files exist.
    """
    step = 1 << max(0, per_job.bit_length() - 3)
    return -(-per_job // step) * step


def count_jobs(n: int, work: float) -> int:
    """Return over how many jobs, at most, n simulations are shared out.

    Args:
        work: of all simulations, in steps of one compartment; inf where that is not known.
    """
    small = min(SMALL_JOBS, math.ceil(work / LEAST_WORK)) if math.isfinite(work) else SMALL_JOBS
    short = min(WORKSTATION_JOBS, work / JOB_WORK)
    return int(min(n, JOBS, max(1, small, short, work / LONG_WORK)))


def work(template: Template, columns: Sequence[Sequence[Any]], n: int) -> float:
    """Return the time steps of all n simulations, times the compartments of their cells.

    It is rough where the number of compartments is, and inf where only NEURON can tell it, or the
    number of steps. See `plan.compartments`.
    """
    document = template.document
    protocol: dict[str, Any] = {"settle": 0.0, **document["protocol"]}
    if "cvode" in protocol:
        return math.inf
    column_of = {slot.path: column for slot, column in zip(template.slots, columns, strict=True)}
    names = ("settle", "tstop", "dt")
    columns_of = (column_of.get(("protocol", name), [protocol[name]] * n) for name in names)
    steps = ((settle + stop) / step for settle, stop, step in zip(*columns_of, strict=True))
    return float(count_compartments(document["cells"], template.files.read) * sum(steps))
