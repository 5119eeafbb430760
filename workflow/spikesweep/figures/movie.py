"""A movie of one simulation on paper: frames on the cell's shape, or distance by time."""

import json
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection

from spikesweep.errors import UserError, listing, suggest
from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Quantity, number_text
from spikesweep.figures.outlines import draw_scale_bar, frame, outline, scale_bar_length
from spikesweep.language.names import means, split
from spikesweep.tables.names import MOVIE_PARTS, movie_names

FRAMES = 6  # that are shown where no times are given
ACROSS = 3  # frames in a row
WIDTH = 46.0  # mm of a frame
HEIGHT = (14.0, 60.0)  # mm of a frame, least and greatest
KYMOGRAPH = 52.0  # mm
MOST_SHAPES = 20_000  # more are an image inside PDF and SVG
THINNEST = 0.35  # pt, so that no dendrite disappears
MOST_CELLS = 40_000
MOST_ROWS = 400


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw the movie `of`, of the first simulation at `at`.

    `frames` are the cell at `times` (ms), of each the frame that is nearest, all on one colour
    scale. A `kymograph` is path distance by time: segments equally far away, such as those of
    different branches, are averaged.
    """
    rows = data.select(options["at"])
    name = _movie(data, options["of"])
    ended = rows[rows["status"] == OK]
    quantity = data.described(name)
    if ended.empty:
        style.take(fig, style.COLUMN, KYMOGRAPH)
        style.say(fig.subplots(), data.why_empty(rows, "nothing to show"))
        return
    position = int(ended.index[0])
    times, segments, samples = _shot(data, name, position)
    if options["show"] == "kymograph":
        notes = _kymograph(fig, quantity, times, segments, samples, options["sections"])
    else:
        notes = _frames(fig, quantity, times, segments, samples, options)
    shown = data.simulations.loc[[position]]
    index = int(shown["index"].iloc[0])
    which = f"simulation {index}" if len(data.simulations) > 1 else ""
    style.note(fig, [", ".join(filter(None, [which, data.fixed_text(shown)])), *notes])


def _movie(data: FigureData, name: str | None) -> str:
    known = json.loads(data.dataset.attrs.get("spikesweep_movies", "[]"))
    if not known:
        raise UserError("a figure shows a movie, but the sweep has none under record.movies")
    if name is not None and name not in known:
        raise UserError(
            f'a figure asks for the movie "{name}"{suggest(name, known)}; '
            f"recorded are {listing(known)}"
        )
    return name or known[0]


def _shot(
    data: FigureData, name: str, position: int
) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Return the times (ms), the segments, and the samples (time, segment) of a simulation."""
    names, status = movie_names(name), data.dataset["status"]
    where = np.unravel_index(position, status.shape) if status.shape else ()
    chosen = dict(zip(status.dims, map(int, where), strict=True))

    def own(variable: str) -> np.ndarray:
        array = data.dataset[variable]
        return array.isel({d: i for d, i in chosen.items() if d in array.dims}).values

    segments = pd.DataFrame({part: own(names[part]) for part in MOVIE_PARTS})
    is_there = (segments["section"] != "").to_numpy()
    samples, times = own(name)[:, is_there], own(names["time"])
    ended = np.isfinite(samples).any(axis=1)
    return times[ended], segments[is_there].reset_index(drop=True), samples[ended]


