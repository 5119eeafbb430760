"""A number of each simulation over one axis, with Hill curves and their EC50."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from spikesweep.figures import hill, style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Axis, averaged, number_texts
from spikesweep.figures.scale import Scale

HEIGHT = 55.0  # mm
ROOM = (72.0, 42.0)  # mm along x and y
FAILED_MARK = {"marker": "x", "linestyle": "", "markersize": 4, "markeredgewidth": 0.9}


@dataclass(frozen=True)
class Responses:
    """The simulations of one value of `by`: each one's dose, response (NaN: none), and failure."""

    dose: np.ndarray
    response: np.ndarray
    failed: np.ndarray

    @cached_property
    def by_dose(self) -> pd.DataFrame:
        """Mean and standard deviation (ddof 1) of the responses at each dose that has one."""
        known = np.isfinite(self.response)
        groups = pd.Series(self.response[known]).groupby(self.dose[known], sort=False)
        return groups.agg(["mean", "std"])


def draw(data: FigureData, options: dict) -> Figure:
    """Draw `of` over the axis `x`, a colour a value of `by`, with a Hill curve where it holds.

    Simulations that differ in further axes (replicates) are shown as their mean and standard
    deviation; the Hill curve is fitted to all of them, not to the means. A series without a curve
    that holds (see `hill.fit`) is joined by straight lines. Crosses at the foot mark doses at
    which a simulation failed.
    """
    rows = data.select(options["at"])
    x = Scale(data.axis(options["x"]), data.levels(options["x"], rows))
    by = data.axis(options["by"]) if options["by"] else None
    quantity, values = data.quantity(options["of"], options["site"])
    sites = data.sites_of(options["of"], options["site"])
    levels = data.levels(by.name, rows) if by else (None,)
    series = [_responses(rows, values, x, by, level) for level in levels]
    curves = [_fit(x, one) if options["fit"] else None for one in series]

    fig = style.figure(style.COLUMN, HEIGHT)
    panel = fig.subplots()
    x.dress(panel, "x", ROOM[0])
    panel.set_ylabel(style.wrapped(quantity.label, ROOM[1]))
    looks = _looks(curves, ordered=by is None or by.is_number)
    for responses, curve, look in zip(series, curves, looks, strict=True):
        _plot(panel, x, responses, curve, look)
    x.mark_break(panel, "x")
    if not _set_height(panel, series):
        style.say(panel, data.why_empty(rows, f"{quantity.title}\nundefined everywhere", *sites))

    handles = [Line2D([], [], **look) for look in looks]
    names = [by.text(level) for level in levels] if by else [""]
    labels = _labels(names, curves, x.axis, options["fit"])
    if any(responses.failed.any() for responses in series):
        handles.append(Line2D([], [], color=style.INK, **FAILED_MARK))
        labels.append("failed simulation")
    style.legend(fig, handles, labels, title=_legend_title(by, any(curves)))
    replicates = data.varying(rows, within=(x.axis.name, options["by"]))
    mean = averaged(data.titles(replicates), sites, "± SD")
    along = data.along_text(rows, (x.axis.name, options["by"]))
    style.note(fig, [data.fixed_text(rows, *sites), along, mean])
    return fig


def _responses(
    rows: pd.DataFrame, values: pd.Series, x: Scale, by: Axis | None, level
) -> Responses:
    """The simulations at one value of `by`, from left to right."""
    chosen = rows if by is None else rows[rows[by.name] == level]
    chosen = chosen.iloc[np.argsort(x.positions(chosen[x.axis.name]), kind="stable")]
    return Responses(
        chosen[x.axis.name].to_numpy(),
        values.loc[chosen.index].to_numpy(float),
        (chosen["status"] != OK).to_numpy(),
    )


def _fit(x: Scale, series: Responses) -> hill.HillFit | None:
    """The Hill curve; none over names, or over numbers that are no doses because some are < 0."""
    if not x.axis.is_number or np.any(series.dose < 0):
        return None
    return hill.fit(series.dose, series.response)


def _looks(curves: list[hill.HillFit | None], ordered: bool) -> list[dict]:
    """Colour, marker and line of each series, the same in the panel and in the legend.

    A fitted curve is a solid line; without one, dashes only lead the eye from point to point.
    """
    palette = style.colours(len(curves), ordered)
    lines = [{} if curve else {"linewidth": 0.7, "linestyle": (0, (4, 1.5))} for curve in curves]
    return [
        {"color": colour, "marker": style.MARKERS[i % len(style.MARKERS)], **line}
        for i, (colour, line) in enumerate(zip(palette, lines, strict=True))
    ]


def _plot(panel: Panel, x: Scale, series: Responses, curve, look: dict) -> None:
    """Draw the points, the curve or the lines between them, and the crosses of the failed."""
    table = series.by_dose
    places = x.positions(table.index)
    if curve is None:
        panel.plot(places, table["mean"], **look | {"marker": ""})
    else:
        _plot_curve(panel, x, curve, table.index.to_numpy(), look["color"])
    panel.errorbar(
        places, table["mean"], yerr=table["std"].fillna(0.0), elinewidth=0.7,
        markeredgecolor="white", markeredgewidth=0.3, **look | {"linestyle": ""},
    )  # fmt: skip
    foot = blended_transform_factory(panel.transData, panel.transAxes)
    failed = np.unique(x.positions(series.dose[series.failed]))
    height = np.full(len(failed), 0.03)
    panel.plot(failed, height, color=look["color"], transform=foot, **FAILED_MARK)


def _plot_curve(panel: Panel, x: Scale, curve: hill.HillFit, doses: np.ndarray, colour) -> None:
    """Draw the curve over the positive doses, and a short dash of it at dose 0.

    doses: those that have a response; beyond them the curve would claim what nothing shows.
    """
    space = np.geomspace if x.is_log else np.linspace
    first = doses[doses > 0].min() if x.is_log else doses.min()
    dose = space(first, doses.max(), 200)
    panel.plot(dose, curve(dose), color=colour)
    if x.kind == "log with zero" and doses.min() == 0:
        place = x.positions([0.0])[0]
        width = (x.edges[-1] / x.edges[0]) ** 0.02
        panel.plot([place / width, place * width], [curve(np.zeros(1))[0]] * 2, color=colour)


def _set_height(panel: Panel, series: list[Responses]) -> bool:
    """Set the limits of y around all means; return whether there are any."""
    means = np.concatenate([one.by_dose["mean"].to_numpy() for one in series])
    if not means.size:
        panel.set_yticks([])
        return False
    panel.margins(y=0.08)
    if means.min() == means.max():
        low, high = style.widened(means.min(), means.max())
        panel.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
    return True


def _labels(names: list[str], curves: list[hill.HillFit | None], x: Axis, fit: bool) -> list[str]:
    """The legend's entries of the series: "26: 31 µM (28 to 34)"."""
    fitted = [curve for curve in curves if curve]
    doses = [dose for curve in fitted for dose in (curve.ec50, curve.ec50_low, curve.ec50_high)]
    texts = iter(number_texts(doses))
    labels = []
    for name, curve in zip(names, curves, strict=True):
        if curve:
            interval = f"{x.value_text(next(texts))} ({next(texts)} to {next(texts)})"
        else:
            interval = "no fit" if fit else ""
        labels.append(": ".join(filter(None, [name, interval])) or "all simulations")
    return labels


def _legend_title(by: Axis | None, any_fit: bool) -> str:
    parts = [by.label if by else "", "EC$_{50}$ (95% confidence interval)" if any_fit else ""]
    return ": ".join(part for part in parts if part)
