"""Writing a plan to the files that jobs read; see `spikesweep.planfile`."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.files import written
from spikesweep.fingerprint import canonical_json
from spikesweep.plan.products import Plan
from spikesweep.planfile import COLUMNS_BEFORE_AXES


def write_plan(plan: Plan, output: Path) -> None:
    """Write a plan's JSON and, beside it, its CSV.

    Raises:
        UserError: the sweep's sources changed since the output's name was given.
    """
    if plan.plan.path.name != output.name:
        raise UserError(
            f"{output}: the sources of sweep {plan.name} changed while this run was going on; "
            "nothing was made. Run snakemake again: it makes what the new sources ask for"
        )
    with written(output.with_suffix(".csv")) as temporary:
        _write_rows(plan, temporary)
    with written(output) as temporary:
        temporary.write_text(json.dumps(_contents(plan), indent=1, ensure_ascii=False) + "\n")


def _contents(plan: Plan) -> dict[str, Any]:
    return {
        "sweep": plan.name,
        "title": plan.sweep.title,
        "fingerprint": plan.plan.fingerprint,
        "axes": plan.axes,
        "design": plan.design,
        "simulations": len(plan.keys),
        "document": plan.template.document,
        "slots": [list(slot.path) for slot in plan.template.slots],
        "quantities": plan.quantities,
        "parameter_units": plan.catalogue.parameter_units(plan.template.mechanisms),
        "morphologies": plan.template.files.morphologies,
        "notes": plan.template.files.notes,
        "library": str(plan.library.path) if plan.library else None,
        "packing": plan.packing,
        "sources": [str(path) for path in plan.sources],
        "batches": [product.path.name for product in plan.simulations],
        "structure": plan.structure.path.name,
        "dataset": plan.dataset.path.name,
        "statistics": plan.statistics.path.name,
        "isi": plan.isi.name,
        "figures": {name: product.path.name for name, product in plan.figures.items()},
        "products": {name: product.recipe for name, product in plan.products.items()},
    }


def _write_rows(plan: Plan, path: Path) -> None:
    batch_of = {}
    for batch, product in zip(plan.batches, plan.simulations, strict=True):
        batch_of.update(dict.fromkeys(batch, product.path.stem.rpartition("_")[2]))
    axes = plan.combination.axes
    slots = [_json_texts(column) for column in plan.columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = [slot.name for slot in plan.template.slots]
        writer.writerow([*COLUMNS_BEFORE_AXES, *(axis.name for axis in axes), *names])
        for index, (row, key) in enumerate(zip(plan.combination.rows, plan.keys, strict=True)):
            point = [axis.values[p] for axis, p in zip(axes, row, strict=True)]
            filled = [column[index] for column in slots]
            writer.writerow([index, batch_of[index], key, *point, *filled])


def _json_texts(column: Sequence[Any]) -> list[str]:
    texts = {id(value): canonical_json(value) for value in {id(v): v for v in column}.values()}
    return [texts[id(value)] for value in column]
