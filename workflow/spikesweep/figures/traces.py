"""A gallery of traces: small panels on the same axes, of one simulation or of several each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.bands import Band, band_of, band_text, extremes
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.gallery import Gallery, Shown, arrange, thin
from spikesweep.figures.labels import Axis, Quantity, number_text

HEIGHTS = {1: 34.0, 2: 28.0, 3: 24.0}  # mm of a panel by number of rows
LOW = 19.0  # mm of a panel where there are more rows
ALONE = 46.0  # mm of a panel of several lines that stands alone
MOST_LINES = 32  # of numbers in a panel; of names as many as there are colours
MOST_NAMED = 8  # lines in a legend; the values of more are read from a colour bar
BAR = 16.0  # mm across, the colour bar with its numbers and label
SAMPLES = 48  # of a line a mm of its panel: twice what print resolves at 600 dpi
MOST_SAMPLES = 500_000  # of all lines; more are an image inside PDF and SVG
NARROW = 24.0  # mm, a panel in which spikes need a finer line to stand apart
LONG = 6.2  # mm, the width of a number with four digits


@dataclass(frozen=True)
class Lines:
    """The values of an axis, each a line of its own colour in every panel.

    levels: those that are drawn; number: how many the simulations have.
    """

    by: Axis
    levels: tuple
    number: int

    @classmethod
    def of(cls, data: FigureData, rows: pd.DataFrame, name: str) -> "Lines":
        """As many values of the axis as can be told apart, evenly thinned."""
        by = data.axis(name)
        levels = data.levels(name, rows)
        most = MOST_LINES if by.is_number else len(style.CATEGORIES)
        return cls(by, tuple(thin(list(levels), most)), len(levels))

    @property
    def note(self) -> str:
        """Say how many are left out, if any are."""
        shown = len(self.levels)
        of_all = f"{shown} of {self.number} values of {self.by.title} shown"
        return of_all if shown < self.number else ""

    @cached_property
    def palette(self) -> dict:
        """The colour of each level."""
        colours = style.colours_of(self.by, self.levels)
        return dict(zip(self.levels, colours, strict=True))

    @property
    def has_bar(self) -> bool:
        """Whether the colours are read from a bar, and not from a legend."""
        return self.by.is_number and len(self.levels) > MOST_NAMED

    def colours(self, rows: pd.DataFrame) -> dict[int, Any]:
        """The colour of each simulation by its position, in the order in which they are drawn."""
        values = rows[self.by.name]
        return {
            position: colour
            for level, colour in self.palette.items()
            for position in rows.index[values == level]
        }

    def explain(self, fig: style.Canvas, shown: pd.DataFrame, height: float) -> None:
        """Add the legend, or the colour bar beside panels that are `height` mm high in all.

        A legend says which lines are missing because every simulation of them failed.
        """
        texts, colours = [self.by.text(level) for level in self.levels], [*self.palette.values()]
        if self.has_bar:
            style.colour_steps(fig, fig.axes, colours, texts, self.by.label, height)
            return
        ended = set(shown.loc[shown["status"] == OK, self.by.name])
        labels = [
            text if level in ended else f"{text}: failed"
            for text, level in zip(texts, self.levels, strict=True)
        ]
        keys = [Line2D([], [], color=colour, linewidth=1.6) for colour in colours]
        style.legend(fig, keys, labels, self.by.label)


@dataclass(frozen=True)
class Pen:
    """How lines are drawn: width (pt), samples of each, and whether as an image."""

    width: float
    samples: int
    is_image: bool

    @classmethod
    def of(cls, width: float, lines: int) -> "Pen":
        """For so many lines in panels `width` mm wide."""
        samples = int(SAMPLES * max(width, 10.0))
        return cls(0.35 if width < NARROW else 0.6, samples, samples * lines > MOST_SAMPLES)


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the trace of each simulation, in a panel of its own or a line a value of the axis `by`.

    Rows and columns of panels are two axes of the sweep: see `gallery.arrange`. More than 32
    values of `by`, or 10 names, are thinned evenly. The figure says what it leaves out. With `band`
    a line is the median or mean of all simulations that differ in other axes, and a band their
    spread.
    """
    rows = data.select(options["at"])
    trace = data.trace(options["trace"])
    window = _window(data, rows, trace, options["window"])
    lines = Lines.of(data, rows, options["by"]) if options["by"] else None
    if lines:
        rows = rows[rows[lines.by.name].isin(lines.levels)]
    sides = (options[name] for name in ("rows", "columns", "by"))
    gallery = arrange(data, rows, *sides, pooled=options["band"] is not None)

    n_rows, n_columns = len(gallery.panels), len(gallery.panels[0])
    wanted = options["width"] or ("column" if n_columns <= 2 else "page")
    width = {"column": style.COLUMN, "page": style.PAGE}[wanted]
    alone = lines and n_rows == n_columns == 1
    height = n_rows * (options["height"] or (ALONE if alone else HEIGHTS.get(n_rows, LOW)))
    width, height = style.take(fig, width, height, around=10)
    fig.get_layout_engine().set(wspace=0.05)
    panels = fig.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
    colours = lines.colours(rows) if lines else dict.fromkeys(rows.index, style.CATEGORIES[0])
    pen = Pen.of(width / n_columns, sum(len(s or ()) for line in gallery.panels for s in line))
    numbers: list[int] = []
    for (i, j), panel in np.ndenumerate(panels):
        shown = gallery.panels[i][j]
        if not _says_why_empty(panel, data, shown):
            if options["band"]:
                numbers += _draw_bands(panel, data, trace, shown, colours, window, options["band"])
            else:
                _draw_lines(panel, data, trace, shown, colours, window, pen)
    if options["limits"]:
        panels[0, 0].set_ylim(*options["limits"])
    _dress(fig, panels, gallery, data.described(trace))
    has_bar = lines is not None and lines.has_bar
    time_label = data.described(data.time_of(trace)).label
    _label_time(fig, panels, time_label, has_legend=lines is not None and not has_bar)
    _unify(panels, window, (width - BAR * has_bar) / n_columns)
    notes = []
    if options["band"]:
        notes = _band_notes(data, rows, options, numbers)
    if lines:
        shown = rows.loc[[i for line in gallery.panels for panel in line for i in panel or ()]]
        lines.explain(fig, shown, height)
        notes += [lines.note, data.failed_text(shown)]
    shown_axes = [options[name] for name in ("by", "rows", "columns")]
    fixed = data.fixed_text(rows, shown=shown_axes)
    style.note(fig, [fixed, *gallery.notes, *notes])


