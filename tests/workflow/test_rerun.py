"""The re-run contract: results follow from content, so only what changed runs again.

Each row of the table is a change, what runs then, and how many simulations do. It is made in a
copy of a project that has run, and run by snakemake itself.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import time

import pytest

from rerunning import (
    MADE,
    append,
    copy_of,
    edit,
    git,
    install,
    only,
    run,
    sources,
    write_small_sweep,
)

SWEEP = "config/sweeps/small.yaml"
PACKAGE = "workflow/spikesweep"
NOTHING: set[str] = set()
LEAVES = {"plan", "stamp", "current"}  # the plan itself, and what names and links
FIGURES = {"rates", "spikes"}
JUDGED = {
    "simulations",
    "statistics",
    "explorer",
    *FIGURES,
    *LEAVES,
}  # all that asks what is unphysical
AFTER_SIMULATIONS = {"collect", *JUDGED}


@pytest.fixture(scope="module")
def made(shared_project):
    """The small sweep, run: four simulations."""
    write_small_sweep(shared_project)
    ran = run(shared_project)
    assert ran.what == {"mechanisms", "simulate", "structure", *AFTER_SIMULATIONS}
    assert ran.simulations == 4
    return shared_project


@pytest.fixture
def project(made, tmp_path):
    """A copy of the project that has run."""
    return copy_of(made, tmp_path / "project")


def nothing(project):
    pass


def touch_every_source(project):
    for path in sources(project):
        path.touch()


def comments_and_layout(project):
    append(project, "mod/own/leak.mod", "\n: a comment\nCOMMENT\nlonger\nENDCOMMENT\n")
    append(project, "morphologies/cylinder.swc", "# a comment\n")
    append(project, SWEEP, "\n# a comment\n")
    append(project, f"{PACKAGE}/tables/spiketrain.py", "\n\n# a comment\n")
    edit(project, f"{PACKAGE}/simulation/streams.py", ('    """Set the', '    """Set all the'))
    edit(project, f"{PACKAGE}/figures/raster.py", ('    """Draw the', '    """Draw all the'))


def other_words_for_the_same(project):
    text = (project.root / SWEEP).read_text()
    title, rest = text.split("\n", 1)
    figures = rest.index("statistics:")
    (project.root / SWEEP).write_text(f"{rest[figures:]}{title}\n{rest[:figures]}")  # key order
    edit(project, SWEEP, ("0.3 nA", "300 pA"), ("tstop: 30 ms", "tstop: 0.03 s"))


def scramble_times(project):
    """As a clone does, with results copied over."""
    random.seed(1)
    for path in project.root.rglob("*"):
        then = random.uniform(1e9, time.time())
        os.utime(path, (then, then), follow_symlinks=False)


def lose_memory(project):
    shutil.rmtree(project.root / ".snakemake")


def both(*changes):
    def change(project):
        for one in changes:
            one(project)

    return change


def edited(path, *replacements):
    return lambda project: edit(project, path, *replacements)


def appended(path, text):
    return lambda project: append(project, path, text)


def installed(package, version):
    return lambda project: install(project, package, version)


def written_as_table(project):
    """The grid as a table of the same simulations, with a label of each."""
    rows = "dose,celsius,id\n1,6.3,a\n1,10,b\n10,6.3,c\n10,10,d\n"
    (project.root / "config/cells.csv").write_text(rows)
    edit(project, SWEEP, ("values: [1, 10], ", ""), ("values: [6.3, 10], ", ""))
    append(project, SWEEP, "design: {table: config/cells.csv}\n")


def deleted(pattern):
    return lambda project: only(project, pattern).unlink()


STATISTICS_CODE = appended(f"{PACKAGE}/tables/spiketrain.py", "\nMORE = 1\n")
EVERYTHING = {"mechanisms", "simulate", "structure", *AFTER_SIMULATIONS}

MEASURE = "  measures: {v_at: {of: cell.soma(0.5).v, names: [end], window: [2 ms, 5 ms]}}\n"
FEATURE = "  features: {shape: {of: cell.soma(0.5).v, names: [AP_amplitude]}}\n"
TABLE = {
    "nothing": (nothing, NOTHING, 0),
    # One run for all of these: none of them hides what another would run.
    "sources touched; comments, layout; units, order of keys; code of a job": (
        both(
            comments_and_layout,
            other_words_for_the_same,
            appended(f"{PACKAGE}/jobs/statistics.py", "\nMORE = 1\n"),
            touch_every_source,
        ),
        NOTHING,
        0,
    ),
    "times scrambled": (scramble_times, NOTHING, 0),
    "times scrambled, no .snakemake": (both(scramble_times, lose_memory), NOTHING, 0),
    "no .snakemake": (lose_memory, NOTHING, 0),
    "value added": (
        edited(SWEEP, ("[1, 10]", "[1, 3, 10]")),
        {"simulate", *AFTER_SIMULATIONS},
        2,
    ),
    "value removed, order changed, axis renamed": (
        edited(
            SWEEP,
            ("[1, 10]", "[1]"),
            ("[6.3, 10]", "[10, 6.3]"),
            *(("dose: {", "drug: {"), ("x: dose", "x: drug"), ("by: dose", "by: drug")),
        ),
        AFTER_SIMULATIONS,
        0,
    ),
    "labels, the grid as a table": (written_as_table, AFTER_SIMULATIONS, 0),
    "trace and clamp renamed": (
        edited(SWEEP, ("{v: {of", "{voltage: {of"), ("step: {type", "pulse: {type")),
        AFTER_SIMULATIONS,
        0,
    ),
    "trace removed": (
        edited(SWEEP, ("  traces: {v: {of: cell.soma(0.5).v}}\n", "")),
        {"simulate", *AFTER_SIMULATIONS},  # the jobs find all in the store
        0,
    ),
    "coarser grid": (
        edited(SWEEP, ("cell.soma(0.5).v}", "cell.soma(0.5).v, every: 0.3 ms}")),
        {"simulate", *AFTER_SIMULATIONS},
        0,
    ),
    "finer grid": (
        edited(SWEEP, ("cell.soma(0.5).v}", "cell.soma(0.5).v, every: 0.05 ms}")),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "feature added": (
        edited(SWEEP, ("  spikes: {soma", f"{FEATURE}  spikes: {{soma")),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "measure added": (
        edited(SWEEP, ("  spikes: {soma", f"{MEASURE}  spikes: {{soma")),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "code that records": (
        appended(f"{PACKAGE}/recording/spikes.py", "\nMORE = 1\n"),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "code that runs simulations, dataset deleted": (
        both(appended(f"{PACKAGE}/execution/child.py", "\nMORE = 1\n"), deleted("dataset_*.nc")),
        {"plan", "simulate", "collect", "current"},
        0,
    ),
    "mechanism that is inserted": (
        edited("mod/own/leak.mod", ("(v - e)", "(v - e - 1)")),
        EVERYTHING,
        4,
    ),
    "mechanism that is not inserted": (
        edited("mod/own/unused.mod", ("(v - e)", "(v - e - 1)")),
        {"plan", "current"},  # the library is compiled when a simulation needs it
        0,
    ),
    "morphology": (
        edited("morphologies/cylinder.swc", ("3 1 20", "3 1 21")),
        EVERYTHING - {"mechanisms"},
        4,
    ),
    "statistics window": (
        edited(SWEEP, ("28 ms]", "27 ms]")),
        {"statistics", "explorer", "rates", *LEAVES},  # the raster shows none
        0,
    ),
    "quantity derived": (
        appended(SWEEP, "derived: {gain: {formula: n_spikes * celsius}}\n"),
        {"statistics", "explorer", "rates", *LEAVES},
        0,
    ),
    "statistics code, no .snakemake": (
        both(STATISTICS_CODE, lose_memory),
        {"statistics", "explorer", "rates", *LEAVES},
        0,
    ),
    "replicates named": (
        edited(SWEEP, ("28 ms]}", "28 ms], replicates: [celsius]}")),
        {"over_replicates", *LEAVES},
        0,
    ),
    "figure with a fit added": (
        edited(
            SWEEP,
            ("figures:\n", "figures:\n  - {kind: dose_response, of: rate, x: dose, name: curve}\n"),
        ),
        {"hill_fits", "curve", *LEAVES},
        0,
    ),
    "bounds": (appended(SWEEP, "bounds: [-150 mV, 150 mV]\n"), JUDGED, 0),
    "code of the table of simulations": (
        appended(f"{PACKAGE}/tables/simulations.py", "\nMORE = 1\n"),
        JUDGED,
        0,
    ),
    "table of simulations deleted": (
        deleted("simulations_*.csv"),
        {"simulations", "current"},
        0,
    ),
    "the page that shows all": (
        edited(f"{PACKAGE}/explorer/web/main.js", ("/** The page:", "/** This page:")),
        {"explorer", *LEAVES},  # its files count byte by byte
        0,
    ),
    "traces of the page": (
        appended(SWEEP, "explorer: {traces: precision, precision: 0.1 mV}\n"),
        {"explorer", *LEAVES},
        0,
    ),
    "no page": (appended(SWEEP, "explorer: {off: true}\n"), LEAVES, 0),
    "figure option": (
        edited(SWEEP, ("y: celsius,", "y: celsius, cmap: magma,")),
        {"rates", *LEAVES},
        0,
    ),
    "figure code": (
        appended(f"{PACKAGE}/figures/raster.py", "\nMORE = 1\n"),
        {"spikes", *LEAVES},
        0,
    ),
    "simulations_per_job": (
        edited(SWEEP, ("per_job: 1", "per_job: 3")),
        {"plan", "current"},  # the dataset is there, so nobody asks for batches
        0,
    ),
    "NEURON's version": (installed("neuron", "9.9.9"), EVERYTHING, 4),
    "seaborn's version": (installed("seaborn", "9.9.9"), {*FIGURES, *LEAVES}, 0),
    "dataset deleted": (deleted("dataset_*.nc"), {"collect", "current"}, 0),
    "figure deleted": (deleted("rates_*.png"), {"rates"}, 0),
    "batches shared out otherwise, dataset deleted": (
        both(edited(SWEEP, ("per_job: 1", "per_job: 3")), deleted("dataset_*.nc")),
        {"plan", "simulate", "collect", "current"},  # the jobs find all in the store
        0,
    ),
}


@pytest.mark.parametrize(("change", "what", "simulations"), TABLE.values(), ids=TABLE)
def test_what_runs_after(change, what, simulations, project):
    change(project)
    ran = run(project)
    assert (ran.what, ran.simulations) == (what, simulations)


def another_trace(name, of):
    v = "v: {of: cell.soma(0.5).v}"
    return f"{{{v}}}", f"{{{v}, {name}: {{of: cell.soma(0.5).{of}}}}}"


def test_there_and_back_costs_nothing(project):
    """Another trace has all run again; without it, what was recorded before is found."""
    more = another_trace("ina", "ina")
    edit(project, SWEEP, more)
    again = "simulate: 4 simulations again: trace ina is new"
    assert again in project.spikesweep("why", "small").stdout
    said = project.spikesweep("plan", "small").stdout
    assert "0 of them in the store" in said
    assert f"because      {again} ...; of each stage: spikesweep why small" in said
    assert run(project).simulations == 4
    edit(project, SWEEP, more[::-1])
    # Without git, the figures of both have the same names.
    assert run(project).what == {"stamp", "current"}


def test_a_trace_that_fails_takes_nothing_with_it_and_is_mended(project):
    """It is no reason to run again what else was recorded."""
    plain, failing = another_trace("w", "leak.nan")
    edit(project, SWEEP, (plain, failing))
    assert run(project, "current_small").simulations == 4
    failures = (project.root / "results/small/failures.csv").read_text()
    assert failures.count("not_finite,w is not a finite number from") == 4

    _, mended = another_trace("w", "leak.i")
    edit(project, SWEEP, (failing, mended))
    assert "4 simulations again: trace w is another" in project.spikesweep("why", "small").stdout
    ran = run(project, "current_small")
    tables = AFTER_SIMULATIONS - FIGURES - {"stamp"}
    assert (ran.what, ran.simulations) == ({"simulate", *tables}, 4)
    assert (project.root / "results/small/failures.csv").read_text().count("\n") == 1

    # What failed is known, and what did not is there, alone too, and by another name.
    for earlier in (failing, plain, plain.replace("v:", "voltage:")):
        edit(project, SWEEP, (mended, earlier))
        assert "4 of them in the store" in project.spikesweep("plan", "small").stdout
        edit(project, SWEEP, (earlier, mended))


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
    STATISTICS_CODE(project)
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
    assert run(project).what == {"statistics", "explorer", "rates", *LEAVES}
    git(project, "switch", "main")
    assert run(project).what == {"stamp", "current"}
    assert (figures / "current/rates.png").resolve() == current.resolve()
    git(project, "switch", "branch")
    assert run(project).what == {"stamp", "current"}


def test_a_clone_never_runs_the_code_of_another(project, made):
    """The other clone's package is first on the path, as after `pip install -e` there."""
    append(project, f"{PACKAGE}/tables/spiketrain.py", "\nMORE = 1\n")
    project.python_path = (str(made.root / "workflow"),)
    assert "statistics" in project.spikesweep("plan", "small").stdout
    said = made.spikesweep("plan", "small").stdout
    assert "would run    nothing" in said
    assert "because" not in said
    ran = run(project)
    assert ran.what == {"statistics", "explorer", "rates", *LEAVES}


# ---- why, and what can go ------------------------------------------------------------------------

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
