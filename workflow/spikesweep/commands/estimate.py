"""What a sweep will take, from a few of its simulations: `spikesweep plan <sweep> --estimate`.

They run as a job runs them, in packs and forked children, but their results go to a temporary
folder. Two things stay: the compiled mechanisms, which the sweep needs all the same, and what one
simulation takes, from which jobs on a cluster have their size and their limits.
"""

import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import h5py

from spikesweep.commands.gc import in_bytes
from spikesweep.errors import UserError
from spikesweep.execution.gathering import SECONDS, Gathering
from spikesweep.jobs.batch import start_simulator
from spikesweep.plan.batches import lasting
from spikesweep.plan.late import LatePlan
from spikesweep.plan.measured import Measured
from spikesweep.plan.products import Plan
from spikesweep.plan.trust import times_as_long
from spikesweep.products.plan_file import PlanFile
from spikesweep.products.table import CURRENT, LIMITS, STAMP
from spikesweep.store.store import Store

PLACES = 3  # of the sweep, in which simulations are tried: its first, a middle and its last job
FEW, MANY = 2, 64  # simulations tried in each place; many only where a few are quick
QUICK = 1.0  # s

# Measured (see docs/speed.md); seconds of one core.
UNKEYED = (CURRENT, STAMP)  # which run each time that something is made
CLUSTER_JOB = 300.0  # long beside a job's wait and start
STARTING = 2.0  # Snakemake, the plan, and its end
JOB = 0.25  # what a job takes before its first simulation, with Snakemake's share of it
PRODUCT = 0.8  # any other product: to start, to import what makes it, to write it
FIGURE = 3.5  # to import what draws, to draw in three formats, to stamp
LEAST_WORK = 0.1  # s; the clock of work goes by hundredths
MOST_CROWDED = 8.0  # a short trial that waits for the disk says no more
GATHERING = 6e-5  # a simulation's part of the dataset and of the statistics


@dataclass(frozen=True)
class Trial:
    """What some simulations took: seconds, bytes in the store, and the largest child's memory.

    content: bytes without those of the files' own frames, which each file has and the dataset has
        but once; None where that is not known.
    """

    simulations: int
    seconds: float
    stored: int
    memory: int
    fewer: "Trial | None" = None
    content: int | None = None

    @property
    def each(self) -> float:
        """Seconds that one simulation more takes, in a pack, beside what fewer took before."""
        if self.fewer and self.seconds > self.fewer.seconds:
            more = self.simulations - self.fewer.simulations
            return (self.seconds - self.fewer.seconds) / more
        return self.seconds / self.simulations


@dataclass(frozen=True)
class Estimate:
    """What the simulations that are missing will take.

    stored, dataset: bytes. memory: bytes of one job. seconds: from start to end.
    figures: those that are to be drawn. bound: how many simulations more there may be, at most,
    which are not known yet. at_most: whether all are of simulations of which only some may be
    found. refined: those of trust, beside the missing ones.
    """

    missing: int
    jobs: int
    each: float
    stored: int
    dataset: int
    memory: int
    seconds: float
    figures: int = 0
    bound: int = 0
    at_most: bool = False
    refined: "Refined | None" = None


@dataclass(frozen=True)
class Refined:
    """The refined simulations of trust that are to run.

    jobs: that run them. work: how many of the sweep's own take as long, by the smaller steps and
    the more segments. at_most: whether it is not known yet which they are, so that these are all.
    """

    simulations: int
    jobs: int
    work: float
    at_most: bool = False


def estimate(plan: Plan, cores: int) -> Estimate:
    """Return what a sweep will take on some cores, after running a few of its simulations.

    Raises:
        UserError: its mechanisms cannot be compiled; every simulation that was tried failed; or it
            is not known of any simulation yet which it is.
    """
    if at_most := not plan.keys:
        plan = _with_all_candidates(plan)
    if plan.library and not plan.library.path.exists():
        from spikesweep.jobs import mechanisms

        mechanisms.make(plan.catalogue.set_name, plan.library.path)
    lacking = set(plan.lacking(Store()))
    # A job runs where its file is missing, though the store may have all that it is to write there.
    jobs = zip(plan.batches, plan.simulations, strict=True)
    runs = [batch for batch, product in jobs if not product.path.exists()]
    batches = [[i for i in batch if i in lacking] for batch in runs]
    with _Crowding() as crowding:
        trials = _trials(plan, _spread([batch for batch in batches if batch] or plan.batches))
    undrawn = [figure for figure in plan.figures.values() if not figure.path.exists()]
    missing = list(map(len, batches))
    others = [plan.plan, *plan.tables]
    unmade = sum(not product.path.exists() for product in others) + len(UNKEYED)
    found = extrapolate(
        trials, missing, len(plan.keys), cores, len(undrawn), _refined(plan),
        products=unmade, crowded=crowding.factor,
    )  # fmt: skip
    return replace(found, bound=plan.most - len(plan.keys), at_most=at_most)


