"""The bundle of a sweep that reads another's spikes: elsewhere it makes both, byte by byte."""

import shutil
import zipfile

import pytest

import provenance
from project import Project

CELL = {
    "sections": {"soma": {"L": 20, "diam": 20}},
    "biophysics": [{"in": "all", "insert": {"hh": {}}}],
}
FIRST = {
    "title": "What fires",
    "model": {"cells": {"cell": CELL}},
    "protocol": {
        "tstop": 60,
        "processes": {
            "step": {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 1, "dur": 50, "amp": 0.3}
        },
    },
    "record": {"spikes": {"soma": {"at": "cell.soma(0.5)", "threshold": 0}}},
    "axes": {"amp": {"values": [0.2, 0.3], "unit": "nA", "sets": "step.amp"}},
    "figures": [{"kind": "raster"}],
}
SECOND = {
    "title": "What is driven",
    "model": {"cells": {"cell": CELL}},
    "protocol": {
        "tstop": 80,
        "processes": {
            "input": {
                "type": "VecStim",
                "spikes": {"sweep": "first", "of": "soma", "at": {"amp": "0.3 nA"}},
            },
            "syn": {"type": "ExpSyn", "at": "cell.soma(0.5)", "tau": 2},
        },
        "connections": {"drive": {"from": "input", "to": "syn", "weight": 0.02}},
    },
    "record": {"spikes": {"soma": {"at": "cell.soma(0.5)"}, "input": {"at": "input"}}},
    "axes": {"weight": {"values": [0.001, 0.02], "sets": "drive.weight"}},
    "figures": [{"kind": "raster", "site": "soma"}],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("input") / "project")
    provenance.make_repository(project)
    project.write_sweep("first", FIRST)
    project.write_sweep("second", SECOND)
    project.label = provenance.commit(project)[:8]
    project.snakemake("publish", "second")
    return project


@pytest.fixture(scope="module")
def unzipped(project, tmp_path_factory):
    [bundle] = (project.root / "results/published").iterdir()
    assert bundle.name == f"second_{project.label}.zip"
    folder = tmp_path_factory.mktemp("unzipped") / "second"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def test_what_is_in_it(unzipped, project):
    """The first sweep is there as what it is made from; the times, in the plan."""
    assert (unzipped / "config/sweeps/first.yaml").is_file()
    assert (unzipped / f"results/second/figures/raster_{project.label}.pdf").is_file()
    draft = (unzipped / "results/second/methods.md").read_text()
    assert "input: IntFire1 (relays the spikes of soma in the sweep first)" in draft
    project.spikesweep("verify", f"results/published/second_{project.label}.zip")


@pytest.mark.parametrize("keep_plan", [True, False])
def test_it_is_made_again_elsewhere_with_the_same_bytes(unzipped, tmp_path, keep_plan):
    """From the times in the plan, and where that is gone, from the first sweep, which runs."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(unzipped, folder)
    gone = [*folder.glob("results/second/*.nc"), *folder.glob("results/second/*.csv")]
    gone += folder.glob("results/second/figures/*_*.*")
    for path in gone:
        path.unlink()
    assert len(gone) >= 10
    if not keep_plan:
        shutil.rmtree(folder / "results/made")
    again = Project.at(folder)
    again.snakemake()
    assert again.has_its_sums()
    assert (folder / "results/made/first").exists() != keep_plan


@pytest.mark.parametrize("scratch", [(), ("--from-scratch",)])
def test_a_figure_of_it_is_rebuilt(project, scratch):
    figure = f"results/second/figures/raster_{project.label}.pdf"
    said = project.spikesweep("rebuild", figure, "--cores", "2", *scratch).stdout
    assert f"{figure}: bytes equal" in said
    assert "held: equal bytes" in said
