"""What changed since the results were made: `spikesweep why <sweep>`."""

import argparse
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.comparing.plans import (
    model_changes,
    product_changes,
    record_changes,
    same_product,
    stage_code_changes,
)
from spikesweep.errors import UserError
from spikesweep.jobs.mark import plan_of
from spikesweep.plan.products import MADE, Plan, Product, new_keys, pending
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.table import BATCH, PLAN
from spikesweep.snakefile.project import Project
from spikesweep.store.store import Store

_MOST = 8  # changes that are told of one stage


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name)


def run(options: argparse.Namespace) -> None:
    enter_project()
    project = Project(Path())
    plan, leaves = project.plan(options.sweep), project.stale_leaves(options.sweep)
    print(explain(plan, Store(), leaves))


class Lacking(NamedTuple):
    """Keys of simulations that would run: all; and those of which the store has other items."""

    keys: Collection[str]
    again: Collection[str]


def explain(plan: Plan, store: Store, leaves: Iterable[str]) -> str:
    """Return what would run now for a sweep, and why; looks at the files that exist.

    Args:
        store: which has, or lacks, the results of simulations.
        leaves: what is to be said of the stages that name and link, where nothing else runs.
    """
    previous = previous_plan(plan.name)
    products = pending(plan, Path.exists)
    keys = new_keys(plan, products, plan.lacking(store))
    known = store.index()
    again = {key for key in keys if bytes.fromhex(key) in known}
    lacking = Lacking(keys, again)
    lines = list(_steps(plan, products, lacking, previous)) or list(leaves)
    if not lines:
        return f"{plan.name}: nothing would run"
    since = "there are no results yet" if previous is None else "(what changed since the results)"
    return "\n  ".join([f"{plan.name}: would run {since}", *lines])


def previous_plan(sweep: str) -> PlanFile | None:
    """Return the plan of the results that the stable names in `results/<sweep>/` lead to."""
    marks = sorted((MADE / sweep).glob("current_*"), key=lambda mark: mark.stat().st_mtime)
    for mark in reversed(marks):
        with suppress(UserError, OSError, ValueError):
            if path := plan_of(mark):
                previous = read_plan(path)
                next(previous.rows(), None)
                return previous
    return None


def _steps(
    plan: Plan, products: list[Product], lacking: Lacking, previous: PlanFile | None
) -> Iterator[str]:
    """Yield a line for each stage and figure that would run."""
    batches = [product for product in products if product.kind == BATCH]
    told = False
    for product in products:
        if product.kind not in (PLAN, BATCH):
            yield _line(product.words, _reasons(plan, product, previous))
        elif product.kind == BATCH and not told:
            told = True
            yield _simulate(plan, batches, lacking, previous)


def _line(what: str, reasons: list[str]) -> str:
    shown = reasons[:_MOST]
    if len(reasons) > _MOST:
        shown.append(f"... and {len(reasons) - _MOST} more changes")
    return f"{what} ({'; '.join(shown)})" if shown else what


def _simulate(
    plan: Plan, batches: list[Product], lacking: Lacking, previous: PlanFile | None
) -> str:
    """Return the line of the simulations: how many are new, lost, or run again for what they do
    not have yet; and what made them so."""
    keys, again = lacking
    if previous is None:
        return f"simulate: {_count(len(keys), 'new simulation')}"
    before = {row.key for row in previous.rows()}
    gone = [key for key in keys if key not in again]
    lost = sum(key in before for key in gone)
    parts = []
    if new := len(gone) - lost:
        reasons = model_changes(previous.contents, plan.contents)
        parts.append(_line(_count(new, "new simulation"), reasons))
    if again:
        reasons = record_changes(previous.contents["document"], plan.contents["document"])
        said = "; ".join(reasons or ["what is recorded is lost from the store"])
        parts.append(f"{_count(len(again), 'simulation')} again: {said}")
    if lost:
        parts.append(_line(_count(lost, "simulation"), ["lost from the store"]))
    if not keys:
        changed = stage_code_changes(previous.contents, plan.contents, "simulate")
        changed += record_changes(previous.contents["document"], plan.contents["document"])
        reasons = changed or ["shared out over jobs in another way"]
        if all(batch.path.name in previous["products"] for batch in batches):
            reasons = ["missing"]
        parts.append(_line(f"{_count(len(batches), 'job')}, all found in the store", reasons))
    return f"simulate: {', '.join(parts)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _reasons(plan: Plan, product: Product, previous: PlanFile | None) -> list[str]:
    """Return what changed of a product since the previous plan."""
    if previous is None:
        return []
    name = product.path.name
    if same_product(previous.contents, plan.contents, name) == name:
        return ["missing"]
    return product_changes(previous.contents, plan.contents, name)
