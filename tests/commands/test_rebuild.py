"""`spikesweep rebuild`: a figure is made again from its lineage, and compared."""

import sysconfig

import h5py
import numpy as np
import pytest

import provenance
from paper import write_paper
from project import Project
from rerunning import install
from spikesweep.commands.rebuild import Outcome, Rebuilt
from spikesweep.comparing.files import are_close, compare

SEABORN = '''"""A seaborn of another version, which draws the same data in another shade."""
import importlib.machinery
import importlib.util
import os
import sys

_here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_spec = importlib.machinery.PathFinder.find_spec("seaborn", [p for p in sys.path if p != _here])
_module = importlib.util.module_from_spec(_spec)
sys.modules["seaborn"] = _module
_spec.loader.exec_module(_module)
_kdeplot = _module.kdeplot
_module.kdeplot = lambda *args, **options: _kdeplot(*args, **options | {"alpha": 0.5})
'''


SET = """\
title: A paper
figures:
  fig1:
    size: [120, 90]
    mosaic: AB
    panels:
      A: {kind: raster, sweep: small}
      B: {kind: python, sweep: small, draw: "figures/own.py:points"}
"""
DENSITY = "- {kind: isi_distribution, by: celsius, style: kde, name: density}\n"


@pytest.fixture(scope="module")
def later(committed, tmp_path_factory) -> Project:
    """The first figure, a `+` figure, and a second commit in which the statistics' code differs."""
    copy = Project(tmp_path_factory.mktemp("rebuild") / "project", of=committed)
    first = committed.first[:8]
    copy.figure = f"results/small/figures/earlier/{first}/intervals_{first}"  # once another is made
    sweep = copy.root / "config/sweeps/small.yaml"
    sweep.write_text(sweep.read_text().replace("0.5 nA", "0.6 nA") + DENSITY)
    copy.snakemake()
    [plus] = (copy.root / "results/small/figures").glob("intervals_*+*.png")
    copy.plus = str(plus.relative_to(copy.root))
    copy.density = copy.plus.replace("intervals", "density")
    code = copy.root / "workflow/spikesweep/tables/statistics.py"
    code.write_text(code.read_text() + "\nSECOND = 2\n")
    sweep.write_text(sweep.read_text().replace("0.6 nA", "0.7 nA"))
    provenance.commit(copy)
    return copy


def test_the_first_figure_in_the_second_state(later):
    """And all on its way: the drawings in all formats, the tables, the dataset."""
    said = later.spikesweep("rebuild", f"{later.figure}.pdf", "--cores", "2").stdout
    assert f"{later.figure}.pdf: bytes equal" in said
    *ways, held = [line for line in said.splitlines() if line.startswith("  ")]
    assert held == "  held: equal bytes"
    assert {line.rpartition(": ")[2] for line in ways} == {"bytes equal"}
    assert provenance.git(later.root, "worktree", "list").count("\n") == 0


def test_a_figure_of_a_dirty_tree(later):
    said = later.spikesweep("rebuild", later.plus, "--cores", "2").stdout
    assert f"{later.plus}: bytes equal" in said


