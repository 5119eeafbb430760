"""The re-run contract where files are not what they were: a damaged store, another dataset, sources
that are edited while a run goes on; commits, branches and clones."""

import re
import shutil
import subprocess
import sys
import time

import pytest

from project import Project
from rerunning import (
    AFTER_SIMULATIONS,
    AFTER_STATISTICS,
    MADE,
    PACKAGE,
    append,
    edit,
    git,
    only,
    run,
)
from rerunning import (
    SWEEP_FILE as SWEEP,
)


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of the project that has run."""
    return Project(tmp_path / "project", of=rerun_project)


# ---- a store, a dataset or sources that are not what they were -----------------------------------


def lose_segment(project):
    segment = sorted((project.root / "results/store").glob("*.h5"))[0]
    segment.unlink()


def flip_byte(project):
    segment = sorted((project.root / "results/store").glob("*.h5"))[0]
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)


@pytest.mark.parametrize("damage", [lose_segment, flip_byte])
def test_a_damaged_store_is_named_and_the_next_run_heals_it(damage, project):
    """Each segment holds the one simulation of a job."""
    damage(project)
    segment = sorted((project.root / "results/store").glob("*.keys"))[0].stem
    assert segment in project.spikesweep("store", "verify", check=False).stdout
    edit(project, SWEEP, ("[1, 10]", "[1, 3, 10]"))
    ran = run(project, check=False)
    assert ran.what >= {"simulate"}
    assert ran.simulations == 2  # the new ones
    assert f"results/store/{segment}.h5" in ran.said
    assert "run snakemake again" in ran.said
    assert "Traceback" not in ran.said.split("RuleException")[0]
    ran = run(project)
    assert (ran.what, ran.simulations) == ({"simulate", *AFTER_SIMULATIONS} - {"plan"}, 1)
    assert "6 simulations, every one" in project.spikesweep("store", "verify").stdout


def test_two_sweeps_share_simulations_and_never_datasets(project):
    text = (project.root / SWEEP).read_text().partition("figures:")[0]
    project.write_sweep("other", text.replace("Two doses", "The same doses"))
    project.snakemake("other")
    batches = (project.root / "results/made/other").glob("batch_*.csv")
    assert sum(path.read_text().count(",store,") for path in batches) == 4

    other = next((project.root / "results/made/other").glob("dataset_*.nc"))
    dataset = only(project, "dataset_*.nc")
    for suffix in (".nc", ".json"):  # with what says what it is
        shutil.copy(other.with_suffix(suffix), dataset.with_suffix(suffix))
    edit(project, SWEEP, ("y: celsius,", "y: celsius, cmap: magma,"))
    ran = run(project, check=False)
    assert ran.what == {"plan"}  # no stable name leads to it
    name = dataset.relative_to(project.root)
    assert f"{name}: it holds the product {other.stem[-12:]}; expected {dataset.stem[-12:]}" in (
        ran.said
    )
    assert f"rm {name} && snakemake" in ran.said
    dataset.unlink()
    assert run(project).what == {"collect", "rates", "stamp", "current"}


def test_a_table_that_was_edited_by_hand_is_refused(project):
    """A spreadsheet writes through the link results/small/statistics.csv."""
    append(project, "results/small/statistics.csv", "1,2,3\n")
    edit(project, SWEEP, ("y: celsius,", "y: celsius, cmap: magma,"))
    ran = run(project, check=False)
    table = only(project, "statistics_*.csv").relative_to(project.root)
    assert f"{table}: {table.name} was changed after it was made" in ran.said
    assert f"rm {table} && snakemake" in ran.said


def test_sources_edited_during_a_run_are_never_mixed_in(project):
    """The statistics' code changes after the plan was made, before they are computed."""
    shutil.rmtree(project.root / MADE)
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    going = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while going.poll() is None and not list((project.root / MADE).glob("plan_*.json")):
        time.sleep(0.02)
    append(project, f"{PACKAGE}/tables/spiketrain.py", "\nMORE = 1\n")
    said, _ = going.communicate()
    assert going.returncode != 0
    assert re.search(r"the code of the stage \w+ changed while this run was going on", said)
    assert not list((project.root / MADE).glob("statistics_*"))
    ran = run(project)
    assert ran.what >= {"statistics", "rates"}  # the raster may have been drawn before
    assert ran.simulations == 0


# ---- git and clones ------------------------------------------------------------------------------


def test_commits_and_branches(project):
    (project.root / ".gitignore").write_text(".snakemake/\nresults/\n__pycache__/\n")
    (project.root / "README.md").write_text("Words\n")
    git(project, "init", "--initial-branch", "main")
    git(project, "add", ".")
    git(project, "commit", "--message", "one")
    assert run(project).what == {"stamp"}  # the figures get the label of the first commit

    append(project, "README.md", "More words\n")
    git(project, "add", ".")
    git(project, "commit", "--message", "README")
    assert run(project).what == {"stamp"}
    figures = project.root / "results/small/figures"
    [current] = figures.glob("rates_*.png")
    assert len(list(figures.glob("earlier/*/rates_*.png"))) == 2  # without git, and a commit
    assert (figures / "current/rates.png").resolve() == current.resolve()

    git(project, "switch", "--create", "branch")
    edit(project, SWEEP, ("28 ms]", "27 ms]"))
    git(project, "commit", "--all", "--message", "window")
    assert run(project).what == AFTER_STATISTICS
    git(project, "switch", "main")
    assert run(project).what == {"stamp", "current"}
    assert (figures / "current/rates.png").resolve() == current.resolve()
    git(project, "switch", "branch")
    assert run(project).what == {"stamp", "current"}


def test_a_clone_never_runs_the_code_of_another(project, rerun_project):
    """The other clone's package is first on the path, as after `pip install -e` there."""
    append(project, f"{PACKAGE}/tables/spiketrain.py", "\nMORE = 1\n")
    project.python_path = (str(rerun_project.root / "workflow"),)
    assert "statistics" in project.spikesweep("plan", "small").stdout
    said = rerun_project.spikesweep("plan", "small").stdout
    assert "would run    nothing" in said
    assert "because" not in said
    ran = run(project)
    assert ran.what == AFTER_STATISTICS
