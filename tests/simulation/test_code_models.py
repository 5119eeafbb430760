"""Cells that code builds: against the same model in plain NEURON, and what their keys follow."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from code_models import FILES, LINE, PYR, SWEEP, axis, changed, in_far, packed, plan, results, write
from simulating import compile_mechanisms, plain_neuron
from spikesweep.errors import UserError
from spikesweep.jobs.structure import snapshot
from spikesweep.modelcode.closure import copy_files
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator

pytestmark = [pytest.mark.usefixtures("python_model"), pytest.mark.workflow]

# The model of FILES by hand, and the protocol of SWEEP. Streams of NetStim as spikesweep sets
# them: by the seed, the cell's name, the kind and the number of the process.
PLAIN = """
import hashlib, struct

def build(g=0.036, dendrites=2, seed=0):
    soma = n.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert(n.hh)
    soma.gkbar_hh = g
    dend = [n.Section(name=f"dend[{i}]") for i in range(dendrites)]
    for d in dend:
        d.connect(soma(1))
        d.L, d.diam, d.nseg = 100, 1, 3
        d.insert(n.pas)
    syn = n.ExpSyn(dend[0](0.5))
    stim = n.NetStim()
    stim.number, stim.start, stim.interval, stim.noise = 20, 1, 2, 1
    drive = n.NetCon(stim, syn, 0, 1, 0.002)
    name = repr((seed, "pyr.NetStim[0]", "ranvar")).encode()
    stim.ranvar.set_ids(*struct.unpack("<3I", hashlib.sha256(name).digest()[:12]))
    stim.ranvar.set_seq(0)
    step = n.IClamp(soma(0.5))
    step.delay, step.dur, step.amp = 2, 20, 0.5
    return soma, dend, syn, stim, drive, step

def go(soma, syn):
    record("v", soma(0.5)._ref_v)
    record("g", syn._ref_g)
    counter = spikes("soma", soma(0.5), -20)
    run(30)
