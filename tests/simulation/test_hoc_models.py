"""Cells that HOC files build: against the same files in plain NEURON, and what is noticed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from code_models import SWEEP, changed, packed, plan, results, write
from project import ROOT
from simulating import plain_neuron
from spikesweep.errors import UserError
from spikesweep.modelcode import hoc
from spikesweep.recording.results import digest

pytestmark = pytest.mark.workflow

TEMPLATE = """\
// A template, as ModelDB entries have them.
load_file("lib/dendrites.hoc")  /* beside
                                   it */
gmax = 0.12
begintemplate Pyr
public soma, dend, basal, syns, exc, init
create soma, dend[3]
objref basal, syns, exc
external gmax, grow
proc init() { local i
    create soma, dend[3]
    soma { L = 20 diam = 20 insert hh gnabar_hh = gmax gkbar_hh = $1 }
    for i = 0, 2 { connect dend[i](0), soma(1) dend[i] grow(100 + 10*i) }
    basal = new SectionList()
    for i = 0, 1 { dend[i] basal.append() }
    syns = new List()
    for i = 0, 2 { dend[i] syns.append(new ExpSyn(0.5)) }
    dend[2] exc = new AlphaSynapse(0.5)
    exc.onset = 1  exc.gmax = 0.01
}
endtemplate Pyr
"""
LIBRARY = """\
proc grow() { L = $1 diam = 1 nseg = 3 insert pas }
"""
FILES = {"models/pyr.hoc": TEMPLATE, "models/lib/dendrites.hoc": LIBRARY}
CELL = {"hoc": "models/pyr.hoc", "template": "Pyr", "arguments": [0.036]}
HOC_SWEEP = SWEEP | {
    "model": {"cells": {"pyr": CELL}},
    "record": {
        "precision": "float64",
        "traces": {
            "v": {"of": "pyr.soma(0.5).v", "every": 0.025},
            "d": {"of": "pyr.dend[2](0.5).v", "every": 0.025},
            "i": {"of": "pyr.exc.i", "every": 0.025},
        },
        "spikes": {"soma": {"at": "pyr.soma(0.5)"}},
    },
}
# One neuron without a template: sections at the top level.
TOP_LEVEL = """\
load_file("stdlib.hoc")
gmax = 0.2
celsius = 30
create soma, dend[2]
objref basal, syn
soma { L = 20 diam = 20 insert hh gnabar_hh = gmax }
proc grow() { local i
    for i = 0, 1 { connect dend[i](0), soma(1) dend[i] { L = 100 diam = 1 nseg = 3 insert pas } }
}
grow()
basal = new SectionList()
forsec "dend" basal.append()
soma syn = new ExpSyn(0.5)
"""
TOP_CELL = {"hoc": ["models/before.hoc", "models/top.hoc"]}


@pytest.fixture(autouse=True)
def files(entered):
    """The HOC files in a project."""
    write(FILES | {"models/top.hoc": TOP_LEVEL, "models/before.hoc": "before = 1\n"})


def plain(script):
    """Run plain NEURON in a copy of the folder of the files."""
    shutil.copytree("models", "plain", dirs_exist_ok=True)
    return plain_neuron(script, Path("plain"))


OF_TEMPLATE = """
n.load_file("pyr.hoc")
{before}
cell = n.Pyr({argument})
step = n.IClamp(cell.soma(0.5))
step.delay, step.dur, step.amp = 2, 20, 0.5
record("v", cell.soma(0.5)._ref_v)
record("d", cell.dend[2](0.5)._ref_v)
record("i", cell.exc._ref_i)
counter = spikes("soma", cell.soma(0.5), -20)
{after}
run(30)
"""


def axis(target, *values, **cell):
    return {
        "axes": {"a": {"values": list(values), "sets": target}},
        "model": {"cells": {"pyr": cell}},
    }


@pytest.mark.parametrize(
    ("parts", "argument", "before", "after"),
    [
        ({}, 0.036, "", ""),
        (axis("pyr.arguments[0]", 0.02), 0.02, "", ""),
        (axis("pyr.globals.gmax", 0.1, globals={"gmax": 0}), 0.036, "n.gmax = 0.1", ""),
        (axis("pyr.soma.hh.gkbar", 0.03), 0.03, "", ""),
        (axis("pyr.dend[1].pas.g", 0.01), 0.036, "", "cell.dend[1].g_pas = 0.01"),
        # basal is a SectionList of the template, with two of the three dendrites
        (axis("pyr.basal.pas.g", 0.01), 0.036, "", "for s in cell.basal: s.g_pas = 0.01"),
        (axis("pyr.exc.gmax", 0.02), 0.036, "", "cell.exc.gmax = 0.02"),
        (axis("pyr.syns[1].tau", 5), 0.036, "", "cell.syns.o(1).tau = 5"),
        ({"protocol": {"connections": {"drive": {
            "from": "pyr.soma(0.5)", "to": "pyr.syns[1]", "weight": 0.01, "threshold": 0}}},
          # One threshold a place in the oracle: its last one counts for all.
          "record": {"spikes": {"soma": {"at": "pyr.soma(0.5)", "threshold": 0}}}},
         0.036, "",
         "c = n.NetCon(cell.soma(0.5)._ref_v, cell.syns.o(1), sec=cell.soma)\n"
         "c.weight[0], c.delay, c.threshold = 0.01, 1, 0"),
    ],
    ids=str,
)  # fmt: skip
def test_a_template_is_what_plain_neuron_makes_of_it(tmp_path, parts, argument, before, after):
    expected = plain(OF_TEMPLATE.format(argument=argument, before=before, after=after))
    [result] = results(changed(HOC_SWEEP, **parts), tmp_path / "copy")
    assert (result.status, result.message) == ("ok", "")
    for name in ("v", "d", "i"):
        np.testing.assert_array_equal(result.traces[name], expected[name])
    np.testing.assert_array_equal(result.spikes["soma"], expected["soma"])
    assert parts or len(expected["soma"]) > 1


def test_cells_of_one_template_share_a_pack(tmp_path):
    sweep = changed(HOC_SWEEP, **axis("pyr.arguments[0]", 0.02, 0.036, 0.05, packable=True))
    assert not plan(sweep).packing
    alone = results(sweep, tmp_path / "copy")
    assert len({digest(result) for result in alone}) == 3
    assert [digest(r) for r in packed(sweep, tmp_path / "copy")] == [digest(r) for r in alone]


@pytest.mark.parametrize(
    ("parts", "script"),
    [
        ({}, ""),
        (axis("pyr.soma.hh.gkbar", 0.03), "n.soma.gkbar_hh = 0.03"),
        (axis("pyr.basal.pas.g", 0.01), "for s in n.basal: s.g_pas = 0.01"),
        (axis("pyr.syn.e", -70), "n.syn.e = -70"),
    ],
)
def test_sections_at_the_top_level(tmp_path, parts, script):
    """The protocol's temperature holds, 6.3 degC, although the file sets another."""
    expected = plain(f"""
n.load_file("top.hoc")
n.celsius = 6.3
step = n.IClamp(n.soma(0.5))
step.delay, step.dur, step.amp = 2, 20, 0.5
record("v", n.soma(0.5)._ref_v)
record("d", n.dend[1](0.5)._ref_v)
{script}
run(30)
""")
    record = {"precision": "float64",
              "traces": {"v": {"of": "pyr.soma(0.5).v", "every": 0.025},
                         "d": {"of": "pyr.dend[1](0.5).v", "every": 0.025}}}  # fmt: skip
    sweep = SWEEP | {"model": {"cells": {"pyr": TOP_CELL}}, "record": record}
    [result] = results(changed(sweep, **parts), tmp_path / "copy")
    assert (result.status, result.message) == ("ok", "")
    for name in ("v", "d"):
        np.testing.assert_array_equal(result.traces[name], expected[name])


