"""POINTERs that a sweep file sets, of inserted mechanisms: planned, refused, and simulated."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from planning import merged
from simulating import compile_mechanisms, plain_neuron, simulate_well
from spikesweep.commands.explain import _cells
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_together
from spikesweep.simulation.simulator import Simulator

SOURCE = """
NEURON {{ SUFFIX {name}  NONSPECIFIC_CURRENT i  RANGE g  POINTER beyond, here{more} }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }}
PARAMETER {{ g = 1e-4 (S/cm2) }}
ASSIGNED {{ v (mV)  beyond (mV)  here (mA/cm2) {more_assigned} i (mA/cm2) }}
BREAKPOINT {{ i = {factor}*g*(v - beyond) + 0.1*here {more_used} }}
"""
PLAIN = {"more": "", "more_assigned": "", "more_used": ""}
SOURCES = {
    "coupled": SOURCE.format(name="coupled", factor=1, **PLAIN),
    "doubled": SOURCE.format(name="doubled", factor=2, **PLAIN),
    "third": SOURCE.format(
        name="third", factor=1, more=", last", more_assigned="last", more_used="+ last"
    ),
    "other": SOURCE.format(name="other", factor=1, **PLAIN).replace("beyond", "remote"),
    "relay": "NEURON { POINT_PROCESS relay POINTER of RANGE y }\nASSIGNED { of y }\n"
    "BREAKPOINT { y = of }\n",
}
SWEEP = yaml.safe_load("""
title: Coupled
model:
  mechanisms: default
  cells:
    left:
      sections:
        soma: {L: 20, diam: 20}
        dend: {L: 100, diam: 2, nseg: 3, parent: soma(1), region: basal}
      biophysics:
        - {in: all, Ra: 100, insert: {hh: {}}}
        - in: basal
          insert: {coupled: {}}
          pointers: {coupled: {beyond: right.soma(0.5).v, here: ina}}
    right:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: all, insert: {pas: {e: -20}}}]
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: left.soma(0.5), delay: 1, dur: 5, amp: 0.5}}
record:
  precision: float64
  traces: {v: {of: left.soma(0.5).v, every: 0.025}}
""")
RULE = SWEEP["model"]["cells"]["left"]["biophysics"][1]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compile_mechanisms(tmp_path_factory.mktemp("pointers"), SOURCES)


@pytest.fixture
def plan(plan_text):
    Path("mod").mkdir(parents=True)
    for name, text in SOURCES.items():
        Path(f"mod/{name}.mod").write_text(text)
    return lambda sweep: plan_text(yaml.safe_dump(sweep, sort_keys=False))


def with_rules(*rules, cell="left", **changes):
    rules = [SWEEP["model"]["cells"]["left"]["biophysics"][0], *rules]
    return merged(merged(SWEEP, {"model": {"cells": {cell: {"biophysics": rules}}}}), changes)


def pointing(**pointers):
    return with_rules(RULE | {"pointers": {"coupled": RULE["pointers"]["coupled"] | pointers}})


def simulated(made, library):
    members = made.template.members()
    written = made.template.written(made.columns, len(made.keys))
    return [simulate_well(members.document(one), library=library) for one in written]


PLAIN_NEURON = """
def cell(number):
    soma, dend = (n.Section(name=f"{name}{number}") for name in ("soma", "dend"))
    soma.L = soma.diam = 20
    dend.L, dend.diam, dend.nseg = 100, 2, 3
    dend.connect(soma(1))
    for section in (soma, dend):
        section.Ra = 100
        section.insert("hh")
    dend.insert(MECHANISM)
    clamp = n.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 1, 5, 0.5 + 0.1 * number
    return soma, dend, clamp

def other(number):
    soma = n.Section(name=f"right{number}")
    soma.L = soma.diam = 20
    soma.insert("pas")
    soma.e_pas = -20
    return soma

def point(dend, beyond, here="ina"):
    for segment in dend:
        n.setpointer(beyond, "beyond", getattr(segment, MECHANISM))
        n.setpointer(getattr(segment, f"_ref_{here}"), "here", getattr(segment, MECHANISM))
"""
ONE = (
    PLAIN_NEURON
    + """
