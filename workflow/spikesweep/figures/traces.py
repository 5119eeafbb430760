"""A gallery of traces: a small panel a simulation, all on the same axes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Quantity, number_text

READS: tuple[str, ...] = ("dataset",)

MOST = 8  # panels across and down
HEIGHTS = {1: 34.0, 2: 28.0, 3: 24.0}  # mm of a panel by number of rows
MOST_SAMPLES = 4000  # of a panel; twenty times what it resolves in print
LONG = 6.2  # mm, the width of a number with four digits
LOW = 19.0  # mm of a panel where there are more rows


@dataclass(frozen=True)
class Gallery:
    """Which simulation (position, or None: not simulated) is shown where.

    `positions` has the shape (rows, columns). `titles` name panels, `row_titles` and
    `column_titles` whole rows and columns; `notes` say what is not shown.
    """

    positions: list[list[int | None]]
    titles: dict[int, str]
    row_titles: list[str]
    column_titles: list[str]
    notes: list[str]


def draw(data: FigureData, options: dict) -> Figure:
    """Draw the trace of each simulation in a panel of its own.

    Rows and columns are two axes of the sweep, by default the first two that `at` leaves; further
    ones stay at their first value. A single axis of many values, or a design that is no grid, is
    wrapped over rows. More than 8 values are thinned evenly. The figure says so in each case.
    """
    rows = data.select(options["at"])
    trace = data.trace(options["trace"])
    time = data.times(trace, rows.index[0])
    span = (0.0, data.end(rows)) if data.has_steps(trace) else (time[0], time[-1])
    window = options["window"] or span
    _check_window(window, span)
    gallery = arrange(data, rows, options["rows"], options["columns"])

    n_rows, n_columns = len(gallery.positions), len(gallery.positions[0])
    width = style.COLUMN if n_columns <= 2 else style.PAGE
    fig = style.figure(width, n_rows * HEIGHTS.get(n_rows, LOW) + 10)
    fig.get_layout_engine().set(wspace=0.05)
    panels = fig.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
    for i, j in np.ndindex(n_rows, n_columns):
        _draw_panel(panels[i, j], data, trace, gallery.positions[i][j], window)
    _dress(fig, panels, gallery, data.described(trace), data.described(data.time_of(trace)))
    _unify(panels, window, width / n_columns)
    style.note(fig, [data.fixed_text(rows), *gallery.notes])
    return fig


def arrange(data: FigureData, rows: pd.DataFrame, down: str | None, across: str | None) -> Gallery:
    """Decide which simulation stands where."""
    for name in (down, across):
        if name is not None:
            data.axis(name)
    if down is None and across is None:
        free = data.varying(rows)
        scattered = len(free) > 1 and not data.is_grid
        if scattered or (len(free) == 1 and len(rows) > MOST):
            return _wrap(data, rows, free)
        down, across = (*free, None, None)[:2]
    return _table(data, rows, down, across)


def _wrap(data: FigureData, rows: pd.DataFrame, names: list[str]) -> Gallery:
    """One panel after the other, row by row, each with its values as title."""
    shown = thin(list(rows.index), MOST**2)
    n_columns = min(
        range(int(np.ceil(np.sqrt(len(shown)))), MOST + 1), key=lambda n: -len(shown) % n
    )
    lines = [shown[i : i + n_columns] for i in range(0, len(shown), n_columns)]
    lines[-1] = lines[-1] + [None] * (n_columns - len(lines[-1]))
    titles = {
        position: ", ".join(
            data.axis(name).text_with_unit(_level(data, name, rows.at[position, name]))
            for name in names
        )
        for position in shown
    }
    notes = [f"panels: {data.titles(names)}"]
    if len(shown) < len(rows):
        notes.append(f"{len(shown)} of {len(rows)} simulations shown")
    return Gallery(lines, titles, [], [], notes)


def _table(data: FigureData, rows: pd.DataFrame, down: str | None, across: str | None) -> Gallery:
    """One axis down the rows, another across the columns, the rest at the first value."""
    notes = []
    for name in data.varying(rows, within=(down, across)):
        first = data.levels(name, rows)[0]
        rows = rows[rows[name] == first]
        notes.append(f"{data.axis(name).title} {data.axis(name).text_with_unit(first)} only")
    sides = []
    for name in (down, across):
        levels = list(data.levels(name, rows)) if name else [None]
        sides.append(thin(levels, MOST))
        if len(sides[-1]) < len(levels):
            notes.append(f"{MOST} of {len(levels)} values of {data.axis(name).title} shown")

    def position(row, column) -> int | None:
        chosen = rows
        for name, level in ((down, row), (across, column)):
            chosen = chosen[chosen[name] == level] if name else chosen
        return int(chosen.index[0]) if len(chosen) else None

    positions = [[position(row, column) for column in sides[1]] for row in sides[0]]
    titles = [
        [data.axis(name).text_with_unit(level) for level in side] if name else []
        for name, side in zip((down, across), sides, strict=True)
    ]
    spoken = [("rows", down), ("columns", across)]
    meaning = ", ".join(f"{side}: {data.axis(name).title}" for side, name in spoken if name)
    return Gallery(positions, {}, *titles, [meaning, data.along_text(rows, (down, across)), *notes])


def thin(items: list, most: int) -> list:
    """Return `most` of the items at even distances, first and last among them."""
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).round().astype(int)]


def _level(data: FigureData, name: str, value):
    """The axis's own value that equals one of a table (numpy's scalars print differently)."""
    return next(level for level in data.axis(name).values if level == value)


def _check_window(window, span) -> None:
    """Raise UserError if no part of the window (ms) lies in the span of the simulations."""
    if window[0] > span[1] or window[1] < span[0]:
        raise UserError(
            f"a figure of traces has the window {window[0]:g} to {window[1]:g} ms, "
            f"but the simulations run from {span[0]:g} to {span[1]:g} ms"
        )


def _draw_panel(panel: Panel, data: FigureData, trace: str, position, window) -> None:
    """Draw one simulation, or say why there is none."""
    if position is None:
        style.say(panel, "not simulated")
        return
    status = data.simulations.at[position, "status"]
    if status != OK:
        panel.add_patch(
            Rectangle((0, 0), 1, 1, transform=panel.transAxes, zorder=0, **style.FAILED)
        )
        style.say(panel, f"failed:\n{data.status_text(status)}")
        return
    time = data.times(trace, position)
    inside = (time >= window[0]) & (time <= window[1])
    time, samples = time[inside], data.samples(trace, position)[inside]
    shown = extremes(samples, MOST_SAMPLES)
    panel.plot(time[shown], samples[shown], color=style.CATEGORIES[0], linewidth=0.6)


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


def _dress(fig: Figure, panels, gallery: Gallery, quantity: Quantity, time: Quantity) -> None:
    """Label figure, rows, columns and panels; take away places that no simulation fills."""
    fig.supxlabel(time.label)
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
    for (i, j), panel in np.ndenumerate(panels):
        position = gallery.positions[i][j]
        if position is not None:
            panel.set_title(style.wrapped(gallery.titles[position], width))
            continue
        panel.remove()
        panels[i - 1, j].tick_params(labelbottom=True)


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
