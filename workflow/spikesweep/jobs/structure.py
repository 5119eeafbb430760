"""The job that looks at the cells as they are built: by segments, and by sections."""

import csv
import sys
from pathlib import Path

from spikesweep.jobs.simulations import engine
from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.plan_file import read_plan
from spikesweep.products.seal import sealed_json
from spikesweep.products.sidecar import write_origin
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.structure import snapshot, structure
from spikesweep.tables.columns import Column

ALWAYS = ("cell", "section", "index", "region", "x")
UNITS = {
    **dict.fromkeys(["x0", "y0", "z0", "x1", "y1", "z1", "diam", "distance"], "um"),
    **{"area": "um2", "Ra": "ohm cm", "cm": "uF/cm2"},
}


def make_structure(plan_path: Path, output: Path) -> None:
    """Write the segments of the cells and their parameters, in the sweep's first simulation; and,
    beside the table, what NEURON's psection() says of them.

    Where that cannot be built both are empty, and the failure is that simulation's: others may be
    fine.
    """
    plan = read_plan(plan_path)
    recipe = plan.recipe(output)
    first, neuron = plan.document(next(plan.rows())), engine(plan)
    limits = {"timeout": recipe["timeout"], "memory": recipe["memory"]}
    try:
        rows, cells = structure(first, neuron, **limits), snapshot(first, neuron, **limits)
    except SimulationError as error:
        print(f"spikesweep: {plan['sweep']}: {output} is empty: {error}", file=sys.stderr)
        rows, cells = [], {}
    names = list(dict.fromkeys([*ALWAYS, *(name for row in rows for name in row)]))
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    sections = plan.folder / plan["psection"]
    with written(sections) as temporary:
        temporary.write_bytes(sealed_json({"fingerprint": fingerprint(recipe), "cells": cells}))
    units = UNITS | plan["parameter_units"]
    columns = {name: Column(units.get(name, ""), name, "") for name in names}
    what = plan.specification
    files = [output, sections]
    write_origin(output, plan.origin(output), files, columns=columns, specification=what)
