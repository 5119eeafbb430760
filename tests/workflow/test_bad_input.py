"""A mistake in a sweep file is one message: file, key, value, expectation, the name meant."""

import re
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from mistakes import ROWS, SWEEP
from project import ROOT
from spikesweep.cli import main
from spikesweep.document.axes.design import LARGE
from spikesweep.document.ranges import CABLE, owner_of
from spikesweep.errors import UserError
from spikesweep.plan.making import make_plan
from spikesweep.snakefile.run import Run


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project folder, entered, with the project's mechanisms."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    for name in ("mod", "morphologies"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(root, text):
    (root / "config/sweeps/s.yaml").write_text(text)
    return make_plan(Path(), "s", LARGE)


SHOWS = SimpleNamespace(  # as Snakemake's workflow when it asks input functions
    is_main_process=True,
    executor_plugin=None,
    dryrun=False,
    dag_settings=SimpleNamespace(rerun_triggers=frozenset()),
)


def refusal(root, text):
    """Return the one message of a sweep that is refused, as Snakemake ends with it.

    Each mistake takes the way that it takes in an input function; see test_snakemake.py for whole
    runs.
    """
    with pytest.raises(SystemExit) as caught:
        Run(SHOWS, [])(plan, root, text)(None)
    (message,) = re.fullmatch("spikesweep: (.*)", caught.value.code, re.DOTALL).groups()
    return message


def test_the_sweep_itself_is_right(root):
    assert len(plan(root, SWEEP).keys) == 6


@pytest.mark.parametrize(("old", "new", "said"), ROWS, ids=[row[1][:40] for row in ROWS])
def test_refused_with_one_message(root, old, new, said):
    assert SWEEP.count(old) == 1
    message = refusal(root, SWEEP.replace(old, new))
    assert said in message
    assert {path.name for path in root.iterdir()} <= {"config", "mod", "morphologies", "link.csv"}
    assert message.startswith("config/sweeps/s.yaml")
    assert str(root) not in message


def test_an_axis_of_noise_beyond_its_range(root):
    text = SWEEP.replace("    syn:", "    e: {type: NetStim}\n    syn:", 1)
    text = text.replace("sets: protocol.celsius", "sets: e.noise")
    with pytest.raises(UserError, match=r"axes.celsius.values: noise: 6.3; expected a number of 0"):
        plan(root, text)
    assert len(plan(root, text.replace("[6.3, 16]", "[0, 1]").replace("6.3}", "1}")).keys) == 6


@pytest.mark.parametrize(("target", "quantity"), [("dend.cm", "cm"), ("soma(0.5).Ra", "Ra")])
def test_an_axis_over_what_code_builds_has_the_same_ranges(root, target, quantity):
    assert owner_of(("cells", "cell", "sets", target), {}) == (CABLE, quantity)
    assert owner_of(("cells", "cell", "sets", f"dend.pas.{quantity}"), {}) == ("", "")


# keys of a cell that code builds, and what is said of them
CODE_CELLS = [
    ("python: pyr.py:Pyr, parameters: {g: .nan}", "cell.parameters.g: nan is not finite"),
    ("python: pyr.py:Pyr, packable: 3", "cell.packable: 3: expected true or false"),
    ("python: pyr.py:Pyr, packabel: true", 'cell: unknown key "packabel", did you mean "packable"'),
    ("python: pyr.py:Pyr, hoc: pyr.hoc", 'cell: unknown key "python"; known:'),
    ("python: pyr.py", "cell.python: 'pyr.py': expected a file and a class"),
    ("hoc: pyr.hoc, globals: {g: x}", "cell.globals.g: 'x': expected a number"),
    ("hoc: [3]", "cell.hoc[0]: 3: expected text"),
    ("hoc: []", "cell.hoc: []: expected at least one"),
]


@pytest.mark.parametrize(("cell", "said"), CODE_CELLS)
def test_cells_of_code_refused_with_one_message(root, cell, said):
    message = refusal(root, SWEEP.replace("    cell:\n", f"    cell: {{{cell}}}\n    other:\n"))
    assert message.startswith(f"config/sweeps/s.yaml: model.cells.{said}")


