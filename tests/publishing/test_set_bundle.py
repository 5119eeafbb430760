"""The bundle of a figure set: one for all its sweeps, made again elsewhere with the same bytes."""

import copy
import json
import shutil
import zipfile
from typing import get_args

import pytest
from rocrate.rocrate import ROCrate

import provenance
import spikesweep
from crates import PROFILES, problems_of
from paper import OWN, write_paper
from project import ROOT, Project
from spikesweep.errors import UserError
from spikesweep.sweepfile.figures import FigureOptions

SET = """\
title: A paper
about:
  authors: [{name: Josiah Carberry, orcid: 0000-0002-1825-0097}]
  licence: CC-BY-4.0
  doi: 10.5281/zenodo.1234
figures:
  fig1:
    size: [120, 90]
    mosaic: ABC
    panels:
      A: {kind: heatmap, sweep: small, of: rate, x: gkbar, y: celsius}
      B: {kind: python, sweep: other, draw: "figures/own.py:points"}
      C: {kind: curve, sweep: other, minus: small, of: rate, x: celsius}
"""
AXIS = {"celsius": {"values": [6.3, 12], "sets": "protocol.celsius"}}


@pytest.fixture(scope="module")
def paper(committed, tmp_path_factory):
    """A figure set of two sweeps, published; the config names neither it nor the second sweep."""
    project = Project(tmp_path_factory.mktemp("paper") / "project", of=committed)
    other = copy.deepcopy(provenance.SWEEP)
    own = {"half": {"python": "figures/own.py:half", "unit": "1"}}
    other |= {"title": "Another", "axes": AXIS, "figures": [], "statistics": own}
    project.write_sweep("other", other)
    write_paper(project, SET)
    project.label = provenance.commit(project)[:8]
    project.said = project.snakemake("publish", "paper").stdout
    return project


@pytest.fixture(scope="module")
def unzipped(paper, tmp_path_factory):
    [bundle] = (paper.root / "results/published").iterdir()  # none of the sweeps alone
    assert bundle.name == f"paper_{paper.label}.zip"
    folder = tmp_path_factory.mktemp("unzipped") / "paper"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def test_nothing_of_a_set_is_unknown_garbage_or_stale(paper):
    said = paper.spikesweep("verify", ".").stdout
    assert said.strip().endswith("as they were made"), said  # and none of which nothing is known
    assert "figure_sets" not in paper.spikesweep("gc", "--dry-run").stdout
    assert "paper: no figure would be drawn" in paper.spikesweep("why", "paper").stdout


def test_verify_names_a_changed_figure_and_another_sets_figure(paper, tmp_path):
    project = Project(tmp_path / "project", of=paper)
    figure = project.root / f"results/figure_sets/paper/fig1_{paper.label}.svg"
    shutil.copy(figure, figure.with_name(f"fig2_{paper.label}.svg"))
    [plan] = (project.root / "results/made/figure_sets/paper").glob("set_*.json")
    plan.write_text(plan.read_text().replace("A paper", "a paper"))
    stable = figure.parent / "current/fig1.png"
    stable.unlink()
    stable.symlink_to(f"../fig1_{paper.label}.pdf")
    earlier = figure.parent / f"earlier/12345678/fig1_{paper.label}.pdf"
    earlier.parent.mkdir(parents=True)
    shutil.copy(figure.with_suffix(".pdf"), earlier)
    figure.write_text(figure.read_text().replace("<path", "<path ", 1))
    said = project.spikesweep("verify", ".", check=False).stdout
    assert f"fig1_{paper.label}.svg: was changed" in said
    assert f"current/fig1.png: leads to '../fig1_{paper.label}.pdf'" in said
    assert f"{earlier.name}: is in the folder of another label: 12345678" in said
    assert f"fig2_{paper.label}.svg: is another figure" in said
    assert f"{plan.name}: was changed" in said


def test_the_run_says_where_figures_and_bundle_lie(paper):
    assert "paper: A paper\n  figures      results/figure_sets/paper/" in paper.said
    assert f"  published    results/published/paper_{paper.label}.zip" in paper.said


