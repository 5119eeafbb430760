"""The table of the cells' segments, `results/<sweep>/structure.csv`: a row a segment."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from spikesweep.products.atomic import written
from spikesweep.products.column import Column

ALWAYS = ("cell", "section", "index", "region", "x")
UNITS = {
    **dict.fromkeys(["x0", "y0", "z0", "x1", "y1", "z1", "diam", "distance"], "um"),
    **{"area": "um2", "Ra": "ohm cm", "cm": "uF/cm2"},
}


def write_structure(
    rows: Iterable[Mapping[str, Any]], output: Path, units: Mapping[str, str]
) -> dict[str, Column]:
    """Write the table; return what its columns hold.

    A segment without a parameter, since its mechanism is not inserted there, has an empty cell.

    Args:
        units: of the parameters of mechanisms.
    """
    rows = list(rows)
    names = list(dict.fromkeys([*ALWAYS, *(name for row in rows for name in row)]))
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    units = {**UNITS, **units}
    return {name: Column(units.get(name, ""), name, "") for name in names}
