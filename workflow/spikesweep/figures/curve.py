"""A number of each simulation over one axis: f-I and I-V curves, and any other."""

from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.series import FAILED_MARK, Curves, join, plot_points

HEIGHT = 42.0  # mm
MOST_NAMED = 8  # series in a legend; the values of more are read from a colour bar


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw `of` over the axis `x`, a colour a value of `by`, points joined by straight lines.

    Simulations that differ in further axes (replicates) are shown as their mean, with what
    `error` says: their standard deviation, standard error, 95% bootstrap interval, or every
    one. With `band` the line is their median or mean, and a band their spread. Crosses at the
    foot mark values of x at which a simulation failed.
    """
    curves = Curves.of(data, options)
    panel = curves.dress(fig, HEIGHT)
    if data.is_difference:
        panel.axhline(0, color="0.7", linewidth=0.6, zorder=0)
    named = curves.by is None or not curves.by.is_number or len(curves.series) <= MOST_NAMED
    # One marker for all where the colours are read from a bar.
    looks = curves.looks([{} if named else {"marker": "o"}] * len(curves.series))
    for one, look in zip(curves.series, looks, strict=True):
        join(panel, curves.x, one, look)
        plot_points(panel, curves.x, one, options["error"], look)
    handles, labels = [], []
    if not named:
        style.colour_steps(fig, [panel], curves.palette, curves.names, curves.by.label, HEIGHT)
    elif curves.by:
        handles, labels = [Line2D([], [], **look) for look in looks], curves.names
    if any(one.failed.any() for one in curves.series):
        handles.append(Line2D([], [], color=style.INK, **FAILED_MARK))
        labels.append("failed simulation")
    style.legend(fig, handles, labels, title=curves.by.label if curves.by and named else "")
    curves.finish(fig, panel, data, options)
