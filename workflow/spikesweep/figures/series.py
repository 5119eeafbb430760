"""Series of a quantity over an axis: their points, replicates, colours; for curves of all kinds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.transforms import blended_transform_factory

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.bands import band_text, spread_of
from spikesweep.figures.data import NOT_ROBUST, OK, FigureData
from spikesweep.figures.labels import Axis, Quantity, averaged, span_text, without
from spikesweep.figures.scale import Scale
from spikesweep.tables.replicates import Replicates, summarise

RING = {"marker": "o", "linestyle": "", "markersize": 7.5, "markerfacecolor": "none",
        "markeredgewidth": 0.7, "clip_on": False}  # fmt: skip
FAILED_MARK = {"marker": "x", "linestyle": "", "markersize": 4, "markeredgewidth": 0.9}
# Replicates, below which percentiles of a bootstrap hold the mean too seldom: of normal ones 85%
# at 5, 90% at 10, 93% at 20, since they know neither t nor n - 1 (Hesterberg 2015, Am Stat 69:371).
ENOUGH = 20
SPREADS = {"sd": "± SD", "sem": "± SEM", "ci": "and 95% bootstrap interval", "none": ""}
LEAD = {"linewidth": 0.7, "linestyle": (0, (4, 1.5))}  # leads the eye where no curve holds


@dataclass(frozen=True)
class Responses:
    """The simulations of one value of `by`: each one's dose, response (NaN: none), and failure.

    band: how their spread is shown, if by a band; see `bands.spread_of`.
    """

    dose: np.ndarray
    response: np.ndarray
    failed: np.ndarray
    band: str | None = None

    @cached_property
    def doses(self) -> np.ndarray:
        """The doses that have a response, in their order."""
        return np.array(list(dict.fromkeys(self.dose[self._known].tolist())))

    @cached_property
    def groups(self) -> list[np.ndarray]:
        """The responses at each of these doses."""
        return [self.response[self._known & (self.dose == dose)] for dose in self.doses]

    @cached_property
    def spread(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lower end, line and upper end of the band at each dose."""
        ends = [spread_of(group[:, np.newaxis], self.band or "sd") for group in self.groups]
        low, line, high = np.array(ends, float).reshape(-1, 3).T
        return low, line, high

    @property
    def line(self) -> np.ndarray:
        """What is shown of each dose: the mean, or the middle of the band."""
        return self.spread[1] if self.band else self.summary("none").mean

    @property
    def undefined(self) -> int:
        """How many simulations ended well and have no response."""
        return int((~self._known & ~self.failed).sum())

    @property
    def _known(self) -> np.ndarray:
        return np.isfinite(self.response)

    def summary(self, spread: str) -> Replicates:
        """Mean, number and spread of the responses at each dose."""
        return summarise(self.groups, spread)


@dataclass(frozen=True)
class Curves:
    """What a figure of curves shows: `of` over `x`, a series a level of `by` (None: of all)."""

    rows: pd.DataFrame
    x: Scale
    by: Axis | None
    quantity: Quantity
    sites: list[str]
    levels: tuple
    series: list[Responses]

    @classmethod
    def of(cls, data: FigureData, options: dict) -> "Curves":
        """Raises UserError where the options name what the sweep does not have."""
        rows = data.select(options["at"])
        x = Scale(data.axis(options["x"]), data.levels(options["x"], rows))
        by = data.axis(options["by"]) if options["by"] else None
        quantity, values = data.quantity(options["of"], options["site"])
        levels = data.levels(by.name, rows) if by else (None,)
        band = options.get("band")
        series = [_responses(rows, values, x, by, level, band) for level in levels]
        sites = data.sites_of(options["of"], options["site"])
        return cls(rows, x, by, quantity, sites, levels, series)

    @property
    def names(self) -> list[str]:
        """The levels as printed; '' for a series of its own."""
        return [self.by.text(level) for level in self.levels] if self.by else [""]

    @property
    def palette(self) -> list:
        return style.colours_of(self.by, self.levels)

    def looks(self, lines: Sequence[dict]) -> list[dict]:
        """Colour, marker and line of each series, the same in the panel and in the legend."""
        return [
            {"color": colour, "marker": style.MARKERS[i % len(style.MARKERS)], **line}
            for i, (colour, line) in enumerate(zip(self.palette, lines, strict=True))
        ]

    def dress(self, fig: style.Canvas, height: float) -> Panel:
        """Return the axes, with scale and labels."""
        width, height = style.take(fig, style.COLUMN, height, around=13)
        panel = fig.subplots()
        self.x.dress(panel, "x", width - 17)
        panel.set_ylabel(style.wrapped(self.quantity.label, height))
        return panel

    def finish(
        self, fig: style.Canvas, panel: Panel, data: FigureData, options: dict, said: str = ""
    ) -> None:
        """Set the height of the axes, and say what they do not show themselves, `said` among it."""
        self.x.mark_break(panel, "x")
        doubts = data.doubts(options["of"], options["site"])
        self._ring(panel, np.logical_or.reduce([*doubts.values()]))
        if not _set_height(panel, self.series, options):
            undefined = f"{self.quantity.title}\nundefined everywhere"
            style.say(panel, data.why_empty(self.rows, undefined, *self.sites))
        shown = (self.x.axis.name, options["by"])
        replicates = data.varying(self.rows, within=shown)
        spread = self._spread_notes(data, options, data.titles(replicates))
        along = data.along_text(self.rows, shown)
        fixed = data.fixed_text(self.rows, *self.sites, shown=shown)
        trust = data.trust_text(self.rows, options["of"], options["site"])
        trust += " (rings do not)" if doubts[NOT_ROBUST][self.rows.index].any() else ""
        hanging = data.hanging_text(self.rows, self.sites, "ringed")
        beyond = self._beyond_text(options["limits"])
        style.note(fig, [fixed, along, *spread, beyond, said, trust, hanging])

    def _beyond_text(self, limits: tuple[float, float] | None) -> str:
        """Say how many points the limits that were asked for hide."""
        points = np.concatenate([one.line for one in self.series])
        low, high = limits or (-np.inf, np.inf)
        hidden = int(np.sum((points < low) | (points > high)))
        return f"{hidden} of {points.size} points lie beyond the limits" if hidden else ""

    def _ring(self, panel: Panel, is_doubted: np.ndarray) -> None:
        """Ring the means of what does not stand, by position."""
        doubted = self.rows[is_doubted[self.rows.index]]
        for level, one in zip(self.levels, self.series, strict=True):
            chosen = doubted if self.by is None else doubted[doubted[self.by.name] == level]
            where = np.isin(one.doses, chosen[self.x.axis.name].to_numpy())
            if not where.any():  # a curve of no points would still move the limits of the axes
                continue
            places = self.x.positions(one.doses[where])
            panel.plot(places, one.line[where], color=style.INK, **RING)

    def _spread_notes(self, data: FigureData, options: dict, over: str) -> list[str]:
        """Say what points, error bars and bands are, of how many simulations, over which axes."""
        numbers = [group.size for one in self.series for group in one.groups]
        undefined = sum(one.undefined for one in self.series)
        lacking = without(undefined, len(self.rows), "are undefined")
        with_value = data.cells_with_value(self.rows, [options["of"]], options["site"])
        if band := options.get("band"):
            words = band_text(band, self.x.axis.title, numbers, over)
            failed = data.failed_text(self.rows)
            mean = averaged("", self.sites, with_value=with_value)
            return [mean, words, failed, lacking]
        number = f"n = {span_text(numbers)} simulations"
        shown = SPREADS.get(options["error"], "")
        mean = averaged(over, self.sites, shown, number, with_value)
        narrow = ""
        if options["error"] == "ci" and over and min(numbers, default=0) < ENOUGH:
            narrow = f"too narrow an interval where n is below {ENOUGH}"
        return [mean, narrow, lacking]


