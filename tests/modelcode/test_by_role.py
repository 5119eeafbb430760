"""What a file is follows from its role, not its suffix; what its code names is found."""

from pathlib import Path

import pytest

from code_models import write
from spikesweep.errors import UserError
from spikesweep.modelcode.closure import copy_files, copy_imported, read_files

INIT = "proc init() {}\n"


pytestmark = pytest.mark.usefixtures("entered")


def read(name, language="maybe", **more):
    return read_files(Path(), [name], more.get("given", ()), more.get("more", ()), "m", language)


@pytest.mark.parametrize("name", ["a.hoc", "a.tem", "a.geo", "a.nrn", "a.HOC", "a", "a.dat", "a.c"])
@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\r\n\r"])
def test_what_hoc_or_load_file_or_xopen_names_is_hoc(name, line_end):
    def texts(comment, code):
        return f"// {comment}\n{code}\n".replace("\n", line_end)

    loaders = {
        "m/top.oc": texts("top", f'load_file(1, "{name}")'),
        "m/opens.oc": texts("top", f'{{xopen ( "{name}" )}}'),
        "m/top.py": f"n.load_file('{name}')\n",
        "m/says.py": f"n('load_file(\"{name}\")')\n",
    }
    write(loaders | {"m/b.tem": "x = 1\n"})
    roles = [(f"m/{name}", "hoc"), *((loader, "maybe") for loader in loaders)]
    for loader, language in roles:
        write({f"m/{name}": texts("one", 'xopen("b.tem")')})
        before = read(loader, language)
        assert {f"m/{name}", "m/b.tem"} <= set(before.files)
        write({f"m/{name}": texts("two", '  xopen("b.tem")  ')})
        assert read(loader, language) == before
        write({f"m/{name}": texts("two", 'xopen("b.tem") x = 2')})
        assert read(loader, language) != before
        write({f"m/{name}": texts("two", INIT)})
        with pytest.raises(UserError, match=r"m/a.*, line \d: redefines init"):
            read(loader, language)


def test_what_may_be_hoc_counts_with_every_byte():
    write({"m/top.oc": 'strdef f  f = "a.tem"  xopen(f)', "m/a.tem": 'xopen("b.tem") // 1\n'})
    write({"m/b.tem": ""})
    before = read("m/top.oc")
    assert set(before.files) == {"m/top.oc", "m/a.tem", "m/b.tem"}
    write({"m/a.tem": 'xopen("b.tem") // 2\n'})
    assert read("m/top.oc") != before


def test_folders_that_code_names_come_whole():
    write({"m/a.py": 'open("data/" + name)', "m/data/x/b.csv": "", "m/data/c.csv": ""})
    assert set(read("m/a.py").files) == {"m/a.py", "m/data/x/b.csv", "m/data/c.csv"}
    write({"m/a.py": 'open("." + "../" + "../m" + "/")\n', "results/x": "", ".git/y": ""})
    assert set(read("m/a.py").files) == {"m/a.py"}  # not that of the model itself, nor the project
    write({"m/t.hoc": "", "m/shapes/a.swc": ""})
    assert set(read("m/t.hoc", given=["shapes"]).files) == {"m/t.hoc", "m/shapes/a.swc"}


def test_imports_without_a_version_count_by_content(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.syspath_prepend(str(elsewhere))
    write({str(elsewhere / "lone_module.py"): "import own_package.part\nx = 1\n"})
    write({str(elsewhere / "own_package/__init__.py"): ""})
    write({str(elsewhere / "own_package/data.csv"): "1\n", "m/a.py": "import lone_module\n"})
    before = read("m/a.py")
    assert before.packages == {"lone_module": "by content", "own_package": "by content"}
    assert set(before.imported) == {
        "lone_module.py", "own_package/__init__.py", "own_package/data.csv",
    }  # fmt: skip
    copy_imported(before.imported, tmp_path / "copy")
    assert (tmp_path / "copy/own_package/data.csv").read_text() == "1\n"
    write({str(elsewhere / "lone_module.py"): "import own_package.part  # why\nx = 1\n"})
    assert read("m/a.py") == before
    write({str(elsewhere / "own_package/data.csv"): "2\n"})
    assert read("m/a.py") != before
    with pytest.raises(UserError, match=r"own_package/data\.csv: changed"):
        copy_imported(before.imported, tmp_path / "copy")


def test_a_tree_without_end_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr("spikesweep.modelcode.packages.MOST_FILES", 10)
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    write({str(tmp_path / f"elsewhere/endless_tree/m{i}.py"): "" for i in range(20)})
    write({"m/a.py": "import endless_tree\n"})
    with pytest.raises(UserError, match=r"m: imports endless_tree from .*more than 10 files"):
        read("m/a.py")


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({"m/a.py": "import os\n\nx = os.environ['X']\n"}, "m/a.py: reads the environment: line 3"),
        ({"m/a.py": "from os import getenv\nx = getenv('X')\ny = getenv('Y')"},
         "m/a.py: reads the environment: lines 2, 3"),
        ({"m/a.py": "import subprocess\nsubprocess.run(['ls'])"},
         "m/a.py: starts other programs: line 2"),
        ({"m/a.py": "import numpy\nr = numpy.random.default_rng()"},
         "m/a.py: draws random numbers that no seed sets: line 2"),
        ({"m/a.py": "import numpy\nr = numpy.random.default_rng(1)"}, None),
        ({"m/a.py": "from neuron import n\nr = n.Random()"}, None),
        ({"m/a.hoc": '// system("no")\r\rsystem("ls")\r'},
         "m/a.hoc: starts other programs: line 3"),
    ],
)  # fmt: skip
def test_what_no_key_follows_is_noted(files, note):
    write(files)
    [name] = files
    notes = read(name).notes
    assert (len(notes) == 1 and notes[0].startswith(note)) if note else notes == []


def test_a_copy_counts_as_what_was_planned(tmp_path):
    write({"m/top.tem": 'xopen("a.dat") // 1\r', "m/a.dat": "x = 1 // 1\r"})
    files = read("m/top.tem", "hoc").files
    write({"m/a.dat": "x = 1 // 2\r"})
    copy_files(Path(), files, tmp_path / "copy")
    write({"m/a.dat": "x = 2 // 2\r"})
    with pytest.raises(UserError, match=r"m/a\.dat: changed"):
        copy_files(Path(), files, tmp_path / "copy")
