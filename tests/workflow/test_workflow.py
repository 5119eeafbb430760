"""The workflow as a user runs it: snakemake in a project of its own."""

import hashlib
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
import yaml

import rerunning
from project import ROOT
from small import small_sweep
from spikesweep.plan.making import make_plan
from spikesweep.snakefile.project import Project
from spikesweep.sweepfile.schema import schema_text


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def ran(shared_project):
    """The small sweep, run."""
    shared_project.write_sweep("small", small_sweep())
    shared_project.configure("small")
    shared_project.said = shared_project.snakemake()
    return shared_project


def test_a_run_ends_with_a_summary(ran):
    said = ran.said.stdout + ran.said.stderr
    assert "simulations  6: 6 run, 0 found in the store, none failed" in said
    assert "results/small/dataset.nc" in said


def test_that_all_simulations_failed_is_the_last_that_is_said(project):
    """It is no error of the run, whose results say so, as the page on exit codes has it."""
    protocol = {
        "processes": {"step": {"type": "IClamp", "at": "c.soma(0.5)", "amp": 1e9, "dur": 9}}
    }
    sweep = {
        "title": "None finishes",
        "model": {"cells": {"c": {"sections": {"soma": {"L": 10, "diam": 10}},
                                  "biophysics": [{"in": "soma", "insert": {"hh": {}}}]}}},
        "protocol": {"tstop": 5, **protocol},
        "record": {"traces": {"v": {"of": "c.soma(0.5).v", "every": 0.025}}},
        "axes": {"amp": {"values": [1e9, 2e9], "sets": "step.amp"}},
    }  # fmt: skip
    project.write_sweep("none", sweep)
    said = project.snakemake("none").stdout.rstrip().splitlines()
    assert said[-1].startswith("spikesweep: none: all 2 simulations failed: ")
    assert said[-1].endswith("; see results/none/failures.csv")


def test_a_part_of_a_sweep_can_be_made_alone(project):
    project.write_sweep("small", small_sweep())
    plan = make_plan(project.root, "small").plan.path
    project.snakemake(str(plan))
    assert rerunning.finished(project) == ["plan"]
    assert (project.root / plan).exists()


def test_the_environment_may_lie_in_a_folder_with_a_space(project, tmp_path, monkeypatch):
    environment = tmp_path / "my environment"
    environment.symlink_to(sys.prefix)
    python = environment / Path(sys.executable).relative_to(sys.prefix)
    monkeypatch.setattr(sys, "executable", str(python))
    project.write_sweep("small", small_sweep())
    plan = make_plan(project.root, "small").plan.path
    project.snakemake(str(plan))
    assert (project.root / plan).exists()


def test_a_second_run_has_nothing_to_do(ran):
    said = ran.snakemake()
    assert "Nothing to be done" in said.stdout + said.stderr


def test_plan_says_what_would_run(ran):
    said = ran.spikesweep("plan", "small").stdout
    assert "6 (grid) in 1 job, 6 of them in the store" in said
    assert re.search(r"would run +nothing", said)


def test_figures_bear_the_git_label_and_open(ran):
    folder = ran.root / "results/small/figures"
    names = {path.name for path in folder.iterdir()} - {"current"}
    # outside of a repository
    stems = {"heatmap_rate_nogit", "traces_nogit"}
    assert names == {f"{stem}.{suffix}" for stem in stems for suffix in ("pdf", "png", "svg")}


def test_dataset_is_labelled(ran):
    ds = xr.open_dataset(ran.root / "results/small/dataset.nc")
    assert ds.v.dims == ("gkbar", "celsius", "time")
    assert ds.v.attrs["units"] == "mV"
    assert ds.gkbar.attrs["units"] == "mS cm-2"
    assert ds.celsius.attrs["long_name"] == "temperature"
    assert (ds.status == 0).all()
    assert ds.v.notnull().all()


def test_statistics_have_a_row_a_simulation(ran):
    table = pd.read_csv(ran.root / "results/small/statistics.csv")
    assert list(table["index"]) == list(range(6))
    intervals = pd.read_csv(ran.root / "results/small/isi.csv")
    counts = intervals.groupby("index").size().reindex(range(6), fill_value=0)
    assert (counts == (table.n_spikes - 1).clip(lower=0)).all()


