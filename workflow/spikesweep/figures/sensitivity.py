"""How much a quantity follows each axis of a sample: indices as bars, with their intervals."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.patches import Patch

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.index_names import INDICES, METHODS, NO_EFFECT, below_zero
from spikesweep.figures.labels import plain, unit_text

BAR, GAP = 2.6, 2.4  # mm, of a bar, and between the bars of two axes


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw a bar for each axis, method and index of the quantity `of`; lines are the intervals.

    Methods that take any sample have bars of a column of random numbers too, below the axes: what
    an axis without effect comes to. Of an index that is undefined the figure says why.
    """
    table = data.sensitivity[data.sensitivity["quantity"] == options["of"]]
    kinds = list(dict.fromkeys(zip(table["method"], table["index"], strict=True)))
    axes = list(dict.fromkeys(table["axis"]))
    known = table[table["value"].notna()]
    drawn = [kind for kind in kinds if len(_of(known, *kind))]
    around = 10
    style.take(fig, style.COLUMN, (BAR * max(len(drawn), 1) + GAP) * len(axes), around)
    panel = fig.subplots()
    palette = dict(zip(kinds, style.colours(len(kinds), ordered=False), strict=True))
    for i, kind in enumerate(drawn):
        _draw_bars(panel, _of(known, *kind).set_index("axis").reindex(axes), i, len(drawn),
                   palette[kind])  # fmt: skip
    titles = [data.axes[name].title if name in data.axes else NO_EFFECT for name in axes]
    panel.set_yticks(range(len(axes)), [style.wrapped(title, 32) for title in titles])
    panel.set_ylim(len(axes) - 0.5, -0.5)
    panel.tick_params(axis="y", length=0)
    panel.axvline(0, color=style.INK, linewidth=0.6)
    panel.spines["left"].set_visible(False)
    panel.set_xlabel(style.wrapped(_label(data, table, options["of"]), style.COLUMN - 35))
    if not drawn:
        panel.set_xticks([])
        style.say(panel, "undefined")
    handles = [Patch(color=palette[kind]) for kind in drawn]
    style.legend(fig, handles, [INDICES[kind] for kind in drawn])
    fixed = data.fixed_text(data.simulations)
    hanging = data.hanging_note("sensitivity", options["of"])
    style.note(fig, [fixed, *_notes(table), hanging])


def _of(table: pd.DataFrame, method: str, index: str) -> pd.DataFrame:
    return table[(table["method"] == method) & (table["index"] == index)]


def _draw_bars(panel: Panel, rows: pd.DataFrame, i: int, n: int, colour: str) -> None:
    """Draw the bars of one index, the i-th of n side by side."""
    width = BAR / (BAR * n + GAP)
    places = np.arange(len(rows)) + (i - (n - 1) / 2) * width
    panel.barh(places, rows["value"], width * 0.86, color=colour)
    panel.hlines(places, rows["low"], rows["high"], color=style.INK, linewidth=0.8)


def _label(data: FigureData, table: pd.DataFrame, of: str) -> str:
    scalar = of in data.arrays
    title = data.described(of).title if scalar else plain(of.replace("_", " "))
    unit = unit_text(next(iter(table["unit"].dropna()), ""))
    if {*table["method"]} == {"morris"}:
        return f"effect on {title}" + (f" ({unit})" if unit else "")
    return f"sensitivity of {title}"


def _notes(table: pd.DataFrame) -> Iterator[str]:
    """Say what the lines are, of how many simulations the indices are, and what is undefined."""
    levels = table["level"].dropna()
    if len(levels):
        yield f"lines: {100 * levels.iloc[0]:g}% bootstrap intervals"
    yield below_zero(table)
    used, of = table["used"].max(), table["of"].max()
    yield f"n = {used if used == of else f'{used} of {of}'} simulations"
    undefined = table[table["value"].isna()]
    for note in dict.fromkeys(table["note"].dropna()):
        methods = [
            METHODS[name] for name in undefined.loc[undefined["note"] == note, "method"].unique()
        ]
        yield f"{', '.join(methods)} {note}" if methods else note
