"""The population of another sweep as a design, before and after it is known."""

import pytest
import yaml

from planning import STICK, merged
from spikesweep.errors import UserError
from spikesweep.plan.accepted import candidates_of, only
from spikesweep.plan.checking import check_figure
from spikesweep.plan.making import make_plan
from spikesweep.plan.writing import write_plan
from spikesweep.sweepfile.figures import Raster

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


def test_figures_of_times_are_checked_before_it_is_known(planned):
    """As a figure set does: by the simulations that stand for those to come, of 10 ms."""
    check_figure(planned(), Raster(kind="raster", at={"celsius": 10}), "here")
    with pytest.raises(UserError, match=r"here\.window: begins at 20 ms, when every simulation"):
        check_figure(planned(), Raster(kind="raster", window=(20, 30)), "here")


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


def found(plan, tmp_path, *accepted):
    """The plan, once these values of gk are accepted."""
    lines = [f"{2 * i},{gk},accepted,,0" for i, gk in enumerate((20, 30, 40)) if gk in accepted]
    table = tmp_path / "population.csv"
    table.write_text("\n".join(["candidate,gk,verdict,reasons,fires", *lines, ""]))
    return plan.with_points(plan.finding.points(None, {"first": table}))


def test_where_replicates_and_order_are_those_of_other_designs(planned, tmp_path):
    plan = planned(merged(SECOND, {"design": {"where": "gk * celsius < 0.26", "replicates": 3}}))
    assert plan.most == 3 * 4  # all candidates at 6.3 degC, and the first one at 10 as well
    known = found(plan, tmp_path, 20, 40)
    assert len(known.keys) == 3 * 3
    assert {axis.name for axis in known.combination.axes} == {"gk", "celsius", "seed"}
    with pytest.raises(UserError, match="where"):
        found(planned(merged(SECOND, {"design": {"where": "gk < 0.025"}})), tmp_path, 30, 40)
    several = {"simulations_per_job": 2}
    given = found(planned({**SECOND, **several}), tmp_path, 20, 30, 40)
    shuffled = merged({**SECOND, **several}, {"design": {"order": "shuffled"}})
    other = found(planned(shuffled), tmp_path, 20, 30, 40)
    assert sorted(other.keys) == sorted(given.keys)
    assert sorted(i for batch in other.batches for i in batch) == list(range(6))
    assert other.batches != given.batches


def test_candidates_are_told_apart_by_their_own_axes(planned, tmp_path):
    planned()
    candidates = candidates_of(make_plan(tmp_path, "first"), "")
    assert candidates.columns == {"gk": [20, 30, 40]}
    assert candidates.numbers == [0, 2, 4]
    assert only(candidates, [4, 0]).columns == {"gk": [20, 40]}


THIRD = {
    "axes": {"gk": GK, "amp": {**AMP, "values": [0.1, 0.3]}},
    "design": {"grid": [{"accepted": "second"}, "amp"]},
}
AGAIN = {**SECOND, "accept": {"warm": {"of": "rate", "at_least": 1, "at": {"celsius": 10}}}}


def test_the_accepted_of_the_accepted(planned, tmp_path):
    """Two protocols, one after the other: the third sweep takes who meets the criteria of both."""

    def third():
        path = tmp_path / "config/sweeps/third.yaml"
        path.write_text(yaml.safe_dump(merged(STICK, THIRD), sort_keys=False))
        return make_plan(tmp_path, "third")

    second = planned(AGAIN)
    plan = third()
    assert (plan.unknown, plan.most) == ("who is accepted in second is not known yet", 6)
    assert list(plan.contents["populations"]) == ["first", "second"]
    known = found(second, tmp_path, 30, 40)
    path = tmp_path / known.plan.path
    path.parent.mkdir(parents=True)
    write_plan(known, path)
    # Simulation 2 is the first one of the second candidate that `second` has taken: of 40 mS/cm2.
    table = tmp_path / "population.csv"
    table.write_text("candidate,gk,verdict,reasons,warm\n0,0.03,rejected,,0\n2,0.04,accepted,,1\n")
    later = third()
    assert later.plan.path == plan.plan.path
    combination = later.finding.points(None, {"second": table})
    assert [axis.values for axis in combination.axes] == [(40.0,), (0.1, 0.3)]
    assert combination.labels[0].values == (2, 2)


def test_the_accepted_of_what_grows_are_refused(planned, tmp_path):
    refine = {"refine": {"by": "n_spikes", "axes": ["gk"], "to": 2}}
    with pytest.raises(UserError, match="first are found by its own results"):
        planned(first={**FIRST, "design": refine})


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
