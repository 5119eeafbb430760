"""A spike raster: a row a simulation, or a cell of one; a tick a spike."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Axis, value_texts
from spikesweep.figures.populations import colours, entry, populations

ROW = 3.2  # mm of a simulation's row, where there is room
HEIGHT = (26.0, 140.0)  # mm, least and greatest height of all rows
MANY_SPIKES = 20_000  # more are drawn as an image: as lines, programs fail to open the file


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the spikes at a site over time, the simulations in the order of the axis `by`.

    `by` is by default the first axis that `at` leaves. Simulations of equal `by` stand together,
    in the order of the other axes, the first values lowest. Failed simulations are hatched. Where
    a site has copies, each simulation has a row a copy, the first lowest; of several sites, the
    copies of the first lowest, each in a colour of its own.
    """
    rows = data.select(options["at"])
    of = populations(data, options["site"])
    sites = [site for copies in of.values() for site in copies]
    name = options["by"] or next(iter(data.varying(rows)), None)
    by = data.axis(name) if name else None
    others = data.varying(rows, within=[name]) if name else []
    rows = _in_order(data, rows, [name, *others] if name else [])
    of_site = [data.spike_trains(site) for site in sites]
    trains = [train[position] for position in rows.index for train in of_site]
    window = options["window"] or (0.0, data.end(rows))
    palette = colours([*of]) if len(of) > 1 else dict.fromkeys(of, style.INK)
    inks = [palette[name] for name, copies in of.items() for _ in copies] * len(rows)

    height = float(np.clip(ROW * len(trains), *HEIGHT))
    _, height = style.take(fig, style.COLUMN, height, around=12)
    panel = fig.subplots()
    panel.set_xlim(*window)
    panel.set_ylim(-0.5, len(trains) - 0.5)
    failed = (rows["status"] != OK).to_numpy().repeat(len(sites))
    _hatch(panel, failed, window)
    if by is None:
        _label_copies(panel, sites if len(of) == 1 else [], height)
    else:
        _label_rows(panel, data, rows, by, len(sites), height)
    panel.set_xlabel("time (ms)")
    if not _draw_spikes(panel, trains, inks, window):
        style.say(panel, data.why_empty(rows, "no spikes in this window", *sites))

    _name_colours(fig, of if len(of) > 1 else {}, palette, is_hatched=bool(failed.any()))
    along = data.along_text(rows, [name] if name else [], sites)
    order = _order(data, rows, by, others, of)
    fixed = data.fixed_text(rows, *(sites if len(of) == 1 else ()), shown=[name])
    style.note(fig, [fixed, along, order])


def _in_order(data: FigureData, rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Sort the simulations by the levels of these axes, the first name first."""
    ranks = {}
    for name in names:
        rank = {level: i for i, level in enumerate(data.levels(name, rows))}
        ranks[name] = rows[name].map(rank)
    if not names:
        return rows
    order = pd.DataFrame(ranks, index=rows.index).sort_values(names, kind="stable").index
    return rows.loc[order]


def _draw_spikes(panel: Panel, trains: list[np.ndarray], inks: list[str], window) -> int:
    """Draw a tick for each spike in the window, in the ink of its row; return their number."""
    times = np.concatenate(trains)
    row = np.repeat(np.arange(len(trains)), [train.size for train in trains])
    inside = (times >= window[0]) & (times <= window[1])
    times, row = times[inside], row[inside]
    ink = np.array(inks)[row]
    for one in dict.fromkeys(inks):
        _draw_ticks(panel, times[ink == one], row[ink == one], one, times.size <= MANY_SPIKES)
    return times.size


def _draw_ticks(panel: Panel, times: np.ndarray, row: np.ndarray, ink: str, few: bool) -> None:
    if few:
        panel.vlines(times, row - 0.38, row + 0.38, color=ink, linewidth=0.6)
    else:  # as one broken line, which is drawn thirty times as fast as lines by the thousand
        gaps = np.full(times.size, np.nan)
        panel.plot(
            np.repeat(times, 3), np.column_stack([row - 0.38, row + 0.38, gaps]).ravel(),
            color=ink, linewidth=0.6, solid_capstyle="butt", rasterized=True,
        )  # fmt: skip


def _name_colours(
    fig: style.Canvas, of: Mapping[str, list[str]], palette: Mapping[str, str], is_hatched: bool
) -> None:
    """Put a legend below: of the populations, and of failed simulations where there are any."""
    handles = [Line2D([], [], color=palette[name], linewidth=1.6) for name in of]
    labels = [entry(name, sites) for name, sites in of.items()]
    if is_hatched:
        handles, labels = [*handles, style.failed_key()], [*labels, "failed simulation"]
    style.legend(fig, handles, labels)


def _hatch(panel: Panel, failed: np.ndarray, window) -> None:
    left, right = window
    bands = [
        [(left, row - 0.5), (right, row - 0.5), (right, row + 0.5), (left, row + 0.5)]
        for row in np.flatnonzero(failed)
    ]
    panel.add_collection(PolyCollection(bands, **style.FAILED, zorder=0.5), autolim=False)


def _label_copies(panel: Panel, sites: list[str], height: float) -> None:
    """Write the number of each copy beside its row, as many as fit; of one site nothing, nor of
    those of several populations, which are not given."""
    every = style.spacing(max(len(sites), 1), height)
    panel.set_yticks(range(0, len(sites), every) if sites[1:] else [])
    panel.set_ylabel("cell" if sites[1:] or not sites else "")


def _label_rows(
    panel: Panel, data: FigureData, rows: pd.DataFrame, by: Axis, copies: int, height: float
) -> None:
    """Write each value of `by` beside its rows, as many as fit, and part groups by lines."""
    panel.set_ylabel(style.wrapped(by.label, height))
    levels = data.levels(by.name, rows)
    sizes = np.array([(rows[by.name] == level).sum() * copies for level in levels])
    ends = np.cumsum(sizes) - 0.5
    every = style.spacing(len(levels), height)
    centres = ends - sizes / 2
    panel.set_yticks(centres[::every], value_texts(levels)[::every])
    if sizes.max() > 1:
        panel.hlines(ends[:-1], 0, 1, transform=panel.get_yaxis_transform(), color="0.75",
                     linewidth=0.5, zorder=0.4)  # fmt: skip


def _order(
    data: FigureData,
    rows: pd.DataFrame,
    by: Axis | None,
    others: list[str],
    of: Mapping[str, list[str]],
) -> str:
    """Say in which order the rows of one value of `by` stand."""
    parts = [data.ranges(rows, others)] if others else []
    parts += [
        f"{name if len(of) > 1 else 'cell'} 0 to {len(sites) - 1}"
        for name, sites in of.items()
        if len(sites) > 1
    ]
    return f"within each {by.title}, upwards: {', '.join(parts)}" if by and parts else ""
