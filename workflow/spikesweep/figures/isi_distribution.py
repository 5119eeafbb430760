"""The distribution of the interspike intervals, of all simulations or of each value of an axis."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import Axis
from spikesweep.figures.scale import dress_log

HEIGHT = 52.0  # mm
MOST_STEPS = 2000  # of a cumulative distribution
BINS = (10, 60)  # least and greatest number of bins of a histogram


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the distribution of the intervals at a site, a colour a value of the axis `by`.

    `style` is a histogram ("hist", each normalised to 1), a kernel density estimate ("kde") or the
    cumulative distribution ("ecdf"). The legend says how many intervals each is made of, so that
    silent groups are seen as well. A group whose intervals are all equal has no density: in a
    "kde" it is a vertical line.
    """
    rows = data.select(options["at"])
    sites = data.copies(options["site"])
    by = data.axis(options["by"]) if options["by"] else None
    groups = _groups(data, rows, by, sites)

    style.take(fig, style.COLUMN, HEIGHT)
    panel = fig.subplots()
    palette = style.colours_of(by, [*groups])
    filled = [
        (isi, colour) for isi, colour in zip(groups.values(), palette, strict=True) if isi.size
    ]
    panel.set_xlabel("interspike interval (ms)")
    if filled:
        panel.set_ylabel(_DRAWN[options["style"]](panel, filled, options["log"]))
        if options["log"]:
            panel.set_xscale("log")
            dress_log(panel.xaxis)
    else:
        panel.set_xticks([])
        panel.set_yticks([])
        few = "no intervals:\nfewer than two spikes in each simulation"
        style.say(panel, data.why_empty(rows, few, *sites))

    if by:
        keys = [Line2D([], [], color=colour, linewidth=1.6) for colour in palette]
        style.legend(fig, keys, _labels(groups, by), f"{by.label}: number of intervals")
    pooled = data.varying(rows, [by.name] if by else [])
    style.note(fig, [
        data.fixed_text(rows, *sites, shown=[options["by"]]),
        data.along_text(rows, [by.name] if by else [], sites),
        "" if by else f"n = {groups[None].size} intervals",
        _pooled(data, pooled, sites),
        data.failed_text(rows),
    ])  # fmt: skip


def _pooled(data: FigureData, axes: list[str], sites: list[str]) -> str:
    """Say over what the intervals are pooled."""
    over = [data.titles(axes)] if axes else []
    over += [f"{len(sites)} cells"] if len(sites) > 1 else []
    return f"pooled over {' and '.join(over)}" if over else ""


def _groups(data: FigureData, rows: pd.DataFrame, by: Axis | None, sites: list[str]) -> dict:
    """The intervals in ms of each level of `by` (of all simulations under None)."""
    table = pd.concat([data.intervals(site) for site in sites])
    table = table[table["position"].isin(rows.index)]
    if by is None:
        return {None: table["isi"].to_numpy()}
    value = table["position"].map(rows[by.name])
    return {level: table["isi"][value == level].to_numpy() for level in data.levels(by.name, rows)}


def _labels(groups: dict, by: Axis) -> list[str]:
    """The legend's entries: the value of `by`, and how many intervals there are."""
    names = [by.text(level) for level in groups]
    counts = [f"n = {isi.size}" if isi.size else "none" for isi in groups.values()]
    return [f"{name}: {count}" for name, count in zip(names, counts, strict=True)]


def _draw_histograms(panel: Panel, groups: list, log: bool) -> str:
    """Draw a step histogram of each group over common bins; return the label of y."""
    edges = bin_edges(np.concatenate([isi for isi, _ in groups]), log)
    few = len(groups) <= 3  # more areas on top of each other cannot be told apart
    for isi, colour in groups:
        fractions = np.histogram(isi, edges)[0] / isi.size
        fractions[fractions == 0] = np.nan  # no line along the foot where there is nothing
        if few:
            panel.stairs(fractions, edges, fill=True, alpha=0.25, color=colour, linewidth=0)
        panel.stairs(fractions, edges, color=colour, linewidth=0.9)
    panel.set_ylim(0)
    return "fraction of intervals"


def _draw_densities(panel: Panel, groups: list, log: bool) -> str:
    """Draw a kernel density estimate of each group; return the label of y."""
    import seaborn as sns  # takes a second, and nothing else here asks for it

    for isi, colour in groups:
        if np.ptp(isi) <= 1e-9 * isi.max():
            panel.axvline(isi[0], color=colour, linewidth=1.0)
        else:
            sns.kdeplot(x=isi, log_scale=log, cut=2, color=colour, ax=panel, linewidth=1.0)
    return "density (1/decade)" if log else "density (1/ms)"


def _draw_cumulative(panel: Panel, groups: list, log: bool) -> str:
    """Draw the empirical cumulative distribution of each group; return the label of y."""
    for isi, colour in groups:
        panel.ecdf(_thinned(isi), color=colour, linewidth=1.0)
    panel.set_ylim(0, 1.02)
    return "cumulative fraction"


def _thinned(isi: np.ndarray) -> np.ndarray:
    """As many of the sorted intervals as print resolves, at even distances, the ends among them."""
    places = np.linspace(0, isi.size - 1, min(isi.size, MOST_STEPS)).round().astype(int)
    return np.sort(isi)[places]


_DRAWN = {"hist": _draw_histograms, "kde": _draw_densities, "ecdf": _draw_cumulative}


def bin_edges(isi: np.ndarray, log: bool) -> np.ndarray:
    """Return bins [ms] by the rule of Freedman and Diaconis (1981), from 10 to 60 of them.

    Unbounded, that rule asks for millions of bins where most intervals are nearly equal, as they
    are in a regularly firing cell.
    """
    values = np.log10(isi) if log else isi
    low, high = values.min(), values.max()
    quartiles = np.percentile(values, [25, 75])
    width = 2 * (quartiles[1] - quartiles[0]) / np.cbrt(values.size)
    wanted = (high - low) / width if width > 0 else BINS[1]
    n = int(np.clip(np.ceil(min(wanted, BINS[1])), *BINS))
    if high - low <= 1e-9 * abs(high):
        return np.linspace(0.9 * isi.min(), 1.1 * isi.max(), n + 1)
    edges = np.linspace(low, high, n + 1)
    edges = 10.0**edges if log else edges
    # Exact ends: 10**log10(x) can lie on the wrong side of x, which would leave an interval out.
    edges[[0, -1]] = isi.min(), isi.max()
    return edges
