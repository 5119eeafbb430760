"""The one simulation behind a place in a figure: `spikesweep explain FILE --at dose=10`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError, listing, suggest
from spikesweep.plan.levels import no_value, value_words
from spikesweep.plan.telling import with_unit
from spikesweep.products.plan_file import PlanFile, Row, read_plan
from spikesweep.store.batch_file import command_alone

MADE = Path("results/made")


def simulation_at(lineage: dict[str, Any], places: list[str]) -> dict[str, Any]:
    """Return the one simulation at some values of the axes: index, key, values, what they set.

    Args:
        places: such as "dose=10"; an axis of one value need not be named. A table's labels tell
            simulations apart as well.

    Raises:
        UserError: no such axis or value, several simulations there, or the plan is gone.
    """
    path = MADE / lineage["sweep"] / lineage["plan"]["file"]
    if not path.exists():
        raise UserError(
            f"{path}: the plan is not here, and it alone tells the simulations apart; bring it "
            "back with: spikesweep rebuild, or by snakemake at that commit"
        )
    plan = read_plan(path)
    wanted = dict(_place(plan, text) for text in places)
    names = [one["name"] for one in (*plan["axes"], *plan.labels)]
    there = [
        row
        for row in plan.rows()
        if wanted.items() <= dict(zip(names, (*row.axes, *row.labels), strict=True)).items()
    ]
    if len(there) != 1:
        left = [name for name in names if name not in wanted]
        raise UserError(
            f"--at {' '.join(places)}: {len(there)} simulations are there; expected one"
            + (f": name a value of {listing(left)} as well" if there and left else "")
        )
    return _described(plan, there[0])


def _place(plan: PlanFile, text: str) -> tuple[str, str]:
    """Return axis and value, as the plan writes it, of a place such as "dose=10"."""
    name, equals, value = text.partition("=")
    axes = {axis["name"]: axis for axis in plan["axes"]}
    if not equals:
        raise UserError(f'--at {text}: expected an axis and a value, such as "{listing(axes)}=1"')
    if name in (label["name"] for label in plan.labels):
        return name, value
    if name not in axes:
        raise UserError(
            f'--at {text}: no axis is named "{name}"{suggest(name, axes)}; '
            f"expected one of: {listing(axes)}"
        )
    for known in axes[name]["values"]:
        if value == str(known) or _number(value) == known:
            return name, str(known)
    raise UserError(no_value(name, value, axes[name]["values"], f"--at {text}"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _words(axis: Mapping[str, Any], written: str) -> str:
    """Return a value, as the plan writes it, as words."""
    is_name = isinstance(axis["values"][0], str)
    return written if is_name else value_words(float(written))


def _described(plan: PlanFile, row: Row) -> dict[str, Any]:
    sets = {
        ".".join(map(str, path)): json.loads(text)
        for path, text in zip(plan["slots"], row.slots, strict=True)
    }
    return {
        "index": row.index,
        "key": row.key,
        "axes": {
            axis["name"]: with_unit(_words(axis, value), axis["unit"])
            for axis, value in zip(plan["axes"], row.axes, strict=True)
        }
        | dict(zip((label["name"] for label in plan.labels), row.labels, strict=True)),
        "sets": sets,
        "command": command_alone(plan["sweep"], row.index),
    }


def tell(simulation: dict[str, Any]) -> str:
    """Return one simulation as text."""
    lines = [
        f"simulation {simulation['index']}, key {simulation['key']}",
        *(f"  {name} = {value}" for name, value in simulation["axes"].items()),
        *(f"  sets {path} = {value}" for path, value in simulation["sets"].items()),
        f"  alone: {simulation['command']}",
    ]
    return "\n".join(lines)
