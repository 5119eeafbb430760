"""What a figure of a refined map infers: no more than its simulations say."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from spikesweep.figures.inferring import with_inferred

TO = 4
LEVELS = {"amp": (0.0, 0.5, 1.0, 1.5, 2.0), "dose": (1.0, 2.0, 4.0, 8.0, 16.0)}
REFINED = {"axes": ["amp", "dose"], "to": TO, "first": 2, "tolerance": 0.0}


def figure_of(values, failed=(), refined=REFINED):
    """A map of which the first round is known: values by place on the lattice."""
    rows = pd.DataFrame(
        [(LEVELS["amp"][i], LEVELS["dose"][j]) for i, j in values], columns=["amp", "dose"]
    )
    rows.insert(0, "index", range(len(rows)))
    rows["status"] = [int(point in failed) for point in values]
    data = SimpleNamespace(
        refined=refined,
        simulations=rows,
        axis=lambda name: SimpleNamespace(values=LEVELS[name]),
    )
    numbers = pd.Series([np.nan if point in failed else values[point] for point in values])
    return with_inferred(data, rows, numbers)


CORNERS = [(i, j) for i in (0, 2, 4) for j in (0, 2, 4)]


def test_cells_whose_corners_agree_are_filled_and_others_are_not():
    shown = figure_of({point: float(point == (4, 4)) for point in CORNERS})
    inferred = shown.rows.loc[~shown.rows.index.isin(shown.simulated.index)]
    assert len(shown.simulated) == 9
    assert (shown.values.loc[inferred.index] == 0).all()
    places = set(zip(inferred["amp"], inferred["dose"], strict=True))
    assert (1.5, 8.0) not in places  # within the cell that has a corner that differs
    assert (0.5, 2.0) in places
    assert "9 of 25 points simulated; " in shown.said
    assert f"{len(inferred)} inferred" in shown.said


def test_nothing_is_inferred_from_simulations_that_failed():
    shown = figure_of(dict.fromkeys(CORNERS, 1.0), failed=CORNERS)
    assert len(shown.rows) == 9


def test_nothing_is_inferred_of_what_the_map_was_not_refined_by():
    shown = figure_of(dict.fromkeys(CORNERS, 1.0), refined=None)
    assert (len(shown.rows), shown.said) == (9, "")