@pytest.mark.parametrize(
    ("path", "text", "changes"),
    [
        ("models/lib/dendrites.hoc", LIBRARY.replace("diam = 1", "diam = 2"), True),
        ("models/lib/dendrites.hoc", "// a comment\n  " + LIBRARY + "\n\n", False),
        ("models/pyr.hoc", TEMPLATE.replace("beside", "next to"), False),
        ("models/pyr.hoc", TEMPLATE.replace("gmax = 0.12", "gmax = 0.13"), True),
        ("models/top.hoc", "", False),
    ],
)
def test_the_key_follows_what_a_hoc_model_loads(path, text, changes):
    before = plan(HOC_SWEEP).keys
    write({path: text})
    assert (plan(HOC_SWEEP).keys != before) is changes


TRACED = """\
load_file("nrngui.hoc")
load_file("import3d.hoc")
begintemplate Traced
public soma, dend, axon, apic, all, somatic, basal, apical, axonal
objref all, somatic, basal, apical, axonal, reader, importer, this
create soma[1], dend[1], axon[1], apic[1]
proc init() {
    all = new SectionList()
    somatic = new SectionList()
    basal = new SectionList()
    apical = new SectionList()
    axonal = new SectionList()
    forall delete_section()
    reader = new Import3d_SWC_read()
    reader.input($s1)
    importer = new Import3d_GUI(reader, 0)
    importer.instantiate(this)
    forsec all { insert pas }
    forsec somatic { insert hh }
}
endtemplate Traced
"""


