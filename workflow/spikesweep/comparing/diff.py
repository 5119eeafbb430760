"""What differs between two sides of one sweep, and how far the results moved: `spikesweep diff`."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from spikesweep.comparing.changes import version_changes
from spikesweep.comparing.plans import model_changes, product_changes
from spikesweep.comparing.sides import Side
from spikesweep.comparing.simulations import Reason, Simulations, compare_simulations
from spikesweep.comparing.statistics import Moved, Movement, movement
from spikesweep.products.plan_file import PlanFile, Row
from spikesweep.products.table import BATCH, product_words, split_stage


@dataclass(frozen=True)
class Difference:
    """What differs between two sides.

    specification: what of title, axes, design, model, protocol, recordings changed, in words.
    products: a product, in words -> why it is another one.
    versions, locked: packages of another version: that made the plans; in the lock files.
    statistics: None where a side has no table.
    """

    old: Side
    new: Side
    specification: list[str]
    products: dict[str, list[str]]
    versions: list[str]
    locked: list[str]
    simulations: Simulations
    statistics: Movement | None

    @property
    def is_none(self) -> bool:
        """Whether both plans are the same."""
        return self.old.plan["fingerprint"] == self.new.plan["fingerprint"]


def diff(old: Side, new: Side) -> Difference:
    """Return what differs between two sides, both of which can be planned."""
    before, after = old.plan.contents, new.plan.contents
    simulations = compare_simulations(old.plan, new.plan)
    title = [f"title: {before['title']} -> {after['title']}"]
    titles = title if before["title"] != after["title"] else []
    statistics = None
    if old.statistics and new.statistics:
        statistics = movement(old.statistics, new.statistics, simulations.pairs)
    return Difference(
        old=old,
        new=new,
        specification=[*titles, *model_changes(before, after)],
        products=dict(_products(before, after)),
        versions=version_changes(_versions(before), _versions(after)),
        locked=version_changes(old.locked, new.locked) if old.locked and new.locked else [],
        simulations=simulations,
        statistics=statistics,
    )


def _products(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the products besides simulations that are others, and why; and those that are gone.

    Of a design that grows, those of its last round.
    """
    told = [
        {
            name: _words(recipe, name)
            for name, recipe in plan["products"].items()
            if recipe["stage"] != BATCH.stage and name not in plan.get("round_of", ())
        }
        for plan in (before, after)
    ]
    for name, words in told[1].items():
        if name not in before["products"]:
            yield words, product_changes(before, after, name)
    for words in told[0].values():
        if words not in told[1].values():
            yield words, ["gone"]


def _words(recipe: dict[str, Any], file: str) -> str:
    """Return what a product is, not what makes it: "dataset", "figure heatmap_rate"."""
    kind, _ = split_stage(recipe["stage"])
    words = product_words(recipe["stage"], file)
    return kind.name if words == kind.stage else words


def _versions(contents: dict[str, Any]) -> dict[str, str]:
    every: dict[str, str] = {}
    for recipe in contents["products"].values():
        every |= recipe["versions"]
    return every


def as_json(old: Side | None, new: Side | None) -> dict[str, Any]:
    """Return what differs between two sides as plain JSON; of a side that lacks a sweep, null."""
    sides = {"a": old and _described(old), "b": new and _described(new)}
    if not (is_planned(old) and is_planned(new)):
        return sides
    difference = diff(old, new)
    return {
        **sides,
        "equal": difference.is_none,
        "specification": difference.specification,
        "products": difference.products,
        "versions": difference.versions,
        "requirements.lock": difference.locked,
        "simulations": _simulations_json(difference.simulations, old.plan, new.plan),
        "statistics": difference.statistics and _movement_json(difference.statistics, new.plan),
    }


def is_planned(side: Side | None) -> bool:
    """Return whether a side has a plan that can be compared."""
    return side is not None and side.plan is not None


def _simulations_json(found: Simulations, old: PlanFile, new: PlanFile) -> dict[str, Any]:
    return {
        "same": len(found.same),
        "changed": [
            {"a": pair.old.index, "b": pair.new.index, **_why(new, pair.new, pair.reasons)}
            for pair in found.changed
        ],
        "new": [{"b": row.index, **_why(new, row, why)} for row, why in found.new],
        "gone": [{"a": row.index, **_why(old, row, why)} for row, why in found.gone],
    }


def _movement_json(moved: Movement, new: PlanFile) -> dict[str, Any]:
    columns = [_moved_json(new, one) for one in moved.columns]
    return {"compared": moved.compared, "statuses": moved.statuses, "columns": columns}


def _described(side: Side) -> dict[str, Any]:
    described = {name: getattr(side, name) for name in ("label", "commit", "date", "ran")}
    if side.unknown:
        described["unknown"] = side.unknown
    if side.plan is None:
        return {**described, "problem": side.problem}
    return {**described, "sweep": side.plan["sweep"], "simulations": side.plan["simulations"]}


def _why(plan: PlanFile, row: Row, reasons: Iterable[Reason]) -> dict[str, Any]:
    return {"axes": place(plan, row), "because": [reason._asdict() for reason in reasons]}


def place(plan: PlanFile, row: Row) -> dict[str, str]:
    """Return the values of the axes of a simulation, as its plan writes them."""
    return dict(zip((axis["name"] for axis in plan["axes"]), row.axes, strict=True))


def _moved_json(plan: PlanFile, moved: Moved) -> dict[str, Any]:
    """Return how a statistic moved; what cannot be told, where no values meet, is null."""
    numbers = moved._asdict() | {"at": moved.pair and place(plan, moved.pair.new)}
    del numbers["pair"]
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in numbers.items()
    }
