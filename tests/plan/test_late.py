"""Late plans: all names are known from the start, whatever is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from planning import PULSED
from spikesweep.document.axes.design import Combination
from spikesweep.errors import UserError
from spikesweep.jobs import plan as job
from spikesweep.plan.batches import spread
from spikesweep.plan.late import LatePlan
from spikesweep.plan.making import make_plan
from spikesweep.plan.measured import Measured, keep
from spikesweep.plan.pending import pending
from spikesweep.plan.writing import write_plan

SWEEP = (
    PULSED
    + """\
axes:
  dur: {values: [1, 2], unit: ms, sets: step.dur}
  amp: {values: [0, 1], unit: nA, sets: step.amp}
"""
)
SEARCH = "design: {threshold: {of: n_spikes, at: 1, axis: amp, to: 0.25 nA}}\n"
MAP = "design: {refine: {by: n_spikes, axes: [dur, amp], to: 4, first: 2, rounds: 2}}\n"


def names(plan):
    return [product.path.name for product in plan.every]


def more(combination, value):
    """A combination with one point more: the first values of all axes but the last."""
    axes = list(combination.axes)
    axes[-1] = replace(axes[-1], values=tuple(sorted({*axes[-1].values, value})))
    old = combination.axes[-1].values
    rows = [(*row[:-1], axes[-1].values.index(old[row[-1]])) for row in combination.rows]
    new = (*[0] * (len(axes) - 1), axes[-1].values.index(value))
    return Combination(combination.kind, tuple(axes), [*rows, new])


@pytest.mark.parametrize("design", [SEARCH, MAP])
def test_names_do_not_hang_on_what_is_found(plan_text, design):
    plan = plan_text(SWEEP + design)
    first = plan.rounds[0]
    found = plan.rounds[1].with_points(more(first.combination, 0.5))
    other = plan.rounds[1].with_points(more(first.combination, 0.25))
    assert names(found) == names(other) == names(plan.rounds[1])
    assert found.keys != other.keys
    assert found.contents["points"] != other.contents["points"]


def test_rounds_that_found_nothing_are_not_counted_as_run(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    assert "ran" not in plan.contents
    second = plan.rounds[1].with_points(more(plan.rounds[0].combination, 0.5))
    last = replace(plan, earlier=second).with_points(second.combination)
    assert last.contents["ran"] == 2
    assert last.contents["rounds"]["count"] == 3
    only_first = plan.rounds[1].with_points(plan.rounds[0].combination)
    assert (
        replace(plan, earlier=only_first).with_points(only_first.combination).contents["ran"] == 1
    )


def test_an_unknown_plan_has_the_simulations_of_what_is_known(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    assert isinstance(plan, LatePlan)
    assert plan.unknown == "round 2 of 3 is not known yet"
    assert list(plan.keys) == list(plan.rounds[0].keys)
    assert plan.most == 4 + 2 * 2
    assert sum(map(len, plan.batches)) == 4


def test_what_is_written_is_read_back(plan_text):
    """The job writes its points; from then on the plan is known, under the same names."""
    plan = plan_text(SWEEP + SEARCH)
    found = plan.rounds[1].with_points(more(plan.rounds[0].combination, 0.5))
    found.plan.path.parent.mkdir(parents=True)
    write_plan(found, found.plan.path)
    again = make_plan(Path(), "s")
    assert names(again) == names(plan)
    assert again.unknown == "round 3 of 3 is not known yet"
    known = again.rounds[1]
    assert (known.unknown, known.keys, known.batches) == ("", found.keys, found.batches)
    assert list(again.keys) == list(found.keys)
    # A simulation keeps its index.
    assert list(known.keys)[:4] == list(plan.rounds[0].keys)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("edited", ["the sweep", "what was measured"])
def test_what_is_edited_while_rounds_run_is_said(plan_text, number, edited):
    """And of no table that another plan reads: it would be called damaged."""
    sized = SWEEP + SEARCH + "seconds_per_job: 1\n"
    keep(Path(), "s", Measured(seconds=0.001, stored=1000.0, memory=1e8))
    plan = plan_text(sized)
    output = [*plan.rounds, plan][number].plan.path
    if edited == "the sweep":
        plan_text(sized.replace("tstop: 20", "tstop: 30"))
    else:
        keep(Path(), "s", Measured(seconds=10.0, stored=1000.0, memory=1e8))
    said = "sources of sweep s, or what was measured of it, changed while this run was going on"
    with pytest.raises(UserError, match=said):
        job.make("s", output)
    assert not output.exists()


def test_a_damaged_plan_is_not_believed(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    found = plan.rounds[1].with_points(more(plan.rounds[0].combination, 0.5))
    found.plan.path.parent.mkdir(parents=True)
    write_plan(found, found.plan.path)
    text = found.plan.path.read_text()
    found.plan.path.write_text(text.replace('"simulations": 5', '"simulations": 6'))
    assert found.plan.path.read_text() != text
    assert make_plan(Path(), "s").unknown == "round 2 of 3 is not known yet"


def test_what_decides_the_points_is_in_the_names(plan_text):
    """And the title, which decides none, only in those of the last round's tables."""
    before = plan_text(SWEEP + SEARCH)
    wider = plan_text(SWEEP + SEARCH.replace("at: 1", "at: 2"))
    assert before.slots[0].path != wider.slots[0].path
    titled = plan_text(SWEEP.replace("A search", "Another") + SEARCH)
    assert titled.slots == before.slots
    assert titled.rounds[1].plan.path == before.rounds[1].plan.path
    assert titled.plan.path != before.plan.path
    louder = plan_text(SWEEP.replace("diam: 20", "diam: 21") + SEARCH)
    assert louder.slots[0].path != before.slots[0].path


