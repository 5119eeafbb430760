"""Which simulations a gallery of traces shows, and in which of its panels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from spikesweep.figures.data import FigureData

MOST = 8  # panels across and down

Shown = tuple[int, ...] | None


@dataclass(frozen=True)
class Gallery:
    """Which simulations (their positions) are shown in which panel.

    `panels` has the shape (rows, columns): simulations that share a panel; an empty tuple where
    none was simulated, None where the gallery has no panel. `titles` name panels, row by row,
    `row_titles` and `column_titles` whole rows and columns; `notes` say what is not shown.
    """

    panels: list[list[Shown]]
    titles: list[str]
    row_titles: list[str]
    column_titles: list[str]
    notes: list[str]


def arrange(
    data: FigureData,
    rows: pd.DataFrame,
    down: str | None,
    across: str | None,
    by: str | None,
    pooled: bool = False,
) -> Gallery:
    """Decide which simulation stands where; those that differ in the axis `by` share a panel.

    Where simulations are pooled, so do all that differ in other axes than `down` and `across`.

    Rows and columns are the axes `down` and `across`, by default the first two that vary; further
    ones stay at their first value. A single axis of many values, or a design that is no grid, is
    wrapped over rows. More than 8 values are thinned evenly.
    """
    for name in (down, across):
        if name is not None:
            data.axis(name)
    if pooled:
        return _table(data, rows, down, across, by, pooled=True)
    if down is None and across is None:
        free = data.varying(rows, within=[by])
        panels = _panels(rows, free) if by else [(position,) for position in rows.index]
        scattered = len(free) > 1 and not data.is_grid
        if scattered or (len(free) == 1 and len(panels) > MOST):
            return _wrap(data, rows, panels, free, by)
        down, across = (*free, None, None)[:2]
    return _table(data, rows, down, across, by)


def _panels(rows: pd.DataFrame, names: list[str]) -> list[Shown]:
    """The simulations of each combination of values of these axes, in the order of the design."""
    if not names:
        return [tuple(rows.index)]
    return [tuple(alike.index) for _, alike in rows.groupby(names, sort=False)]


def _wrap(
    data: FigureData, rows: pd.DataFrame, panels: list[Shown], names: list[str], by: str | None
) -> Gallery:
    """One panel after the other, row by row, each with its values as title."""
    shown = thin(panels, MOST**2)
    n_columns = min(
        range(int(np.ceil(np.sqrt(len(shown)))), MOST + 1), key=lambda n: -len(shown) % n
    )
    lines = [shown[i : i + n_columns] for i in range(0, len(shown), n_columns)]
    lines[-1] = lines[-1] + [None] * (n_columns - len(lines[-1]))
    titles = [
        ", ".join(
            data.axis(name).text_with_unit(_level(data, name, rows.at[panel[0], name]))
            for name in names
        )
        for panel in shown
    ]
    notes = [f"panels: {data.titles(names)}", data.along_text(rows, [*names, by])]
    if len(shown) < len(panels):
        of = "panels" if by else "simulations"
        notes.append(f"{len(shown)} of {len(panels)} {of} shown")
    return Gallery(lines, titles, [], [], notes)


def _table(
    data: FigureData,
    rows: pd.DataFrame,
    down: str | None,
    across: str | None,
    by: str | None,
    pooled: bool = False,
) -> Gallery:
    """One axis down the rows, another across the columns; others at the first value, or pooled."""
    notes = []
    others = () if pooled else data.varying(rows, within=(down, across, by))
    for name in others:
        first = data.levels(name, rows)[0]
        rows = rows[rows[name] == first]
        notes.append(f"{data.axis(name).title} {data.axis(name).text_with_unit(first)} only")
    sides = []
    for name in (down, across):
        levels = list(data.levels(name, rows)) if name else [None]
        sides.append(thin(levels, MOST))
        if len(sides[-1]) < len(levels):
            notes.append(f"{MOST} of {len(levels)} values of {data.axis(name).title} shown")

    def panel(row, column) -> Shown:
        chosen = rows
        for name, level in ((down, row), (across, column)):
            chosen = chosen[chosen[name] == level] if name else chosen
        return tuple(chosen.index)

    panels = [[panel(row, column) for column in sides[1]] for row in sides[0]]
    titles = [
        [data.axis(name).text_with_unit(level) for level in side] if name else []
        for name, side in zip((down, across), sides, strict=True)
    ]
    spoken = [("rows", down), ("columns", across)]
    meaning = ", ".join(f"{side}: {data.axis(name).title}" for side, name in spoken if name)
    along = data.along_text(rows, (down, across, by))
    return Gallery(panels, [], *titles, [meaning, along, *notes])


def thin(items: list, most: int) -> list:
    """Return `most` of the items at even distances, first and last among them."""
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).round().astype(int)]


def _level(data: FigureData, name: str, value):
    """The axis's own value that equals one of a table (numpy's scalars print differently)."""
    return next(level for level in data.axis(name).values if level == value)
