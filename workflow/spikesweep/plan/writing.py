"""Writing a plan to the files that jobs read; see `spikesweep.products.plan_file`."""

import csv
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.plan.products import Plan
from spikesweep.products.atomic import written
from spikesweep.products.code import byte_hashes
from spikesweep.products.fingerprint import file_hash
from spikesweep.products.plan_file import COLUMNS
from spikesweep.products.seal import sealed_json
from spikesweep.products.slots import json_column


def check_name(plan: Plan, output: Path) -> None:
    """Refuse to write a plan under another name than its own.

    Raises:
        UserError: what the plan follows from changed since the output's name was given.
    """
    if plan.plan.path.name != output.name:
        sized = ", or what was measured of it," if plan.sweep.seconds_per_job else ""
        raise UserError(
            f"{output}: the sources of sweep {plan.name}{sized} changed while this run was going "
            "on; nothing was made. Run snakemake again: it makes what the new ones ask for"
        )


def write_plan(plan: Plan, output: Path) -> None:
    """Write a plan's JSON and, beside it, its CSV.

    Raises:
        UserError: see `check_name`.
    """
    check_name(plan, output)
    with written(output.with_suffix(".csv")) as temporary:
        _write_rows(plan, temporary)
    modules = sorted(set().union(*plan.contents["code"].values()))
    own = {
        "fingerprint": plan.plan.fingerprint,
        "rows": file_hash(output.with_suffix(".csv")),
        "bytes": byte_hashes(modules),
    }
    with written(output) as temporary:
        temporary.write_bytes(sealed_json({**own, **plan.contents}))


def _write_rows(plan: Plan, path: Path) -> None:
    batch_of = {}
    for batch, product in zip(plan.batches, plan.simulations, strict=True):
        batch_of.update(dict.fromkeys(batch, product.path.stem.rpartition("_")[2]))
    axes = plan.combination.axes
    slots = [json_column(column) for column in plan.columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = [slot.name for slot in plan.template.slots]
        labels = plan.combination.labels
        columns = [*COLUMNS, *(axis.name for axis in axes), *(label.name for label in labels)]
        writer.writerow([*columns, *names])
        for index, (row, key) in enumerate(zip(plan.combination.rows, plan.keys, strict=True)):
            point = [axis.values[p] for axis, p in zip(axes, row, strict=True)]
            said = [label.values[index] for label in labels]
            filled = [column[index] for column in slots]
            writer.writerow([index, batch_of[index], key, *point, *said, *filled])