def _with_all_candidates(plan: Plan) -> Plan:
    """Return a plan of which no simulation is known with all that it may find: those of all
    candidates of another sweep.

    Raises:
        UserError: it waits for its input, without which nothing is like its simulations.
    """
    if not isinstance(plan, LatePlan) or not plan.populations or plan.stand_in is None:
        raise UserError(f"{plan.name}: nothing can be estimated: {plan.unknown}")
    return plan.stand_in.with_points(plan.stand_in.combination)


class _Crowding:
    """How many times as long something took as the processor worked at it: 1 where it had one for
    itself."""

    def __enter__(self) -> "_Crowding":
        self._began = time.perf_counter(), sum(os.times()[:4])
        self.factor = 1.0
        return self

    def __exit__(self, *_: object) -> None:
        lasted, worked = time.perf_counter() - self._began[0], sum(os.times()[:4]) - self._began[1]
        if worked >= LEAST_WORK:
            self.factor = min(max(1.0, lasted / worked), MOST_CROWDED)


def _refined(plan: Plan) -> Refined | None:
    """Return what trust asks to be run, None where it does not, or all is there."""
    trust, of = plan.sweep.trust, plan.refined
    if trust is None or of is None:
        return None
    folds = times_as_long(trust)
    jobs = sum(not product.path.exists() for product in of.simulations)
    if of.unknown:
        return Refined(of.most, jobs, of.most * sum(folds) / len(folds), at_most=True)
    lacking = of.lacking(Store())
    work = sum(folds[i % len(folds)] for i in lacking)
    return Refined(len(lacking), jobs, work) if jobs else None


def extrapolate(
    trials: Sequence[Trial],
    missing: Sequence[int],
    simulations: int,
    cores: int,
    figures: int = 0,
    refined: Refined | None = None,
    products: int = 0,
    crowded: float = 1.0,
) -> Estimate:
    """Return what a sweep will take, from trials in some of its jobs.

    Args:
        missing: of each job that is to run, the simulations that the store lacks.
        simulations: of the sweep, missing or not.
        figures: that are to be drawn. refined: what runs beside the missing ones.
        products: others that are to be made, one after the other.
        crowded: how many times as long as alone all takes beside what else the machine does; what
            was tried has it in its seconds.
    """
    tried = sum(trial.simulations for trial in trials)
    each = sum(trial.each for trial in trials) / len(trials)
    contents = [t.stored if t.content is None else t.content for t in trials]
    content = sum(contents) / tried
    frames = sum(trial.stored for trial in trials) - sum(contents)
    frame = frames / sum(_segments(trial.seconds) for trial in trials)
    segments = sum(_segments(each * number) for number in missing)
    jobs = [JOB + each * number for number in missing]
    # As long as the largest job at least, however many cores there are.
    simulating = max(sum(jobs) / cores, max(jobs, default=0.0))
    if refined:
        simulating += (JOB * refined.jobs + each * refined.work) / cores
    return Estimate(
        missing=sum(missing),
        jobs=len(missing),
        each=each,
        stored=round(content * sum(missing) + frame * segments),
        dataset=round(content * simulations),
        memory=max(trial.memory for trial in trials),
        seconds=simulating
        + crowded * (STARTING + PRODUCT * products + GATHERING * simulations)
        + crowded * FIGURE * math.ceil(figures / cores),
        figures=figures,
        refined=refined,
    )


def _segments(seconds: float) -> int:
    """Return how many segments results share that come in so many seconds."""
    return max(1, math.ceil(seconds / SECONDS))


def measured(estimate: Estimate, simulations: int) -> Measured:
    """Return what one simulation takes of a sweep of so many."""
    return Measured(estimate.each, max(1.0, estimate.dataset / simulations), estimate.memory)