def test_another_version_of_seaborn(later, tmp_path):
    """Simulated: other metadata, and densities in another shade."""
    (tmp_path / "seaborn").mkdir()
    (tmp_path / "seaborn/__init__.py").write_text(SEABORN)
    (tmp_path / "seaborn-99.0.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: seaborn\nVersion: 99.0\n"
    (tmp_path / "seaborn-99.0.dist-info/METADATA").write_text(metadata)
    later.python_path = (str(tmp_path),)
    try:
        done = later.spikesweep("rebuild", later.density, "--cores", "2", check=False)
    finally:
        later.python_path = ()
    assert done.returncode == 1
    assert f"{later.density}: pixels differ: " in done.stdout
    assert "data equal" in done.stdout
    assert "made with seaborn 0." in done.stdout
    assert "-> 99.0" in done.stdout


def test_from_scratch_the_store_is_left_alone(later):
    store = later.root / "results/store"
    aside = store.rename(store.with_name("aside"))
    said = later.spikesweep(
        "rebuild", f"{later.figure}.svg", "--cores", "2", "--from-scratch"
    ).stdout
    assert not store.exists()
    aside.rename(store)
    assert f"{later.figure}.svg: bytes equal" in said


# In place of the real one, which downloads what the lock file names: all packages that the tests
# have, but for a seaborn of a version of its own.
INSTALL = """\
install:
	$(or $(PYTHON),python3) -m venv --without-pip .venv
	cd .venv/lib/python*/site-packages && echo {packages} > packages.pth \\
		&& mkdir seaborn-98.0.dist-info \\
		&& printf 'Metadata-Version: 2.1\\nName: seaborn\\nVersion: 98.0\\n' \\
		> seaborn-98.0.dist-info/METADATA
"""


def test_with_the_environment_of_the_commit(later, tmp_path):
    """And not with packages that are here by PYTHONPATH."""
    copy = Project(tmp_path / "project", of=later)
    packages = sysconfig.get_path("purelib")
    (copy.root / "Makefile").write_text(INSTALL.format(packages=packages))
    commit = provenance.commit(copy)
    copy.snakemake()
    figure = f"results/small/figures/intervals_{commit[:8]}.png"
    install(copy, "seaborn", "97.0")
    done = copy.spikesweep("rebuild", figure, "--locked", "--cores", "2", check=False)
    assert done.returncode == 1
    assert "made with seaborn 0." in done.stdout
    assert done.stdout.endswith("-> 98.0\n  held: equal bytes of all data; drawings differ\n")
    assert f"{figure}: drawing equal, another lineage" in done.stdout

    (copy.root / "Makefile").write_text("install:\n\t@echo no index >&2; false\n")
    commit = provenance.commit(copy)
    copy.python_path = ()
    copy.snakemake()
    figure = f"results/small/figures/intervals_{commit[:8]}.png"
    done = copy.spikesweep("rebuild", figure, "--locked", check=False)
    assert done.returncode == 1
    assert "the environment that requirements.lock names cannot be made" in done.stderr
    assert "no index" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ([1, np.nan], [1, np.nan], "data equal"),
        ([1, 2], [1.5, 2], "data differ: rate off by at most 0.5"),
        ([1, np.nan], [1, 2], "data differ: rate off by at most inf"),  # a value where was none
        ([np.nan, np.nan], [1, 2], "data differ: rate off by at most inf"),
        ([1, 2], [1, 2, 3], "data differ: rate (2,) -> (3,)"),
    ],
)
def test_how_far_datasets_are_apart(old, new, words, tmp_path):
    for name, rates in (("old.nc", old), ("new.nc", new)):
        with h5py.File(tmp_path / name, "w") as file:
            file["rate"] = np.array(rates, float)
            file.attrs["made as"] = name
    assert compare(tmp_path / "old.nc", tmp_path / "new.nc") == words


TABLE = "index,status,rate\n0,ok,{}\n"


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        (TABLE.format(10), TABLE.format("10.0"), True),
        (TABLE.format(10), TABLE.format(10.000009), True),
        (TABLE.format(10), TABLE.format(10.00002), False),
        (TABLE.format(""), TABLE.format(0), False),
        (TABLE.format("nan"), TABLE.format("nan"), True),
        (TABLE.format(1), TABLE.format(1).replace("ok", "error"), False),
        (TABLE.format(1), TABLE.format(1) + "1,ok,1\n", False),
        (TABLE.format(1), TABLE.format("1,2"), False),
        ("", "", True),
    ],
)
def test_statistics_that_are_close(old, new, close, tmp_path):
    (tmp_path / "old.csv").write_text(old)
    (tmp_path / "new.csv").write_text(new)
    assert are_close(tmp_path / "old.csv", tmp_path / "new.csv", 1e-6) == close


@pytest.mark.parametrize(
    ("words", "close", "held"),
    [
        (["bytes equal", "bytes equal"], True, "equal bytes"),
        (["bytes equal", "pixels equal"], True, "equal bytes of all data; drawings differ"),
        (["data differ: v off", "pixels equal"], True, "statistics to 1e-06"),
        (
            ["data differ: v off", "pixels equal"],
            False,
            "neither equal bytes nor statistics to 1e-06",
        ),
        (["data differ: v off", "bytes equal"], None, "neither equal bytes nor statistics"),
    ],
)
def test_what_held(words, close, held):
    files = ("dataset_0.nc", "figure.png")
    outcomes = [Outcome(file, word) for file, word in zip(files, words, strict=True)]
    assert Rebuilt(outcomes, [], close).held.startswith(held)


def test_a_lost_patch_is_told(later):
    patches = list((later.root / "results/provenance").glob("*.patch"))
    for patch in patches:
        patch.rename(patch.with_suffix(".aside"))
    done = later.spikesweep("rebuild", later.plus, check=False)
    for patch in patches:
        patch.with_suffix(".aside").rename(patch)
    assert done.returncode == 1
    assert ".patch: missing or damaged" in done.stderr


def test_a_figure_of_a_figure_set(committed, tmp_path):
    """With the sweeps that its panels show, and the figure as it was drawn."""
    project = Project(tmp_path / "project", of=committed)
    write_paper(project, SET)
    provenance.commit(project)
    project.snakemake("paper")
    [figure] = (project.root / "results/figure_sets/paper").glob("fig1_*.png")
    name = str(figure.relative_to(project.root))
    said = project.spikesweep("rebuild", name, "--cores", "2").stdout
    *way, held = [line for line in said.splitlines() if line.startswith("  ")]
    assert held == "  held: equal bytes"
    assert {line.rpartition(": ")[2] for line in way} == {"bytes equal"}
    files = [line.strip().partition(":")[0] for line in way]
    assert any(file.startswith("small/dataset_") for file in files)
    assert sum(file.startswith("fig1_") for file in files) == 3
    assert f"{name}: bytes equal" in said