# cells of a CSV table of the axes dose and celsius, and what is said of them
TABLES = [
    ("dose,celsius\n1,6.3\n1,6.3\n", "row 2 repeats row 1; expected each row once"),
    ("dose,celsius\n1,\n", "line 2, column celsius: an empty cell"),
    ("dose,celsius\n1\n", "line 2: 1 cells; expected 2"),
    ("dose,celsius\n=1+1,6.3\n", 'line 2, column dose: "=1+1" is not a quantity'),
    ("dose,celsius\n@SUM(A1),6.3\n", 'line 2, column dose: "@SUM(A1)" is not a quantity'),
    ("dose,celsius\nnan,6.3\n", 'line 2, column dose: "nan" is not a quantity'),
    ("dose,celsius\ninf,6.3\n", 'line 2, column dose: "inf" is not a quantity'),
    ("dose,celsius\n1e999,6.3\n", "line 2, column dose: 1e999 is not finite"),
    ("dose,dose\n1,2\n", "line 1"),
    ("dose\n1\n", "line 1: the axis celsius is left out"),
    ("dose,temperature\n1,2\n", "line 1: the axis celsius is left out"),
    ("dose,temperature\n1,2\n", "(columns that are no axis: temperature)"),
    ("dose,celsius\n", "no rows; expected a row a simulation"),
    ("", "no rows; expected a row a simulation"),
    ("dose,celsius\n\x00,1\n", "t.csv"),
    ("dose;celsius\n1;2\n", "line 1: columns are separated by ;"),
    ("\xff\xfe", "not a CSV table"),
]


@pytest.mark.parametrize(("table", "said"), TABLES)
def test_tables_refused_with_one_message(root, table, said):
    (root / "t.csv").write_bytes(table.encode("latin-1"))
    text = SWEEP.replace("values: [0, 1, 10], ", "").replace("values: [6.3, 16], ", "")
    text = text.replace("grid: [dose, celsius]", "table: t.csv").partition("figures:")[0]
    with pytest.raises(UserError, match=r"t\.csv") as caught:
        plan(root, text)
    assert said in str(caught.value)
    assert str(root) not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../s", "a b", "-s", "é", ".s", "all", "store", "simulations", "a/b"]
)
def test_names_of_sweeps(root, name):
    path = root / f"config/sweeps/{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SWEEP)
    with pytest.raises(UserError, match="no sweep may have this name"):
        make_plan(Path(), name)


def test_a_sweep_named_as_another_ones_rule(root):
    """`snakemake stamp_s` is how Snakemake itself calls a rule of the sweep s."""
    for name in ("s", "stamp_s"):
        (root / f"config/sweeps/{name}.yaml").write_text(SWEEP)
    with pytest.raises(UserError, match="a rule of the sweep s has this name"):
        make_plan(Path(), "stamp_s")


def test_a_file_that_may_not_be_read(root, monkeypatch):
    def refuse(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    (root / "config/sweeps/s.yaml").write_text(SWEEP)
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(UserError, match=r"sweeps/s.yaml: this user may not read it"):
        make_plan(Path(), "s")


def test_a_sweep_and_an_example_of_one_name(root):
    for folder in ("sweeps", "examples"):
        (root / "config" / folder).mkdir(exist_ok=True)
        (root / f"config/{folder}/s.yaml").write_text(SWEEP)
    with pytest.raises(UserError, match=r"sweeps/s.yaml: config/examples/s.yaml bears this name"):
        make_plan(Path(), "s")


def test_what_lies_elsewhere_is_said(root):
    notes = plan(root, SWEEP).template.files.notes
    assert any(note.startswith("mod/kdr.mod: lies outside of the project, at /") for note in notes)


def test_a_bomb_is_refused_at_once(root):
    """Nine levels of nine aliases each, 81 in all, stand for 9**9 values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    with pytest.raises(UserError, match="more than 200000 values"):
        plan(root, "\n".join(lines) + "\n" + SWEEP.replace("title: A stick", "title: *a8"))


def test_what_is_large_runs_where_that_is_meant(root):
    text = SWEEP.replace("[0, 1, 10]", "{linspace: [0, 1, 60000]}")
    with pytest.raises(UserError, match="--allow-large"):
        plan(root, text)
    assert len(make_plan(Path(), "s").keys) == 120_000


@pytest.mark.parametrize("entry", ["../out.txt", "results/../../out.txt", "/out.txt", "folder/"])
@pytest.mark.parametrize("verb", ["verify", "diff"])
def test_bundles_whose_entries_lead_out(tmp_path, monkeypatch, capsys, entry, verb):
    """Nothing is written outside of the folder that a bundle is unzipped in ("zip slip")."""
    bundle = tmp_path / "folder" / "s_12345678.zip"
    bundle.parent.mkdir()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("sha256sums.txt", "")
        archive.writestr(entry, "out")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main([verb, str(bundle)] if verb == "verify" else [verb, str(bundle), str(bundle)])
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert repr(entry) in said.out + said.err
    assert {path.name for path in tmp_path.rglob("*")} == {"folder", bundle.name}