def tell(
    estimate: Estimate,
    cores: int,
    packed: bool = True,
    kept: Measured | None = None,
    asked: float | None = None,
) -> str:
    """Return an estimate as lines that follow those of the plan.

    Args:
        packed: whether simulations share packs.
        kept: what one simulation takes, where that was measured before and still holds.
        asked: `seconds_per_job` of the sweep.
    """
    seconds = asked or CLUSTER_JOB
    of_job = lasting(seconds, kept.seconds if kept else estimate.each)
    sized = "" if asked else f"; seconds_per_job: {seconds:g} in the sweep file asks for it"
    how = "in a pack" if packed else "each in a process of its own"
    n = estimate.bound
    more = f"; at most {n:,} more, not known yet, are in the second time alone" if n else ""
    most = "at most " if estimate.at_most else ""
    longest = estimate.seconds + n * (estimate.each / cores + GATHERING)
    with_more = f", {_duration(longest)} at most with all that are not known yet" if n else ""
    return "\n".join(
        [
            f"  estimate     {most}{estimate.missing} simulations to run in "
            f"{estimate.jobs} job{'s' * (estimate.jobs != 1)}, "
            f"{estimate.each * 1e3:.3g} ms each, {how}{more}",
            *_refined_lines(estimate.refined),
            f"  disk         store {in_bytes(estimate.stored)} more, dataset "
            f"{in_bytes(estimate.dataset)}",
            f"  memory       {in_bytes(estimate.memory)} a job, "
            f"{in_bytes(cores * estimate.memory)} on {cores} cores",
            f"  time         about {_duration(estimate.seconds)} on {cores} cores at the "
            f"machine's present speed{with_more}"
            + (f", with {estimate.figures} figures to draw" if estimate.figures else ""),
            f"  cluster      {of_job} simulations make a job of {seconds:g} s{sized}",
        ]
    )


def _refined_lines(refined: Refined | None) -> list[str]:
    if refined is None:
        return []
    most = "at most " if refined.at_most else ""
    return [
        f"  refined      {most}{refined.simulations:,} simulations for trust, which take as long "
        f"as {most}{refined.work:,.0f} others"
    ]


def _spread(batches: Sequence[list[int]]) -> list[list[int]]:
    """Return the first, the last, and what lies evenly between."""
    last = len(batches) - 1
    return [batches[i] for i in sorted({round(last * k / (PLACES - 1)) for k in range(PLACES)})]


def _trials(plan: Plan, batches: Sequence[list[int]]) -> list[Trial]:
    planned = PlanFile(plan.plan.path, plan.contents)
    neuron = start_simulator(planned)
    trials = []
    for batch in batches:
        trial = _try(plan, batch[:FEW], neuron)
        if trial.seconds < QUICK and len(batch) > FEW:
            trial = replace(_try(plan, batch[:MANY], neuron), fewer=trial)
        trials.append(trial)
    return trials


def _try(plan: Plan, indices: Sequence[int], neuron) -> Trial:
    from spikesweep.execution.packs import run

    written = list(plan.template.written(plan.columns, len(plan.keys)))
    planned = plan.template.members()
    members = [(plan.keys[i], planned.document(written[i])) for i in indices]
    with tempfile.TemporaryDirectory(prefix="spikesweep-") as folder:
        store, memory = Store(Path(folder) / "store"), Path(folder) / "memory"
        gathering = Gathering(store, {})

        def save(results):
            prepared = gathering.prepare(results)
            unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
            with memory.open("a") as file:
                file.write(f"{used}\n")
            return prepared

        limits = {name: plan.options[name] for name in LIMITS}
        start = time.perf_counter()
        summaries = []
        for done in run(
            members,
            neuron,
            save,
            packable=not plan.packing,
            **limits,
        ):
            summaries += done.summaries
            if done.token is not None:
                gathering.add(done.token)
            gathering.write_due()
        gathering.write()
        seconds = time.perf_counter() - start
        if not memory.exists():
            raise UserError(
                f"{plan.name}: nothing can be estimated: {summaries[0].status}: "
                f"{summaries[0].message}"
            )
        used = max(map(int, memory.read_text().split()))
        content = sum(map(_content, Path(folder).rglob("*.h5")))
        return Trial(len(members), seconds, store.size().bytes, used, content=content)


def _content(segment: Path) -> int:
    """Return the bytes of all datasets of a segment."""
    sizes: list[int] = []

    def add(_: str, found: h5py.Group | h5py.Dataset) -> None:
        if isinstance(found, h5py.Dataset):
            sizes.append(found.id.get_storage_size())

    with h5py.File(segment, "r", locking=False) as file:
        file.visititems(add)
    return sum(sizes)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