@pytest.mark.parametrize("loads", [True, False])
def test_a_template_that_imports_a_morphology(tmp_path, loads):
    """As BluePyOpt writes them: the file is an argument, and so a part of the key.

    Import3d is there as in NEURON's own start, whether the template loads it or not.
    """
    shutil.copytree(ROOT / "morphologies", "models/shapes")
    write({"models/traced.hoc": TRACED if loads else TRACED.partition('import3d.hoc")')[2]})
    cell = {"hoc": "models/traced.hoc", "template": "Traced",
            "arguments": ["shapes/ball_and_stick.swc"], "files": ["models/shapes"]}  # fmt: skip
    record = {"precision": "float64",
              "traces": {"v": {"of": "cell.soma(0.5).v", "every": 0.025}}}  # fmt: skip
    sweep = SWEEP | {"model": {"cells": {"cell": cell}}, "protocol": {"tstop": 10},
                     "record": record,
                     "axes": {"shape": {"values": ["shapes/ball_and_stick.swc",
                                                   "shapes/pyramidal.swc"],
                                        "sets": "cell.arguments[0]"},
                              "g": {"values": [0.01], "sets": "cell.basal.pas.g"}}}  # fmt: skip
    expected = [
        plain(f"""
n.load_file("import3d.hoc")
n.load_file("traced.hoc")
cell = n.Traced("shapes/{shape}.swc")
for section in cell.basal:
    section.g_pas = 0.01
record("v", cell.soma[0](0.5)._ref_v)
run(10)
""")["v"]
        for shape in ("ball_and_stick", "pyramidal")
    ]
    found = results(sweep, tmp_path / "copy")
    assert [result.message for result in found] == ["", ""]
    for result, v in zip(found, expected, strict=True):
        np.testing.assert_array_equal(result.traces["v"], v)
    assert not np.array_equal(*expected)


BLUEPYOPT = TRACED.replace("proc init() {", """proc init() {
    load_morphology($s1, $s2)
}
strdef path
proc load_morphology() { localobj sf
    sf = new StringFunctions()
    sprint(path, "%s/%s", $s1, $s2)
""").replace("$s1)\n    importer", "path)\n    importer").replace(
    "all = new", "forall delete_section()\n    all = new", 1).replace(
    "    forall delete_section()\n    reader", "    reader")  # fmt: skip


@pytest.mark.parametrize("folder", ["shapes", ".", "../models/shapes/deep/.."])
def test_a_template_that_joins_folder_and_name(tmp_path, folder):
    """As BluePyOpt's cell templates do, which take both as arguments; an axis sets the name."""
    shutil.copytree(ROOT / "morphologies", "models/shapes/deep")
    for path in Path("models/shapes/deep").iterdir():
        shutil.copy(path, "models/shapes")
        shutil.copy(path, "models")
    write({"models/traced.hoc": BLUEPYOPT})
    cell = {"hoc": "models/traced.hoc", "template": "Traced", "arguments": [folder, "any.swc"]}
    names = ("ball_and_stick.swc", "pyramidal.swc")
    sweep = SWEEP | {
        "model": {"cells": {"cell": cell}},
        "protocol": {"tstop": 1},
        "record": {"traces": {"v": {"of": "cell.soma(0.5).v"}}},
        "axes": {"shape": {"values": list(names), "sets": "cell.arguments[1]"}},
    }
    found = results(sweep, tmp_path / "copy")
    assert [result.message for result in found] == ["", ""]
    assert not np.array_equal(*(result.traces["v"] for result in found))
    before = plan(sweep).keys
    used = Path("models") / folder / names[1]
    used.write_text(used.read_text().replace("1.0", "1.5"))
    assert plan(sweep).keys[1] != before[1]


