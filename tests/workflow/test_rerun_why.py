"""Why something runs again, as `spikesweep why` says it; and what `spikesweep gc` removes."""

import os
import re
import shutil

import pytest

from project import Project
from rerunning import (
    MADE,
    PACKAGE,
    appended,
    both,
    edit,
    edited,
    installed,
    nothing,
    only,
)
from rerunning import (
    SWEEP_FILE as SWEEP,
)


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of the project that has run."""
    return Project(tmp_path / "project", of=rerun_project)


WHY = {
    "nothing": (nothing, ["nothing would run"]),
    "values": (
        edited(SWEEP, ("[1, 10]", "[1, 3, 5, 10]")),
        [
            "simulate: 4 new simulations (axis dose: +2 values)",
            "statistics (the dataset changed; the simulations changed)",
        ],
    ),
    "protocol, figure": (
        edited(SWEEP, ("tstop: 30 ms", "tstop: 31 ms"), ("y: celsius,", "y: celsius, log: true,")),
        [
            "simulate: 4 new simulations (protocol.tstop: 30.0 -> 31.0)",
            "figure rates (option log changed: false -> true;",
        ],
    ),
    "sources": (
        both(
            edited("mod/own/leak.mod", ("(v - e)", "(v - e - 1)")),
            edited("morphologies/cylinder.swc", ("3 1 20", "3 1 21")),
        ),
        [
            "mechanisms own (mechanism leak: source changed)",
            "morphology of cell cell: content changed",
        ],
    ),
    "code": (
        appended(f"{PACKAGE}/simulation/streams.py", "\nMORE = 1\n"),
        ["simulate: 4 new simulations (code simulation.streams: changed)"],
    ),
    "versions": (
        both(installed("seaborn", "9.9.9"), installed("neuron", "9.9.9")),
        ["figure rates (seaborn 0.", " -> 9.9.9", "4 new simulations (NEURON 9."],
    ),
    "store": (
        lambda project: shutil.rmtree(project.root / "results/store"),
        ["nothing would run"],  # the dataset has all that was in it
    ),
    "store and products": (
        lambda project: [
            shutil.rmtree(project.root / "results/store"),
            *(
                path.unlink()
                for stem in ("batch", "dataset", "simulations")
                for path in (project.root / MADE).glob(f"{stem}_*")
            ),
        ],
        ["simulate: 4 simulations (lost from the store)", "collect (missing)"],
    ),
}


@pytest.mark.parametrize(("change", "said"), WHY.values(), ids=WHY)
def test_why(change, said, project):
    change(project)
    why = project.spikesweep("why", "small").stdout
    assert [text for text in said if text not in why] == [], why


def test_gc_removes_what_no_sweep_names(project):
    other = (project.root / SWEEP).read_text()
    project.write_sweep("wrong", other.replace("tstop", "tstopp"))
    refused = project.spikesweep("gc", "--yes", check=False).stderr
    assert 'did you mean "tstop"' in refused
    assert "Nothing was removed" in refused
    (project.root / "config/sweeps/wrong.yaml").unlink()
    assert "Nothing else is there" in project.spikesweep("gc").stdout

    edit(project, SWEEP, ("[1, 10]", "[1]"))
    dataset = only(project, "dataset_*.nc")
    results = project.root / "results"
    killed = [
        results / name
        for name in (
            "small/.dataset.7.part.nc",
            "small/figures/.rates.7.part.pdf",
            "provenance/.small.7.part.json",
        )
    ]
    written_now = results / "provenance/.small.8.part.json"
    for path in (*killed, written_now):
        path.write_text("half")
    for path in killed:
        os.utime(path, (0, 0))
    said = project.spikesweep("gc", "--dry-run").stdout
    assert all(str(path.relative_to(project.root)) in said for path in killed)
    assert str(dataset.relative_to(project.root)) in said
    assert "results of simulations" in said
    assert "Nothing was removed" in project.spikesweep("gc").stdout  # nobody said yes
    assert dataset.exists()
    assert "4 simulations in 4 segments" in project.spikesweep("store", "size").stdout
    project.spikesweep("gc", "--yes")
    assert not dataset.exists()
    assert not (project.root / "results/small/dataset.nc").is_symlink()
    assert "2 simulations in 2 segments" in project.spikesweep("store", "size").stdout
    assert len(list((project.root / MADE).glob("batch_*.csv"))) == 2
    assert [path.exists() for path in (*killed, written_now)] == [False, False, False, True]
    # What is named by its commit is no garbage.
    assert list((project.root / "results/small/figures").glob("rates_*.pdf"))


def test_results_that_only_another_neuron_finds_are_counted_and_can_go(project):
    assert "nothing here can find" not in project.spikesweep("store", "size").stdout
    installed("neuron", "9.9.9")(project)
    size = project.spikesweep("store", "size").stdout
    assert "4 simulations in 4 segments" in size
    assert "of these 4 segments" in size, size
    assert "nothing here can find them" in size, size
    said = project.spikesweep("gc", "--dry-run").stdout
    assert re.search(r"^ +8 .* results of simulations by other versions$", said, re.MULTILINE), said

    project.snakemake("small")
    size = project.spikesweep("store", "size").stdout
    assert "8 simulations in 8 segments" in size, size
    assert "of these 4 segments" in size, size
    project.spikesweep("gc", "--yes")
    size = project.spikesweep("store", "size").stdout
    assert "4 simulations in 4 segments" in size, size
    assert "nothing here" not in size, size
    assert "nothing would run" in project.spikesweep("why", "small").stdout


@pytest.mark.parametrize("words", [["structure", "small"], ["plan", "small", "--estimate"]])
def test_what_builds_a_cell_compiles_its_mechanisms_first(project, words):
    shutil.rmtree(project.root / "results/made/mechanisms")
    edit(project, SWEEP, ("[1, 10]", "[1, 2, 10]"))
    assert "Traceback" not in (done := project.spikesweep(*words)).stderr
    assert done.stdout
    assert list((project.root / "results/made/mechanisms").iterdir())