def test_what_is_in_it(unzipped, paper):
    figure = f"results/figure_sets/paper/fig1_{paper.label}.pdf"
    for name in ("results/small/dataset.nc", "results/other/statistics.csv", figure):
        assert (unzipped / name).is_file(), name
    crate = ROCrate(unzipped)
    [author] = crate.root_dataset["author"]
    assert (author.id, author["name"]) == (
        "https://orcid.org/0000-0002-1825-0097",
        "Josiah Carberry",
    )
    assert crate.root_dataset["identifier"] == "https://doi.org/10.5281/zenodo.1234"
    assert crate.root_dataset["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    [drawn] = [e for e in crate.get_by_type("CreateAction") if e.id == "#run-panels-fig1"]
    read, made = ({file.id for file in drawn[key]} for key in ("object", "result"))
    assert {"results/small/statistics.csv", "results/other/dataset.nc", "figures/own.py"} <= read
    assert figure in made
    report = (unzipped / "results/figure_sets/paper/report.html").read_text()
    assert "fig1" in report
    draft = (unzipped / "results/figure_sets/paper/methods.md").read_text()
    assert draft == paper.spikesweep("methods", "paper").stdout
    assert "## Another" in draft
    assert "Half of the number of spikes" in draft
    assert ",half" in (unzipped / "results/other/statistics.csv").read_text()


def test_its_sweeps_open_one_by_one(paper, unzipped):
    [bundle] = (paper.root / "results/published").iterdir()
    for place in (bundle, unzipped):
        with pytest.raises(UserError, match="several sweeps: other, small; say which"):
            spikesweep.open(place)
        with pytest.raises(UserError, match='no sweep "smal", did you mean "small"'):
            spikesweep.open(place, sweep="smal")
        assert "half" in spikesweep.open(place, sweep="other").statistics
        assert "half" not in spikesweep.open(place, sweep="small").statistics


def test_diff_looks_at_all_its_sweeps(paper, tmp_path):
    """Also at those that are not the first of it, and where a set is."""
    [bundle] = (paper.root / "results/published").iterdir()
    project = Project(tmp_path / "project", of=paper)
    sweep = project.root / "config/sweeps/small.yaml"
    sweep.write_text(sweep.read_text() + "\nbounds: [-300, 300]\n")
    told = json.loads(project.spikesweep("diff", "--json", str(bundle), ".").stdout)
    assert (told["other"]["equal"], told["small"]["equal"]) == (True, False)
    alone = project.spikesweep("diff", str(bundle), "results/small/statistics.csv").stdout
    assert alone.startswith("small\n")
    assert "other" not in alone


@pytest.mark.parametrize("profile", PROFILES)
def test_the_crate_by_the_validator(unzipped, profile):
    assert problems_of(unzipped, profile) == []


def test_it_is_made_again_elsewhere_with_the_same_bytes(unzipped, tmp_path):
    folder = tmp_path / "elsewhere"
    shutil.copytree(unzipped, folder)
    gone = [*folder.glob("results/*/*.nc"), *folder.glob("results/*/*.csv")]
    gone += [*folder.glob("results/figure_sets/paper/fig1_*")]
    gone += folder.glob("results/small/figures/*_*.*")
    for path in gone:
        path.unlink()
    assert len(gone) > 20
    again = Project.at(folder)
    again.snakemake()
    assert again.has_its_sums()


def test_why_tells_what_changed_in_a_panel_and_gc_takes_what_no_set_names(paper, tmp_path):
    project = Project(tmp_path / "project", of=paper)
    changed = SET.replace("y: celsius", "y: celsius, cmap: magma")
    (project.root / "config/figure_sets/paper.yaml").write_text(changed)
    (project.root / "figures/own.py").write_text(OWN.replace('"o"', '"s"'))
    said = project.spikesweep("why", "paper").stdout
    assert 'panel A: options.cmap: "viridis" -> "magma"' in said
    assert "panel B: own figure code figures/own.py: changed" in said
    assert "small: nothing would run" in said
    assert "figures of the figure set paper" in project.spikesweep("gc", "--yes").stdout
    assert not [*(project.root / "results/made/figure_sets").glob("paper/fig1_*")]
    assert [*(project.root / "results/figure_sets/paper").glob("fig1_*")]  # nobody's garbage


def test_every_kind_of_figure_has_a_caption_in_the_report():

    kinds = [
        get_args(c.model_fields["kind"].annotation)[0] for c in get_args(get_args(FigureOptions)[0])
    ]
    captions = {path.stem for path in (ROOT / "workflow/report").glob("*.rst")}
    assert {*kinds, "panels"} <= captions