def test_a_file_that_is_an_argument_is_part_of_the_key():
    write({"models/weights.dat": "1 2 3\n"})
    cell = {"arguments": [0.036, "weights.dat"]}
    sweep = changed(HOC_SWEEP, model={"cells": {"pyr": cell}})
    before = plan(sweep).keys
    write({"models/weights.dat": "1 2 4\n"})
    assert plan(sweep).keys != before


@pytest.mark.parametrize("named", [True, False])
def test_a_file_whose_name_is_put_together_is_there_if_it_is_named(tmp_path, named):
    load = 'strdef name\nsprint(name, "lib/%s.hoc", "dendrites")\nload_file(name)'
    write({"models/pyr.hoc": TEMPLATE.replace('load_file("lib/dendrites.hoc")', load)})
    files = {"files": ["models/lib"]} if named else {}
    sweep = SWEEP | {"model": {"cells": {"pyr": CELL | files}}, "record": HOC_SWEEP["record"]}
    [result] = results(sweep, tmp_path / "copy")
    assert result.status == ("ok" if named else "error")
    if not named:
        assert "Couldn't find: lib/dendrites.hoc" in result.message
        assert "exists in the project, nothing names it: add it to files" in result.message
        assert plan(sweep).keys != plan(changed(sweep, model={"cells": {"pyr": {
            "files": ["models/lib"]}}})).keys  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEMPLATE.replace("insert hh", "insert hhh"), "pyr.hoc, line 12: hhh is not a MECHANISM"),
        (TEMPLATE + "soma = = 3\n", "pyr.hoc, line 22: syntax error"),
        (TEMPLATE + 'load_file("nothing.hoc")\n', "pyr.hoc, line 22: Couldn't find: nothing.hoc"),
        (TEMPLATE + "nosuch()\n", "pyr.hoc, line 22: nosuch undefined function"),
        (TEMPLATE.replace("template Pyr", "template Pir"),
         'the HOC files define no template "Pyr", did you mean "Pir"'),
        (TEMPLATE.replace("$1", "$2"), "not enough arguments"),
    ],
)  # fmt: skip
def test_errors_of_hoc_are_told_whether_neuron_raises_them_or_not(tmp_path, text, said):
    write({"models/pyr.hoc": text})
    [result] = results(HOC_SWEEP, tmp_path / "copy")
    assert result.status == "error"
    assert said in result.message


def test_a_variable_that_hoc_does_not_have(tmp_path):
    cell = {"globals": {"gmx": 0.1}}
    [result] = results(changed(HOC_SWEEP, model={"cells": {"pyr": cell}}), tmp_path / "copy")
    assert 'HOC has no variable "gmx"' in result.message
    assert 'did you mean "gmax"' in result.message


@pytest.mark.parametrize(
    ("cell", "text", "said"),
    [
        ({}, TEMPLATE + "\nproc init() {\n}\n", "models/pyr.hoc, line 23: redefines init()"),
        ({}, TEMPLATE + 'x = "// b" /* c */ func  run() { return 1 }', "line 22: redefines run()"),
        ({}, TEMPLATE + "// proc init() { }\n/* proc run() { } */", None),
        ({}, TEMPLATE + 'nrn_load_dll("x.so")', "line 22: loads mechanisms by itself"),
        ({"template": None}, TEMPLATE, "arguments needs a template"),
        ({"template": None, "arguments": [], "packable": True}, TEMPLATE, "packable needs a templ"),
        ({"hoc": "models/pir.hoc"}, TEMPLATE, 'no such file, did you mean "pyr.hoc"'),
        ({}, TEMPLATE + 'load_file("../../outside.hoc")', "lies outside of the project"),
        ({"parameters": {"g": 1}}, TEMPLATE, 'unknown key "parameters"'),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_anything_runs(cell, text, said):
    write({"models/pyr.hoc": text, "../outside.hoc": ""})
    sweep = HOC_SWEEP | {"model": {"cells": {"pyr": CELL | cell}}}
    if said is None:
        plan(sweep)
        return
    with pytest.raises(UserError) as error:
        plan(sweep)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x = 1 // "a"\ny = "b // c" /* "d"\n */ z = "e\\"f"', ["b // c", 'e\\"f']),
        ("/* all\nof it", []),
    ],
)
def test_strings(text, expected):
    assert list(hoc.strings(text)) == expected
