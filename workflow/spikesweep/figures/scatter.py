"""A point a simulation: one quantity or axis against another, a third as colour."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Axis, Quantity, averaged, without
from spikesweep.figures.scale import Scale, dress_log
from spikesweep.figures.series import RING

HEIGHT = 48.0  # mm
MANY_POINTS = 5000  # more are an image inside PDF and SVG
MOST_NAMED = 10  # values in a legend


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw `of` against `x`, each a quantity or an axis, coloured by `by`, another of them.

    Simulations that failed, or have no value of one of these, are left out and counted. Those whose
    count of spikes hangs on the threshold are ringed.
    """
    rows = data.select(options["at"])
    (x, xs), (y, ys) = (data.measure(options[name], options["site"]) for name in ("x", "of"))
    colour, cs = data.measure(options["by"], options["site"]) if options["by"] else (None, None)
    known = (rows["status"] == OK) & xs[rows.index].notna() & ys[rows.index].notna()
    if colour is not None:
        known &= cs[rows.index].notna()
    shown = rows.index[known]
    asked = [options[name] for name in ("of", "x", "by") if options[name]]
    sites = [site for name in asked for site in data.sites_of(name, options["site"])]
    cells = list(dict.fromkeys(sites))

    width, height = style.take(fig, style.COLUMN, HEIGHT, around=13)
    panel = fig.subplots()
    px = _place(panel, "x", x, xs[shown], data, rows, width - 17, options["log"])
    py = _place(panel, "y", y, ys[shown], data, rows, height, options["log"])
    look = {"s": 9 if shown.size <= 500 else 4, "linewidths": 0, "alpha": 0.85,
            "rasterized": shown.size > MANY_POINTS}  # fmt: skip
    if not shown.size:
        panel.set_yticks([])
        style.say(panel, data.why_empty(rows, f"{y.title}\nundefined everywhere"))
    elif colour is None:
        panel.scatter(px, py, color=style.CATEGORIES[0], **look)
    elif _is_named(colour, cs[shown]):
        levels = [level for level in dict.fromkeys(colour.values) if (cs[shown] == level).any()]
        palette = style.colours_of(colour, levels)
        for level, each in zip(levels, palette, strict=True):
            here = (cs[shown] == level).to_numpy()
            panel.scatter(px[here], py[here], color=[each], **look)
        keys = [Line2D([], [], color=each, marker="o", linestyle="") for each in palette]
        style.legend(fig, keys, [colour.text(level) for level in levels], colour.label)
    else:
        values = cs[shown].to_numpy(float)
        points = panel.scatter(px, py, c=values, norm=style.colour_scale(values), **look)
        style.colour_bar(fig, panel, points, colour.label, height)
    hanging = data.hanging(cells)[shown].to_numpy()
    if hanging.any():  # else the limits of the axes would still move
        panel.plot(px[hanging], py[hanging], color=style.INK, **RING)
    left_out = len(rows) - shown.size
    missing = without(left_out, len(rows), "failed or have no value")
    with_value = data.cells_with_value(rows.loc[shown], asked, options["site"])
    mean = averaged("", cells, with_value=with_value)
    doubted = data.hanging_text(rows.loc[shown], cells, "ringed")
    fixed = data.fixed_text(rows, *cells, shown=[options[name] for name in ("x", "of", "by")])
    linear = _linear_text((x, xs[shown]), (y, ys[shown])) if options["log"] else ""
    style.note(fig, [fixed, mean, missing, linear, doubted])


def _linear_text(*shown: tuple[Quantity, pd.Series]) -> str:
    """Say which of the quantities shown have values that no logarithmic scale has a place for."""
    measured = [(one.title, values) for one, values in shown if not isinstance(one, Axis)]
    linear = [title for title, values in measured if values.size and values.min() <= 0]
    return f"{' and '.join(linear)}: linear, with values that are not above 0" if linear else ""


def _is_named(colour: Quantity, values: pd.Series) -> bool:
    """Whether the colours are named in a legend, and not read from a bar."""
    return isinstance(colour, Axis) and (not colour.is_number or values.nunique() <= MOST_NAMED)


def _place(
    panel, which: str, quantity: Quantity, values: pd.Series, data, rows, room: float, log: bool
) -> np.ndarray:
    """Dress an axis of the panel, and return where the values stand on it."""
    if isinstance(quantity, Axis):
        scale = Scale(quantity, data.levels(quantity.name, rows))
        scale.dress(panel, which, room)
        return scale.positions(values)
    drawn = getattr(panel, f"{which}axis")
    drawn.set_label_text(style.wrapped(quantity.label, max(room, 45.0)))
    numbers = values.to_numpy(float)
    if log and numbers.size and numbers.min() > 0:
        getattr(panel, f"set_{which}scale")("log")
        getattr(panel, f"set_{which}lim")(numbers.min() / 1.2, numbers.max() * 1.2)
        dress_log(drawn)
    return numbers
