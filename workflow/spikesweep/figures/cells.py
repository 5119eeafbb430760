"""The simulations of a sweep as cells over two axes; for heat maps and maps of firing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.scale import Scale

MARGIN = 20.0  # mm, the colour bar with its numbers, and the spaces between
MANY_CELLS = 30  # along x; more take the width of the page
FEW_CELLS = 400  # in all; only so many are drawn with a line between them
MOST_CELLS = 10_000  # more are an image inside PDF and SVG: as shapes they make files of 100 MB
ABSENT = {"facecolor": "white", "edgecolor": "0.6", "linewidth": 0.4}
# Seen on every colour.
DOUBTED = {"marker": "o", "linestyle": "", "markersize": 2.8, "markerfacecolor": "white",
           "markeredgecolor": "black", "markeredgewidth": 0.5}  # fmt: skip
FAILED_GROUND = style.FAILED["facecolor"]


@dataclass(frozen=True)
class Cells:
    """The simulations by row of y and column of x; every array has the shape (y, x).

    `mean` is over the simulations of a cell that have a value, NaN if none has; `number` is how
    many of them have one; `failed` says whether any of them failed, `present` whether there is one.
    """

    mean: np.ndarray
    number: np.ndarray
    failed: np.ndarray
    present: np.ndarray

    @property
    def undefined(self) -> np.ndarray:
        """Simulated without failure, yet without a value: the latency of a silent cell, say."""
        return self.present & ~self.failed & np.isnan(self.mean)


def scales(data: FigureData, options: dict, rows: pd.DataFrame) -> tuple[Scale, Scale]:
    """Return where the values of x and y stand; raises UserError where they are one axis."""
    x, y = (
        Scale(data.axis(options[name]), data.levels(options[name], rows), cells=True)
        for name in "xy"
    )
    if x.axis.name == y.axis.name:
        raise UserError(f'a heat map has the axis "{x.axis.name}" as both x and y: name two axes')
    return x, y


def left_out_text(data: FigureData, *scales: Scale) -> str:
    """Say of which axes of numbers values have no cells, where those beside them are as wide as all
    others: as in a refined map, whose steps are small where values differ."""
    notes = []
    for scale in scales:
        shown, known = len(scale.levels), len(set(data.axis(scale.axis.name).values))
        if scale.axis.is_number and scale.kind == "one by one" and shown < known:
            which = f"{shown} of {known} values of {scale.axis.title}"
            notes.append(f"{which} shown, in cells of equal size")
    return ", ".join(notes)


def dress(fig: style.Canvas, x: Scale, y: Scale, label: str = "") -> tuple[Panel, float]:
    """Return axes with the scales of x and y, and their height in mm.

    label: of the colour bar beside them, for which room is left.
    """
    width = style.PAGE if len(x.levels) > MANY_CELLS else style.COLUMN
    width, height = style.take(fig, width, _height(len(y.levels)), around=14)
    panel = fig.subplots()
    beside = (style.wrapped(text, height) for text in (y.axis.label, label) if text)
    lines = sum(text.count("\n") + 1 for text in beside)
    x.dress(panel, "x", width - MARGIN - y.text_width - lines * style.LINE)
    y.dress(panel, "y", height)
    return panel, height


def tabulate(rows: pd.DataFrame, values: pd.Series, x: Scale, y: Scale) -> Cells:
    """Sort the simulations into cells by their values of x and y."""
    shape = len(y.levels), len(x.levels)
    where = tuple(
        rows[scale.axis.name].map({level: i for i, level in enumerate(scale.levels)}).to_numpy()
        for scale in (y, x)
    )
    value = values.loc[rows.index].to_numpy(float)
    known = np.isfinite(value)

    def total(numbers) -> np.ndarray:
        sums = np.zeros(shape)
        np.add.at(sums, where, numbers)
        return sums

    with np.errstate(invalid="ignore"):
        mean = total(np.where(known, value, 0.0)) / total(known)
    failed = total((rows["status"] != OK).to_numpy()) > 0
    return Cells(mean, total(known).astype(int), failed, total(1.0) > 0)


def _height(n: int) -> float:
    """The height in mm of n rows of cells: 9 mm each, from 32 to 100 mm."""
    return float(np.clip(9.0 * n, 32.0, 100.0))


def mark(panel: Panel, x: Scale, y: Scale, cells: Cells, own_looks: dict) -> dict[str, Patch]:
    """Mark the cells that have no colour, or that failed; return the legend's handles by label.

    own_looks: further cells by label: where they are, and how they look.

    Failed cells are hatched on grey; where other simulations of the cell succeeded, on its colour.
    """
    ground = ["none" if np.isfinite(mean) else FAILED_GROUND for mean in cells.mean[cells.failed]]
    handles = {}
    for label, where, look, own in (
        *((label, where, look, {}) for label, (where, look) in own_looks.items()),
        ("failed simulation", cells.failed, style.FAILED, {"facecolor": ground}),
        ("undefined", cells.undefined, style.UNDEFINED, {}),
        ("not simulated", ~cells.present, ABSENT, {}),
    ):
        if where is not None and where.any():
            marks = PolyCollection(_quads(x, y, where), **look | own)
            marks.set_rasterized(where.size > MOST_CELLS)
            panel.add_collection(marks, autolim=False)
            handles[label] = Patch(**look)
    return handles


def dot(panel: Panel, x: Scale, y: Scale, where: np.ndarray, label: str, handles: dict) -> None:
    """Dot the cells (y, x) whose value does not stand, and add the legend's handle."""
    if where.any():
        row, column = np.nonzero(where)
        across, up = ((scale.edges[:-1] + scale.edges[1:]) / 2 for scale in (x, y))
        panel.plot(across[column], up[row], **DOUBTED)
        handles[label] = Line2D([], [], **DOUBTED)


def halve(panel: Panel, x: Scale, y: Scale, where: np.ndarray, colours: Sequence[str]) -> None:
    """Colour the lower right half of the cells (y, x) that are true, in the order of rows."""
    halves = PolyCollection(_quads(x, y, where)[:, :3], facecolors=colours, linewidth=0.0)
    halves.set_rasterized(where.size > MOST_CELLS)
    panel.add_collection(halves, autolim=False)


def _quads(x: Scale, y: Scale, where: np.ndarray) -> np.ndarray:
    """The corners (n, 4, 2) of the cells that are true."""
    row, column = np.nonzero(where)
    left, right = x.edges[column], x.edges[column + 1]
    low, high = y.edges[row], y.edges[row + 1]
    return np.stack(
        [
            np.stack(corner, -1)
            for corner in ((left, low), (right, low), (right, high), (left, high))
        ],
        axis=1,
    )
