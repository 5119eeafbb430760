"""The verb `status`: how far sweeps and figure sets are, from any machine that sees the folder.

What is done is told by the files and the store; what runs, by the record that a run keeps in
`results/logs`, as long as it holds the lock.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.errors import UserError
from spikesweep.plan.figure_sets import set_names
from spikesweep.plan.making import EXAMPLES, SWEEPS
from spikesweep.plan.product import MADE
from spikesweep.plan.products import Plan
from spikesweep.products.table import BATCH, CURRENT, FIGURE, PANELS, STAMP, STAMP_SET
from spikesweep.snakefile.config import configured
from spikesweep.snakefile.figure_sets import FigureSets
from spikesweep.snakefile.lock import holder
from spikesweep.snakefile.progress import duration
from spikesweep.snakefile.project import Project
from spikesweep.snakefile.record import LOGS, read_record
from spikesweep.snakefile.screen import Screen, is_terminal
from spikesweep.store.store import Store
from spikesweep.tables.failures import read_failures

EVERY = 2.0  # s, of --watch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sweep",
        type=sweep_name,
        nargs="?",
        help="or a figure set; default: all of config/, and examples that ran",
    )
    parser.add_argument("--watch", action="store_true", help="until no run is going on")


def run(options: argparse.Namespace) -> None:
    enter_project()
    project = Project(Path())
    known = set_names(Path())
    sets = FigureSets(project, [name for name in known if options.sweep in (None, name)])
    if options.sweep in known:
        names = sets.sweeps
    elif options.sweep:
        names = [options.sweep]
        project.plan(options.sweep)
    else:
        names = everyone()
    if not names and not sets.asked:
        raise UserError(f"{SWEEPS}: no sweep is there; begin one: spikesweep new my_sweep")
    if options.watch:
        _watch(project, names, sets)
    else:
        print("\n".join([*status(project, names), *status_of_sets(sets)]))


def everyone() -> list[str]:
    """Return the names of the sweeps that one works on: those of the config first, then the others
    of its folder, then the examples that have results."""
    examples = [path.stem for path in sorted(EXAMPLES.glob("*.yaml"))]
    own = [path.stem for path in sorted(SWEEPS.glob("*.yaml"))]
    ran = [name for name in examples if (MADE / name).is_dir()]
    return list(dict.fromkeys([*configured(Path()), *own, *ran]))


def _watch(project: Project, names: list[str], sets: FigureSets) -> None:
    """Show it again and again, until no run is going on."""
    screen = Screen(sys.stdout, colour=False) if is_terminal(sys.stdout) else None
    while True:
        lines = [*status(project, names), *status_of_sets(sets)]
        if not holder():
            break
        if screen:
            screen.draw([line[: screen.width] for line in lines])
        else:
            print("\n".join(lines), flush=True)
        time.sleep(EVERY)
    if screen:
        screen.clear()
    print("\n".join(lines))


def status(project: Project, names: Iterable[str]) -> Iterator[str]:
    """Yield lines that say how far sweeps are."""
    running, record = holder(), read_record()
    for name in names:
        try:
            project.plan(name)
        except UserError as error:  # of one of several: the others are told all the same
            yield f"{name}: cannot be planned: {error}"
            continue
        told = record.get("sweeps", {}).get(name, {})
        yield from _sweep(project, name, running if told else "", record, told)


def status_of_sets(sets: FigureSets) -> Iterator[str]:
    """Yield lines that say how far the figure sets are that are asked for."""
    for name in sets.asked:
        try:
            yield from _set(sets, name)
        except UserError as error:
            yield f"{name}: cannot be planned: {error}"


def _set(sets: FigureSets, name: str) -> Iterator[str]:
    """Yield the lines of one figure set."""
    figures = sets.plan(name).figures.values()
    drawn = sum(all(map(Path.exists, product.files)) for product in figures)
    stamped = not sets.stamp_inputs(name)
    is_done = stamped and drawn == len(figures)
    how = "done" if is_done else f"not complete; snakemake --cores 8 {name} makes the rest"
    yield f"{name}: {how}"
    yield f"  {PANELS.stage:<12} {drawn}/{len(figures)}"
    yield f"  {STAMP_SET.stage:<12} {int(stamped)}/1"


def _sweep(
    project: Project, name: str, running: str, record: dict[str, Any], told: dict[str, Any]
) -> Iterator[str]:
    """Yield the lines of one sweep.

    Args:
        running: who works on it now, '' where nobody does.
        told: of its stages by the last run that had something to do for it.
    """
    plan = project.plan(name)
    stages = {stage: counts for stage, counts in _stages(project, plan).items() if counts[1]}
    is_done = all(done >= total for done, total in stages.values()) and not plan.unknown
    left = record.get("left")
    if is_done:
        how = "done"
    elif running:
        how = f"running ({running})" + (f", {duration(left)} left" if left is not None else "")
    else:
        how = f"not complete; snakemake --cores 8 {name} makes the rest"
    yield f"{name}: {how}"
    for stage, (done, total) in stages.items():
        yield f"  {stage:<12} {done}/{total}{_more(told.get(stage, {}), bool(running))}"
    if plan.unknown:
        yield f"  {plan.unknown}"
    failures = plan.files["failures"]
    failed = len(list(read_failures(failures))) if failures.exists() else 0
    if failed:
        yield f"  {failed} simulations failed: results/{name}/failures.csv says why"
    if not running and any(stage.get("failed") for stage in told.values()):
        yield f"  of the last run a job failed: what it said lies in {LOGS / name}"


def _stages(project: Project, plan: Plan) -> dict[str, tuple[int, int]]:
    """Return how much of each stage is done, and how much there is; simulations one by one."""
    counts = {}
    for product in plan.every:
        stage = product.kind.stage
        done, total = counts.get(stage, (0, 0))
        counts[stage] = (done + all(map(Path.exists, product.files)), total + 1)
    missing, total = 0, 0
    for one in (plan, plan.refined) if plan.refined else (plan,):
        missing += len(_not_simulated(one))
        total += len(one.keys)
    counts[BATCH.stage] = (total - missing, total)
    if FIGURE.stage in counts:
        counts[STAMP.stage] = (int(not project.stamp_inputs(plan.name)), 1)
    counts[CURRENT.stage] = (int(not project.current_inputs(plan.name)), 1)
    return counts


def _not_simulated(plan: Plan) -> set[int]:
    """Return the simulations that neither a batch nor the store has."""
    missing = {
        i
        for batch, product in zip(plan.batches, plan.simulations, strict=True)
        if not product.path.exists()
        for i in batch
    }
    return missing & set(plan.lacking(Store()))


def _more(told: dict[str, Any], running: bool) -> str:
    """Return what a run says of a stage, besides how much is done."""
    parts = []
    if running and told.get("running"):
        parts.append(f"{told['running']} running")
    if told.get("failed"):
        parts.append(f"{told['failed']} failed")
    if running and told.get("rate") and told["done"] < told["total"]:
        parts.append(f"{told['rate']:.3g} a minute")
    return f"   {', '.join(parts)}" if parts else ""
