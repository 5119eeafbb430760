"""Every pair of some quantities and axes against each other, and how each is distributed."""

import numpy as np

from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import averaged, without
from spikesweep.figures.matrix import SIDE, Group, draw_matrix
from spikesweep.figures.scale import is_log_spaced


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw below the diagonal each of `of` against each other, a point a simulation, and on it a
    histogram of each. Axes whose values are spaced by ratios are logarithmic.

    Simulations that failed, or have no value of one of these, are left out and counted. Those whose
    count of spikes hangs on the threshold are ringed.
    """
    rows = data.select(options["at"])
    measured = [data.measure(name, options["site"]) for name in options["of"]]
    table = np.column_stack([values[rows.index].to_numpy(float) for _, values in measured])
    known = np.isfinite(table).all(axis=1) & (rows["status"] == OK).to_numpy()
    table = table[known]
    if not len(table):
        style.take(fig, style.COLUMN, SIDE, around=8)
        panel = fig.subplots()
        panel.set_axis_off()
        style.say(panel, data.why_empty(rows, "no simulation has a value of all of these"))
        return
    quantities = [quantity for quantity, _ in measured]
    logs = [
        quantity.name in data.axes
        and is_log_spaced(np.unique(table[:, i]))
        and table[:, i].min() > 0
        for i, quantity in enumerate(quantities)
    ]
    sites = [site for name in options["of"] for site in data.sites_of(name, options["site"])]
    cells = list(dict.fromkeys(sites))
    hanging = data.hanging(cells)[rows.index[known]].to_numpy()
    draw_matrix(fig, quantities, [Group(table, style.CATEGORIES[0], "0.7")], logs, table[hanging])
    left_out = len(rows) - len(table)
    missing = without(left_out, len(rows), "failed or have no value")
    number = missing or f"n = {len(table)} simulations"
    fixed = data.fixed_text(rows, *cells, shown=options["of"])
    doubted = data.hanging_text(rows[known], cells, "ringed")
    with_value = data.cells_with_value(rows[known], options["of"], options["site"])
    mean = averaged("", cells, with_value=with_value)
    style.note(fig, [fixed, mean, number, doubted])
