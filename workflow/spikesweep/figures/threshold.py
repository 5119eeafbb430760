"""Thresholds over another axis, each with its bracket: strength-duration curves and their like."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import Axis
from spikesweep.figures.scale import Scale, dress_log

HEIGHT = 42.0  # mm
CROSS = 1.7  # mm, from a row of crosses to the next
CAP = 2.2  # points, of the ends of a bracket
UNKNOWN = {"marker": "x", "linestyle": "", "markersize": 4, "markeredgewidth": 0.9}
AGAIN = {"marker": "o", "linestyle": "", "markersize": 7.5, "markerfacecolor": "none",
         "markeredgewidth": 0.7}  # fmt: skip


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw brackets over the axis `x`, a colour a value of `by`: a bar from the highest value below
    the threshold to the lowest one that reaches it. A line joins the upper ends.

    Crosses at the foot, a row a value of `by`, mark values of x at which no threshold is bracketed,
    and the note says why; rings mark those at which the quantity crosses more than once.
    """
    table = _chosen(data, options["at"])
    x_axis, by = data.axis(options["x"]), data.axis(options["by"]) if options["by"] else None
    x = Scale(x_axis, _levels(x_axis, table))
    levels = _levels(by, table) if by else (None,)
    width, height = style.take(fig, style.COLUMN, HEIGHT, around=13)
    panel = fig.subplots()
    x.dress(panel, "x", width - 17)
    searched = _searched(data, table)
    panel.set_ylabel(style.wrapped(f"threshold: {searched.label}", height))
    are_any = bool(_is_bracketed(table).any())
    if options["log"] and are_any:
        _check_above_zero(table)
        panel.set_yscale("log")
    handles, labels = [], []
    for i, (level, colour) in enumerate(zip(levels, style.colours_of(by, levels), strict=True)):
        rows = table if by is None else table[table[by.name] == level]
        look = {"color": colour, "marker": style.MARKERS[i % len(style.MARKERS)], "markersize": 3}
        _draw_one(panel, x, rows, look, i)
        if by:
            handles.append(Line2D([], [], **look))
            labels.append(by.text(level))
    if options["log"] and are_any:
        dress_log(panel.yaxis)
    for marks, look, label in (
        (table[~_is_bracketed(table)], UNKNOWN, "not bracketed"),
        (table[_is_bracketed(table) & (table["monotonic"] == "no")], AGAIN, "crossed again"),
    ):
        if len(marks):
            handles.append(Line2D([], [], color=style.INK, **look))
            labels.append(label)
    if not are_any:
        panel.set_yticks([])
        style.say(panel, "no threshold is bracketed")
    x.mark_break(panel, "x")
    style.legend(fig, handles, labels, title=by.label if by else "")
    wide = int((table["bracketed"] == "wide").sum())
    said = "bars: from the highest value below to the lowest that reaches it"
    widened = f"{wide} wider than asked, since simulations failed" if wide else ""
    shown = (options["x"], options["by"], searched.name)
    fixed = data.fixed_text(data.select(options["at"]), shown=shown)
    style.note(fig, [fixed, said, widened, _why_unknown(table), data.hanging_note("thresholds")])


def _chosen(data: FigureData, at: dict) -> pd.DataFrame:
    table = data.thresholds
    for name, wanted in at.items():
        rows = data.select({name: wanted})
        table = table[table[name].isin(rows[name].unique())]
    return table


def _levels(axis: Axis, table: pd.DataFrame) -> tuple:
    present = set(table[axis.name].tolist())
    distinct = dict.fromkeys(value for value in axis.values if value in present)
    return tuple(sorted(distinct) if axis.is_number else distinct)


def _searched(data: FigureData, table: pd.DataFrame) -> Axis:
    """The axis along which thresholds were searched: the one that the table has no column of."""
    return next(axis for name, axis in data.axes.items() if name not in table)


def _is_bracketed(table: pd.DataFrame) -> pd.Series:
    return table["bracketed"].isin(["yes", "wide"])


def _why_unknown(table: pd.DataFrame) -> str:
    """Say why thresholds are not bracketed: "not bracketed: 2 never reached, 1 always reached"."""
    reasons = table.loc[~_is_bracketed(table), "bracketed"].value_counts()
    told = ", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))
    return f"not bracketed: {told}" if told else ""


def _draw_one(panel: Panel, x: Scale, rows: pd.DataFrame, look: dict, row: int) -> None:
    """Draw the thresholds of one value of `by`; `row` is that of its crosses, above the foot."""
    found = rows[_is_bracketed(rows)]
    places = x.positions(found[x.axis.name])
    order = np.argsort(places, kind="stable")
    lower, upper = (found[f"threshold_{end}"].to_numpy(float) for end in ("lower", "upper"))
    panel.plot(places[order], upper[order], **look)
    panel.errorbar(
        places, upper, [upper - lower, np.zeros(len(upper))], color=look["color"], linestyle="",
        elinewidth=0.8, capsize=CAP,
    )  # fmt: skip
    again = (found["monotonic"] == "no").to_numpy()
    if again.any():
        panel.plot(places[again], upper[again], color=style.INK, **AGAIN)
    if len(unknown := rows[~_is_bracketed(rows)]):
        above = ScaledTranslation(0, style.inches(row * CROSS), panel.figure.dpi_scale_trans)
        foot = panel.get_xaxis_transform() + above
        places = x.positions(unknown[x.axis.name])
        zeros = np.zeros(len(places))
        panel.plot(places, zeros, color=look["color"], transform=foot, clip_on=False, **UNKNOWN)


def _check_above_zero(table: pd.DataFrame) -> None:
    lowest = table.loc[_is_bracketed(table), "threshold_lower"].min()
    if lowest <= 0:
        raise UserError(
            f'a figure shows thresholds with "log: true", but a bracket begins at {lowest:g}: '
            "leave log out, or search from a value above 0"
        )
