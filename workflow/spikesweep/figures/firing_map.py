"""How cells fire, silent, tonic, bursting ..., as the colour of a cell over two axes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from spikesweep.figures import style
from spikesweep.figures.cells import (
    FEW_CELLS,
    MOST_CELLS,
    dot,
    dress,
    halve,
    left_out_text,
    mark,
    scales,
    tabulate,
)
from spikesweep.figures.data import HANGS, FigureData
from spikesweep.figures.firing import classes as classes_of
from spikesweep.figures.firing import potential_of
from spikesweep.figures.inferring import dot_simulated, with_inferred
from spikesweep.figures.labels import span_text
from spikesweep.figures.scale import Scale
from spikesweep.recording.results import MARGIN
from spikesweep.tables import doubtful
from spikesweep.tables.firing import CLASSES

# From nothing to all: silent pale, single, tonic and bursting in strong colours, block dark.
COLOURS = ("#dbe6ee", "#8ecae6", "#0173b2", "#de8f05", "#3d3d3d")


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the class of firing (see `tables.firing`) at a site, or the first of its copies, over
    the axes `x` and `y`; of replicates the most frequent one. Where another is as frequent, the
    lower right half of the cell has that one.

    Where a threshold of spikes 10 mV lower gives another class, as on a depolarised plateau that
    oscillates about the threshold, the cell is dotted, and its lower right half shows that one.
    """
    rows = data.select(options["at"])
    site = data.copies(options["site"])[0]
    _, span = data.windows()
    axes = (options["x"], options["y"])
    others = data.varying(rows, within=axes)
    over = list(axes) if others else None
    each = _codes(data, site, rows, None)
    tied = _tied(rows, each, list(axes))
    codes = _codes(data, site, rows, over)
    below = _codes(data, site, rows, over, lower=True) if data.counts_others_lower(site) else codes
    below = below[codes.notna() & (codes != below)]
    shown_map = with_inferred(data, rows, codes)
    x, y = scales(data, options, shown_map.rows)
    cells = tabulate(shown_map.rows, shown_map.values, x, y)

    panel, _ = dress(fig, x, y)
    shown = cells.mean
    few = shown.size <= FEW_CELLS
    panel.pcolormesh(
        x.edges, y.edges, np.ma.masked_invalid(shown), cmap=ListedColormap(COLOURS),
        norm=BoundaryNorm(np.arange(len(CLASSES) + 1) - 0.5, len(CLASSES)),
        edgecolors="white" if few else "face", linewidth=0.4 if few else 0.1,
        rasterized=shown.size > MOST_CELLS,
    )  # fmt: skip
    handles = mark(panel, x, y, cells, {})
    _halve(panel, x, y, tabulate(rows, tied, x, y).mean)
    hanging = tabulate(rows, below.reindex(rows.index), x, y).mean
    _show_lower(panel, x, y, hanging, handles)
    dot_simulated(panel, x, y, shown_map, handles)
    x.mark_break(panel, "x")
    y.mark_break(panel, "y")
    seen = {int(code) for code in (*shown[np.isfinite(shown)], *below, *tied.dropna())}
    classes = {CLASSES[i]: Patch(facecolor=COLOURS[i], edgecolor="none") for i in sorted(seen)}
    handles = classes | handles
    style.legend(fig, list(handles.values()), list(handles))
    frequent = _agreement(rows, each, list(axes), data.titles(others)) if others else ""
    along = data.along_text(rows, axes)
    how = f"dotted; lower right half: {MARGIN:g} mV lower"
    doubted = doubtful.marked(len(below), len(rows), [site], "classes", how)
    unseen = ""
    if potential_of(data, site) is None and not {0, 1}.isdisjoint(seen):
        unseen = "no potential recorded there: block before a second spike is not seen"
    said = [data.fixed_text(rows, site, shown=axes), along, span, frequent, doubted, shown_map.said]
    style.note(fig, [*said, left_out_text(data, x, y), unseen])


def _codes(
    data: FigureData, site: str, rows: pd.DataFrame, over: list[str] | None, lower: bool = False
) -> pd.Series:
    """The code of the class of each simulation, by position, NaN of those that failed.

    Args:
        over: axes; of simulations alike in these the most frequent class stands for all.
        lower: whether spikes are those that a threshold 10 mV lower counts.
    """
    classes = classes_of(data, site, rows, lower)
    codes = classes.map(CLASSES.index).reindex(rows.index).astype(float)
    return codes if over is None else _most_frequent(rows, codes, over)


def _show_lower(panel: Panel, x: Scale, y: Scale, codes: np.ndarray, handles: dict) -> None:
    """Dot the cells (y, x) that have a code by a lower threshold, and colour half of them by it."""
    _halve(panel, x, y, codes)
    dot(panel, x, y, np.isfinite(codes), HANGS, handles)


def _halve(panel: Panel, x: Scale, y: Scale, codes: np.ndarray) -> None:
    """Colour half of the cells (y, x) that have a code by it."""
    where = np.isfinite(codes)
    if where.any():
        halve(panel, x, y, where, [COLOURS[int(code)] for code in codes[where]])


def _most_frequent(rows: pd.DataFrame, codes: pd.Series, names: list[str]) -> pd.Series:
    """The most frequent code of the simulations alike in these axes; of equals the first."""
    groups = codes.groupby([rows[name] for name in names], sort=False)
    return groups.transform(lambda each: each.mode().iloc[0] if each.notna().any() else np.nan)


def _tied(rows: pd.DataFrame, codes: pd.Series, names: list[str]) -> pd.Series:
    """The second of the most frequent codes of the simulations alike in these axes, by position;
    NaN where one is more frequent than all others."""
    groups = codes.groupby([rows[name] for name in names], sort=False)
    return groups.transform(lambda each: [*each.mode(), np.nan, np.nan][1])


def _agreement(rows: pd.DataFrame, codes: pd.Series, names: list[str], over: str) -> str:
    """Say that classes are the most frequent ones, of how many simulations, and in how many cells
    these do not agree."""
    known = codes.dropna()
    groups = known.groupby([rows.loc[known.index, name] for name in names])
    differ, ties = groups.nunique() > 1, groups.apply(lambda each: len(each.mode()) > 1)
    said = f"most frequent over {over} (n = {span_text(groups.size().tolist())} simulations)"
    if differ.any():
        said += f"; they differ in {differ.sum()} of {len(differ)} cells"
    if ties.any():
        said += f", as often one as the other in {ties.sum()} (lower right half: the other)"
    return said
