"""The job that makes the table of the cells' segments."""

import csv
import sys
from pathlib import Path

from spikesweep.batch import engine
from spikesweep.columns import Column
from spikesweep.files import written
from spikesweep.origin import write_origin
from spikesweep.planfile import read_plan
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.structure import structure

ALWAYS = ("cell", "section", "index", "region", "x")
UNITS = {
    **dict.fromkeys(["x0", "y0", "z0", "x1", "y1", "z1", "diam", "distance"], "um"),
    **{"area": "um2", "Ra": "ohm cm", "cm": "uF/cm2"},
}


def make_structure(plan_path: Path, output: Path) -> None:
    """Write the segments of the cells and their parameters, in the sweep's first simulation.

    Where that cannot be built the table is empty, and the failure is that simulation's: others
    may be fine.
    """
    plan = read_plan(plan_path)
    plan.recipe(output)
    try:
        rows = structure(plan.document(next(plan.rows())), engine(plan))
    except SimulationError as error:
        print(f"spikesweep: {plan['sweep']}: {output} is empty: {error}", file=sys.stderr)
        rows = []
    names = list(dict.fromkeys([*ALWAYS, *(name for row in rows for name in row)]))
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    units = UNITS | plan["parameter_units"]
    columns = {name: Column(units.get(name, ""), name, "") for name in names}
    what = plan.specification
    write_origin(output, plan.origin(output), columns=columns, specification=what)
