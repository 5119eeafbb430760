"""How much a trace follows each axis of a sample, over time: indices as lines, with intervals."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.index_names import INDICES, METHODS, NO_AXIS, NO_EFFECT, below_zero
from spikesweep.figures.labels import unit_text

HEIGHT = 30.0  # mm of a panel
BAND = {"alpha": 0.25, "linewidth": 0}
NONE = {"color": "0.6", "linestyle": (0, (3, 1.5))}  # what an axis without effect comes to


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw a panel for each method and index, in it a line an axis, with its interval as a band.

    Above stand the median of the trace and its percentiles 5 to 95, where the sample has some. A
    line is broken where the index is undefined, as where the trace is equal in all simulations.
    """
    every = data.sensitivity_over_time
    trace = options["trace"] or every["quantity"].iloc[0]
    table = every[every["quantity"] == trace]
    spread = data.uncertainty_over_time[data.uncertainty_over_time["quantity"] == trace]
    kinds = list(dict.fromkeys(zip(table["method"], table["index"], strict=True)))
    has_spread = bool(spread["p50"].notna().any())
    count = len(kinds) + has_spread
    style.take(fig, style.COLUMN, HEIGHT * count, around=10)
    panels = list(fig.subplots(count, 1, sharex=True, squeeze=False)[:, 0])
    quantity = data.described(trace)
    if has_spread:
        _draw_spread(panels.pop(0), spread, style.wrapped(quantity.label, HEIGHT))
    axes = list(dict.fromkeys(table["axis"]))
    named = [axis for axis in axes if axis != NO_AXIS]
    looks = {
        axis: {"color": colour}
        for axis, colour in zip(named, style.colours(len(named), ordered=False), strict=True)
    }
    looks |= dict.fromkeys(set(axes) - set(named), NONE)
    for panel, (method, index) in zip(panels, kinds, strict=True):
        _draw_index(panel, table[(table["method"] == method) & (table["index"] == index)], looks)
        unit = unit_text(next(iter(table["unit"].dropna()), "")) if method == "morris" else ""
        name = INDICES[method, index] + (f" ({unit})" if unit else "")
        panel.set_ylabel(style.wrapped(name, HEIGHT))
    last = fig.axes[len(kinds) + has_spread - 1]
    last.set_xlim(table["time"].min(), table["time"].max())
    last.set_xlabel("time (ms)")
    titles = [data.axes[axis].title if axis in data.axes else NO_EFFECT for axis in axes]
    style.legend(fig, [Line2D([], [], **looks[axis]) for axis in axes], titles)
    style.note(fig, [data.fixed_text(data.simulations), *_notes(table, has_spread)])


def _draw_spread(panel: Panel, spread: pd.DataFrame, label: str) -> None:
    panel.fill_between(spread["time"], spread["p5"], spread["p95"], color=style.INK, **BAND)
    panel.plot(spread["time"], spread["p50"], color=style.INK, linewidth=0.8)
    panel.set_ylabel(label)
    panel.locator_params(axis="y", nbins=3)


def _draw_index(panel: Panel, rows: pd.DataFrame, looks: dict[str, dict]) -> None:
    panel.axhline(0, color=style.INK, linewidth=0.5, zorder=0)
    for axis, look in looks.items():
        one = rows[rows["axis"] == axis]
        panel.fill_between(one["time"], one["low"], one["high"], color=look["color"], **BAND)
        panel.plot(one["time"], one["value"], linewidth=0.9, **look)
    panel.locator_params(axis="y", nbins=3)
    if rows["value"].isna().all():
        panel.set_yticks([])
        style.say(panel, "undefined")


def _notes(table: pd.DataFrame, has_spread: bool) -> Iterator[str]:
    """Say what the bands are, of how many simulations the indices are, and what is undefined."""
    levels = table["level"].dropna()
    if len(levels):
        yield f"bands of indices: {100 * levels.iloc[0]:g}% bootstrap intervals"
    yield below_zero(table)
    if has_spread:
        yield "grey: median and 5 to 95% of simulations"
    used, of = table["used"], table["of"].max()
    least, most = used.min(), used.max()
    number = f"{most}" if least == most else f"{least} to {most}"
    yield f"n = {number}{'' if least == most == of else f' of {of}'} simulations"
    times = table["time"].nunique()
    undefined = table[table["value"].isna()]
    for note, rows in undefined.groupby("note", sort=False):
        there = rows["time"].nunique()
        methods = ", ".join(METHODS[name] for name in rows["method"].unique())
        yield f"{methods} at {there} of {times} times {note}"
    said = [str(note) for note in undefined["note"].unique()]
    for note in dict.fromkeys(table.loc[table["value"].notna(), "note"].dropna()):
        if not any(one.endswith(note) for one in said):
            yield note
