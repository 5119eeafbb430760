"""The re-run contract for models that are code: each row is a change, how many of the sweep's two
simulations are new, and what `spikesweep why` says of it."""

import pytest

from project import Project
from rerunning import run

HOC = (
    "load_file(\"shape.tem\") // a comment\r"
    "begintemplate Cell\rpublic soma\rcreate soma\rproc init() {\r"
    "create soma // another\rsoma { L = 20 diam = 20 insert hh insert leak }\r}\r"
    "endtemplate Cell\r"
)  # fmt: skip
SHAPE = "// parameters\nshaped = 1\n"
PYTHON = """
import os
from neuron import n
from outer_sizes import length


class Cell:
    def __init__(self):
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L = length() + len(os.environ.get("WORD", ""))
        self.soma.insert(n.pas)
"""
OUTER = "def length():\n    return 20\n"
LEAK = """\
NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g, e }
PARAMETER { g = 0.00001 e = -65 }
ASSIGNED { v i }
BREAKPOINT { i = g * (v - e) }
"""
SWEEP = """\
title: Cells that code builds
model:
  mechanisms: own
  environment: {WORD: abc}
  cells:
    hoc: {hoc: models/cell.hoc, template: Cell}
    python: {python: "models/cell.py:Cell"}
protocol: {tstop: 5 ms}
record: {traces: {v: {of: hoc.soma(0.5).v}, w: {of: python.soma(0.5).v}}}
axes:
  leak: {values: [1.0e-5, 2.0e-5], sets: hoc.soma.leak.g}
simulations_per_job: 1
"""
FILES = {
    "models/cell.hoc": HOC,
    "models/shape.tem": SHAPE,
    "models/cell.py": PYTHON,
    "outer/outer_sizes.py": OUTER,
    "mod/own/leak.mod": LEAK,
    "config/sweeps/small.yaml": SWEEP,
}


@pytest.fixture(scope="module")
def made(shared_project):
    for name, text in FILES.items():
        path = shared_project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    shared_project.configure("small")
    # as if it lay elsewhere: the project's own modules are those beside the model
    shared_project.python_path = (str(shared_project.root / "outer"),)
    assert run(shared_project).simulations == 2
    return shared_project


@pytest.fixture
def project(made, tmp_path):
    copy = Project(tmp_path / "project", of=made)
    copy.python_path = (str(copy.root / "outer"),)
    return copy


ROWS = {
    "nothing": ("models/cell.hoc", "", "", 0, "nothing would run"),
    "a comment of CR-ended HOC": ("models/cell.hoc", "another", "one more", 0, None),
    "CR-ended HOC behind a comment": (
        "models/cell.hoc", "L = 20", "L = 200", 2,
        "model file models/cell.hoc of cell hoc: changed"),
    "HOC of suffix .tem": (
        "models/shape.tem", "shaped = 1", "shaped = 2", 2,
        "model file models/shape.tem of cell hoc: changed"),
    "a comment of HOC of suffix .tem": ("models/shape.tem", "parameters", "more", 0, None),
    "a module of PYTHONPATH": (
        "outer/outer_sizes.py", "return 20", "return 21", 2,
        "module outer_sizes.py, which cell python imports: changed"),
    "a comment of a module of PYTHONPATH": (
        "outer/outer_sizes.py", "return 20", "return 20  # um", 0, None),
    "model.environment": (
        "config/sweeps/small.yaml", "WORD: abc", "WORD: abcd", 2,
        'model.environment.WORD: "abc" -> "abcd"'),
    "a default written in another way": (
        "mod/own/leak.mod", "g = 0.00001", "g = 1e-5", 2, "mechanism leak: source changed"),
    "another default": ("mod/own/leak.mod", "e = -65", "e = -60", 2,
                        "mechanism leak: source changed"),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_what_would_run_and_why(row, project):
    path, old, new, simulations, said = ROWS[row]
    file = project.root / path
    text = file.read_bytes().decode()
    assert old in text
    file.write_bytes(text.replace(old, new).encode())
    why = project.spikesweep("why", "small").stdout
    new_ones = "2 new simulations" in why
    assert new_ones is (simulations == 2), why
    assert said is None or said in why, why
