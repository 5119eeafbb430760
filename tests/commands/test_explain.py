"""`spikesweep explain` and `verify`, as their users have them."""

import json
import shutil
from pathlib import Path

import h5py
import pytest

from project import ROOT, Project
from spikesweep.commands.explain import _cells
from spikesweep.plan.making import make_plan


def figure(project: Project, suffix: str = ".svg", name: str = "heatmap_rate") -> str:
    return f"results/small/figures/{name}_{project.first[:8]}{suffix}"


@pytest.mark.parametrize("suffix", [".pdf", ".png", ".svg"])
def test_a_lone_figure_explains_itself(committed, tmp_path, suffix):
    """In a folder with nothing else; the tree goes down to what people wrote."""
    lone = tmp_path / f"figure{suffix}"
    shutil.copy(committed.root / figure(committed, suffix), lone)
    said = committed.spikesweep("explain", str(lone)).stdout
    for words in (
        "the figure heatmap_rate (heatmap: ",
        "of rate",
        f"commit   {committed.first}, 20",
        "command  snakemake --cores 8 small",
        "4 simulations (grid) by NEURON ",
        "axis gkbar (gkbar of hh): 20, 36 mS/cm2",
        "mechanism leak (set channels), source ",
        "morphology morphologies/stick.swc, content ",
        "file mod/channels/leak.mod sha256:",
        "process step: IClamp at cell.soma(0.5), amp 0.5, delay 5.0, dur 50.0",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("dataset.nc", "all simulations as one labelled dataset"),
        ("statistics.csv", "statistics of spikes and intervals"),
        ("isi.csv", "statistics of spikes and intervals"),
        ("structure.csv", "the cells as they were built"),
        ("psection.json", "the cells as they were built"),
        ("failures.csv", "what each simulation came to, those that failed, and flags"),
        ("simulations.csv", "what each simulation came to"),
        ("explore.html", "one page to look around in all simulations"),
        ("plan.csv", "the plan of a sweep"),
    ],
)
def test_every_output_is_explained(committed, name, what):
    said = committed.spikesweep("explain", f"results/small/{name}").stdout
    assert f"is       {what}" in said
    assert committed.first in said


def test_explain_as_json(committed):
    lineage = json.loads(committed.spikesweep("explain", "--json", figure(committed)).stdout)
    assert lineage["commit"] == committed.first
    assert [axis["name"] for axis in lineage["specification"]["axes"]] == ["gkbar", "celsius"]


def test_the_one_simulation_behind_a_place(committed):
    """Its key is the one that the dataset has there."""
    words = ["explain", figure(committed), "--json", "--at", "gkbar=36", "celsius=6.3"]
    one = json.loads(committed.spikesweep(*words).stdout)
    with h5py.File(committed.root / "results/small/dataset.nc") as dataset:
        assert one["key"].encode() == dataset["key"][1, 0].tobytes()
        assert one["index"] == dataset["index"][1, 0]
    assert one["axes"] == {"gkbar": "36 mS/cm2", "celsius": "6.3 degC"}
    # 36 mS/cm2 in the unit of the mechanism, S/cm2
    assert one["sets"]["cells.cell.biophysics.2.insert.hh.gkbar"] == 0.036
    assert one["command"] == f"spikesweep run small --index {one['index']}"
    said = committed.spikesweep(*one["command"].split()[1:]).stdout
    assert f"key {one['key']}" in said
    assert "\n  ok" in said


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (["gkbar=36"], "2 simulations are there; expected one: name a value of celsius as well"),
        (["gkbar=35"], "gkbar=35: 35 is no value of gkbar; expected one of: 20, 36\n"),
        (["gkba=36"], 'no axis is named "gkba", did you mean "gkbar"'),
        (["36"], "expected an axis and a value"),
    ],
)
def test_places_that_are_none(committed, places, said):
    done = committed.spikesweep("explain", figure(committed), "--at", *places, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.pdf", "there is no such file"),
        ("README.md", "nothing says at which commit it was made"),
    ],
)
def test_files_that_nothing_explains(committed, name, said):
    done = committed.spikesweep("explain", name, check=False)
    assert (done.returncode, said in done.stderr) == (1, True)


def test_a_sweep_without_figures_is_known_as_well(committed, tmp_path):
    """Stamping waits for every product whose hash stands in the lineage."""
    copy = Project(tmp_path / "project", of=committed)
    sweep = copy.root / "config/sweeps/small.yaml"
    text = sweep.read_text().replace("title: ", "title: Another ")
    sweep.write_text(text[: text.index("figures:")])
    copy.snakemake()
    [record] = (copy.root / "results/provenance").glob("small_*+*.json")
    products = json.loads(record.read_text())["products"]
    assert len(products) == 6  # library, batch, dataset, simulations, statistics, explorer
    assert all("files" in product for product in products.values())
    said = copy.spikesweep("explain", "results/small/isi.csv").stdout
    assert "sweep    small: Another " in said


def test_what_axes_set_in_a_cell_of_code_has_no_number_before(monkeypatch):
    monkeypatch.chdir(ROOT)
    document = make_plan(Path(), "hoc_template").contents["document"]
    [cell] = _cells(document)
    assert "dendrites.pas.g set by an axis" in [part.text for part in cell.parts]
