"""A number of each simulation as the colour of a cell over two axes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Quantity, averaged
from spikesweep.figures.scale import Scale, dress_log

MARGIN = 20.0  # mm, the colour bar with its numbers, and the spaces between
MANY_CELLS = 30  # along x; more take the width of the page
FEW_CELLS = 400  # in all; only so many are drawn with a line between them
ABSENT = {"facecolor": "white", "edgecolor": "0.6", "linewidth": 0.4}
FAILED_GROUND = style.FAILED["facecolor"]
ZERO = {"facecolor": "black", "edgecolor": "none"}


@dataclass(frozen=True)
class Cells:
    """The simulations by row of y and column of x; every array has the shape (y, x).

    `mean` is over the simulations of a cell that have a value, NaN if none has; `failed` says
    whether any of them failed, `present` whether there is one.
    """

    mean: np.ndarray
    failed: np.ndarray
    present: np.ndarray

    @property
    def undefined(self) -> np.ndarray:
        """Simulated without failure, yet without a value: the latency of a silent cell, say."""
        return self.present & ~self.failed & np.isnan(self.mean)


def draw(data: FigureData, options: dict) -> Figure:
    """Draw `of` over the axes `x` and `y`, averaged over axes that are not fixed by `at`.

    Cells with a failed simulation are hatched, those where the quantity is undefined are grey, and
    those that the design leaves out are white.
    """
    rows = data.select(options["at"])
    x, y = (_scale(data, options[name], rows) for name in "xy")
    if x.axis.name == y.axis.name:
        raise UserError(f'a heat map has the axis "{x.axis.name}" as both x and y: name two axes')
    quantity, values = data.quantity(options["of"], options["site"])
    cells = tabulate(rows, values, x, y)

    width = style.PAGE if len(x.levels) > MANY_CELLS else style.COLUMN
    height = _height(len(y.levels))
    fig = style.figure(width, height + 14)
    panel = fig.subplots()
    beside = (style.wrapped(label, height) for label in (y.axis.label, quantity.label))
    lines = sum(label.count("\n") + 1 for label in beside)
    x.dress(panel, "x", width - MARGIN - y.text_width - lines * style.LINE)
    y.dress(panel, "y", height)
    shown, zero = _above_zero(cells.mean, quantity) if options["log"] else (cells.mean, None)
    sites = data.sites_of(options["of"], options["site"])
    if np.isfinite(shown).any():
        _colour(fig, panel, x, y, shown, quantity, options)
    elif zero is None or not zero.any():
        style.say(panel, data.why_empty(rows, f"{quantity.title}\nundefined everywhere", *sites))
    handles = _mark(panel, x, y, cells, {quantity.value_text("0"): zero})
    x.mark_break(panel, "x")
    y.mark_break(panel, "y")

    style.legend(fig, list(handles.values()), list(handles))
    others = data.varying(rows, within=(x.axis.name, y.axis.name))
    mean = averaged(data.titles(others), sites)
    along = data.along_text(rows, (x.axis.name, y.axis.name))
    style.note(fig, [data.fixed_text(rows, *sites), along, mean])
    return fig


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
    return Cells(mean, failed, total(1.0) > 0)


def _scale(data: FigureData, name: str, rows: pd.DataFrame) -> Scale:
    return Scale(data.axis(name), data.levels(name, rows), cells=True)


def _height(n: int) -> float:
    """The height in mm of n rows of cells: 9 mm each, from 32 to 100 mm."""
    return float(np.clip(9.0 * n, 32.0, 100.0))


def _above_zero(mean: np.ndarray, quantity: Quantity) -> tuple[np.ndarray, np.ndarray]:
    """Return what a logarithmic colour scale can show, and where the zeros are that it cannot."""
    if np.any(mean < 0):
        raise UserError(
            f'a heat map shows "{quantity.name}" with "log: true", but {np.nanmin(mean):g} '
            f"{quantity.unit} is below 0: leave log out"
        )
    zero = mean == 0
    return np.where(zero, np.nan, mean), zero


def _colour(
    fig: Figure, panel: Panel, x: Scale, y: Scale, shown: np.ndarray, quantity: Quantity, options
) -> None:
    """Colour the cells that have a value, and draw the colour bar."""
    few = shown.size <= FEW_CELLS
    mesh = panel.pcolormesh(
        x.edges, y.edges, np.ma.masked_invalid(shown), cmap=options["cmap"],
        norm=style.colour_scale(shown, options["log"]), edgecolors="white" if few else "face",
        linewidth=0.4 if few else 0.1,
    )  # fmt: skip
    bar = style.colour_bar(fig, panel, mesh, quantity.label, _height(len(y.levels)))
    if options["log"]:
        dress_log(bar.ax.yaxis)


def _mark(panel: Panel, x: Scale, y: Scale, cells: Cells, zeros: dict) -> dict[str, Patch]:
    """Mark the cells that have no colour, or that failed; return the legend's handles by label.

    Failed cells are hatched on grey; where other simulations of the cell succeeded, on its colour.
    """
    ground = ["none" if np.isfinite(mean) else FAILED_GROUND for mean in cells.mean[cells.failed]]
    handles = {}
    for label, where, look, own in (
        *((label, where, ZERO, {}) for label, where in zeros.items() if where is not None),
        ("failed simulation", cells.failed, style.FAILED, {"facecolor": ground}),
        ("undefined", cells.undefined, style.UNDEFINED, {}),
        ("not simulated", ~cells.present, ABSENT, {}),
    ):
        if where.any():
            marks = PolyCollection(_quads(x, y, where), **look | own)
            panel.add_collection(marks, autolim=False)
            handles[label] = Patch(**look)
    return handles


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
