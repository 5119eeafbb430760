"""The candidates of a population: those that were accepted among those that were not."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import Quantity, plain
from spikesweep.figures.matrix import SIDE, Group, draw_matrix
from spikesweep.figures.scale import is_log_spaced
from spikesweep.tables import doubtful
from spikesweep.tables.verdicts import ACCEPTED, FAILED, REJECTED

MOST = 6  # quantities, where the figure names none
GREY = "0.8"  # of candidates that were rejected


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw below the diagonal each of `of` against each other, a point a candidate, the accepted
    ones in colour; on it histograms, in which the accepted ones stand below the others.

    Candidates that failed, or have no value of one of these, are left out and counted. Those that
    are judged by a count of spikes that hangs on the threshold are ringed.
    """
    table = data.population
    names = options["of"] or _axes_of(data, table)
    judged = table[table["verdict"] != FAILED]
    values = judged[names].to_numpy(float)
    known = np.isfinite(values).all(axis=1)
    if not known.any():
        style.take(fig, style.COLUMN, SIDE, around=8)
        panel = fig.subplots()
        panel.set_axis_off()
        empty = "a value of all of these" if len(judged) else "simulations that all finished"
        style.say(panel, f"no candidate has {empty}")
        return
    quantities = [_quantity(data, name) for name in names]
    logs = [
        name in data.axes and values[known, i].min() > 0 and is_log_spaced(np.unique(values[:, i]))
        for i, name in enumerate(names)
    ]
    is_accepted = (judged["verdict"] == ACCEPTED).to_numpy()
    colours = {REJECTED: GREY, ACCEPTED: style.CATEGORIES[0]}
    shown = {REJECTED: known & ~is_accepted, ACCEPTED: known & is_accepted}
    groups = [Group(values[rows], colours[of], colours[of]) for of, rows in shown.items()]
    doubted = known & judged["doubtful"].notna().to_numpy()
    draw_matrix(fig, quantities, groups, logs, values[doubted])
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=3, color=colours[of])
        for of in (ACCEPTED, REJECTED)
    ]
    style.legend(fig, handles, [ACCEPTED, REJECTED])
    fixed = data.fixed_text(data.simulations)
    notes = [*_notes(data, known), *_means(data, names)]
    style.note(fig, [fixed, *notes, _doubted_text(data, doubted, known)])


def _axes_of(data: FigureData, table: pd.DataFrame) -> list[str]:
    """Return the axes of the candidates that are numbers; with one alone a quantity as well."""
    numbers = [name for name in data.axes if name in table and data.axis(name).is_number]
    judged = list(table.columns)[list(table.columns).index("doubtful") + 1 :]
    criteria = [name for name in judged if pd.api.types.is_numeric_dtype(table[name])]
    return (numbers if len(numbers) > 1 else [*numbers, *criteria])[:MOST]


def _quantity(data: FigureData, name: str) -> Quantity:
    return data.axis(name) if name in data.axes else data.column("population", name)


def _doubted_text(data: FigureData, doubted: np.ndarray, known: np.ndarray) -> str:
    """Say how many candidates of those shown are judged by what hangs on the threshold."""
    if not doubted.any():
        return ""
    return doubtful.marked(int(doubted.sum()), int(known.sum()), data.sites, "verdicts", "ringed")


def _means(data: FigureData, names: list[str]) -> list[str]:
    """Say which of the quantities are means over the simulations in each of which a criterion must
    hold."""
    looked_at = data.acceptance.set_index("criterion")["simulations"]
    several = {name: int(looked_at[name]) for name in names if looked_at.get(name, 0) > 1}
    return [
        f"{plain(name)}: mean of {number} simulations, in each of which it must hold"
        for name, number in several.items()
    ]


def _notes(data: FigureData, known: np.ndarray) -> list[str]:
    """Say how many were accepted, with the interval of their share, and who is not shown."""
    table, of = data.population, len(known)
    whole = data.acceptance.iloc[0]
    notes = [f"{whole['met']:,} of {of:,} candidates accepted"]
    if not np.isnan(whole["share_low"]):
        low, high = 100 * whole["share_low"], 100 * whole["share_high"]
        notes[0] += f" (95% interval {low:.3g} to {high:.3g}%)"
    failed, undefined = len(table) - of, int((~known).sum())
    if failed:
        notes.append(f"without {failed:,} that failed")
    if undefined:
        notes.append(f"without {undefined:,} that have no value")
    return notes
