"""A recorded quantity along a path through a cell: what NEURON's RangeVarPlot shows."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from spikesweep.errors import UserError, listing
from spikesweep.figures import style
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.gallery import thin
from spikesweep.figures.labels import averaged, span_text

HEIGHT = 42.0  # mm
MOST_LINES = 32
MOST_NAMED = 8


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw traces of one variable against the path distance (um) of their places from the soma.

    `show` is a time (ms), or "max" or "min", the extremes over all steps of integration. Each
    value of `by` is a line; simulations that differ in further axes are averaged. The path goes
    from trace to trace as they are listed; what lies before the place nearest to the soma, such as
    a basal dendrite, stands on the left, at negative distances.
    """
    rows = data.select(options["at"])
    places = _places(data, options["traces"])
    traces = list(places.index)
    name = options["by"]
    known = list(data.levels(name, rows)) if name else [None]
    levels = thin(known, MOST_LINES)
    by = data.axis(name) if name else None
    ended = rows[rows["status"] == OK]

    _, height = style.take(fig, style.COLUMN, HEIGHT, around=13)
    panel = fig.subplots()
    palette = style.colours_of(by, levels)
    quantity = data.described(traces[0])
    numbers = []
    for level, colour in zip(levels, palette, strict=True):
        chosen = ended if by is None else ended[ended[name] == level]
        values = [_value(data, trace, chosen, options["show"]) for trace in traces]
        if not len(chosen):
            continue
        numbers.append(len(chosen))
        panel.plot(places, values, color=colour, marker="o", markersize=2.5, linewidth=0.9)
    panel.set_xlabel("path distance from the soma (µm)")
    panel.set_ylabel(style.wrapped(quantity.label, height))
    if not numbers:
        style.say(panel, data.why_empty(rows, "nothing to show"))
    if by and by.is_number and len(levels) > MOST_NAMED:
        texts = [by.text(level) for level in levels]
        style.colour_steps(fig, [panel], palette, texts, by.label, height)
    elif by:
        keys = [Line2D([], [], color=colour, linewidth=1.6) for colour in palette]
        style.legend(fig, keys, [by.text(level) for level in levels], by.label)
    show = options["show"]
    when = {"max": "greatest over time", "min": "least over time"}.get(show) or f"at {show:g} ms"
    over = data.titles(data.varying(ended, [name] if name else []))
    mean = averaged(over, [], number=f"n = {span_text(numbers)} simulations")
    along = data.along_text(rows, [name]) if name else ""
    fixed = data.fixed_text(rows, shown=[name])
    thinned = f"{len(levels)} of {len(known)} values of {by.title} shown" if by else ""
    left_out = thinned if len(levels) < len(known) else ""
    style.note(fig, [when, fixed, along, left_out, mean, data.failed_text(rows)])


def _places(data: FigureData, wanted: list[str] | None) -> pd.Series:
    """The distance (um) of each trace along the path, by default of all that the first one's
    variable has; negative before the place nearest to the soma."""
    places = data.places
    names = [data.trace(trace) for trace in wanted] if wanted else list(places)
    names = [name for name in names if name in places]
    if len(names) < 2:
        raise UserError(
            "a profile needs traces of one variable at two places of a cell at least; "
            f"such are {listing(places) or 'none'}"
        )
    distance = np.array([_distance(data, places[name]) for name in names])
    distance[: np.argmin(distance)] *= -1
    return pd.Series(distance, names)


def _distance(data: FigureData, place: dict) -> float:
    """The path distance of a place: that of the middle of its segment."""
    table = data.structure
    same = table[
        (table["cell"].astype(str) == place["cell"])
        & (table["section"].astype(str) == place["section"])
        & (table["index"] == place["index"])
    ]
    if same.empty:
        raise UserError(
            f"a profile shows a trace at {place['cell']}.{place['section']}, which the "
            "structure of the cells does not have"
        )
    nearest = (same["x"] - place["x"]).abs().idxmin()
    return float(same.loc[nearest, "distance"])


def _value(data: FigureData, trace: str, rows: pd.DataFrame, show) -> float:
    """The mean of a trace over simulations: at a time, or its extreme."""
    if show in ("max", "min"):
        return float(np.nanmean(data.extreme(trace, show)[rows.index])) if len(rows) else np.nan
    values = []
    for position in rows.index:
        times, samples = data.times(trace, position), data.samples(trace, position)
        known = np.isfinite(samples) & np.isfinite(times)
        if not known.any() or not times[known][0] <= show <= times[known][-1]:
            raise UserError(f"a profile shows {show:g} ms, which lies outside of the simulations")
        values.append(np.interp(show, times[known], samples[known]))
    return float(np.mean(values)) if values else np.nan