def _responses(
    rows: pd.DataFrame, values: pd.Series, x: Scale, by: Axis | None, level, band: str | None
) -> Responses:
    """The simulations at one value of `by`, from left to right."""
    chosen = rows if by is None else rows[rows[by.name] == level]
    chosen = chosen.iloc[np.argsort(x.positions(chosen[x.axis.name]), kind="stable")]
    return Responses(
        chosen[x.axis.name].to_numpy(),
        values.loc[chosen.index].to_numpy(float),
        (chosen["status"] != OK).to_numpy(),
        band,
    )


def plot_points(panel: Panel, x: Scale, one: Responses, error: str, look: dict) -> None:
    """Draw means with their error bars (or every replicate, "points"; or the line's points of a
    band), and crosses at the foot where a simulation failed."""
    look = look | {"linestyle": "", "markeredgecolor": "white", "markeredgewidth": 0.3}
    places = x.positions(one.doses)
    if error == "points" and not one.band:
        each = np.repeat(places, [group.size for group in one.groups])
        values = np.concatenate([*one.groups, np.empty(0)])
        panel.plot(each, values, **look | {"markersize": 2.2, "alpha": 0.6})
    elif one.band:
        panel.plot(places, one.line, **look)
    else:
        summary = one.summary(error)
        panel.errorbar(
            places, summary.mean, yerr=[summary.below, summary.above], elinewidth=0.7, **look
        )
    foot = blended_transform_factory(panel.transData, panel.transAxes)
    failed = np.unique(x.positions(one.dose[one.failed]))
    height = np.full(len(failed), 0.03)
    panel.plot(failed, height, color=look["color"], transform=foot, **FAILED_MARK)


def join(panel: Panel, x: Scale, one: Responses, look: dict) -> None:
    """Join the means, or the middles of a band, by straight lines; draw the band."""
    places = x.positions(one.doses)
    if one.band:
        low, _, high = one.spread
        shade = {"color": look["color"], "alpha": 0.25}
        panel.fill_between(places, low, high, **shade, linewidth=0)
        if places.size == 1:  # a band that has no width
            panel.vlines(places, low, high, **shade)
    panel.plot(places, one.line, **look | {"marker": ""})


def _set_height(panel: Panel, series: list[Responses], options: dict) -> bool:
    """Set the limits of y around all means and bands; return whether there are any."""
    means = np.concatenate([np.ravel(one.spread if one.band else one.line) for one in series])
    means = means[np.isfinite(means)]
    if not means.size:
        panel.set_yticks([])
        return False
    if options["log"]:
        if means.min() <= 0:
            raise UserError(
                f'a figure shows "of: {options["of"]}" with "log: true", but {means.min():g} is '
                "not above 0: leave log out"
            )
        panel.set_yscale("log")
    panel.margins(y=0.08)
    if means.min() == means.max() and not options["log"]:
        low, high = style.widened(means.min(), means.max())
        panel.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
    if options["limits"]:
        panel.set_ylim(*options["limits"])
    return True
