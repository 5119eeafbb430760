"""Panels of each of several numbers against each other, and on the diagonal how each is spread."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from spikesweep.figures import style
from spikesweep.figures.labels import Quantity
from spikesweep.figures.scale import dress_log
from spikesweep.figures.series import RING

SIDE = 28.0  # mm, of a panel
MANY_POINTS = 2000  # of all panels; more are an image inside PDF and SVG
BINS = 20
SMALL_RING = {**RING, "markersize": 4.5, "markeredgewidth": 0.5}


class Group(NamedTuple):
    """Points that look alike: (points, quantities), and the colours of points and histograms."""

    points: np.ndarray
    colour: str
    bars: str


def draw_matrix(
    fig: style.Canvas,
    quantities: Sequence[Quantity],
    groups: Sequence[Group],
    logs: list[bool],
    doubted: np.ndarray,
) -> None:
    """Draw a point a row of each group, and their histograms; the last group's are the lowest.

    Args:
        groups: of which one at least has points.
        logs: of each quantity, whether its scale is logarithmic.
        doubted: points (points, quantities) that are ringed.
    """
    n = len(quantities)
    page = style.COLUMN if n <= 3 else style.PAGE
    width, height = style.take(fig, page, SIDE * n, around=8)
    panels = fig.subplots(n, n, squeeze=False)
    every = np.concatenate([group.points for group in groups])
    dense = len(every) * n * (n - 1) / 2 > MANY_POINTS
    for (i, j), panel in np.ndenumerate(panels):
        if j > i:
            panel.remove()
        elif i == j:
            _draw_histograms(panel, [(g.points[:, i], g.bars) for g in groups], logs[i])
        else:
            for group in groups:
                panel.scatter(
                    group.points[:, j], group.points[:, i], s=2.5 if dense else 5, linewidths=0,
                    alpha=0.7, color=group.colour, rasterized=dense,
                )  # fmt: skip
            if len(doubted):  # else the limits of the axes would still move
                panel.plot(doubted[:, j], doubted[:, i], color=style.INK, **SMALL_RING)
    for i, j in product(range(n), repeat=2):
        if j <= i:
            _dress(panels[i, j], i, j, n, logs)
    for i, quantity in enumerate(quantities):
        panels[n - 1, i].set_xlabel(style.wrapped(quantity.label, 0.7 * width / n))
        panels[i, 0].set_ylabel(style.wrapped(quantity.label, 0.8 * height / n))


def _draw_histograms(panel, groups: list[tuple[np.ndarray, str]], log: bool) -> None:
    shown = [np.log10(values) if log else values for values, _ in groups]
    every = np.concatenate(shown)
    edges = np.linspace(*style.widened(every.min(), every.max()), BINS + 1)
    below = np.zeros(BINS)
    for values, (_, colour) in zip(reversed(shown), reversed(groups), strict=True):
        counts = below + np.histogram(values, edges)[0]
        panel.stairs(counts, 10.0**edges if log else edges, baseline=below, fill=True, color=colour)
        below = counts


def _dress(panel, i: int, j: int, n: int, logs: list[bool]) -> None:
    """Scales and ticks of the panel of row i, column j."""
    if logs[j]:
        panel.set_xscale("log")
        dress_log(panel.xaxis, most=2)
    else:
        panel.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))
    if i == j:
        panel.set_yticks([])
        panel.spines["left"].set_visible(False)
    elif logs[i]:
        panel.set_yscale("log")
        dress_log(panel.yaxis, most=3)
    else:
        panel.yaxis.set_major_locator(MaxNLocator(3))
    panel.tick_params(labelbottom=i == n - 1, labelleft=j == 0 and i != j, which="both")