"""


def assert_equal(result, expected):
    assert (result.status, result.message) == ("ok", "")
    for name in ("v", "g"):
        np.testing.assert_array_equal(
            result.traces[name], expected[name][: len(result.traces[name])]
        )
    np.testing.assert_array_equal(result.spikes["soma"], expected["soma"])
    assert len(expected["soma"]) > 0


@pytest.mark.parametrize(
    ("parts", "script"),
    [
        ({}, "cell = build()"),
        (axis("pyr.parameters.g", 0.02), "cell = build(g=0.02)"),
        (axis("pyr.soma.hh.gkbar", 0.02), "cell = build(g=0.02)"),
        (axis("pyr.all.hh.gkbar", 0.02), "cell = build(g=0.02)"),
        (axis("pyr.dend[1](0.2).pas.g", 0.02), "cell = build(); cell[1][1](0.2).pas.g = 0.02"),
        (axis("pyr.basal.pas.g", 0.002),
         "cell = build()\nfor d in cell[1]: d.g_pas = 0.002"),
        (axis("pyr.dend[0].Ra", 150), "cell = build(); cell[1][0].Ra = 150"),
        (axis("pyr.soma.ena", 45), "cell = build(); cell[0].ena = 45"),
        (axis("pyr.soma(0.5).cm", 1.1), "cell = build(); cell[0](0.5).cm = 1.1"),
        (axis("pyr.dend.nseg", 9), "cell = build()\nfor d in cell[1]: d.nseg = 9"),
        (axis("pyr.dend[0].diam", 2), "cell = build(); cell[1][0].diam = 2"),
        (axis("pyr.syn.tau", 3), "cell = build(); cell[2].tau = 3"),
        (axis("pyr.stim.interval", 1), "cell = build(); cell[3].interval = 1"),
        (axis("protocol.seed", 3), "cell = build(seed=3)"),
        (axis("step.amp", 0.6), "cell = build(); cell[5].amp = 0.6"),
        # 1 / (1 + (10 / 30)**1) = 3/4 of what the code has set
        ({"axes": {"a": {"values": [10], "drug": {"scales": "pyr.soma.hh.gkbar", "ic50": 30}}}},
         "cell = build(g=0.036 * (1 / (1 + 10 / 30)))"),
        ({"model": {"cells": {"pyr": {"biophysics": [
            {"in": "dend[1]", "cm": 2, "insert": {"pas": {"g": "1e-4 * x"}}}]}}}},
         "cell = build()\ncell[1][1].cm = 2\nfor s in cell[1][1]: s.pas.g = 1e-4 * s.x"),
        (in_far(biophysics=[{"in": "far", "insert": {"pas": {"g": "1e-5 * distance"}}}]),
         "cell = build()\nfor s in cell[1][1]: s.pas.g = 1e-5 * n.distance(cell[1][0](1), s)"),
        (in_far() | axis("pyr.far.pas.g", 0.02), "cell = build(); cell[1][1].g_pas = 0.02"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_python_model_is_what_plain_neuron_makes_of_it(tmp_path, parts, script):
    expected = plain_neuron(f"{PLAIN}\n{script}\ngo(cell[0], cell[2])")
    [result] = results(changed(SWEEP, **parts), tmp_path / "copy")
    assert_equal(result, expected)


@pytest.mark.parametrize("draw", ["np.random.rand()", "random.random()"])
def test_what_a_model_draws_follows_the_seed(tmp_path, draw):
    drawing = PYR.replace("= g\n", f"= {draw}\n").replace(
        "from neuron", "import random\nimport numpy as np\nfrom neuron"
    )
    write({"models/pyr.py": drawing})
    record = {"record": {"traces": {"g": {"of": "pyr.soma(0.5).hh.gkbar"}}}}
    axes = {"axes": {"a": {"values": [0, 1], "sets": "protocol.seed"},
                     "b": {"values": [0.4, 0.5], "sets": "step.amp"}}}  # fmt: skip
    found = results(changed(SWEEP, **record, **axes), tmp_path / "copy")
    values = [result.traces["g"][0] for result in found]
    assert values[0] == values[1] != values[2] == values[3]


def test_cells_of_one_class_share_a_pack(tmp_path):
    parts = axis("pyr.parameters.g", 0.02, 0.036, 0.05)
    parts["model"] = {"cells": {"pyr": {"packable": True}}}
    alone = results(changed(SWEEP, **parts), tmp_path / "copy")
    together = packed(changed(SWEEP, **parts), tmp_path / "copy")
    assert len({digest(result) for result in alone}) == 3
    assert [digest(result) for result in together] == [digest(result) for result in alone]


PHASES = """
    def phases(self):
        self.clamp = n.IClamp(self.soma(0.5))
        yield 5.5
        self.soma.gkbar_hh = 0.03
        self.dend[0].g_pas = open("sizes/soma.csv").read() and 0.002
        yield 12
        self.drive.weight[0] = 0.01
        yield 40
        raise RuntimeError("after the end")
"""
AFTER_PHASES = """
cell = build()
soma, dend, syn, stim, drive, step = cell
record("v", soma(0.5)._ref_v)
record("g", syn._ref_g)
counter = spikes("soma", soma(0.5), -20)
n.dt, n.steps_per_ms = 0.025, 40
n.finitialize(-65)
n.continuerun(5.5)
soma.gkbar_hh, dend[0].g_pas = 0.03, 0.002
n.continuerun(12)
drive.weight[0] = 0.01
n.continuerun(30)
np.savez(sys.argv[1], **{name: np.array(vector) for name, vector in recorded.items()})
"""


def test_phases_of_a_model_are_what_happens_between_runs_of_plain_neuron(tmp_path):
    write({"models/pyr.py": PYR + PHASES})
    expected = plain_neuron(PLAIN + AFTER_PHASES)
    [result] = results(SWEEP, tmp_path / "copy")
    assert_equal(result, expected)


DIFFUSION = """
from neuron import n, rxd


