"""A sensitivity that does not fit its design is refused, with what fits; where it fits, the plan
says which simulations make which blocks."""

import pytest

from spikesweep.errors import UserError

AXES = {
    "amp": {"sets": "step.amp"},
    "gkbar": {"sets": "cell.soma.hh.gkbar"},
    "delay": {"values": [1, 2], "sets": "step.delay"},
}
TWO = {name: AXES[name] for name in ("amp", "gkbar")}
OF = {"amp": [0.1, 0.3], "gkbar": [0.03, 0.04]}
GRID = {
    "amp": {"values": [0.1, 0.2, 0.3, 0.4, 0.5], "sets": "step.amp"},
    "gkbar": {"values": [0.03, 0.04], "sets": "cell.soma.hh.gkbar"},
}


def asked(plan, axes, design, **sensitivity):
    return plan({"axes": axes, "design": design, "sensitivity": {"of": ["rate"], **sensitivity}})


@pytest.mark.parametrize(
    ("axes", "design", "sensitivity", "said"),
    [
        (GRID, None, {}, "no sample, and values that are given .*sobol: 256.*saltelli: 64"),
        (TWO, {"sobol": 64, "of": OF}, {"methods": ["sobol"]},
         r"methods: sobol does not fit a sobol design; expected pawn, rbd_fast, delta or hdmr, "
         "or the design `saltelli`"),
        (TWO, {"saltelli": 8, "of": OF}, {"methods": ["pawn"]},
         "pawn does not fit a saltelli design; expected sobol, or the design `sobol`"),
        (TWO, {"morris": 8, "of": OF}, {"methods": ["sobol"]}, "expected morris, or the design"),
        (AXES, {"grid": ["delay", {"sobol": 64, "of": OF}]}, {},
         r"delay is not of the sample, and has 2 values; expected one of them: at: \{delay: 1"),
        (AXES, {"grid": ["delay", {"sobol": 64, "of": OF}]}, {"at": {"delay": 5}},
         r"at\.delay: 5 is no value of delay; expected one of: 1"),
        (TWO, {"sobol": 64, "of": OF}, {"at": {"dealy": 5}}, 'no axis is named "dealy"'),
        (TWO, {"sobol": 64, "of": OF}, {"of": ["rat"]}, r'of\[0\].*"rat".*did you mean "rate"'),
        (TWO, {"sobol": 64, "of": OF}, {"of": ["rate", "rate"]}, "rate stands twice"),
        (TWO, {"sobol": 64, "of": OF}, {"methods": ["fast"]}, "methods"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(plan, axes, design, sensitivity, said):
    with pytest.raises(UserError, match=said) as caught:
        asked(plan, axes, design, **sensitivity)
    assert "sensitivity" in str(caught.value)


def test_steps_are_refused(plan):
    axes = {"amp": AXES["amp"], "seed_": {"sets": "protocol.seed"}}
    of = {"amp": OF["amp"], "seed_": {"integers": [1, 5]}}
    with pytest.raises(UserError, match="seed_ has 5 values; expected 20 at least for pawn, "):
        asked(plan, axes, {"sobol": 64, "of": of})
    assert asked(plan, axes, {"saltelli": 8, "of": of}).options["sensitivity"]["n"] == 32


@pytest.mark.parametrize(
    ("design", "methods", "n"),
    [
        ("sobol", ["pawn", "hdmr"], 64),
        ("halton", ["pawn", "hdmr"], 64),
        ("lhs", ["pawn", "rbd_fast"], 64),
        ("random", ["pawn", "rbd_fast"], 64),
        ("saltelli", ["sobol"], 256),
        ("morris", ["morris"], 192),
    ],
)
def test_methods_follow_the_design(plan, design, methods, n):
    made = asked(plan, TWO, {design: 64, "of": OF}).options["sensitivity"]
    assert (made["methods"], made["n"], made["places"]) == (methods, n, None)
    assert made["axes"] == ["amp", "gkbar"]


@pytest.mark.parametrize("design", ["saltelli", "morris"])
def test_a_condition_leaves_places_of_the_whole_sample(plan, design):
    whole = asked(plan, TWO, {design: 8, "of": OF})
    some = asked(plan, TWO, {design: 8, "of": OF, "where": "amp < 0.2"})
    found = some.options["sensitivity"]
    assert found["n"] == len(whole.keys)
    assert [whole.keys[place] for place in found["places"]] == list(some.keys)
    assert any("no longer independent" in note for note in some.template.files.notes)


def test_a_sample_is_looked_at_where_others_are_fixed(plan):
    design = {"grid": ["delay", {"saltelli": 8, "of": OF}]}
    made = asked(plan, AXES, design, at={"delay": "2 ms"}).options["sensitivity"]
    assert (made["at"], made["n"], made["places"]) == ({"delay": 2}, 32, None)


def test_a_figure_shows_what_is_asked(plan):
    sweep = {"axes": TWO, "design": {"sobol": 64, "of": OF}}
    figure = {"figures": [{"kind": "sensitivity", "of": "rate"}]}
    with pytest.raises(UserError, match=r"expected `sensitivity: \{of: \[rate\]\}` in the sweep"):
        plan({**sweep, **figure})
    with pytest.raises(UserError, match=r"quantity of sensitivity\.of"):
        plan({**sweep, **figure, "sensitivity": {"of": ["n_spikes"]}})
    made = plan({**sweep, **figure, "sensitivity": {"of": ["rate"]}})
    assert "sensitivity" in made.files
    assert "uncertainty" in made.files


def test_traces_over_time(plan):
    """Numbers and traces are asked for apart; the figure's name is not the table's."""
    record = {"traces": {"v": {"of": "cell.soma(0.5).v"}}, "spikes": {}}
    sample = {"axes": TWO, "design": {"sobol": 64, "of": OF}, "record": record}
    figures = [{"kind": "sensitivity_over_time"}]

    def made(**sensitivity):
        return plan({**sample, "sensitivity": sensitivity, "figures": figures})

    one = made(traces=["v"])
    assert "sensitivity" not in one.files
    assert one.options["over_time"]["traces"] == ["v"]
    assert list(one.figures) == ["sensitivity_over_time_of_trace"]
    for wrong, said in (
        ({"traces": ["w"]}, r'traces\[0\]: no trace is named "w"'),
        ({"traces": ["v", "v"]}, "v stands twice"),
        ({"traces": ["v"], "every": 0.005}, "more than 1,000 times of 10 ms"),
        ({"traces": ["v"], "every": 11}, r"every: 11 ms is longer than the run \(tstop, 10 ms\)"),
        ({}, "nothing is asked for; expected quantities in `of`, or traces"),
    ):
        with pytest.raises(UserError, match=said):
            made(**wrong)
