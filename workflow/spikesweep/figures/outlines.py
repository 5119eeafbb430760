"""Segments of cells on a plane: as long and as thick as they are, and a bar that says how much."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from spikesweep.figures import style

ARC = np.linspace(np.pi / 2, 3 * np.pi / 2, 9)  # the round start of a segment


def outline(segments: pd.DataFrame, plane: str) -> list[np.ndarray]:
    """Return the outline (n, 2) of each segment on the plane: as long and as thick as it is.

    It starts with a half circle where a segment about as thick ends, so that no gap shows at a
    bend, and straight elsewhere: a round end would make the soma longer than it is, and bulge into
    it at the root of a dendrite. A segment that points at the reader is a full circle.
    """
    start = segments[[f"{axis}0" for axis in plane]].to_numpy(float)
    end = segments[[f"{axis}1" for axis in plane]].to_numpy(float)
    radius = segments["diam"].to_numpy(float) / 2
    joined = _joined(segments)
    along = end - start
    length = np.hypot(*along.T)
    outlines = []
    for i in range(len(segments)):
        if length[i] < 1e-3 * radius[i]:
            turn = np.linspace(0, 2 * np.pi, 61)[:-1]
            outlines.append(start[i] + radius[i] * np.stack([np.cos(turn), np.sin(turn)], axis=1))
            continue
        forward = along[i] / length[i]
        aside = np.array([-forward[1], forward[0]])
        angles = ARC if joined[i] else ARC[[0, -1]]
        around = np.outer(np.cos(angles), forward) + np.outer(np.sin(angles), aside)
        tip = end[i] + radius[i] * np.array([-aside, aside])
        outlines.append(np.concatenate([start[i] + radius[i] * around, tip]))
    return outlines


def _joined(segments: pd.DataFrame) -> np.ndarray:
    """Whether each segment starts where one ends (to 1 nm) that is at most twice as thick."""
    starts, ends = (
        list(segments[[f"{axis}{i}" for axis in "xyz"]].round(3).itertuples(index=False, name=None))
        for i in (0, 1)
    )
    thickness = dict(zip(ends, segments["diam"], strict=True))
    own = segments["diam"].to_numpy(float)
    return np.array([thickness.get(start, np.inf) for start in starts]) <= 2 * own


def frame(outlines: list[np.ndarray], thickest: float) -> tuple[np.ndarray, np.ndarray]:
    """The corners (um) of what is shown: the cell, with space beside a slender or round one."""
    corners = np.concatenate(outlines)
    low, high = corners.min(axis=0), corners.max(axis=0)
    width, height = high - low
    lacking = max(0.0, 0.4 * height - width, 3 * thickest - width)
    return low - [lacking / 2, 0.0], high + np.array([lacking / 2, 0.0])


def scale_bar_length(width: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 ... um (or fractions) within a quarter of the width."""
    limit = width / 4
    power = 10.0 ** np.floor(np.log10(limit))
    return float(max(step * power for step in (1, 2, 5) if step * power <= limit))


def draw_scale_bar(panel: Panel, low: np.ndarray, length: float, text: str) -> None:
    """Draw a bar of that length in um below the cell on the left, with its text beside it."""
    below = ScaledTranslation(0, style.inches(-3.0), panel.figure.dpi_scale_trans)
    at = blended_transform_factory(panel.transData, panel.transAxes) + below
    panel.plot([low[0], low[0] + length], [0, 0], transform=at, color=style.INK,
               linewidth=1.5, solid_capstyle="butt", clip_on=False)  # fmt: skip
    panel.annotate(text, (low[0] + length, 0), (3, 0), xycoords=at,
                   textcoords="offset points", va="center", annotation_clip=False)  # fmt: skip