class Rod:
    def __init__(self, d):
        self.rod = n.Section(name="rod", cell=self)
        self.rod.L, self.rod.diam, self.rod.nseg = 20, 1, 11
        self.inside = rxd.Region([self.rod], nrn_region="i")
        start = lambda node: 1 if node.x < 0.5 else 0
        self.ca = rxd.Species(self.inside, name="ca", charge=2, d=d, initial=start)
"""


def test_a_model_with_rxd(tmp_path):
    write({"models/rod.py": DIFFUSION})
    expected = plain_neuron("""
from neuron import rxd
rod = n.Section(name="rod")
rod.L, rod.diam, rod.nseg = 20, 1, 11
inside = rxd.Region([rod], nrn_region="i")
ca = rxd.Species(inside, name="ca", charge=2, d=1, initial=lambda node: 1 if node.x < 0.5 else 0)
record("ca", rod(0.8)._ref_cai)
run(20)
""")
    cell = {"python": "models/rod.py:Rod", "parameters": {"d": 1}}
    record = {"precision": "float64", "traces": {"ca": {"of": "cell.rod(0.8).cai", "every": 0.025}}}
    sweep = {"title": "Diffusion", "model": {"cells": {"cell": cell}},
             "protocol": {"tstop": 20}, "record": record}  # fmt: skip
    [result] = results(sweep, tmp_path / "copy")
    np.testing.assert_array_equal(result.traces["ca"], expected["ca"])
    assert expected["ca"][-1] > 0.01


GAP = """
NEURON { POINT_PROCESS Gap  NONSPECIFIC_CURRENT i  RANGE r  POINTER beyond }
UNITS { (nA) = (nanoamp) (mV) = (millivolt) }
PARAMETER { r = 100 (megohm) }
ASSIGNED { v (mV) beyond (mV) i (nA) }
BREAKPOINT { i = (v - beyond)/r }
"""
COUPLED = """
from neuron import n


class Coupled:
    def __init__(self):
        self.left, self.right = n.Section(name="left"), n.Section(name="right")
        self.gaps = [n.Gap(self.left(0.5)), n.Gap(self.right(0.5)), n.Gap(self.left(0.5))]
        for gap, other in zip(self.gaps, (self.right, self.left), strict=False):
            n.setpointer(other(0.5)._ref_v, "beyond", gap)
        self.gaps.pop()  # which points nowhere
        for section in self.left, self.right:
            section.L = section.diam = 20
            section.insert(n.pas)
        self.left.e_pas = -40
"""


@pytest.fixture
def gaps():
    """Have a set with gap junctions; return its library."""
    Path("mod/gaps").mkdir(parents=True)
    library = compile_mechanisms(Path("mod/gaps"), {"gap": GAP})
    write({"models/coupled.py": COUPLED})
    return library.resolve()


COUPLED_SWEEP = {
    "title": "Two coupled somata",
    "model": {"mechanisms": "gaps", "cells": {"pair": {"python": "models/coupled.py:Coupled"}}},
    "protocol": {"tstop": 20},
    "record": {
        "precision": "float64", "traces": {"v": {"of": "pair.right(0.5).v", "every": 0.025}},
    },
    "axes": {"r": {"values": [50], "unit": "megohm", "sets": ["pair.gaps[0].r", "pair.gaps[1].r"]}},
}  # fmt: skip


def test_gap_junctions_of_a_model_and_of_its_mechanism_set(tmp_path, gaps):
    expected = plain_neuron(
        """
left, right = n.Section(name="left"), n.Section(name="right")
one, other = n.Gap(left(0.5)), n.Gap(right(0.5))
n.setpointer(right(0.5)._ref_v, "beyond", one)
n.setpointer(left(0.5)._ref_v, "beyond", other)
one.r = other.r = 50
for section in left, right:
    section.L = section.diam = 20
    section.insert(n.pas)
