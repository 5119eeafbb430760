"""Every pair of some quantities and axes against each other, and how each is distributed."""

from itertools import product

import numpy as np
from matplotlib.ticker import MaxNLocator

from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.scale import dress_log, is_log_spaced

SIDE = 28.0  # mm, of a panel
MANY_POINTS = 2000  # of all panels; more are an image inside PDF and SVG
WIDE = 34.0  # mm; in narrower panels a label needs more lines


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw below the diagonal each of `of` against each other, a point a simulation, and on it a
    histogram of each. Axes whose values are spaced by ratios are logarithmic.

    Simulations that failed, or have no value of one of these, are left out and counted.
    """
    rows = data.select(options["at"])
    measured = [data.measure(name, options["site"]) for name in options["of"]]
    table = np.column_stack([values[rows.index].to_numpy(float) for _, values in measured])
    known = np.isfinite(table).all(axis=1) & (rows["status"] == OK).to_numpy()
    table, n = table[known], len(measured)
    logs = [
        len(table) > 0 and quantity.name in data.axes and is_log_spaced(np.unique(table[:, i]))
        and table[:, i].min() > 0
        for i, (quantity, _) in enumerate(measured)
    ]  # fmt: skip

    page = style.COLUMN if n <= 3 else style.PAGE
    if not len(table):
        style.take(fig, style.COLUMN, SIDE, around=8)
        panel = fig.subplots()
        panel.set_axis_off()
        style.say(panel, data.why_empty(rows, "no simulation has a value of all of these"))
        return
    width, height = style.take(fig, page, SIDE * n, around=8)
    panels = fig.subplots(n, n, squeeze=False)
    dense = len(table) * n * (n - 1) / 2 > MANY_POINTS
    for (i, j), panel in np.ndenumerate(panels):
        if j > i:
            panel.remove()
        elif i == j:
            _draw_histogram(panel, table[:, i], logs[i])
        else:
            panel.scatter(table[:, j], table[:, i], s=2.5 if dense else 5, linewidths=0,
                          alpha=0.7, color=style.CATEGORIES[0], rasterized=dense)  # fmt: skip
    for i, j in product(range(n), repeat=2):
        if j <= i:
            _dress(panels[i, j], i, j, n, logs)
    for i, (quantity, _) in enumerate(measured):
        panels[n - 1, i].set_xlabel(style.wrapped(quantity.label, 0.7 * width / n))
        panels[i, 0].set_ylabel(style.wrapped(quantity.label, 0.8 * height / n))
    left_out = len(rows) - len(table)
    missing = f"without {left_out} of {len(rows)} simulations, which failed or have no value"
    style.note(fig, [data.fixed_text(rows), missing if left_out else f"n = {len(table)}"])


def _draw_histogram(panel, values: np.ndarray, log: bool) -> None:
    shown = np.log10(values) if log else values
    low, high = style.widened(shown.min(), shown.max())
    edges = np.linspace(low, high, 21)
    counts = np.histogram(shown, edges)[0]
    panel.stairs(counts, 10.0**edges if log else edges, fill=True, color="0.7")


def _dress(panel, i: int, j: int, n: int, logs: list[bool]) -> None:
    """Scales and ticks of the panel of row i, column j."""
    if logs[j]:
        panel.set_xscale("log")
        dress_log(panel.xaxis, most=2)
    else:
        panel.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))
    if i == j:
        panel.set_yticks([])
        panel.spines["left"].set_visible(False)
    elif logs[i]:
        panel.set_yscale("log")
        dress_log(panel.yaxis, most=3)
    else:
        panel.yaxis.set_major_locator(MaxNLocator(3))
    panel.tick_params(labelbottom=i == n - 1, labelleft=j == 0 and i != j, which="both")
