"""The population of another sweep as a design, before and after it is known."""

import pytest
import yaml

from planning import STICK, merged
from spikesweep.errors import UserError
from spikesweep.plan.accepted import candidates_of, only
from spikesweep.plan.making import make_plan

GK, AMP = {"sets": "cell.soma.hh.gkbar", "unit": "mS/cm2"}, {"sets": "step.amp", "unit": "nA"}
FIRST = {
    "axes": {"gk": {**GK, "values": [20, 30, 40]}, "amp": {**AMP, "values": [0, 0.2]}},
    "accept": {"fires": {"of": "rate", "at_least": 1, "at": {"amp": 0.2}}},
}
SECOND = {
    "axes": {"gk": {"sets": "cell.soma.hh.gkbar", "unit": "S/cm2"},
             "celsius": {"values": [6.3, 10], "sets": "protocol.celsius"}},
    "design": {"grid": [{"accepted": "first"}, "celsius"]},
}  # fmt: skip


@pytest.fixture
def planned(tmp_path):
    def plan(second=SECOND, first=FIRST):
        folder = tmp_path / "config/sweeps"
        folder.mkdir(parents=True, exist_ok=True)
        for name, changes in (("first", first), ("second", second)):
            (folder / f"{name}.yaml").write_text(
                yaml.safe_dump(merged(STICK, changes), sort_keys=False)
            )
        return make_plan(tmp_path, "second")

    return plan


def test_until_it_is_known_nothing_is(planned):
    plan = planned()
    assert plan.unknown == "who is accepted in first is not known yet"
    assert (len(plan.keys), plan.most) == (0, 6)
    assert "config/sweeps/first.yaml" in map(str, plan.sources)
    found = plan.inputs[plan.plan.path.name]
    assert [path.name.partition("_")[0] for path in found] == [
        "population", "acceptance", "correlations",
    ]  # fmt: skip
    assert {path.parent.name for path in found} == {"first"}


def test_its_names_follow_from_the_criteria(planned):
    names = planned().plan.path.name
    other = merged(FIRST, {"accept": {"fires": {"at_least": 2}}})
    assert planned(first=other).plan.path.name != names
    assert planned(first=merged(FIRST, {"description": "Another"})).plan.path.name == names


def test_its_points_are_the_accepted_ones_in_their_units(planned, tmp_path):
    plan = planned()
    table = tmp_path / "population.csv"
    rows = [(0, 20, "rejected"), (2, 30, "accepted"), (4, 40, "accepted")]
    lines = [f"{number},{gk},{verdict},,0" for number, gk, verdict in rows]
    table.write_text("\n".join(["candidate,gk,verdict,reasons,fires", *lines, ""]))
    combination = plan.finding.points(None, {"first": table})
    assert [axis.values for axis in combination.axes] == [(0.03, 0.04), (6.3, 10.0)]
    assert combination.rows == [(0, 0), (0, 1), (1, 0), (1, 1)]
    [label] = combination.labels
    assert (label.name, label.values) == ("first_candidate", (2, 2, 4, 4))
    known = plan.with_points(combination)
    assert (len(known.keys), known.unknown, known.plan) == (4, "", plan.plan)
    table.write_text("candidate,gk,verdict,reasons,fires\n0,20,rejected,,0\n")
    with pytest.raises(UserError, match="first: no candidate was accepted"):
        plan.finding.points(None, {"first": table})


def test_candidates_are_told_apart_by_their_own_axes(planned, tmp_path):
    planned()
    candidates = candidates_of(make_plan(tmp_path, "first"), "")
    assert candidates.columns == {"gk": [20, 30, 40]}
    assert candidates.numbers == [0, 2, 4]
    assert only(candidates, [4, 0]).columns == {"gk": [20, 40]}


AXES = SECOND["axes"]


@pytest.mark.parametrize(
    ("second", "first", "message"),
    [
        (
            {"design": {"grid": [{"accepted": "fist"}, "celsius"]}},
            {},
            'no sweep is named "fist", did you mean "first"?',
        ),
        (
            {"design": {"grid": [{"accepted": "second"}, "celsius"]}},
            {},
            "second -> second; expected a sweep of its own",
        ),
        ({}, {"design": {"grid": [{"accepted": "second"}, "amp"]}}, "second -> first -> second"),
        ({}, {"accept": None}, "first has no population; expected criteria"),
        ({"axes": {"gk": {"values": [0.02]}}}, {}, "axes.gk.values: the population first gives"),
        ({"axes": {"gk": {"unit": "mV"}}}, {}, "has the wrong kind of unit"),
        ({"trust": {"dt": [0.5]}}, {}, "trust: not of a design that takes the accepted"),
        ({"sensitivity": {"of": ["rate"]}}, {}, "sensitivity: not of a design that takes"),
    ],
)
def test_mistakes_are_told(planned, second, first, message):
    with pytest.raises(UserError) as told:
        planned(merged(SECOND, second), merged(FIRST, first))
    assert message in str(told.value)


def test_an_axis_that_is_not_there(planned):
    axes = {"g": AXES["gk"], "celsius": AXES["celsius"]}
    with pytest.raises(UserError, match="differ in gk, which is no axis here"):
        planned({**SECOND, "axes": axes})