left.e_pas = -40
record("v", right(0.5)._ref_v)
run(20)
""",
        Path("mod/gaps"),
    )
    [result] = results(COUPLED_SWEEP, tmp_path / "copy", gaps)
    np.testing.assert_array_equal(result.traces["v"], expected["v"])


DECLARED = """
title: Two coupled somata
model:
  mechanisms: gaps
  cells:
    left: {sections: {soma: {L: 20, diam: 20}}, biophysics: [{in: all, insert: {pas: {e: -40}}}]}
    right: {sections: {soma: {L: 20, diam: 20}}, biophysics: [{in: all, insert: {pas: {}}}]}
    ring:
      count: 2
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: all, insert: {pas: {}}}]
protocol:
  tstop: 20
  processes:
    one: {type: Gap, at: left.soma(0.5), r: 50, pointers: {beyond: right.soma(0.5).v}}
    other: {type: Gap, at: right.soma(0.5), r: 50, pointers: {beyond: left.soma(0.5).v}}
    third: {type: Gap, at: ring.soma(0.5), r: 1e9, pointers: {beyond: ring.soma(0.5).v}}
record: {precision: float64, traces: {v: {of: right.soma(0.5).v, every: 0.025}}}
axes: {r: {values: [1e9, 2e9], sets: 'third[1].r'}}
"""


def test_pointers_that_a_sweep_file_sets(tmp_path, gaps):
    """To the last bit what a Python class gives that sets the same, itself plain NEURON's."""
    [coupled] = results(COUPLED_SWEEP, tmp_path / "copy", gaps)
    declared = yaml.safe_load(DECLARED)
    for result in results(declared, tmp_path / "copy", gaps):
        np.testing.assert_array_equal(result.traces["v"], coupled.traces["v"])
    renamed = yaml.safe_load(DECLARED.replace("other:", "another:").replace("left", "west"))
    assert plan(renamed).keys == plan(declared).keys
    elsewhere = yaml.safe_load(DECLARED.replace("beyond: right", "beyond: left"))
    assert plan(elsewhere).keys != plan(declared).keys
    for wrong, message in (
        ("beyand: right.soma(0.5).v", 'no POINTER "beyand", did you mean "beyond"'),
        ("beyond: right.soma(0.5)", "names no variable"),
        ("beyond: ring.soma(0.5).v", "has 2 copies, and one none"),
    ):
        mistaken = yaml.safe_load(DECLARED.replace("beyond: right.soma(0.5).v", wrong))
        with pytest.raises(UserError, match=re.escape(message)):
            plan(mistaken)


def test_the_key_of_a_model_that_is_code_covers_its_whole_mechanism_set(gaps):
    before = plan(COUPLED_SWEEP).keys
    write({"mod/gaps/unused.mod": GAP.replace("Gap", "Unused")})
    with_another = plan(COUPLED_SWEEP).keys
    write({"mod/gaps/unused.mod": GAP.replace("Gap", "Unused").replace("100", "200")})
    assert before != with_another != plan(COUPLED_SWEEP).keys


def test_phases_in_a_pack(tmp_path):
    changes_g = PHASES.replace("yield 12", "yield 12 + 100 * self.soma.gkbar_hh")
    write({"models/pyr.py": PYR + changes_g.replace("= 0.03\n", "*= 0.5\n")})
    parts = axis("pyr.parameters.g", 0.02, 0.036, 0.05)
    parts["model"] = {"cells": {"pyr": {"packable": True}}}
    alone = results(changed(SWEEP, **parts), tmp_path / "copy")
    together = packed(changed(SWEEP, **parts), tmp_path / "copy")
    assert [result.status for result in alone] == ["ok"] * 3
    assert [digest(result) for result in together] == [digest(result) for result in alone]


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ("yield 5; yield 5", "its phases yield 5 at 5 ms; expected a later time in ms"),
        ("yield 0.01", "a multiple of the time step of 0.025 ms"),
        ("yield 'a'", "its phases yield a at 0 ms"),
        ("yield 5; 1 / 0", "models/pyr.py, line {line}: ZeroDivisionError"),
        ("yield 5; n('nosuch()')", "HOC: nosuch undefined function"),
    ],
)
def test_phases_that_cannot_be(tmp_path, phases, said):
    write({"models/pyr.py": f"{PYR}\n    def phases(self):\n        {phases}\n"})
    [result] = results(SWEEP, tmp_path / "copy")
    assert result.status == "error"
    assert said.format(line=LINE + 2) in result.message


