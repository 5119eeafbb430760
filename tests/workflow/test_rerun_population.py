"""What runs again where a sweep asks for a population, and what does not."""

import csv
import re

import pytest

from project import Project
from rerunning import (
    AFTER_SIMULATIONS,
    CYLINDER,
    LEAVES,
    PACKAGE,
    SWEEP_FILE,
    append,
    edit,
    only,
    run,
    same_on_cores,
)
from spikesweep.tables.verdicts import read_population

DESIGN = """\
design: {grid: [{sobol: 8, of: {dose: [1, 60]}, seed: 1}, celsius]}
accept:
  fires: {of: rate, at_least: 60 Hz, at: {celsius: 6.3}}
  high: {of: v_max, at_least: 43 mV}
"""
JUDGED = {"judge_candidates", "rates", *LEAVES}


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of a project that has run, which asks for a sample and its population; run."""
    project = Project(tmp_path / "project", of=rerun_project)
    edit(
        project,
        SWEEP_FILE,
        ("values: [1, 10], ", ""),
        ("{kind: heatmap, of: rate, x: dose, y: celsius,", "{kind: candidates, of: [dose, fires],"),
        ("  - {kind: raster, by: dose, at: {celsius: 10}, name: spikes}\n", ""),
        ("simulations_per_job: 1", "simulations_per_job: 16"),
    )
    append(project, SWEEP_FILE, DESIGN)
    ran = run(project)
    made = {"simulate", "judge_candidates", *AFTER_SIMULATIONS} - {"spikes"}
    assert ran.what - {"structure"} == made
    assert ran.simulations == 16
    return project


def test_only_what_changed_runs_again(project):
    with only(project, "population_*.csv").open() as file:
        verdicts = [row["verdict"] for row in csv.DictReader(file)]
    assert len(verdicts) == 8
    assert set(verdicts) == {"accepted", "rejected"}
    assert run(project).what == set()
    edit(project, SWEEP_FILE, ("at_least: 43 mV", "at_least: 42 mV"))
    assert run(project).what == JUDGED
    edit(project, SWEEP_FILE, ("at_least: 42 mV", "at_least: 0.042 V"))
    assert run(project).what <= LEAVES  # the same criterion; the sweep file has another label
    append(project, f"{PACKAGE}/tables/population.py", "\nMORE = 1\n")
    assert run(project).what == JUDGED
    append(project, f"{PACKAGE}/figures/candidates.py", "\nMORE = 1\n")
    assert run(project).what == {"rates", *LEAVES}
    edit(project, SWEEP_FILE, ("28 ms]", "27 ms]"))
    assert run(project).what == {"statistics", "explorer", *JUDGED}
    edit(project, SWEEP_FILE, ("sobol: 8", "sobol: 16"))
    ran = run(project)
    assert ran.simulations == 16  # of 32
    assert ran.what >= JUDGED


def test_the_bytes_are_the_same_on_one_core_and_on_eight(project):
    names = ("population", "acceptance", "correlations")
    tables = [only(project, f"{name}_*.csv") for name in names]
    same_on_cores(project, tables)


CROSSED = """\
title: The accepted ones in three cells under a blocker
model:
  mechanisms: own
  cells:
    cell:
      morphology: morphologies/cylinder.swc
      biophysics: [{in: soma, insert: {hh: {gkbar: 0.036}}}]
protocol:
  tstop: 30 ms
  processes:
    step: {type: IClamp, at: cell.soma(0.5), delay: 2 ms, dur: 26 ms, amp: 0.3 nA}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
axes:
  dose: {unit: nM, drug: {scales: cell.soma.hh.gkbar, ic50: 30 uM}}
  shape: {values: [cylinder, thin, long], sets: cell.morphology}
  block: {values: [0, 10], unit: uM, drug: {scales: cell.soma.hh.gnabar, ic50: 30 uM}}
design: {grid: [{accepted: small}, shape, block]}
explorer: {off: true}
"""
SHAPES = {"cylinder": CYLINDER, "thin": CYLINDER.replace(" 10 ", " 8 "),
          "long": CYLINDER.replace("3 1 20 0", "3 1 40 0")}  # fmt: skip


def crossed(project):
    """Run the sweep of the accepted; return its rows, and how many simulations ran."""
    done = project.snakemake("crossed")
    results = project.root / "results/crossed"
    with (results / "statistics.csv").open() as file:
        rows = list(csv.DictReader(file))
    [ran] = re.findall(
        r"simulations  \d+: (\d+) run", (done.stdout + done.stderr).split("small:")[0]
    )
    return rows, int(ran)


def test_an_accepted_population_is_the_design_of_another_sweep(project):
    """Three morphologies and two doses of each accepted candidate; other criteria run what is new;
    every table says by which criteria they were accepted."""
    for name, text in SHAPES.items():
        (project.root / f"morphologies/{name}.swc").write_text(text)
    shapes = ", ".join(f"morphologies/{name}.swc" for name in SHAPES)
    project.write_sweep("crossed", CROSSED.replace("[cylinder, thin, long]", f"[{shapes}]"))
    rows, ran = crossed(project)
    small = project.root / "results/small/population.csv"
    before = {row["candidate"]: row for row in read_population(small).accepted}
    assert {row["small_candidate"] for row in rows} == set(before)
    assert len(rows) == ran == 6 * len(before)
    for row in rows:
        known = float(before[row["small_candidate"]]["dose"])
        assert float(row["dose"]) == pytest.approx(1000 * known)  # uM in nM
    assert len({(row["small_candidate"], row["shape"], row["block"]) for row in rows}) == len(rows)
    said = project.spikesweep("explain", "results/crossed/statistics.csv").stdout
    assert "the candidates that small accepted" in said
    assert "criterion high: v_max at least 43 mV" in said
    assert "v_max at least 43 mV" in project.spikesweep("methods", "crossed").stdout
    # Neither asked again, nor with another title there.
    assert "Nothing to be done" in project.snakemake("crossed").stderr
    edit(project, SWEEP_FILE, ("at_least: 43 mV", "at_least: 42 mV"))
    assert (
        "who is accepted in small is not known yet" in project.spikesweep("plan", "crossed").stdout
    )
    more, ran = crossed(project)
    new = len({row["small_candidate"] for row in more}) - len(before)
    assert new > 0
    assert ran == 6 * new
    edit(project, SWEEP_FILE, ("at_least: 42 mV", "at_least: 43 mV"))
    assert crossed(project) == (rows, 0)
    edit(project, SWEEP_FILE, ("at_least: 43 mV", "at_least: 90 mV"))
    refused = project.snakemake("crossed", check=False)
    assert "small: no candidate was accepted" in refused.stdout + refused.stderr