def _frames(
    fig: style.Canvas, quantity: Quantity, times: np.ndarray, segments: pd.DataFrame,
    samples: np.ndarray, options: dict,
) -> list[str]:  # fmt: skip
    asked = options["times"] or times[np.linspace(0, len(times) - 1, FRAMES).round().astype(int)]
    asked = list(dict.fromkeys(asked))
    for time in options["times"] or ():
        if not times[0] <= time <= times[-1]:
            raise UserError(
                f"a movie is shown at {time:g} ms; its frames are from {times[0]:g} to "
                f"{times[-1]:g} ms"
            )
    chosen = [int(np.abs(times - time).argmin()) for time in asked]
    plane = options["plane"]
    depth = next(axis for axis in "xyz" if axis not in plane)
    order = segments.sort_values([f"{depth}0", f"{depth}1"], kind="stable").index.to_numpy()
    segments = segments.loc[order]
    outlines = outline(segments, plane)
    low, high = frame(outlines, segments["diam"].max())
    size = high - low

    across = min(ACROSS, len(chosen))
    down = ceil(len(chosen) / across)
    each = float(np.clip(WIDTH * size[1] / size[0], *HEIGHT)) + style.LINE
    _, height = style.take(fig, style.COLUMN if across == 1 else style.PAGE, down * each, around=10)
    panels = fig.subplots(down, across, squeeze=False).ravel()
    mappable = ScalarMappable(style.colour_scale(samples[chosen]), "viridis")
    for panel in panels:
        panel.set_aspect("equal")
        panel.set_axis_off()
    for panel, row in zip(panels, chosen, strict=False):
        panel.set_xlim(low[0], high[0])
        panel.set_ylim(low[1], high[1])
        shapes = PolyCollection(outlines, linewidth=THINNEST, edgecolor="face", joinstyle="round")
        shapes.set_facecolor(mappable.to_rgba(samples[row][order]))
        shapes.set_rasterized(len(chosen) * len(segments) > MOST_SHAPES)
        panel.add_collection(shapes, autolim=False)
        panel.set_title(f"{number_text(times[row])} ms")
    style.colour_bar(fig, list(panels), mappable, quantity.label, height)
    bar = scale_bar_length(size[0])
    last = panels[(down - 1) * across]
    draw_scale_bar(last, low, bar, f"{number_text(bar)} µm ({plane} plane)")
    return []


def _kymograph(
    fig: style.Canvas, quantity: Quantity, times: np.ndarray, segments: pd.DataFrame,
    samples: np.ndarray, sections: list[str] | None,
) -> list[str]:  # fmt: skip
    along = _along(segments, sections)
    segments, samples = segments[along], samples[:, along]
    edges, rows = _rows(segments)
    counts = np.bincount(rows, minlength=len(edges) - 1)
    sums = np.zeros((len(times), len(counts)))
    np.add.at(sums.T, rows, samples.T.astype(float))
    with np.errstate(invalid="ignore"):
        values = sums / counts

    _, height = style.take(fig, style.COLUMN, KYMOGRAPH, around=12)
    panel = fig.subplots()
    half = (times[1] - times[0]) / 2 if len(times) > 1 else 0.5
    mesh = panel.pcolormesh(
        np.r_[times - half, times[-1] + half], edges, np.ma.masked_invalid(values.T),
        cmap="viridis", norm=style.colour_scale(values), rasterized=values.size > MOST_CELLS,
        linewidth=0, edgecolors="none",
    )  # fmt: skip
    panel.set_xlim(times[0], times[-1] if len(times) > 1 else times[0] + half)
    panel.set_xlabel("time (ms)")
    panel.set_ylabel("path distance (µm)")
    style.colour_bar(fig, panel, mesh, quantity.label, height)
    where = ", ".join(sections) if sections else ""
    return [where, "mean of segments equally far away" if counts.max() > 1 else ""]


def _along(segments: pd.DataFrame, sections: list[str] | None) -> np.ndarray:
    """Return whether each segment is among the sections, and has a distance."""
    known = segments["distance"].notna().to_numpy()
    if sections is None:
        return known
    chosen = np.zeros(len(segments), bool)
    parts = [(*split(section), region) for section, region in
             zip(segments["section"], segments["region"], strict=True)]  # fmt: skip
    for text in sections:
        found = np.array([means(text, name, i or 0, region or None) for name, i, region in parts])
        if not found.any():
            names = sorted({*segments["section"], *segments["region"]} - {""})
            raise UserError(
                f'a kymograph shows the sections "{text}"{suggest(text, names)}; '
                f"the movie has {listing(names, most=20)}"
            )
        chosen |= found
    return chosen & known


def _rows(segments: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges (um) of rows as high as the longest segment, and each segment's row."""
    distance = segments["distance"].to_numpy(float)
    length = np.hypot.reduce(
        [segments[f"{axis}1"].to_numpy(float) - segments[f"{axis}0"] for axis in "xyz"]
    )
    longest = max(float(length.max()), (distance.max() - distance.min()) / MOST_ROWS, 1e-3)
    first = distance.min() - longest / 2
    rows = np.floor((distance - first) / longest + 1e-6).astype(int)
    return first + longest * np.arange(rows.max() + 2), rows