def test_the_snapshot_is_what_psection_says(tmp_path):
    """Numbers are those of PYR and defaults of NEURON 9: e_pas -70, ExpSyn.tau 0.1."""
    made = plan(SWEEP)
    copy_files(Path(), made.template.files.models, tmp_path / "copy")
    cells = snapshot(made.template.document, Simulator(models=tmp_path / "copy"))
    assert list(cells["pyr"]) == ["soma[0]", "dend[0]", "dend[1]"]
    soma, first = cells["pyr"]["soma[0]"], cells["pyr"]["dend[0]"]
    assert soma["density_mechs"]["hh"]["gkbar"] == [0.036]
    assert soma["morphology"]["L"] == 20
    assert first["nseg"] == 3
    assert first["density_mechs"]["pas"]["e"] == [-70, -70, -70]
    assert first["morphology"]["parent"] == "pyr.soma[0](1)"
    assert first["point_processes"] == {"ExpSyn": [{"x": 0.5, "tau": 0.1, "e": 0}]}
    assert json.loads(json.dumps(cells)) == cells


def test_one_segment_of_a_declared_cell(tmp_path):
    cell = {
        "sections": {
            "soma": {"L": 20, "diam": 20},
            "dend": {"L": 100, "diam": 1, "nseg": 5, "parent": "soma(1)"},
        },
        "biophysics": [{"in": "all", "insert": {"hh": {}}}],
    }
    step = {"type": "IClamp", "at": "pyr.soma(0.5)", "delay": 2, "dur": 20, "amp": 0.3}
    sweep = SWEEP | {
        "model": {"cells": {"pyr": cell}},
        "protocol": {"tstop": 30, "processes": {"step": step}},
        "record": {"precision": "float64",
                   "traces": {"v": {"of": "pyr.soma(0.5).v", "every": 0.025}}},
        "axes": {"g": {"values": [0.01], "sets": "pyr.dend[0](0.3).hh.gnabar"},
                 "d": {"values": [30], "drug": {"scales": "pyr.dend(0.7).hh.gkbar", "ic50": 30}}},
    }  # fmt: skip
    expected = plain_neuron("""
soma, dend = n.Section(name="soma"), n.Section(name="dend")
soma.L, soma.diam, dend.L, dend.diam, dend.nseg = 20, 20, 100, 1, 5
dend.connect(soma(1))
for s in soma, dend:
    s.insert(n.hh)
dend(0.3).hh.gnabar = 0.01
dend(0.7).hh.gkbar *= 0.5
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 2, 20, 0.3
record("v", soma(0.5)._ref_v)
run(30)
""")
    [result] = results(sweep, tmp_path / "copy")
    np.testing.assert_array_equal(result.traces["v"], expected["v"])


@pytest.mark.parametrize(
    ("path", "text", "changes"),
    [
        ("models/pyr.py", PYR.replace("nseg = 100, 1, 3", "nseg = 100, 1, 5"), True),
        ("models/pyr.py", PYR + "\n# a comment\n", False),
        ("models/pyr.py", PYR.replace("A soma with dendrites", "Another docstring"), False),
        ("models/dimensions.py", "def diameter(table):\n    return 20.0\n", True),
        ("models/sizes/soma.csv", "21\n", True),
        ("models/other.py", "x = 1\n", False),
    ],
)
def test_the_key_follows_what_a_python_model_imports_and_reads(path, text, changes):
    before = plan(SWEEP).keys
    write({path: text})
    assert (plan(SWEEP).keys != before) is changes


