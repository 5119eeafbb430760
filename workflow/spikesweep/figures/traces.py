"""A gallery of traces: small panels on the same axes, of one simulation or of several each."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.gallery import Gallery, Shown, arrange, thin
from spikesweep.figures.labels import Axis, Quantity, number_text

READS: tuple[str, ...] = ("dataset",)

HEIGHTS = {1: 34.0, 2: 28.0, 3: 24.0}  # mm of a panel by number of rows
LOW = 19.0  # mm of a panel where there are more rows
ALONE = 46.0  # mm of a panel of several lines that stands alone
MOST_LINES = 32  # of numbers in a panel; of names as many as there are colours
MOST_NAMED = 8  # lines in a legend; the values of more are read from a colour bar
BAR = 16.0  # mm across, the colour bar with its numbers and label
MOST_SAMPLES = 4000  # of a line; twenty times what a panel resolves in print
LONG = 6.2  # mm, the width of a number with four digits


def draw(data: FigureData, options: dict) -> Figure:
    """Draw the trace of each simulation, in a panel of its own or a line a value of the axis `by`.

    Rows and columns of panels are two axes of the sweep: see `gallery.arrange`. More than 32
    values of `by`, or 10 names, are thinned evenly. The figure says what it leaves out.
    """
    rows = data.select(options["at"])
    trace = data.trace(options["trace"])
    time = data.times(trace, rows.index[0])
    span = (0.0, data.end(rows)) if data.has_steps(trace) else (time[0], time[-1])
    window = options["window"] or span
    _check_window(window, span)
    by = data.axis(options["by"]) if options["by"] else None
    rows, thinned = _with_few_lines(data, rows, by)
    levels = data.levels(by.name, rows) if by else ()
    gallery = arrange(data, rows, options["rows"], options["columns"], options["by"])

    n_rows, n_columns = len(gallery.panels), len(gallery.panels[0])
    width = style.COLUMN if n_columns <= 2 else style.PAGE
    height = ALONE if by and n_rows == n_columns == 1 else n_rows * HEIGHTS.get(n_rows, LOW)
    fig = style.figure(width, height + 10)
    fig.get_layout_engine().set(wspace=0.05)
    panels = fig.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
    colours = _colours(rows, by, levels)
    for (i, j), panel in np.ndenumerate(panels):
        _draw_panel(panel, data, trace, gallery.panels[i][j], colours, window)
    _dress(fig, panels, gallery, data.described(trace))
    has_bar = len(levels) > MOST_NAMED
    time_label = data.described(data.time_of(trace)).label
    _label_time(fig, panels, time_label, has_legend=by is not None and not has_bar)
    _unify(panels, window, (width - BAR * has_bar) / n_columns)
    shown = rows.loc[[i for line in gallery.panels for panel in line for i in panel or ()]]
    if has_bar:
        _add_bar(fig, by, levels, height)
    elif by:
        _add_legend(fig, by, levels, shown)
    failed = data.failed_text(shown) if by else ""
    style.note(fig, [data.fixed_text(rows), *gallery.notes, thinned, failed])
    return fig


def _with_few_lines(
    data: FigureData, rows: pd.DataFrame, by: Axis | None
) -> tuple[pd.DataFrame, str]:
    """Return the simulations of as many values of `by` as can be told apart, and what to say."""
    if by is None:
        return rows, ""
    levels = list(data.levels(by.name, rows))
    kept = thin(levels, MOST_LINES if by.is_number else len(style.CATEGORIES))
    if len(kept) == len(levels):
        return rows, ""
    note = f"{len(kept)} of {len(levels)} values of {by.title} shown"
    return rows[rows[by.name].isin(kept)], note


def _colours(rows: pd.DataFrame, by: Axis | None, levels: tuple) -> dict:
    """The colour of each simulation by its position, in the order in which they are drawn."""
    if by is None:
        return dict.fromkeys(rows.index, style.CATEGORIES[0])
    palette = zip(levels, style.colours(len(levels), ordered=by.is_number), strict=True)
    return {
        position: colour
        for level, colour in palette
        for position in rows.index[rows[by.name] == level]
    }


def _add_legend(fig: Figure, by: Axis, levels: tuple, shown: pd.DataFrame) -> None:
    """Name the lines, and say which are missing because every simulation of them failed."""
    ended = set(shown.loc[shown["status"] == OK, by.name])
    labels = [by.text(level) + ("" if level in ended else ": failed") for level in levels]
    palette = style.colours(len(levels), ordered=by.is_number)
    keys = [Line2D([], [], color=colour, linewidth=1.6) for colour in palette]
    style.legend(fig, keys, labels, by.label)


def _add_bar(fig: Figure, by: Axis, levels: tuple, height: float) -> None:
    """Put beside all panels a colour bar with a step a line."""
    palette = style.colours(len(levels), ordered=by.is_number)
    style.colour_steps(
        fig, fig.axes, palette, [by.text(level) for level in levels], by.label, height
    )


def _check_window(window, span) -> None:
    """Raise UserError if no part of the window (ms) lies in the span of the simulations."""
    if window[0] > span[1] or window[1] < span[0]:
        raise UserError(
            f"a figure of traces has the window {window[0]:g} to {window[1]:g} ms, "
            f"but the simulations run from {span[0]:g} to {span[1]:g} ms"
        )


def _draw_panel(
    panel: Panel, data: FigureData, trace: str, shown: Shown, colours: dict, window
) -> None:
    """Draw the simulations that share a panel, or say why there is none."""
    if not shown:
        style.say(panel, "not simulated")
        return
    statuses = data.simulations["status"].loc[list(shown)]
    if (statuses != OK).all():
        panel.add_patch(
            Rectangle((0, 0), 1, 1, transform=panel.transAxes, zorder=0, **style.FAILED)
        )
        reasons = dict.fromkeys(data.status_text(status) for status in statuses)
        style.say(panel, f"failed:\n{', '.join(reasons)}")
        return
    ended = set(statuses.index[statuses == OK])
    for position, colour in colours.items():
        if position in ended:
            _draw_line(panel, data, trace, position, colour, window)


def _draw_line(panel: Panel, data: FigureData, trace: str, position: int, colour, window) -> None:
    """Draw the trace of one simulation within the window."""
    time = data.times(trace, position)
    inside = (time >= window[0]) & (time <= window[1])
    time, samples = time[inside], data.samples(trace, position)[inside]
    shown = extremes(samples, MOST_SAMPLES)
    panel.plot(time[shown], samples[shown], color=colour, linewidth=0.6)


def extremes(samples: np.ndarray, most: int) -> np.ndarray:
    """Return the places of about `most` samples that look like all of them, ascending.

    They are the lowest and the highest of each of most / 2 equal stretches: a peak is never lost,
    as it is where every n-th sample is taken.
    """
    if samples.size <= most:
        return np.arange(samples.size)
    length = -(-samples.size // (most // 2))
    padded = np.pad(samples, (0, -samples.size % length), mode="edge").reshape(-1, length)
    unknown = np.isnan(padded)
    lowest = np.where(unknown, np.inf, padded).argmin(axis=1)
    highest = np.where(unknown, -np.inf, padded).argmax(axis=1)
    starts = np.arange(0, padded.size, length)
    places = np.sort(np.concatenate([starts + lowest, starts + highest]))
    return np.unique(np.minimum(places, samples.size - 1))


def _dress(fig: Figure, panels, gallery: Gallery, quantity: Quantity) -> None:
    """Label figure, rows, columns and panels; take away places that no simulation fills."""
    height = fig.get_figheight() * 25.4 - 12
    fig.supylabel(style.wrapped(quantity.label, height))
    width = 0.85 * fig.get_figwidth() * 25.4 / panels.shape[1]
    for panel, title in zip(panels[0], gallery.column_titles, strict=False):
        panel.set_title(style.wrapped(title, width))
    for panel, title in zip(panels[:, -1], gallery.row_titles, strict=False):
        panel.annotate(title, (1, 0.5), (3, 0), xycoords="axes fraction",
                       textcoords="offset points", va="center")  # fmt: skip
    if not gallery.titles:
        return
    titles = iter(gallery.titles)
    for (i, j), panel in np.ndenumerate(panels):
        if gallery.panels[i][j] is None:
            panel.remove()
            panels[i - 1, j].tick_params(labelbottom=True)
        else:
            panel.set_title(style.wrapped(next(titles), width))


def _label_time(fig: Figure, panels, text: str, has_legend: bool) -> None:
    """Label the time once, or, as matplotlib would put a legend on that, below each column."""
    if not has_legend:
        fig.supxlabel(text)
        return
    for column in panels.T:
        lowest = [panel for panel in column if panel.figure][-1]
        lowest.set_xlabel(text)


def _unify(panels, window, width: float) -> None:
    """Give the panels, which share their axes, the window in time and as many ticks as fit."""
    panel = panels[0, 0]
    panel.set_xlim(*window)
    text = style.text_width(number_text(window[1]))
    # A long number at the end of one panel would run into the 0 of the next.
    prune = "upper" if text > LONG and panels.shape[1] > 1 else None
    nbins = int(np.clip(width // (text + 7), 1, 8))
    panel.xaxis.set_major_locator(MaxNLocator(nbins, prune=prune))
    panel.locator_params(axis="y", nbins=3)
    if not any(each.lines for each in panels.flat):
        panel.set_yticks([])