@pytest.mark.parametrize("per_job", [1, 4, "auto"])
def test_sharing_out_over_jobs_changes_no_byte(ran, project, per_job):
    project.write_sweep("small", small_sweep(simulations_per_job=per_job))
    project.snakemake("current_small")  # no figures, which take most of the time
    for name in ("dataset.nc", "statistics.csv", "isi.csv"):
        assert sha256(project.root / "results/small" / name) == sha256(
            ran.root / "results/small" / name
        )


def test_results_survive_the_loss_of_the_store_and_of_snakemakes_memory(ran, project):
    """Nothing but the products themselves says that there is nothing to do."""
    import shutil

    shutil.copytree(ran.root / "results/made", project.root / "results/made")
    project.write_sweep("small", small_sweep())
    said = project.snakemake("small", "--dry-run")
    jobs = re.findall(r"^(\w+) +\d+$", said.stdout, re.MULTILINE)
    assert set(jobs) <= {"current_small", "stamp_small", "small", "total"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["smal"], 'no sweep is named "smal", did you mean "small"'),
        (
            ["nosuch"],
            '"nosuch" is neither a sweep nor a figure set, a rule or a file (sweeps: small',
        ),
        (["--config", "sweeps=[]"], "names no sweep"),
        (["--config", "sweep=small"], 'unknown key "sweep", did you mean "sweeps"'),
        (["--config", "sweeps=smal"], 'no sweep is named "smal", did you mean "small"'),
        (["--config", "allow_large=maybe"], "allow_large: 'maybe'; expected true or false"),
    ],
)
def test_a_wrong_name_is_one_message(ran, arguments, said):
    done = ran.snakemake(*arguments, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file"),
        ("", "expected keys, such as"),
        ("- small", "expected keys, such as"),
        ("sweeps: [small", 'the "[" of line 1 is not closed'),
    ],
)
def test_a_wrong_config_file_is_one_message(project, text, said):
    path = project.root / "config/config.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    done = project.snakemake(check=False)
    assert done.returncode == 1
    assert "spikesweep: config/config.yaml" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_rules_of_one_sweep_go_by_their_names(ran):
    """As Snakemake's list of jobs has them."""
    for leaf in ("stamp_small", "current_small"):
        assert "Nothing to be done" in ran.snakemake(leaf).stderr


def test_a_mistake_in_a_sweep_is_one_message_and_nothing_runs(project):
    sweep = small_sweep()
    sweep["protocol"]["celcius"] = sweep["protocol"].pop("celsius")
    project.write_sweep("small", sweep)
    for done in (
        project.snakemake("small", check=False),
        project.spikesweep("plan", "small", check=False),
    ):
        assert done.returncode == 1
        assert 'config/sweeps/small.yaml: protocol: unknown key "celcius"' in done.stderr
        assert "Traceback" not in done.stderr
    assert not (project.root / "results").exists()


def test_the_schema_for_editors_is_current():
    """Written by: spikesweep schema > config/sweep.schema.json"""
    assert (ROOT / "config/sweep.schema.json").read_text() == schema_text()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config/sweeps").glob("*.yaml")), ids=lambda p: p.stem
)
def test_shipped_sweeps_fit_the_schema(path):
    import json

    import jsonschema

    jsonschema.validate(yaml.safe_load(path.read_text()), json.loads(schema_text()))


@pytest.mark.parametrize(
    ("arguments", "sweeps"),
    [
        ([], ["potassium_block"]),
        (["hh_gkbar"], ["hh_gkbar"]),
        (["--cores", "all", "publish", "hh_gkbar"], ["hh_gkbar"]),
        (["-c", "all"], ["potassium_block"]),
        (["--cores", "2", "hh_gkbar", "all"], ["hh_gkbar", "potassium_block"]),
        (["results/hh_gkbar/dataset.nc"], ["hh_gkbar"]),
        (["publish_hh_gkbar"], ["hh_gkbar"]),
        (["results/published/hh_gkbar_0a1b2c3d+4e5f.zip"], ["hh_gkbar"]),
        (["study_hh_gkbar"], ["hh_gkbar"]),
        (["study_stamp_hh_gkbar"], ["hh_gkbar"]),
        (["--report", "hh_gkbar.html"], ["potassium_block"]),
        (["--forcerun", "collect", "stamp_hh_gkbar"], ["hh_gkbar"]),
    ],
)
def test_the_sweeps_that_arguments_ask_for(arguments, sweeps):
    assert Project(ROOT, ["potassium_block"]).asked_for(arguments) == sweeps
