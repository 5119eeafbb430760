"""A figure set by snakemake: what is drawn, when it is drawn again, what it says of itself."""

import re

import pytest
from PIL import Image

from paper import write_paper
from rerunning import SWEEP, append, edit, write_small_sweep

SET = """\
title: A paper
figures:
  fig1:
    size: [180, 90]
    mosaic: ABC
    panels:
      A: {kind: heatmap, sweep: small, of: rate, x: dose, y: celsius}
      C: {kind: heatmap, sweep: small, minus: other, of: rate, x: dose, y: celsius}
      B: {kind: python, sweep: small, draw: "figures/own.py:points"}
"""


@pytest.fixture(scope="module")
def paper(shared_project):
    write_small_sweep(shared_project)
    shared_project.write_sweep("other", SWEEP.replace("0.3 nA", "0.6 nA"))
    write_paper(shared_project, SET)
    shared_project.snakemake("paper")
    return shared_project


def drawn(paper):
    return {
        p.name: p.read_bytes() for p in (paper.root / "results/made/figure_sets/paper").iterdir()
    }


def test_a_set_is_drawn_explained_and_drawn_again_by_content_alone(paper):
    folder = paper.root / "results/figure_sets/paper"
    figures = sorted(p.name for p in folder.iterdir())
    assert figures == ["current", "fig1_nogit.pdf", "fig1_nogit.png", "fig1_nogit.svg"]
    for suffix in ("pdf", "png", "svg"):
        of_label = folder / f"fig1_nogit.{suffix}"
        assert (folder / f"current/fig1.{suffix}").resolve() == of_label.resolve()
    said = paper.spikesweep("explain", "results/figure_sets/paper/fig1_nogit.pdf").stdout
    assert "the figure fig1 of the figure set paper" in said
    assert "panel A: heatmap of small" in said
    assert "panel B: python of small" in said
    assert "panel C: heatmap of small minus other" in said
    assert said.count("statistics_") == 4  # of A, of B, and of both sweeps of C
    assert "axis dose" in said
    done = paper.spikesweep("rebuild", "results/figure_sets/paper/fig1_nogit.pdf", check=False)
    assert "names no commit; nothing says from which sources to make it" in done.stderr
    said = paper.spikesweep("plan", "paper").stdout
    assert "small: Two doses of a blocker" in said
    assert "figure       fig1, 180 x 90 mm" in said
    assert "panel A    heatmap of small: of rate, x dose, y celsius" in said
    assert "panel B    python of small: draw figures/own.py:points" in said
    assert "would draw   no figure" in said
    said = paper.spikesweep("status", "paper").stdout
    assert re.search(r"small: done\n(.*\n)+paper: done\n  panels +1/1\n  stamp_set +1/1\n", said)
    shown = paper.spikesweep("open", "paper").stdout
    assert shown.splitlines()[-1].endswith("results/figure_sets/paper/fig1_nogit.svg")

    before = drawn(paper)
    assert "Nothing to be done" in "".join(
        paper.snakemake("paper").stdout + paper.snakemake("paper").stderr
    )
    append(paper, "figures/own.py", "\n# a comment\n")
    paper.snakemake("paper")
    assert drawn(paper).keys() == before.keys()

    edit(paper, "figures/own.py", ('"o"', '"s"'))
    assert "would draw   figure fig1\n" in paper.spikesweep("plan", "paper").stdout
    said = paper.spikesweep("status", "paper").stdout
    assert (
        "paper: not complete; snakemake --cores 8 paper makes the rest\n  panels       0/1" in said
    )
    (folder / "fig1_1a2b3c4d.pdf").write_bytes(b"of an earlier label")
    (folder / "current/fig1.pdf").unlink()
    paper.snakemake("paper", "--cores", "8")
    assert (folder / "earlier/1a2b3c4d/fig1_1a2b3c4d.pdf").is_file()
    assert (folder / "current/fig1.pdf").resolve() == (folder / "fig1_nogit.pdf").resolve()
    assert not (folder / "fig1_1a2b3c4d.pdf").exists()
    made = {name for name in drawn(paper) if name.startswith("fig1_")}
    assert len(made) == 8  # two of each format, and what speaks of them

    edit(paper, "figures/own.py", ('"s"', '"o"'))
    for name in before:
        if name.startswith("fig1_"):
            (paper.root / "results/made/figure_sets/paper" / name).unlink()
    paper.snakemake("paper", "--cores", "8")
    assert {name: drawn(paper)[name] for name in before} == before  # the same bytes at 8 cores


def test_a_set_of_images_alone_is_run(project):
    """No sweep is named anywhere."""
    project.configure()
    Image.new("L", (60, 40), 128).save(project.root / "scheme.png")
    path = project.root / "config/figure_sets/scheme.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "title: A scheme\nfigures:\n  fig1: {mosaic: A, panels: {A: {image: scheme.png}}}\n"
    )
    project.snakemake("scheme")
    assert [*(project.root / "results/figure_sets/scheme").glob("fig1_*.pdf")]
    assert "Nothing to be done" in project.snakemake("scheme").stderr