def test_an_axis_of_true_and_false():
    write({"models/pyr.py": PYR.replace("dendrites=2", "dendrites=2, drug=True", 1)})
    cell = {"model": {"cells": {"pyr": {"parameters": {"drug": True}}}}}
    sweep = changed(SWEEP, **cell, **axis("pyr.parameters.drug", True, False, label="drug"))
    made = plan(sweep)
    assert made.combination.axes[0].values == ("true", "false")
    parameters = [made.template.fill(row)["cells"]["pyr"]["parameters"]
                  for row in zip(*made.columns, strict=True)]  # fmt: skip
    assert [given["drug"] for given in parameters] == [True, False]
    sweep["axes"]["a"]["values"] = [True, "maybe"]
    with pytest.raises(UserError, match=r'axes\.a\.values: "maybe"; expected true or false'):
        plan(sweep)


def test_sources_are_known_to_the_plan():
    made = plan(SWEEP)
    assert sorted(made.template.files.models) == sorted(FILES)
    assert {str(path) for path in made.sources} >= set(FILES)
    assert made.packing == "pyr: its code does not say packable"
    assert not plan(changed(SWEEP, model={"cells": {"pyr": {"packable": True}}})).packing


def test_a_segment_that_an_attribute_holds_is_recorded(python_model, tmp_path):
    held = PYR + "        self.tip = self.dend[0](0.9)\n        self.ends = [self.dend[1](0.9)]\n"
    held += "        self.middle = self.soma(0.5)\n"
    write({"models/pyr.py": held})
    every = {"every": 0.025}
    traces = {
        **{"tip": {"of": "pyr.tip.v", **every}, "end": {"of": "pyr.ends[0].v", **every}},
        **{"dend": {"of": "pyr.dend(0.9).v", **every}, "m": {"of": "pyr.middle.hh.m", **every}},
        **{
            "dend_1": {"of": "pyr.dend[1](0.9).v", **every},
            "na": {"of": "pyr.middle.ina", **every},
        },
        **{"soma_m": {"of": "pyr.soma(0.5).hh.m", **every}},
        **{"soma_na": {"of": "pyr.soma(0.5).ina", **every}},
    }
    [result] = results(changed(SWEEP, record={"traces": traces}), tmp_path)
    assert np.array_equal(result.traces["tip"], result.traces["dend"])
    assert np.array_equal(result.traces["end"], result.traces["dend_1"])
    assert np.array_equal(result.traces["m"], result.traces["soma_m"])
    assert np.array_equal(result.traces["na"], result.traces["soma_na"])
    assert not np.array_equal(result.traces["tip"], result.traces["end"])


def test_spikes_at_a_held_segment_are_told_what_it_is(python_model, tmp_path):
    write({"models/pyr.py": PYR + "        self.tip = self.dend[0](0.9)\n"})
    sweep = changed(SWEEP, record={"spikes": {"tip": {"at": "pyr.tip"}}})
    [result] = results(sweep, tmp_path)
    assert "tip is a place that its code holds" in result.message
    assert "(0.9)" in result.message


def test_phases_with_cvode_are_refused_by_the_plan(python_model):
    write({"models/pyr.py": PYR + "\n    def phases(self):\n        yield 1\n"})
    with pytest.raises(UserError, match=r"pyr\.python: Pyr has phases.*expected dt"):
        plan(changed(SWEEP, protocol={"cvode": {}}))
    plan(SWEEP)


def test_files_that_axis_values_name_are_found_and_in_their_keys_alone(python_model, tmp_path):
    text = PYR.replace("dendrites=2", "dendrites=2, table='sizes/soma.csv'")
    write({"models/pyr.py": text.replace('"sizes/soma.csv"', "table")})
    write({"models/sizes/b.csv": "10\n"})
    given = {"model": {"cells": {"pyr": {"parameters": {"g": 0.036, "table": "other/a.csv"}}}}}
    write({"models/other/a.csv": "1\n", "tables/d.csv": "40\n"})
    values = ("sizes/b.csv", "../tables/d.csv")
    sweep = changed(SWEEP, **given, **axis("pyr.parameters.table", *values))
    before = plan(sweep).keys
    small, large = (result.traces["v"] for result in results(sweep, tmp_path))
    assert not np.array_equal(small, large)
    write({"tables/d.csv": "41\n"})
    after = plan(sweep).keys
    assert after[0] == before[0]
    assert after[1] != before[1]