def _window(data: FigureData, rows: pd.DataFrame, trace: str, asked):
    """Return the times (ms) from which and to which traces are shown, by default the whole run.

    Raises:
        UserError: no part of the window that is asked for lies in the run.
    """
    times = data.times(trace, rows.index[0])
    span = (0.0, data.end(rows)) if data.has_steps(trace) else (times[0], times[-1])
    window = asked or span
    if window[0] > span[1] or window[1] < span[0]:
        raise UserError(
            f"a figure of traces has the window {window[0]:g} to {window[1]:g} ms, "
            f"but the simulations run from {span[0]:g} to {span[1]:g} ms"
        )
    return window


def _says_why_empty(panel: Panel, data: FigureData, shown: Shown) -> bool:
    """Say in a panel why it has no trace; return whether it has none."""
    if not shown:
        style.say(panel, "not simulated")
        return True
    statuses = data.simulations["status"].loc[list(shown)]
    if (statuses != OK).all():
        panel.add_patch(
            Rectangle((0, 0), 1, 1, transform=panel.transAxes, zorder=0, **style.FAILED)
        )
        reasons = dict.fromkeys(data.status_text(status) for status in statuses)
        style.say(panel, f"failed:\n{', '.join(reasons)}")
        return True
    return False


def _ended(data: FigureData, shown: Shown, colours: dict) -> dict[int, Any]:
    """The colours of those shown that ended well, in the order in which they are drawn."""
    statuses = data.simulations["status"].loc[list(shown or ())]
    ended = set(statuses.index[statuses == OK])
    return {position: colour for position, colour in colours.items() if position in ended}


def _draw_lines(
    panel: Panel, data: FigureData, trace: str, shown: Shown, colours: dict, window, pen: Pen
) -> None:
    """Draw the simulations that share a panel, a line each."""
    for position, colour in _ended(data, shown, colours).items():
        _draw_line(panel, data, trace, position, colour, window, pen)


def _draw_bands(
    panel: Panel, data: FigureData, trace: str, shown: Shown, colours: dict, window, kind: str
) -> list[int]:
    """Draw what simulations of one colour have in common, a line and a band each; return of how
    many each is."""
    alike: dict[Any, list[int]] = {}
    for position, colour in _ended(data, shown, colours).items():
        alike.setdefault(to_rgba(colour), []).append(position)
    bands: dict[Any, Band] = {
        colour: band_of(data, trace, positions, window, kind) for colour, positions in alike.items()
    }
    for colour, band in bands.items():
        panel.fill_between(band.time, band.low, band.high, color=colour, alpha=0.25, linewidth=0)
    for colour, band in bands.items():
        panel.plot(band.time, band.middle, color=colour, linewidth=0.8)
    return [band.number for band in bands.values()]


def _band_notes(
    data: FigureData, rows: pd.DataFrame, options: dict, numbers: list[int]
) -> list[str]:
    """Say what a line and a band are, of how many simulations, over which axes."""
    shown = [options[name] for name in ("rows", "columns", "by")]
    over = data.titles(data.varying(rows, within=shown))
    words = band_text(options["band"], "time", numbers, over)
    return [words] if options["by"] else [words, data.failed_text(rows)]


def _draw_line(
    panel: Panel, data: FigureData, trace: str, position: int, colour, window, pen: Pen
) -> None:
    """Draw the trace of one simulation within the window."""
    time = data.times(trace, position)
    inside = (time >= window[0]) & (time <= window[1])
    time, samples = time[inside], data.samples(trace, position)[inside]
    shown = extremes(samples, pen.samples)
    panel.plot(
        time[shown], samples[shown], color=colour, linewidth=pen.width, rasterized=pen.is_image
    )


def _dress(fig: style.Canvas, panels, gallery: Gallery, quantity: Quantity) -> None:
    """Label figure, rows, columns and panels; take away places that no simulation fills."""
    height = style.size(fig)[1] - 12
    label = style.wrapped(quantity.label, height)
    if len(panels) == 1:  # in the middle of the panels, whatever stands below them
        panels[0, 0].set_ylabel(label)
    else:
        fig.supylabel(label)
    width = 0.85 * style.size(fig)[0] / panels.shape[1]
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


def _label_time(fig: style.Canvas, panels, text: str, has_legend: bool) -> None:
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
