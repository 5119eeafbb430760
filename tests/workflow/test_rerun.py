"""The re-run contract: results follow from content, so only what changed runs again.

Each row of the table is a change, what runs then, and how many simulations do. It is made in a
copy of a project that has run, and run by snakemake itself. Figures are drawn in the rows that
change how they are drawn, and left blank in the others.
"""

import os
import random
import shutil
import time

import pytest

from project import Project
from rerunning import (
    AFTER_SIMULATIONS,
    AFTER_STATISTICS,
    EVERYTHING,
    FIGURES,
    JUDGED,
    LEAVES,
    PACKAGE,
    append,
    appended,
    both,
    deleted,
    draw_figures,
    edit,
    edited,
    installed,
    nothing,
    run,
    sources,
)
from rerunning import (
    SWEEP_FILE as SWEEP,
)
from spikesweep.plan.measured import Measured, keep

NOTHING: set[str] = set()


@pytest.fixture
def project(rerun_project, tmp_path):
    """A copy of the project that has run."""
    return Project(tmp_path / "project", of=rerun_project)


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


def written_as_table(project):
    """The grid as a table of the same simulations, with a label of each."""
    rows = "dose,celsius,id\n1,6.3,a\n1,10,b\n10,6.3,c\n10,10,d\n"
    (project.root / "config/cells.csv").write_text(rows)
    edit(project, SWEEP, ("values: [1, 10], ", ""), ("values: [6.3, 10], ", ""))
    append(project, SWEEP, "design: {table: config/cells.csv}\n")


def at_rest_with_events(project):
    (project.root / "config/times.csv").write_text("t (ms)\n5\n15\n")
    edit(
        project,
        SWEEP,
        ("  tstop: 30 ms\n", "  tstop: 30 ms\n  balance: [leak.e]\n"),
        ("  processes:\n", "  processes:\n    at: {type: VecStim, times: config/times.csv}\n"),
    )


def measured(project):
    """A simulation takes 2 s."""
    keep(project.root, "small", Measured(seconds=2.0, stored=1000.0, memory=1e8))


STATISTICS_CODE = appended(f"{PACKAGE}/tables/spiketrain.py", "\nMORE = 1\n")
MEASURE = "  measures: {v_at: {of: cell.soma(0.5).v, names: [end], window: [2 ms, 5 ms]}}\n"
ALL_VALUES = "  features: {shape: {of: cell.soma(0.5).v, names: [AP_amplitude], values: true}}\n"
MOVIE = "  movies: {v_cell: {of: cell.all.v, every: 1 ms}}\n"
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
    "all values of a feature; a distance in a formula": (
        both(
            edited(SWEEP, ("  spikes: {soma", f"{ALL_VALUES}  spikes: {{soma")),
            appended(SWEEP, "derived: {off: {formula: 'distance(soma, v) + n_spikes'}}\n"),
        ),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "movie added": (
        edited(SWEEP, ("  spikes: {soma", f"{MOVIE}  spikes: {{soma")),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "measure added": (
        edited(SWEEP, ("  spikes: {soma", f"{MEASURE}  spikes: {{soma")),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "measure of a process's time added": (
        edited(
            SWEEP,
            ("  spikes: {soma", f"{MEASURE.replace('[2 ms, 5 ms]', 'step')}  spikes: {{soma"),
        ),
        {"simulate", *AFTER_SIMULATIONS},
        4,
    ),
    "rest at v_init, events at given times": (
        at_rest_with_events,
        {"simulate", *AFTER_SIMULATIONS},  # the structure is that of the cell as it is built
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
    "statistics window of a process, which is the same time": (
        edited(SWEEP, ("window: [2 ms, 28 ms]", "window: step")),
        NOTHING,
        0,
    ),
    "statistics window": (
        edited(SWEEP, ("28 ms]", "27 ms]")),
        AFTER_STATISTICS,
        0,
    ),
    "quantity derived": (
        appended(SWEEP, "derived: {gain: {formula: n_spikes * celsius}}\n"),
        AFTER_STATISTICS,
        0,
    ),
    "statistics code, no .snakemake": (
        both(STATISTICS_CODE, lose_memory),
        AFTER_STATISTICS,
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
    "firing map added": (
        edited(SWEEP, ("figures:\n", "figures:\n  - {kind: firing_map, x: dose, y: celsius}\n")),
        {"classify_firing", "firing_map", *LEAVES},
        0,
    ),
    "figure of population rates added": (
        edited(SWEEP, ("figures:\n", "figures:\n  - {kind: population_rate, bin: 10 ms}\n")),
        {"rates_of_populations", "population_rate", *LEAVES},
        0,
    ),
    "figure with a band added": (
        edited(
            SWEEP,
            (
                "figures:\n",
                "figures:\n  - {kind: curve, of: rate, x: dose, name: spread, band: percentiles}\n",
            ),
        ),
        {"spread", *LEAVES},
        0,
    ),
    "bounds": (appended(SWEEP, "bounds: [-150 mV, 150 mV]\n"), JUDGED, 0),
    "flags": (appended(SWEEP, "flags: {drift: 0.5 mV, range: null}\n"), JUDGED, 0),
    "the flag of counts": (appended(SWEEP, "flags: {doubtful_count: false}\n"), JUDGED, 0),
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
    "seconds_per_job, as was measured": (
        both(edited(SWEEP, ("simulations_per_job: 1", "seconds_per_job: 6")), measured),
        {"plan", "current"},
        0,
    ),
    "seconds_per_job, dataset deleted": (
        both(
            edited(SWEEP, ("simulations_per_job: 1", "seconds_per_job: 6")),
            measured,
            deleted("dataset_*.nc"),
        ),
        {"plan", "simulate", "collect", "current"},  # the jobs find all in the store
        0,
    ),
    "measured, without seconds_per_job": (measured, NOTHING, 0),
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


# Rows that change how a figure is drawn.
DRAWN = {
    "figure with a fit added",
    "figure with a band added",
    "figure option",
    "figure code",
    "seaborn's version",
}


@pytest.mark.parametrize(("change", "what", "simulations"), TABLE.values(), ids=TABLE)
def test_what_runs_after(change, what, simulations, project, request):
    if request.node.callspec.id in DRAWN:
        draw_figures(project)
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