left, right = cell(0), other(0)
point(left[1], right(0.5)._ref_v)
record("v", left[0](0.5)._ref_v)
run(10)
"""
)


def plain(script, library, mechanism="coupled"):
    return plain_neuron(f'MECHANISM = "{mechanism}"\n{script}', library.parents[1])["v"]


def test_against_plain_neuron(plan, library):
    [result] = simulated(plan(SWEEP), library)
    [v] = result.traces.values()
    np.testing.assert_array_equal(v, plain(ONE, library))


def test_a_variant_takes_the_pointers(plan, library):
    kinds = ["coupled", "doubled"]
    made = plan(SWEEP | {"axes": {"kind": {"values": kinds, "sets": "left.basal.coupled"}}})
    for kind, result in zip(kinds, simulated(made, library), strict=True):
        [v] = result.traces.values()
        np.testing.assert_array_equal(v, plain(ONE, library, kind))
    assert made.keys[0] == plan(SWEEP).keys[0]  # the variant in place is the sweep without axis


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("third", "third has the POINTER last, which nothing here sets"),
        ("other", "other has the POINTER remote, which nothing here sets"),
        ("pas", "pas has no POINTER beyond, here, which the rules set of coupled"),
    ],
)
def test_a_variant_without_these_pointers_is_refused(plan, kind, message):
    axes = {"kind": {"values": ["coupled", kind], "sets": "left.basal.coupled"}}
    with pytest.raises(UserError, match=message):
        plan(SWEEP | {"axes": axes})


def test_a_variant_of_pointers_in_another_rule_is_refused(plan):
    inserts, points = (
        {"in": "basal", "insert": RULE["insert"]},
        {"in": "basal"} | {"pointers": RULE["pointers"]},
    )
    axes = {"kind": {"values": ["coupled", "doubled"], "sets": "left.basal.coupled"}}
    with pytest.raises(UserError, match="expected them in the rule that does"):
        plan(with_rules(inserts, points, axes=axes))


COPIES = (
    PLAIN_NEURON
    + """
lefts, rights = [cell(i) for i in range(3)], [other(i) for i in range(3)]
for i in range(3):
    point(lefts[i][1], BEYOND)
