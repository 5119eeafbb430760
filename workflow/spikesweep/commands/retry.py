"""Trying again what failed for reasons of the machine: a timeout, its memory, a crash.

What a key decides, `error` and `not_finite`, would only fail again.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.plan.late import LatePlan
from spikesweep.plan.making import make_plan
from spikesweep.plan.product import MADE
from spikesweep.plan.products import Plan
from spikesweep.products.sidecar import beside
from spikesweep.snakefile.lock import hold_lock
from spikesweep.store.batch_file import machine_failures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name)


def run(options: argparse.Namespace) -> None:
    enter_project()
    print(retry(options.sweep))


def retry(sweep: str) -> str:
    """Forget the machine's failures of a sweep; return what the user should know.

    The files of their batches are removed, and all that was made from these: the products bear
    the same names afterwards, since nothing of what they are made from has changed.

    Raises:
        UserError: no such sweep; or a run is going on.
    """
    plan = make_plan(Path(), sweep)
    hold_lock()
    plans = [plan, plan.refined] if plan.refined else [plan]
    every = [product.path for one in plans for product in one.simulations]
    batches = [path for path in every if path.exists()]
    failed = {batch: machine_failures([batch]) for batch in batches}
    broken = [batch for batch, failures in failed.items() if failures]
    if not broken:
        return f"{sweep}: no simulation ended by a timeout, its memory or a crash"
    made = [*made_from_batches(plan), *_found_from(plan)]
    for path in [*made, *broken]:  # the cause last: killed, this goes on
        path.unlink(missing_ok=True)
        beside(path).unlink(missing_ok=True)
    keys = {key for batch in broken for key in failed[batch]}
    tried = sum(key in keys for one in plans for key in one.keys)
    return f"{sweep}: {tried} simulations are tried again by: snakemake --cores 8 {sweep}"


def _found_from(plan: Plan) -> Iterator[Path]:
    """Yield what a design that grows has made from its simulations besides: the tables of its
    rounds, the plans that these found, and the files of the jobs that these named."""
    for one in reversed([*plan.rounds, plan]):
        if one is not plan:
            for product in reversed(one.tables):
                yield from product.files
        if isinstance(one, LatePlan):
            yield from (slot.path for slot in one.slots)
            yield from one.plan.files


def made_from_batches(plan: Plan) -> Iterator[Path]:
    """Yield the files of a sweep that are made from its simulations, by whatever steps.

    The structure is among them: it is empty where the machine did not let the cells be built.
    """
    yield from (MADE / plan.name).glob("stamped_*")
    yield from (MADE / plan.name).glob("current_*")
    refined = plan.refined.tables if plan.refined else []
    for product in (*plan.figures.values(), *reversed(plan.tables), *reversed(refined)):
        yield from product.files
