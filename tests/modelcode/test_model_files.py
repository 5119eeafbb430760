"""Which files and packages belong to a model that is code, found without running it."""

from importlib.metadata import version
from pathlib import Path

import pytest

from code_models import write
from spikesweep.errors import UserError
from spikesweep.modelcode.closure import copy_files, read_files
from spikesweep.modelcode.python import check_call, parse

pytestmark = pytest.mark.usefixtures("entered")


def read(name, given=(), more=()):
    return read_files(Path(), [name], given, more, "here")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"m/a.py": "import b\n", "m/b.py": "", "m/c.py": ""}, {"m/a.py", "m/b.py"}),
        ({"m/a.py": "def f():\n    import b.c\n", "m/b/__init__.py": "", "m/b/c.py": ""},
         {"m/a.py", "m/b/__init__.py", "m/b/c.py"}),
        ({"m/a.py": "from b import c\n", "m/b/__init__.py": "from . import d", "m/b/c.py": "",
          "m/b/d.py": "from ..b.c import x"},
         {"m/a.py", "m/b/__init__.py", "m/b/c.py", "m/b/d.py"}),
        ({"m/a.py": "from ..... import q\n"}, {"m/a.py"}),
        ({"m/a.py": '"""b.csv"""\nopen("b.csv")', "m/b.csv": ""}, {"m/a.py", "m/b.csv"}),
        ({"m/a.py": '"""b.csv"""\n', "m/b.csv": ""}, {"m/a.py"}),  # a docstring
        ({"m/a.py": 'n.load_file("b.hoc")', "m/b.hoc": 'xopen("d/c.hoc")',
          "m/d/c.hoc": 'ropen("e.dat")', "m/d/e.dat": ""},
         {"m/a.py", "m/b.hoc", "m/d/c.hoc", "m/d/e.dat"}),
        ({"m/a.hoc": 'load_file("../n/b.hoc")', "n/b.hoc": 'load_file("a.hoc")'},
         {"m/a.hoc", "n/b.hoc"}),  # a circle, and a.hoc is seen from the model's folder
        ({"m/a.hoc": b'\xff load_file("b.hoc") // \xe9', "m/b.hoc": ""}, {"m/a.hoc", "m/b.hoc"}),
        ({"m/a.hoc": 'load_file("stdrun.hoc")'}, {"m/a.hoc"}),
    ],
)  # fmt: skip
def test_files(files, found):
    write(files)
    assert set(read(next(iter(files))).files) == found


def test_a_link_keeps_the_name_by_which_the_code_asks_for_it(tmp_path):
    write({"m/a.hoc": 'load_file("b.hoc")', "n/c.hoc": "x = 1\n"})
    Path("m/b.hoc").symlink_to("../n/c.hoc")
    files = read("m/a.hoc").files
    copy_files(Path(), files, tmp_path / "copy")
    assert set(files) == {"m/a.hoc", "m/b.hoc"}
    assert (tmp_path / "copy/m/b.hoc").read_text() == "x = 1\n"
    write({"../outside.hoc": ""})
    Path("m/b.hoc").unlink()
    Path("m/b.hoc").symlink_to("../../outside.hoc")
    with pytest.raises(UserError, match=r"here: m/b\.hoc lies outside of the project"):
        read("m/a.hoc")


def test_packages_have_their_versions():
    write(
        {"a.py": "import os, numpy as np, scipy.stats\nfrom neuron import n\nimport nosuch.thing\n"}
    )
    assert read("a.py").packages == {
        "numpy": version("numpy"), "scipy": version("scipy"), "nosuch": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = 1\0", "a.py: source code string cannot contain null bytes"),
        ("x = " + "(" * 300 + ")" * 300, "a.py, line 1: too many nested parentheses"),
        ("x = " + "+".join(["1"] * 2_000), "a.py: nested too deeply"),
        ("x = " + "+".join(["1"] * 50_000), "a.py: "),
        (b"x = '\xe9'", "a.py, line 1: "),
        ("open('/etc/hosts')", "lies outside of the project"),
    ],
    ids=range(6),
)
def test_what_is_refused(content, said):
    write({"a.py": content})
    with pytest.raises(UserError) as error:
        read("a.py")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("code", "given", "said"),
    [
        ("class A:\n  def __init__(self, g, h=1): pass", {"g"}, None),
        ("class A:\n  def __init__(self, g, h=1): pass", {"h"}, "A needs g as well"),
        ("class A:\n  def __init__(self, g, *, h): pass", {"g"}, "A needs h as well"),
        ("class A:\n  def __init__(self, g, *, h=1): pass", {"g", "i"}, 'takes no parameter "i"'),
        ("class A:\n  def __init__(this, g, **more): pass", {"g", "i"}, None),
        ("class A:\n  def __init__(self): pass", {"self"}, 'takes no parameter "self"'),
        ("def A(g): pass", {"g"}, None),
        ("def A(g): pass", set(), "A needs g as well"),
        ("class A(B): pass", {"anything"}, None),
        ("@dataclass\nclass A:\n  g: float", {"g"}, None),
        ("from b import A", {"anything"}, None),
        ("from b import *", {"anything"}, None),
        ("A = B", {"anything"}, None),
        ("class Ab: pass", set(), 'has no class "A", did you mean "Ab"'),
    ],
)
def test_what_a_class_is_called_with(code, given, said):
    call = (parse(code.encode(), "m.py"), "A", given, "m.py", "here")
    if said is None:
        check_call(*call)
        return
    with pytest.raises(UserError) as error:
        check_call(*call)
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["x = (\n", "x = 1\0\n", None])
def test_a_file_that_is_no_python_any_more_has_changed(tmp_path, text):
    write({"m/a.py": "x = 1\n"})
    files = read("m/a.py").files
    Path("m/a.py").unlink() if text is None else write({"m/a.py": text})
    with pytest.raises(UserError, match=r"m/a\.py: changed while this run was going on"):
        copy_files(Path(), files, tmp_path / "copy")


def test_copies_are_those_that_were_planned(tmp_path):
    write({"m/a.hoc": "x = 1\n", "m/data/b.dat": "1\n"})
    files = read("m/a.hoc", more=["m/data"]).files
    copy_files(Path(), files, tmp_path / "copy")
    assert (tmp_path / "copy/m/data/b.dat").read_text() == "1\n"
    write({"m/a.hoc": "x = 1 // as before\n"})
    copy_files(Path(), files, tmp_path / "copy")
    write({"m/a.hoc": "x = 2\n"})
    with pytest.raises(UserError, match=r"m/a\.hoc: changed while this run was going on"):
        copy_files(Path(), files, tmp_path / "copy")
    Path("m/a.hoc").unlink()
    with pytest.raises(UserError, match=r"m/a\.hoc: changed"):
        copy_files(Path(), files, tmp_path / "copy")