record("v", lefts[2][0](0.5)._ref_v)
run(10)
"""
)


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("right.soma(0.5).v", "rights[i](0.5)._ref_v"),
        ("right[1].soma(0.5).v", "rights[1](0.5)._ref_v"),
        ("left.soma(0.5).v", "lefts[i][0](0.5)._ref_v"),
        ("left[0].soma(0.5).v", "lefts[0][0](0.5)._ref_v"),
        ("step.i", "lefts[i][2]._ref_i"),
    ],
)
def test_of_copies_each_points_to_its_own(plan, library, text, beyond):
    sweep = merged(
        pointing(beyond=text),
        {
            "model": {"cells": {"left": {"count": 3}, "right": {"count": 3}}},
            "axes": {"amp": {"values": [0.5, 0.6, 0.7], "sets": "step[0].amp"}},
        },
    )
    sweep["axes"] = {
        f"amp{i}": {"values": [0.5 + 0.1 * i], "sets": f"step[{i}].amp"} for i in range(3)
    }
    sweep["record"]["traces"]["v"]["of"] = "left[2].soma(0.5).v"
    [result] = simulated(plan(sweep), library)
    [v] = result.traces.values()
    np.testing.assert_array_equal(v, plain(COPIES.replace("BEYOND", beyond), library))


def test_of_one_copy_that_an_axis_singles_out(plan, library):
    """A copy with an entry of its own in the document still points to its own."""
    sweep = merged(
        pointing(beyond="left.soma(0.5).v"), {"model": {"cells": {"left": {"count": 2}}}}
    )
    sweep["record"]["traces"]["v"]["of"] = "left[1].soma(0.5).v"
    sweep["axes"] = {"g": {"values": [1e-4], "sets": "left[1].basal.coupled.g"}}
    own, all_alike = plan(sweep), plan({k: v for k, v in sweep.items() if k != "axes"})
    [first], [second] = (
        list(simulated(one, library)[0].traces.values()) for one in (own, all_alike)
    )
    np.testing.assert_array_equal(first, second)


def test_side_by_side_in_one_neuron(plan, library):
    """Simulations in a pack point each into its own cells."""
    axes = {"amp": {"values": [0.1, 0.5, 0.9], "sets": "step.amp"},
            "e": {"values": [-20, 10], "sets": "right.all.pas.e"}}  # fmt: skip
    made = plan(SWEEP | {"axes": axes})
    assert not made.packing
    members = made.template.members()
    written = made.template.written(made.columns, len(made.keys))
    pack = [(key, members.document(one)) for key, one in zip(made.keys, written, strict=True)]
    together = in_child(lambda: run_together(pack, Simulator(library)), timeout=60).value
    for result, alone in zip(together, simulated(made, library), strict=True):
        [v], [w] = result.traces.values(), alone.traces.values()
        np.testing.assert_array_equal(v, w)
    assert len({result.traces[name].max() for result in together for name in result.traces}) == 6


def test_names_of_cells_change_no_key(plan):
    text = yaml.safe_dump(SWEEP, sort_keys=False).replace("left", "one").replace("right", "another")
    assert plan(yaml.safe_load(text)).keys == plan(SWEEP).keys
    assert plan(pointing(beyond="left.soma(0.5).v")).keys != plan(SWEEP).keys


def test_a_rule_that_reaches_further_sets_them_where_the_mechanism_is(plan, library):
    """In another rule than the one that inserts it; `in: all`, of which the soma has none."""
    inserts, points = (
        {"in": "basal", "insert": RULE["insert"]},
        {"in": "all"} | {"pointers": RULE["pointers"]},
    )
    [result] = simulated(plan(with_rules(points, inserts)), library)
    [v] = result.traces.values()
    np.testing.assert_array_equal(v, plain(ONE, library))


def test_explain_tells_them(plan):
    [left, _] = _cells(plan(SWEEP).template.document)
    assert left.parts[-1].text == (
        "in basal: coupled(), beyond of coupled -> right.soma(0.5).v, here of coupled -> ina"
    )


INSERTING = {"in": "basal", "insert": {"coupled": {}}}
MISTAKES = [
    (with_rules(INSERTING), r"\[1\].insert.coupled: coupled has the POINTER beyond, here, which"),
    (with_rules(RULE | {"insert": {"coupled": {"beyond": "v"}}}), "is a POINTER of coupled: set"),
    (pointing(beyand="v"), 'coupled has no POINTER "beyand", did you mean "beyond"'),
    (pointing(beyond="up.soma(0.5).v"), 'no cell is named "up"'),
    (pointing(beyond="right.dend(0.5).v"), 'right has no section "dend"'),
    (pointing(beyond="right.soma(0.5)"), "names no variable"),
    (pointing(beyond="right.soma(0.5).hh.m"), '"hh" is not inserted in this cell'),
    (pointing(here="pas.g"), '"pas" is not inserted in this cell.*A POINTER may lead elsewhere'),
    (pointing(here="right.v"), '"right" is not inserted.*A POINTER may lead elsewhere'),
    (pointing(here="step.nothing"), 'IClamp has no variable "nothing"'),
    (with_rules(RULE, {"in": "soma", "pointers": {"hh": {"x": "v"}}}), 'hh has no POINTER "x"'),
    (with_rules(RULE, {"in": "soma", "pointers": {"third": {}}}), '"third" is not inserted'),
    (
        with_rules({"in": "all", "insert": {"coupled": {}}}, {"in": "basal"} | {
            "pointers": RULE["pointers"]}),
        r"insert.coupled: no rule sets its POINTER beyond in soma",
    ),
    (
        merged(SWEEP, {"model": {"cells": {"right": {"count": 2}}}}),
        r'"right.soma\(0.5\).v" has 2 copies, and left none; expected one',
    ),
    (
        merged(pointing(here="hh.i"), {"protocol": {"processes": {
            "hh": {"type": "IClamp", "at": "left.soma(0.5)"}}}}),
        "hh is a process and a mechanism",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sweep", "message"), MISTAKES, ids=[m for _, m in MISTAKES])
def test_mistakes_are_refused_by_the_plan(plan, sweep, message):
    with pytest.raises(UserError, match=message):
        plan(sweep)


def test_where_a_condition_holds_is_not_known(plan):
    """The same region is enough; another condition may leave some out."""
    regions = {
        n: {"in": "basal", "where": f"distance > {d}"} for n, d in (("far", 50), ("near", 9))
    }
    cells = {"left": {"regions": regions}}
    for points, well in (("far", True), ("basal", True), ("near", False)):
        sweep = merged(
            with_rules({"in": "far", "insert": {"coupled": {}}},
                       {"in": points, "pointers": RULE["pointers"]}),
            {"model": {"cells": cells}},
        )  # fmt: skip
        if well:
            plan(sweep)
        else:
            with pytest.raises(UserError, match="no rule sets its POINTER beyond in dend"):
                plan(sweep)


def test_frozen_impedances_do_not_know_what_pointers_carry(plan):
    impedances = {"z": {"at": "right.soma(0.5)", "names": ["input"], "gating": False}}
    relay = {"type": "relay", "at": "right.soma(0.5)", "pointers": {"of": "left.soma(0.5).v"}}
    bare = with_rules()
    plan(merged(bare, {"record": {"impedances": impedances}}))
    for sweep in (SWEEP, merged(bare, {"protocol": {"processes": {"relay": relay}}})):
        with pytest.raises(UserError, match=r"record.impedances.z.gating: .*POINTERs"):
            plan(merged(sweep, {"record": {"impedances": impedances}}))
