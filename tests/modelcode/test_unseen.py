"""What the code of models does that no key can follow is a note of the plan."""

from pathlib import Path

import pytest

from code_models import SWEEP, plan, write
from spikesweep.modelcode.hoc import read
from spikesweep.modelcode.unseen import in_hoc

MOD = """\
: a comment on getenv(x)
NEURON { SUFFIX one RANGE g }
PARAMETER { g = 1 }
ASSIGNED { v }

VERBATIM
#include <stdlib.h>
static int asked(void) { %s }
ENDVERBATIM

INITIAL {
VERBATIM
  /* system("ls") */
  asked();
ENDVERBATIM
}
"""


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ('return getenv("X") != 0;', "reads the environment in VERBATIM: line 6"),
        ('return fopen("x.txt", "r") != 0;', "opens files in VERBATIM: line 6"),
        ('std::ifstream in("x.txt"); return 1;', "opens files in VERBATIM: line 6"),
        ('return system("date");', "starts other programs in VERBATIM: line 6"),
        ("return 1; // getenv(x), fopen(x), system(x)", None),
        ("return reopen(x) + mysystem(x) + getenvx(y);", None),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_verbatim_code_is_looked_through(code, what, ends):
    write({"mod/set/one.mod": ""})
    Path("mod/set/one.mod").write_bytes((MOD % code).replace("\n", ends).encode())
    sweep = SWEEP | {"model": {"mechanisms": "set", "cells": {"pyr": _cell("one")}}, "record": {}}
    notes = plan(_recorded(sweep)).template.files.notes
    assert len(notes) == (what is not None)
    assert not notes or notes[0].startswith(f"mod/set/one.mod: {what}")


def test_verbatim_code_that_no_simulation_uses_is_none_of_its_business():
    write({"mod/set/one.mod": MOD % 'return getenv("X") != 0;'})
    sweep = SWEEP | {"model": {"mechanisms": "set", "cells": {"pyr": _cell("hh")}}}
    assert plan(_recorded(sweep)).template.files.notes == []


def test_a_header_beside_the_mechanism_is_looked_through_as_well():
    write({
        "mod/set/one.mod": (MOD % "return here();").replace("<stdlib.h>", '"here.h"'),
        "mod/set/here.h": 'static int here() { return getenv("HERE") != 0; }\n',
    })  # fmt: skip
    sweep = SWEEP | {"model": {"mechanisms": "set", "cells": {"pyr": _cell("one")}}}
    [note] = plan(_recorded(sweep)).template.files.notes
    assert "reads the environment" in note


def _cell(mechanism):
    return {
        "sections": {"soma": {"L": 10, "diam": 10}},
        "biophysics": [{"in": "all", "insert": {mechanism: {}}}],
    }


def _recorded(sweep):
    return sweep | {"record": {"traces": {"v": {"of": "pyr.soma(0.5).v"}}}}


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ('x = 1\nsystem("ls")', ["m.hoc: starts other programs: line 2"]),
        ('// system("ls")\nprint "system"', []),
    ],
)
def test_hoc(text, notes):
    assert in_hoc(read(text.encode()), "m.hoc") == notes


def test_modules_from_outside_of_the_project_are_noted(tmp_path, monkeypatch):
    write({
        "../outside/far_sizes.py": "L = 20\n",
        "models/pyr.py": "import far_sizes\nclass Pyr:\n    def __init__(self, g): pass\n",
    })  # fmt: skip
    monkeypatch.syspath_prepend(str(tmp_path.parent / "outside"))
    made = plan(SWEEP | {"record": {"traces": {"v": {"of": "pyr.soma(0.5).v"}}}})
    assert set(made.template.files.imported) == {"far_sizes.py"}
    [note] = made.template.files.notes
    assert "imports far_sizes from outside of the project" in note
    assert "in no commit and no bundle" in note
