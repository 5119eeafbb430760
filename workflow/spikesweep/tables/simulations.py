"""The table of all simulations, `results/<sweep>/simulations.csv`: what each came to.

A row a simulation, in the order in which the dataset holds them: index, <axes>, status, message.
Here alone it is said whether one that ran to its end is `unphysical`; statistics, figures and the
table of failures read it. Numbers are the shortest text that reads back to the same bits.
"""

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spikesweep.errors import UserError
from spikesweep.products.atomic import written
from spikesweep.tables.bounds import UNPHYSICAL, Bounds, unphysical

if TYPE_CHECKING:
    import h5py
    import numpy as np

DAMAGED = "delete it, and the next run of snakemake makes it again"


def open_dataset(dataset: Path) -> "h5py.File":
    """Open a dataset to be read.

    Raises:
        UserError: no such file, or a damaged one.
    """
    import h5py  # here: whoever reads the table alone does without

    try:
        return h5py.File(dataset, "r", locking=False)
    except OSError as error:
        raise UserError(f"{dataset}: no dataset can be read there ({error}); {DAMAGED}") from None


def over_simulations(dataset: "h5py.File", name: str) -> "np.ndarray":
    """Return a variable of a dataset, or an axis of its grid, as one value a simulation.

    Raises:
        KeyError: the dataset has no such variable.
    """
    import h5py
    import numpy as np

    status, variable = dataset["status"], dataset[name]
    dims = [dim[0].name.strip("/") for dim in status.dims]
    values = (variable.asstr() if h5py.check_string_dtype(variable.dtype) else variable)[()]
    if name in dims:  # the coordinate of a grid's axis
        values = values.reshape([-1 if dim == name else 1 for dim in dims])
    return np.broadcast_to(values, status.shape).ravel()


def write_simulations(dataset: Path, output: Path, bounds: Bounds) -> None:
    """Write the table of the simulations of a dataset.

    Args:
        bounds: of membrane potentials; a simulation that ran, and left them, is unphysical.

    Raises:
        UserError: no such dataset or a damaged one.
    """
    with open_dataset(dataset) as file, written(output) as temporary:
        try:
            names, columns = _columns(file, bounds)
        except KeyError as error:
            raise UserError(f"{dataset}: not a whole dataset ({error}); {DAMAGED}") from error
        with temporary.open("w", newline="", encoding="utf-8") as table:
            rows = csv.writer(table, lineterminator="\n")
            rows.writerow(["index", *names, "status", "message"])
            rows.writerows(zip(*columns, strict=True))


def _columns(file: "h5py.File", bounds: Bounds) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the axes and labels, and all columns of the table."""
    axes = [axis["name"] for axis in json.loads(file.attrs["spikesweep_axes"])]
    axes += json.loads(file.attrs.get("spikesweep_labels", "[]"))
    flags = file["status"].attrs
    meanings = flags["flag_meanings"].split()
    words = dict(zip(flags["flag_values"].tolist(), meanings, strict=True))
    status = [words[code] for code in over_simulations(file, "status").tolist()]
    message = over_simulations(file, "message").tolist()
    for position, what in unphysical(file, bounds).items():
        if status[position] == "ok":
            status[position], message[position] = UNPHYSICAL, what
    # -0.0 is written as 0.0: they are one value.
    found = (over_simulations(file, name) for name in ("index", *axes))
    points = [_cells(p) for p in found]
    return axes, [*points, status, message]


def _cells(values: "np.ndarray") -> list[Any]:
    """Return a column's cells: of a label, which may have none, an empty one."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    return ["" if value != value else value + 0.0 for value in values.tolist()]


class Row(NamedTuple):
    """A row of the table; the values of index and axes as they are written."""

    point: list[str]
    status: str
    message: str


def read_simulations(table: Path) -> tuple[list[str], list[Row]]:
    """Return the names of the axes, and the rows of the table."""
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        _, *axes, _, _ = next(lines)
        return axes, [Row(point, status, message) for *point, status, message in lines]
