"""The rates of populations of cells over time, a colour a population."""

from itertools import chain

import numpy as np
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.bands import spread_of
from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import Axis, span_text
from spikesweep.figures.populations import Rates, colours, entry, is_over, rates_of

HEIGHT, LEAST = 42.0, 16.0  # mm of one panel, and of each of several


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the rate of each population in bins over time, a panel a value of `by`, the first above.

    A rate is the spikes of all cells of a population in a bin, per cell and time. Simulations that
    differ in other axes, such as seeds, are shown as their mean, with a band of one SD (ddof 1).
    """
    rates = Rates.asked(data, options)
    by, levels = rates.by, rates.levels
    palette = colours([*rates.of])

    each = max(HEIGHT / len(levels), LEAST)
    style.take(fig, style.COLUMN, each * len(levels), around=10)
    panels = fig.subplots(len(levels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, level in zip(panels, levels, strict=True):
        shown = rates.at(level)
        if len(rates.edges) > 1 and len(shown):
            for name, sites in rates.of.items():
                found = rates_of(data, shown, sites, rates.edges)
                _draw_rates(panel, rates.edges, found, palette[name])
        else:
            none = f"no bin of {options['bin']:g} ms in this window" if len(shown) else ""
            style.say(panel, none or "no simulation finished")
        if by is not None:
            panel.set_title(_at(by, level), loc="left")
    panels[-1].set(xlabel="time (ms)", xlim=rates.window, ylim=(0, None))
    panels[len(panels) // 2].set_ylabel("rate (Hz)")

    keys = [Line2D([], [], color=colour, linewidth=1.6) for colour in palette.values()]
    style.legend(fig, keys, [entry(name, sites) for name, sites in rates.of.items()])
    style.note(fig, [
        data.fixed_text(rates.rows, shown=[options["by"]]),
        data.along_text(rates.rows, [by.name] if by else [], [*chain(*rates.of.values())]),
        f"bins of {options['bin']:g} ms",
        _spread(data, rates),
        data.failed_text(rates.rows),
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


def _spread(data: FigureData, rates: Rates) -> str:
    """Say over how many simulations mean and SD are in the bins, "" where each panel shows one."""
    ends = data.ends()[:, np.newaxis]
    of_each = [ends[rates.at(level).index] for level in rates.levels]
    if max(map(len, of_each), default=0) < 2:
        return ""
    numbers = {int(n) for one in of_each for n in is_over(rates.edges, one).sum(axis=0)}
    numbers = numbers - {0} or {*map(len, of_each)}
    by = [rates.by.name] if rates.by else []
    over = data.titles(data.varying(rates.finished, by))
    shorter = any(np.ptp(one) > 0 for one in of_each if len(one))
    until = ", each until it ends" if shorter else ""
    return f"mean ± SD over {over} (n = {span_text(numbers)} simulations{until})"
