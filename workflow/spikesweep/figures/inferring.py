"""The points of a refined map that nobody simulated, and what is inferred of them."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes as Panel
from matplotlib.lines import Line2D

from spikesweep.document.axes.refining import inferred
from spikesweep.document.axes.searching import FAILED
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.scale import Scale

# Small enough for cells of 0.7 mm, of which a map may have 16,641.
SIMULATED = {"marker": ".", "linestyle": "", "markersize": 0.9, "color": "black",
             "markeredgewidth": 0}  # fmt: skip
SEEN = {**SIMULATED, "markersize": 3.0}  # in the legend


class Map(NamedTuple):
    """What a figure shows: simulations with the points that are inferred behind them, as FigureData
    has simulations and their values; the simulations alone; and what is to be said."""

    rows: pd.DataFrame
    values: pd.Series
    simulated: pd.DataFrame
    said: str


def with_inferred(data: FigureData, rows: pd.DataFrame, values: pd.Series) -> Map:
    """Return the simulations of a figure with those points that a refined map infers.

    Nothing is inferred where the figure shows something else than the map was refined by, or means
    of several maps; nor where all that is known around is that simulations failed.
    """
    refined = data.refined
    if refined is None or rows.duplicated(list(refined["axes"])).any():
        return Map(rows, values, rows, "")
    names, to = list(refined["axes"]), refined["to"]
    known = _known(data, rows, values, names)
    first = min(refined["first"], to)
    found = inferred(known, first, to, len(names), refined["tolerance"])
    found = {point: value for point, value in found.items() if value != FAILED}
    start = int(data.simulations.index.max()) + 1
    index = pd.RangeIndex(start, start + len(found))
    columns: dict[str, Any] = {name: rows[name].iloc[0] for name in rows} | {"status": OK}
    for i, name in enumerate(names):
        levels = data.axis(name).values
        columns[name] = [levels[point[i]] for point in found]
    more = pd.DataFrame(columns, index=index)
    filled = pd.Series([np.nan if v is None else v for v in found.values()], index, dtype=float)
    said = (
        f"{len(rows):,} of {(to + 1) ** len(names):,} points simulated; {len(found):,} inferred, "
        "since all that are known around them agree"
    )
    return Map(pd.concat([rows, more]), pd.concat([values, filled]), rows, said)


def _known(data: FigureData, rows: pd.DataFrame, values: pd.Series, names: list[str]) -> dict:
    """Return what is known of the points of the lattice, as the design saw it."""
    places = [{value: i for i, value in enumerate(data.axis(name).values)} for name in names]
    points = zip(*(rows[n].map(place) for n, place in zip(names, places, strict=True)), strict=True)
    known: dict = {}
    for point, position, status in zip(points, rows.index, rows["status"], strict=True):
        value = values[position]
        known[point] = FAILED if status != OK else None if np.isnan(value) else float(value)
    return known


def dot_simulated(panel: Panel, x: Scale, y: Scale, shown: Map, handles: dict) -> None:
    """Dot the points that were simulated, where others are inferred."""
    if len(shown.rows) == len(shown.simulated):
        return
    centres = []
    for scale in (x, y):
        place = {level: i for i, level in enumerate(scale.levels)}
        middle = (scale.edges[:-1] + scale.edges[1:]) / 2
        centres.append(middle[shown.simulated[scale.axis.name].map(place).to_numpy()])
    panel.plot(*centres, **SIMULATED)
    handles["simulated"] = Line2D([], [], **SEEN)