def test_a_plan_is_made_of_what_it_reads(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    before = plan.rounds[1]
    read = plan.inputs[plan.plan.path.name]
    assert before.plan.path in read
    assert before.files["statistics"] in read
    assert plan.inputs[plan.rounds[0].plan.path.name] == []
    slot = plan.slots[0].path
    assert plan.inputs[slot.name][0] == plan.plan.path
    first = before.slots[0].path
    assert plan.inputs[first.name][0] == before.plan.path
    assert plan.plan_with(slot.stem.rpartition("_")[2]) is plan
    assert plan.plan_with(first.stem.rpartition("_")[2]) is before


def test_all_rounds_are_pending_at_first_and_nothing_where_all_is_there(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    waiting = {product.path for product in pending(plan, lambda path: False)}
    assert {one.plan.path for one in (*plan.rounds, plan)} <= waiting
    assert pending(plan, lambda path: True) == []


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (SEARCH.replace("amp,", "amps,"), 'no axis is named "amps", did you mean "amp"'),
        (SEARCH.replace("n_spikes", "spikes"), 'no statistic is named "spikes"'),
        (SEARCH.replace("0.25 nA", "-1 nA"), "expected a width above 0"),
        (SEARCH.replace("0.25 nA", "3 mV"), "mV"),
        (SEARCH.replace("at: 1", "at: [tonic]"), "expected a number"),
        (MAP.replace("to: 4", "to: 6"), "6 is no power of 2"),
        (MAP.replace("[dur, amp]", "[dur, dur]"), "stands twice"),
        (MAP.replace("n_spikes", "rates"), 'no statistic is named "rates"'),
        (MAP.replace("}}", "}, replicates: 3}"), "replicates: belongs to designs that are known"),
        (MAP.replace("}}", "}, where: amp > 0.5}"), "where: belongs to designs that are known"),
        (SEARCH.replace("}}", "}, order: shuffled}"), "order: belongs to designs that are known"),
        (MAP + "sensitivity: {of: [n_spikes]}\n", "the design has no sample"),
        (SEARCH + "trust: {dt: [0.5]}\n", "grows by its own results"),
    ],
)
def test_mistakes(plan_text, design, words):
    with pytest.raises(UserError, match=words.replace("(", r"\(")):
        plan_text(SWEEP + design)


def test_simulations_are_spread_evenly_and_some_jobs_may_have_none(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    columns, keys = plan.rounds[0].columns, list("abcd")
    assert spread(plan.template, columns, keys, range(2, 4), 4) == [[], [2], [], [3]]
    assert spread(plan.template, columns, keys, range(0), 3) == [[], [], []]
    shuffled = ["2", "0", "3", "1"]
    assert spread(plan.template, columns, shuffled, range(4), 2, shuffled=True) == [[1, 3], [0, 2]]


def test_simulations_of_one_key_are_in_one_job(plan_text):
    plan = plan_text(SWEEP + SEARCH)
    columns = plan.rounds[0].columns
    assert spread(plan.template, columns, list("abab"), range(4), 2) == [[0, 2], [1, 3]]
    assert spread(plan.template, columns, list("abab"), [3, 1], 2) == [[], [1, 3]]
