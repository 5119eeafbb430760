"""What would run now for a sweep, stage by stage, and what changed to make it run."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from spikesweep.comparing.plans import (
    late_changes,
    model_changes,
    product_changes,
    record_changes,
    same_product,
    stage_code_changes,
)
from spikesweep.errors import UserError
from spikesweep.jobs.mark import plan_of
from spikesweep.plan.pending import new_keys, pending
from spikesweep.plan.product import MADE, Product
from spikesweep.plan.products import Plan
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.table import BATCH, PLAN
from spikesweep.store.store import Store

_MOST = 8  # changes that are told of one stage


class Lacking(NamedTuple):
    """Keys of simulations that would run: all; and those of which the store has other items."""

    keys: Collection[str]
    again: Collection[str]


def reasons(
    plan: Plan, store: Store, lacking: Iterable[int], previous: PlanFile | None
) -> list[str]:
    """Return a line for each stage and figure that would run now, by the files that exist.

    Args:
        lacking: the simulations of which the store lacks something: `plan.lacking(store)`.
        previous: the plan of the results that are there; None where there are none.
    """
    products = pending(plan, Path.exists)
    keys = new_keys(plan, products, list(lacking))
    known = store.index() if keys else {}
    again = {key for key in keys if bytes.fromhex(key) in known}
    refined = []
    if plan.refined:
        refined = new_keys(plan.refined, products, plan.refined.lacking(store))
    return list(_steps(plan, products, Lacking(keys, again), refined, previous))


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
    plan: Plan,
    products: list[Product],
    lacking: Lacking,
    refined: Collection[str],
    previous: PlanFile | None,
) -> Iterator[str]:
    """Yield a line for each stage and figure that would run."""
    own = {product.path.name for product in plan.simulations}
    batches = [product for product in products if product.path.name in own]
    told: set[bool] = set()
    of_rounds = {name for one in plan.rounds for name in one.products}
    for product in products:
        is_own = product.path.name in own
        if product.kind not in (PLAN, BATCH):
            if product.path.name in of_rounds:  # their tables only find more simulations
                continue
            yield _line(product.words, _reasons(plan, product, previous))
        elif product.kind == BATCH and is_own not in told:
            told.add(is_own)
            if is_own:
                yield _simulate(plan, batches, lacking, previous)
            else:
                yield f"simulate: {_count(len(refined), 'refined simulation')} (trust)"


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
    if plan.unknown:
        known = f"{_count(len(keys), 'simulation')} that are known, " if keys else ""
        reasons = late_changes(previous.contents, plan.contents) if previous else []
        return _line(f"simulate: {known}{plan.unknown}", reasons)
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
        found = f"{_count(len(batches), 'job')}, nothing is simulated: all found in the store"
        parts.append(_line(found, reasons))
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
