"""A number of each simulation as the colour of a cell over two axes."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes as Panel

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.cells import (
    FEW_CELLS,
    MOST_CELLS,
    dot,
    dress,
    left_out_text,
    mark,
    scales,
    tabulate,
)
from spikesweep.figures.data import FigureData
from spikesweep.figures.inferring import dot_simulated, with_inferred
from spikesweep.figures.labels import Quantity, averaged, span_text
from spikesweep.figures.scale import Scale, dress_log

ZERO = {"facecolor": "black", "edgecolor": "none"}


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw `of` over the axes `x` and `y`, averaged over axes that are not fixed by `at`.

    Cells with a failed simulation are hatched. Dotted are those whose value hangs on time step or
    segments, as far as the sweep's `trust` tells, or whose count of spikes hangs on the threshold.
    Those where the quantity is undefined are grey, and those that the design leaves out white. Of a
    map that was refined by `of`, points that were simulated are dotted among those that are
    inferred.
    """
    quantity, values = data.quantity(options["of"], options["site"])
    shown_map = with_inferred(data, data.select(options["at"]), values)
    rows, values = shown_map.rows, shown_map.values
    x, y = scales(data, options, rows)
    cells = tabulate(rows, values, x, y)

    panel, height = dress(fig, x, y, quantity.label)
    shown, zero = _above_zero(cells.mean, quantity) if options["log"] else (cells.mean, None)
    sites = data.sites_of(options["of"], options["site"])
    if np.isfinite(shown).any():
        _colour(fig, panel, x, y, shown, quantity, height, options,
                data.is_difference)  # fmt: skip
    elif zero is None or not zero.any():
        style.say(panel, data.why_empty(rows, f"{quantity.title}\nundefined everywhere", *sites))
    rows = shown_map.simulated
    handles = mark(panel, x, y, cells, {quantity.value_text("0"): (zero, ZERO)})
    doubts = data.doubts(options["of"], options["site"])
    _dot(panel, x, y, {why: tabulate(rows, doubts[why], x, y).mean > 0 for why in doubts}, handles)
    dot_simulated(panel, x, y, shown_map, handles)
    x.mark_break(panel, "x")
    y.mark_break(panel, "y")

    style.legend(fig, list(handles.values()), list(handles))
    others = data.varying(rows, within=(x.axis.name, y.axis.name))
    with_value = data.cells_with_value(rows, [options["of"]], options["site"])
    number = f"n = {span_text(cells.number[cells.number > 0].tolist())} simulations"
    mean = averaged(data.titles(others), sites, number=number, with_value=with_value)
    lacking = [data.failed_text(rows), data.undefined_text(rows, values)] if others else []
    along = data.along_text(rows, (x.axis.name, y.axis.name))
    trust = data.trust_text(rows, options["of"], options["site"])
    hanging = data.hanging_text(rows, sites, "dotted")
    fixed = data.fixed_text(rows, *sites, shown=(x.axis.name, y.axis.name))
    left_out = left_out_text(data, x, y)
    style.note(fig, [fixed, left_out, along, mean, *lacking, trust, hanging, shown_map.said])


def _dot(panel: Panel, x: Scale, y: Scale, doubts: Mapping[str, np.ndarray], handles: dict) -> None:
    """Dot the cells whose value does not stand, by why it does not."""
    label = " or ".join(why for why, where in doubts.items() if where.any())
    dot(panel, x, y, np.logical_or.reduce([*doubts.values()]), label, handles)


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
    fig: style.Canvas, panel: Panel, x: Scale, y: Scale, shown: np.ndarray, quantity: Quantity,
    height: float, options: dict, is_difference: bool,
) -> None:  # fmt: skip
    """Colour the cells that have a value, and draw the colour bar."""
    few = shown.size <= FEW_CELLS
    cmap, norm = options["cmap"], style.colour_scale(shown, options["log"])
    if is_difference:  # blue is less, red is more, white is none
        cmap, norm = "RdBu_r", style.centred_scale(shown)
    mesh = panel.pcolormesh(
        x.edges, y.edges, np.ma.masked_invalid(shown), cmap=cmap, norm=norm,
        edgecolors="white" if few else "face",
        linewidth=0.4 if few else 0.1, rasterized=shown.size > MOST_CELLS,
    )  # fmt: skip
    bar = style.colour_bar(fig, panel, mesh, quantity.label, height)
    if options["log"]:
        dress_log(bar.ax.yaxis)
