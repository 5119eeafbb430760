"""The window of the statistics that follows a process, as the plan works it out."""

import pytest

from planning import merged
from spikesweep.errors import UserError

DURING = {"statistics": {"window": "step"}}


def with_axes(**axes):
    return merged(DURING, {"axes": axes, "design": {"grid": list(axes)}} if axes else {})


def test_a_process_that_no_axis_moves_has_one_window(plan):
    """Recipes hold its times, and so are those of a sweep file that writes them."""
    told = {"statistics": {"window": [1, 6]}}
    assert plan(DURING).windows == (1, 6)
    recipes = [plan(changes).products for changes in (DURING, told)]
    windows = [
        [p.recipe["window"] for p in one.values() if "window" in p.recipe] for one in recipes
    ]
    assert windows[0] == windows[1] == [[1, 6]] * len(windows[0])


@pytest.mark.parametrize(
    ("axis", "windows"),
    [
        ({"values": [0, 2.5], "sets": "step.delay"}, [(0, 5), (2.5, 7.5)]),
        ({"values": [1, 1000], "sets": "step.dur"}, [(1, 2), (1, 1001)]),
        ({"values": [-2, -8, 1], "sets": "step.delay"}, [(0, 3), (0, 0), (1, 6)]),
        ({"values": [1, 2], "sets": {"step.delay": "a", "step.dur": "6 - a"}}, [(1, 6), (2, 6)]),
        ({"values": [0.1, 0.2], "sets": "step.amp"}, (1, 6)),
    ],
)
def test_a_window_follows_the_axes(plan, axis, windows):
    assert plan(with_axes(a=axis)).windows == windows


def test_a_copy_has_the_window_of_its_own(plan):
    changes = merged(
        {"model": {"cells": {"cell": {"count": 2}}}, "statistics": {"window": "step[1]"}},
        {"axes": {"a": {"values": [2, 3], "sets": "step[1].delay"}}},
    )
    assert plan(changes).windows == [(2, 7), (3, 8)]
    other = merged(changes, {"statistics": {"window": "step[0]"}})
    assert plan(other).windows == (1, 6)
    both = merged(changes, {"axes": {"a": {"sets": "step.delay"}}})
    assert plan(both).windows == [(2, 7), (3, 8)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"statistics": {"window": "stp"}}, 'no process is named "stp", did you mean "step"?'),
        ({"model": {"cells": {"cell": {"count": 2}}}}, "step has 2 copies; expected one of them"),
        (
            {"protocol": {"processes": {"syn": {"type": "ExpSyn", "at": "cell.soma(0.5)"}}},
             "statistics": {"window": "syn"}},
            "syn, of type ExpSyn, has no delay and dur",
        ),
        (
            {"protocol": {"processes": {"step": {"delay": 10}}}},
            "of step begins at 10 ms, when every simulation has ended",
        ),
        (
            {"protocol": {"processes": {"step": {"dur": 0}}}},
            "of step is empty in every simulation",
        ),
        (
            {"axes": {"window_end": {"values": [1, 2], "sets": "step.delay"}}},
            "axes.window_end: statistics.csv holds something else of this name",
        ),
    ],
)  # fmt: skip
def test_a_window_that_cannot_be_is_refused(plan, changes, words):
    with pytest.raises(UserError) as error:
        plan(merged(DURING, changes))
    assert words in str(error.value)
