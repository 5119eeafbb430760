"""The rates of populations of cells over time, a colour a population."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.bands import span_text, spread_of
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Axis
from spikesweep.figures.populations import (
    bin_edges,
    colours,
    entry,
    population_rate,
    populations,
)

HEIGHT, LEAST = 42.0, 16.0  # mm of one panel, and of each of several


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the rate of each population in bins over time, a panel a value of `by`, the first above.

    A rate is the spikes of all cells of a population in a bin, per cell and time. Simulations that
    differ in other axes, such as seeds, are shown as their mean, with a band of one SD (ddof 1).
    """
    rows = data.select(options["at"])
    of = populations(data, options["site"] or _all(data))
    palette = colours([*of])
    by = data.axis(options["by"]) if options["by"] else None
    levels = data.levels(by.name, rows) if by else (None,)
    window = options["window"] or (0.0, data.end(rows))
    edges = bin_edges(window, options["bin"])
    finished = rows[rows["status"] == OK]

    each = max(HEIGHT / len(levels), LEAST)
    style.take(fig, style.COLUMN, each * len(levels), around=10)
    panels = fig.subplots(len(levels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, level in zip(panels, levels, strict=True):
        shown = finished if by is None else finished[finished[by.name] == level]
        if len(edges) > 1 and len(shown):
            for name, sites in of.items():
                _draw_rates(panel, edges, _rates(data, shown, sites, edges), palette[name])
        else:
            none = f"no bin of {options['bin']:g} ms in this window" if len(shown) else ""
            style.say(panel, none or "no simulation finished")
        if by is not None:
            panel.set_title(_at(by, level), loc="left")
    panels[-1].set(xlabel="time (ms)", xlim=window, ylim=(0, None))
    panels[len(panels) // 2].set_ylabel("rate (Hz)")

    keys = [Line2D([], [], color=colour, linewidth=1.6) for colour in palette.values()]
    style.legend(fig, keys, [entry(name, sites) for name, sites in of.items()])
    style.note(fig, [
        data.fixed_text(rows),
        data.along_text(rows, [by.name] if by else [], [*chain(*of.values())]),
        f"bins of {options['bin']:g} ms",
        _spread(data, finished, by, levels),
        data.failed_text(rows),
    ])  # fmt: skip


def _all(data: FigureData) -> list[str]:
    """Return the names of all spike sites, copies by that of their population."""
    return list(dict.fromkeys(site.partition("[")[0] for site in data.sites))


def _rates(
    data: FigureData, rows: pd.DataFrame, sites: Sequence[str], edges: np.ndarray
) -> np.ndarray:
    """Return the rates (Hz) of a population in each simulation: (simulations, bins)."""
    of_site = [data.spike_trains(site) for site in sites]
    ends = data.ends()
    return np.array([
        population_rate([trains[position] for trains in of_site], edges, ends[position])
        for position in rows.index
    ])  # fmt: skip


def _draw_rates(panel: Panel, edges: np.ndarray, rates: np.ndarray, colour: str) -> None:
    """Draw the mean over simulations as steps, and the band of one SD where there are several."""
    known = np.isfinite(rates).any(axis=0)
    low, mean, high = np.full((3, known.size), np.nan)
    low[known], mean[known], high[known] = spread_of(rates[:, known], "sd")
    panel.stairs(mean, edges, color=colour, linewidth=1.0, baseline=None)
    if np.isfinite(low).any():
        panel.stairs(
            high, edges, baseline=np.maximum(low, 0), fill=True, color=colour, alpha=0.25,
            linewidth=0,
        )  # fmt: skip


def _at(by: Axis, level: object) -> str:
    return f"{by.title} {by.text_with_unit(level)}"


def _spread(data: FigureData, rows: pd.DataFrame, by: Axis | None, levels: Sequence) -> str:
    """Say over which simulations mean and SD are, "" where each panel shows one."""
    of_each = [int((rows[by.name] == level).sum()) for level in levels] if by else [len(rows)]
    if max(of_each, default=0) < 2:
        return ""
    over = data.titles(data.varying(rows, [by.name] if by else []))
    return f"mean ± SD over {over} (n = {span_text(of_each)})"
