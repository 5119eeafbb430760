"""HOC variables set from outside, once a file is loaded: where plain NEURON builds a section that
does not know of it, that is noticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from code_models import write
from spikesweep.modelcode.hoc_order import set_too_late

SHAPE = "create soma\nsoma { L = len }\n"
SETS = "len = 100\n"
# Files by name, in the order of loading; which of them sets it too late, and where.
CASES = {
    "at once": ({"a": SETS + SHAPE}, ("a", "a", True)),
    "in braces": ({"a": "{len = 100}\nlen2 = len * 2\ncreate soma\nsoma L = len2\n"},
                  ("a", "a", True)),
    "in a file before": ({"a": SETS, "b": SHAPE}, None),
    "in a file that it loads": ({"a": 'load_file("p.hoc")\n' + SHAPE, "-p": SETS},
                                ("a", "p", False)),
    "in one that is named before": ({"p": SETS, "a": 'load_file("p.hoc")\n' + SHAPE}, None),
    "in one that is opened again": ({"p": SETS, "a": 'xopen("p.hoc")\n' + SHAPE}, ("a", "p", True)),
    "by a number": ({"p": SETS, "a": 'load_file(1, "p.hoc")\n' + SHAPE}, ("a", "p", True)),
    "two files down": ({"a": 'load_file("p.hoc")\n', "-p": 'load_file("q.hoc")\n' + SHAPE,
                        "-q": SETS}, ("a", "q", False)),
    "used by a procedure called at once": (
        {"a": SETS + "create soma\nproc grow() { soma { L = len } }\ngrow()\n"}, ("a", "a", True)),
    "used by one that calls one": (
        {"a": "create soma\nproc grow() { soma { L = len } }\nproc go() { grow() }\n"
              + SETS + "go()\n"}, ("a", "a", True)),
    "executed": ({"a": SETS + 'create soma\nexecute("soma L = len")\n'}, ("a", "a", True)),
    "executed, and set there": (
        {"a": 'create soma\n{ execute1( "len = 100" ) }\nsoma L = len\n'}, ("a", "a", True)),
    "executed by a last file": (
        {"a": SETS + "create soma\n", "b": 'execute("soma L = len")\n'}, None),
    "set by a procedure": (
        {"a": "proc params() { len = 100 }\nparams()\n" + SHAPE}, ("a", "a", True)),
    "called by a last file": (
        {"a": SETS + "create soma\nproc grow() { soma { L = len } }\n", "b": "grow()\n"}, None),
    "of a template that is made at once": (
        {"a": SETS + "begintemplate T\nexternal len\npublic soma\ncreate soma\nproc init() {\n"
              "create soma\nsoma L = len }\nendtemplate T\nobjref made\nmade = new T()\n"},
        ("a", "a", True)),
    "a template's own": (
        {"a": SETS + "begintemplate T\npublic soma\ncreate soma\nproc init() {\nlen = 3\n"
              "create soma\nsoma L = len }\nendtemplate T\nobjref made\nmade = new T()\n",
         "b": SHAPE}, None),
    "a local one": (
        {"a": "len = 5\nproc f() { local len\n len = 3\n print len }\nf()\n", "b": SHAPE}, None),
    "in a string or comment": (
        {"a": 'len = 100 // len\nlength = 2\nprint "len"\n', "b": SHAPE}, None),
    "an attribute": ({"a": "objref o\nlen = 100\n", "b": SHAPE}, None),
    "used before": ({"p": SETS, "a": SHAPE + "len = 4\n"}, None),
}  # fmt: skip


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def written(files):
    """Write the files; return those that the sweep names."""
    write({f"{name.strip('-')}.hoc": text for name, text in files.items()})
    return [Path(f"{name}.hoc") for name in files if not name.startswith("-")]


@pytest.mark.parametrize("case", CASES)
def test_what_comes_too_late_is_found(case):
    files, expected = CASES[case]
    found = set_too_late(written(files), "len")
    if expected is None:
        assert found is None
    else:
        assert (found.file.stem, found.setting.stem, found.is_read_again) == expected


ORACLE = """
import sys
from neuron import n
lengths = []
for file in sys.argv[1:]:
    n.load_file(file)
    if n.name_declared("len") == 5:
        n.len = 55
for section in n.allsec():
    lengths.append(section.L)
print("lengths", lengths)
"""


@pytest.mark.parametrize("case", CASES)
def test_plain_neuron_agrees(case):
    """Where nothing is too late, the section has the length that was set, else it has not."""
    files, expected = CASES[case]
    names = [str(path) for path in written(files)]
    ran = subprocess.run(
        [sys.executable, "-c", ORACLE, *names],
        env=os.environ | {"NEURON_MODULE_OPTIONS": "-nogui"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    acts = "55.0" in ran.stdout or "110.0" in ran.stdout
    assert acts is (expected is None), ran.stdout + ran.stderr
