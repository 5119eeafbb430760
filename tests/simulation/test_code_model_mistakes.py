"""What is wrong with cells that code builds, and when it is told: planned, built or run."""

import pytest

from code_models import LINE, PYR, SWEEP, axis, changed, in_far, plan, results, write
from spikesweep.errors import UserError

pytestmark = pytest.mark.usefixtures("python_model")

# what the model's code is, and what the status says
FAULTS = [
    ("models/pyr.py", PYR + "        raise ValueError('no such g')\n",
     f"models/pyr.py, line {LINE}: ValueError: no such g"),
    ("models/pyr.py", PYR + "        raise SystemExit(3)\n", f"line {LINE}: SystemExit: 3"),
    ("models/pyr.py", PYR + "        n('nosuch()')\n", "HOC: nosuch undefined function"),
    ("models/pyr.py", PYR + "        n.load_file('no' + '.hoc')\n", "HOC: Couldn't find: no.hoc"),
    ("models/dimensions.py", "def diameter(table):\n    return float(open(table + 'x').read())\n",
     "models/dimensions.py, line 2: FileNotFoundError: "
     "[Errno 2] No such file or directory: 'sizes/soma.csvx'"),
    ("models/pyr.py", "class Pyr:\n    def __init__(self, g): pass\n", "has made no section"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "said"), FAULTS)
def test_what_goes_wrong_in_the_code_is_told(tmp_path, path, text, said):
    write({path: text})
    [result] = results(SWEEP, tmp_path / "copy")
    assert result.status == "error"
    assert said in result.message


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"record": {"traces": {"v": {"of": "pyr.apical(0.5).v"}}}},
         'cell pyr has no section "apical[0]"'),
        ({"record": {"traces": {"g": {"of": "pyr.sin.g"}}}},
         'its code has no point process "sin", did you mean "syn"'),
        (axis("pyr.apical.hh.gkbar", 1), 'cell pyr has no region or section "apical"'),
        (axis("pyr.dend.hh.gkbar", 1), "no part of dend has hh.gkbar"),
        (axis("pyr.dend.nseg", 2.5), "= 2.5; expected a whole number"),
        (axis("pyr.syn.tau1", 1), 'ExpSyn has no parameter "tau1", did you mean "tau"'),
        ({"axes": {"a": {"values": [1], "sets": ["pyr.all.pas.g", "pyr.dend.pas.g"]}}},
         "expected one axis for it"),
        (in_far(regions={"dend": {"in": "soma"}}, biophysics=[{"in": "dend", "cm": 2}]),
         'cell pyr has a region or section "dend" already'),
        (in_far(distance_from="apical(1)", biophysics=[{"in": "soma", "cm": "distance"}]),
         'cell pyr has no section "apical[0]"'),
    ],
)  # fmt: skip
def test_names_that_only_the_built_cell_can_deny(tmp_path, parts, said):
    [result] = results(changed(SWEEP, **parts), tmp_path / "copy")
    assert result.status == "error"
    assert said in result.message


LOOSE = """
from neuron import n


class Loose:
    def __init__(self):
        self.soma, self.dend, self.far = (n.Section(name) for name in ("soma", "dend", "far"))
        self.dend.connect(self.soma(1))
"""


@pytest.mark.parametrize(
    ("regions", "rule", "said"),
    [
        ({}, {"in": "all", "insert": {"pas": {"g": "1e-4 * exp(-distance / 100)"}}},
         "g_pas at far(0.5): no path leads there from soma(0.5), so it has no distance"),
        ({"remote": {"in": "all", "where": "distance > 40"}},
         {"in": "remote", "insert": {"pas": {}}},
         "far(0.5): no path leads there from soma(0.5), so it has no distance"),
        ({}, {"in": ["soma", "dend"], "insert": {"pas": {"g": "distance_fraction"}}}, ""),
    ],
)  # fmt: skip
def test_sections_that_no_path_leads_to(tmp_path, regions, rule, said):
    """NEURON's n.distance is 1e20 there; sections are 100 um long by NEURON's default."""
    write({"models/loose.py": LOOSE})
    cell = {"python": "models/loose.py:Loose", "regions": regions, "biophysics": [rule]}
    record = {"traces": {"g": {"of": "cell.dend(0.5).pas.g"}}}
    protocol = {"tstop": 1}
    sweep = {"title": "s", "model": {"cells": {"cell": cell}}, "protocol": protocol}
    [result] = results(sweep | {"record": record}, tmp_path / "copy")
    assert said in result.message
    assert (result.status == "error") == bool(said)
    if not said:
        assert set(result.traces["g"]) == {1}  # no middle of a section is farther


CELL = {"python": "models/pyr.py:Pyr", "parameters": {"g": 0.036}}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            {"python": "models/pyr.py"},
            "model.cells.pyr.python: 'models/pyr.py': expected a file and a class",
        ),
        ({"python": "models/pir.py:Pyr"}, 'no such file, did you mean "pyr.py"'),
        ({"python": "models/pyr.py:Pir"}, 'has no class "Pir", did you mean "Pyr"'),
        ({"python": "../pyr.py:Pyr"}, "leads out of the project"),
        ({"parameters": {"gk": 1}}, 'Pyr takes no parameter "gk"'),
        ({"parameters": {}}, "Pyr needs g as well"),
        ({"parameters": {"g": "1 S/cm2"}}, "expected a plain number in it"),
        ({"files": ["models/nothing.csv"]}, "no such file"),
        ({"files": ["models/.."]}, "is the whole project"),
        ({"spatial": {"nseg": 3}}, 'unknown key "spatial"'),
        ({"biophysics": [{"in": "dend", "insert": {"pass": {}}}]}, 'did you mean "pas"'),
    ],
)
def test_mistakes_in_a_cell_are_told_before_anything_runs(cell, said):
    refuses(SWEEP | {"model": {"cells": {"pyr": CELL | cell}}}, said)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (axis("pyr.parameters.h", 1), "stands nowhere in model.cells.pyr.parameters"),
        (axis("pyr.arguments[0]", 1), "stands nowhere in model.cells.pyr.arguments"),
        (axis("pyr.soma.hh.gkba", 1), 'no parameter of hh, did you mean "gkbar"'),
        (axis("pyr.soma.hhh.gkbar", 1), 'did you mean "hh"'),
        (axis("pyr.soma(2).hh.gkbar", 1), "lies outside its section"),
        (axis("pyr.soma", 1), "is no quantity; expected pyr.parameters.<name>"),
        (axis("pyr.soma.emna", 1), '"emna" is no variable of a point process, quantity'),
        (axis("pyr.syn.tau", "1 mV"), "expected one that converts to ms"),
        ({"record": {"traces": {"g": {"of": "pyr.syn.gg"}}}}, '"gg" is no variable of a point'),
    ],
)
def test_mistakes_in_targets_are_told_before_anything_runs(parts, said):
    refuses(changed(SWEEP, **parts), said)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"models/dimensions.py": "def f(:\n"}, "models/dimensions.py, line 1: invalid syntax"),
        ({"models/random.py": "", "models/dimensions.py": "import random\n"},
         "models/random.py: a module named random is there before the model's"),
        ({"models/pyr.py": PYR + "        n('proc init() { }')\n"},
         f"models/pyr.py, line {LINE}: redefines init()"),
    ],
)  # fmt: skip
def test_mistakes_in_the_code_are_told_before_anything_runs(files, said):
    write(files)
    refuses(SWEEP, said)


def refuses(sweep, said):
    with pytest.raises(UserError) as error:
        plan(sweep)
    assert said in str(error.value)
