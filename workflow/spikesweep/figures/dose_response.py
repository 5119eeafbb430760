"""A number of each simulation over one axis, with Hill curves and their EC50."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import Axis, number_text, number_texts
from spikesweep.figures.scale import Scale
from spikesweep.figures.series import FAILED_MARK, LEAD, Curves, Responses, join, plot_points
from spikesweep.tables.hill import HillFit, NoFit, fit

HEIGHT = 42.0  # mm
INTERVAL, BRACKETS = "95% confidence interval", "doses next to it"
CONFIDENCE, BRACKET = (f"EC$_{{50}}$ ({ends})" for ends in (INTERVAL, BRACKETS))


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw `of` over the axis `x`, a colour a value of `by`, with a Hill curve where it holds.

    Simulations that differ in further axes (replicates) are shown as their mean and what `error`
    says; the Hill curve is fitted to all of them, not to the means. A series without a curve that
    holds (see `hill.fit`) is joined by dashes, and the legend says why; with `fit: false` all are
    joined by lines. Crosses at the foot mark doses at which a simulation failed.
    """
    curves = Curves.of(data, options)
    fits = fits_of(curves) if options["fit"] else [None] * len(curves.series)
    panel = curves.dress(fig, HEIGHT)
    looks = curves.looks([LEAD if isinstance(one, NoFit) else {} for one in fits])
    for responses, one, look in zip(curves.series, fits, looks, strict=True):
        _plot(panel, curves.x, responses, one, look, options["error"])

    labels = _labels(curves.names, fits, curves.x.axis)
    handles = [Line2D([], [], **look) for look, label in zip(looks, labels, strict=True) if label]
    labels = [label for label in labels if label]
    if any(responses.failed.any() for responses in curves.series):
        handles.append(Line2D([], [], color=style.INK, **FAILED_MARK))
        labels.append("failed simulation")
    style.legend(fig, handles, labels, title=_legend_title(curves.by, fits))
    alone = _fitted_alone(curves, data, options, fits) if options["fit"] else ""
    curves.finish(fig, panel, data, options, alone)


def fits_of(curves: Curves) -> list[HillFit | NoFit]:
    """The Hill curve of each series; none over names, or numbers that are no doses: some < 0."""
    if not curves.x.axis.is_number:
        return [NoFit("the axis has names")] * len(curves.series)
    if np.any(np.asarray(curves.x.levels) < 0):
        return [NoFit("doses below 0")] * len(curves.series)
    return [fit(one.dose, one.response) for one in curves.series]


def _plot(
    panel: Panel, x: Scale, series: Responses, curve: HillFit | NoFit | None, look: dict,
    error: str = "sd",
) -> None:  # fmt: skip
    """Draw the points, the curve or the lines between them, and the crosses of the failed."""
    if curve:
        _plot_curve(panel, x, curve, series.doses, look["color"])
    else:
        join(panel, x, series, look)
    plot_points(panel, x, series, error, look)


def _plot_curve(panel: Panel, x: Scale, curve: HillFit, doses: np.ndarray, colour) -> None:
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


def _labels(names: list[str], fits: Sequence[HillFit | NoFit | None], x: Axis) -> list[str]:
    """The legend's entries of the series: "26: 31 µM (28 to 34), h 1.5"; where an end lies beyond
    all doses, "26: 31 µM (28 to 2000, upper end extrapolated), h 1.5"; where a plateau lies beyond
    all responses, "..., h 1.5, top extrapolated"."""
    doses = [dose for one in fits if one for dose in (one.ec50, one.low, one.high)]
    texts = iter(number_texts(doses))
    labels = []
    for name, one in zip(names, fits, strict=True):
        said = ""
        if one:
            ec50, low, high = next(texts), next(texts), next(texts)
            ends = f"{low} to {high}"
            if one.extrapolated:
                ends += f", {' and '.join(one.extrapolated)} end extrapolated"
            h = number_text(one.h, 2) if one.has_slope else "not identified"
            said = f"{x.value_text(ec50)} ({ends}), h {h}"
            if one.unseen:
                said += f", {' and '.join(one.unseen)} extrapolated"
        elif one is not None:
            said = f"no fit, {one.why}"
        labels.append(": ".join(filter(None, [name, said])))
    return labels


def _fitted_alone(
    curves: Curves, data: FigureData, options: dict, fits: Sequence[HillFit | NoFit | None]
) -> str:
    """Say of each series without a curve through all replicates how many of them have one alone.

    The fit of all takes responses as independent. Replicates such as seeds have each their own
    level over all doses, which leaves EC50 open where it is known in each.
    """
    by, x = curves.by, curves.x.axis.name
    replicates = data.varying(curves.rows, within=(x, options["by"]))
    _, values = data.quantity(options["of"], options["site"])
    notes = []
    for name, level, one in zip(curves.names, curves.levels, fits, strict=True):
        if not (replicates and isinstance(one, NoFit) and one.is_open):
            continue
        rows = curves.rows if by is None else curves.rows[curves.rows[by.name] == level]
        each = [fit(own[x], values[own.index]) for _, own in rows.groupby(replicates, sort=False)]
        found = sorted(own.ec50 for own in each if own)
        if found:
            ends = " to ".join(dict.fromkeys(number_texts([found[0], found[-1]])))
            ec50 = f"EC$_{{50}}$ {curves.x.axis.value_text(ends)}"
            told = f"of each {data.titles(replicates)} alone {len(found)} of {len(each)} have a fit"
            notes.append(": ".join(filter(None, [name, f"{told}, {ec50}"])))
    return "; ".join(notes)


def _legend_title(by: Axis | None, fits: Sequence[HillFit | NoFit | None]) -> str:
    kinds = {one.is_confidence for one in fits if one}
    ec50 = {0: "", 1: CONFIDENCE if True in kinds else BRACKET}.get(
        len(kinds), "EC$_{50}$ (95% confidence interval, or doses next to it)"
    )
    return ": ".join(filter(None, [by.label if by else "", ec50]))
