"""The verb `plan`: what a sweep or a figure set is, what would run, and why."""

import argparse
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.comparing.reasons import previous_plan, reasons
from spikesweep.document.axes.design import LARGE, MOST_SIMULATIONS
from spikesweep.language.names import locations_by_measure
from spikesweep.lineage.git_label import sweep_state
from spikesweep.plan.figure_sets import plan_set, set_names
from spikesweep.plan.making import make_plan
from spikesweep.plan.measured import keep, read_measured
from spikesweep.plan.products import Plan
from spikesweep.plan.telling import tell
from spikesweep.plan.telling_sets import tell_set
from spikesweep.snakefile.lock import holder
from spikesweep.snakefile.record import read_record
from spikesweep.store.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name, help="or a figure set")
    parser.add_argument(
        "--estimate", action="store_true", help="run a few simulations, and say more"
    )
    parser.add_argument("--cores", type=_cores, help="of the estimate; default: all", metavar="N")
    parser.add_argument("--allow-large", action="store_true", help="more than 100,000 simulations")


def simulates(options: argparse.Namespace) -> bool:
    return options.estimate


def run(options: argparse.Namespace) -> None:
    enter_project()
    most = MOST_SIMULATIONS if options.allow_large else LARGE
    if options.sweep in set_names(Path()):
        of_set = plan_set(Path(), options.sweep, cache(lambda name: make_plan(Path(), name, most)))
        for plan in of_set.plans.values():
            _tell(plan, options)
        print(tell_set(of_set))
        print(f"  label        {sweep_state(Path(), of_set.sources, of_set.imported).in_words}")
    else:
        plan = make_plan(Path(), options.sweep, most)
        _tell(plan, options)
        if any(locations_by_measure(plan.template.document)):
            print("\n".join(_places(plan)))


def _tell(plan: Plan, options: argparse.Namespace) -> None:
    store, previous = Store(), previous_plan(plan.name)
    lacking = plan.lacking(store)
    # All is new where there are no results yet, which says itself.
    print(tell(plan, lacking, reasons(plan, store, lacking, previous) if previous else ()))
    state = sweep_state(Path(), plan.sources, plan.template.files.imported)
    print(f"  label        {state.in_words}", flush=True)
    if options.estimate:
        from spikesweep.commands import estimate  # which imports NEURON

        cores = options.cores or os.cpu_count() or 1
        found = estimate.estimate(plan, cores)
        now = estimate.measured(found, len(plan.keys) or plan.most)
        seconds, run_by = plan.sweep.seconds_per_job, _run_by(plan)
        kept = read_measured(Path(), plan.name) if run_by else keep(Path(), plan.name, now)
        print(estimate.tell(found, cores, not plan.packing, kept, seconds))
        if run_by:
            print(f"  not kept     it is run now ({run_by}); measure again when that has ended")


def _run_by(plan: Plan) -> str:
    """Return who runs a sweep now whose plan a measurement would change, '' where nobody does."""
    running = holder() if plan.sweep.seconds_per_job else ""
    return running if plan.name in read_record().get("sweeps", {}) else ""


def _places(plan: Plan) -> Iterator[str]:
    """Yield where the places lie that are found by their distance, once cells can be built."""
    if plan.library and not plan.library.path.exists():
        yield f"  places       by distance: `spikesweep structure {plan.name}` finds them"
        return
    from spikesweep.commands.structure import first_cells, tell_places

    yield from (f"  place        {line.strip()}" for line in [*tell_places(first_cells(plan))][1:])


def _cores(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}; expected a number of cores, 1 or more")
    return int(text)
