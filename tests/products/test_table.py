"""The table of products: what follows from a row; which modules decide what each stage makes.

To widen a list of modules is a decision: an edit of any of them makes all these products anew.
"""

import ast
import sys
from collections import defaultdict
from importlib import import_module

import pytest

from project import PACKAGE
from spikesweep.products.code import import_closure
from spikesweep.products.column import Column
from spikesweep.products.stages import code, modules
from spikesweep.products.table import (
    FIGURE,
    KINDS,
    LINKED,
    PANELS,
    PLANNED,
    REFINED,
    RESERVED_FIGURES,
    RESERVED_SWEEPS,
    SHOWN,
    TABLES,
    columns,
    file_names,
    kind_of_file,
    split_stage,
)
from spikesweep.snakefile.project import patterns

WRITING = "products.atomic"
TABLE = f"{WRITING} products.column"
FIGURE_DATA = """figures.arrays figures.data figures.files figures.labels recording.results
    tables.columns tables.doubtful tables.unchanged"""
MODULES = {
    "mechanisms": f"""{WRITING} mechanisms.builtin mechanisms.code mechanisms.compile
        mechanisms.declarations mechanisms.diagnosis mechanisms.flow mechanisms.mechanism
        mechanisms.nmodl mechanisms.sets mechanisms.tokens products.environment products.fingerprint
        products.plain
        products.seal""",
    "structure": f"""{TABLE} language.document language.expressions language.names
        morphology.morphology products.fingerprint products.plain tables.structure""",
    "collect": f"""{WRITING} language.movie_grid language.names language.units
        products.fingerprint products.items products.plain products.physics
        products.slots recording.frames recording.results
        store.deflating store.hdf5 store.index store.segment store.store
        tables.collect tables.doubtful tables.movies tables.names tables.netcdf tables.unchanged""",
    "simulations": f"""{TABLE} language.names store.batch_file recording.results tables.bounds
        tables.columns tables.doubtful tables.failures tables.flagged tables.flags tables.names
        tables.samples tables.simulations""",
    "own_statistics": f"""{TABLE} language.distances language.expressions language.names
        modelcode.own_function tables.bounds tables.columns tables.derived tables.names
        tables.own_statistics tables.simulations tables.spiketrain tables.statistics""",
    "statistics": f"""{TABLE} tables.bounds tables.columns tables.simulations tables.spiketrain
        tables.statistics
        language.distances language.expressions language.names tables.derived""",
    "over_replicates": f"""{TABLE} tables.columns tables.replicates""",
    "hill_fits": f"""{TABLE} {FIGURE_DATA} figures.dose_response figures.fits figures.bands
        figures.scale figures.series figures.style tables.hill tables.replicates""",
    "classify_firing": f"""{TABLE} {FIGURE_DATA} figures.firing figures.firing_table tables.firing
        tables.firing_columns""",
    "rates_of_populations": f"""{TABLE} {FIGURE_DATA} figures.bands figures.population_rates_table
        figures.populations figures.style tables.population_rates""",
    "sensitivity_indices": f"""{TABLE} {FIGURE_DATA} figures.sensitivity_table
        sweepfile.sequences tables.sensitivity figures.index_names""",
    "sensitivity_over_time": f"""{TABLE} {FIGURE_DATA} figures.index_names
        figures.over_time_table figures.sensitivity_table sweepfile.sequences
        tables.sensitivity""",
    "judge_candidates": f"""{TABLE} {FIGURE_DATA} figures.firing figures.population_table
        tables.firing tables.population tables.verdicts""",
    "run_alone": f"""{WRITING} recording.results tables.alone""",
    "numerical_trust": f"""{TABLE} tables.trust""",
    "threshold_search": f"""{TABLE} document.axes document.axes.searching tables.bounds
        tables.by_simulation tables.columns tables.derived tables.firing tables.names
        tables.simulations tables.spiketrain tables.statistics tables.thresholds
        language.distances language.expressions language.names""",
    "explorer": f"""{TABLE} explorer.content explorer.movies explorer.page explorer.traces
        store.deflating tables.bounds tables.columns tables.names tables.simulations""",
    "figure.raster": f"""{TABLE} {FIGURE_DATA} figures.raster figures.render figures.style
        figures.populations""",
}


def test_every_table_is_pinned():
    assert {kind.stage for kind in TABLES} <= set(MODULES)


@pytest.mark.parametrize("stage", MODULES)
def test_which_modules_decide_what_a_stage_makes(stage):
    """Those of `simulation/` are in every key, and pinned with it."""
    found = {name.removeprefix("spikesweep.") for name in code(stage)}
    files = {name for name in found if "." in name and not name.startswith("simulation.")}
    packages = {"store", "lineage.carriers"}
    assert files - packages == set(MODULES[stage].split())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_job_decides_content(kind):
    of = "raster" if kind == FIGURE else ""
    stage = f"{kind.stage}.{of}" if of else kind.stage
    assert not any(module.startswith("spikesweep.jobs") for module in code(stage))
    for module in modules(stage):
        path = PACKAGE.joinpath(*module.split("."))
        assert path.with_suffix(".py").is_file(), f"{kind.name}: no module {module}"


# What the modules of a stage import, though another version of it makes the product no other.
OF_NO_VERSION = {
    ("simulate", "efel"): "its version is in the address of each feature",
    ("simulate", "scipy"): "its version is in the address of each impedance",
    ("collect", "pint"): "`udunits` spells units, and asks it nothing",
    ("hill_fits", "matplotlib"): "the curves are drawn by the figure; the fit is SciPy's",
    ("rates_of_populations", "matplotlib"): "colours are the figure's; the rates are NumPy's",
    ("stamp", "git"): "what it says stands in the label and the lineage, by its values",
}
PROGRAMS = {("mechanisms", "neuron")}  # nrnivmodl, which is run
FIGURE_KINDS = [
    path.stem
    for path in sorted((PACKAGE / "spikesweep/figures").glob("*.py"))
    if "\ndef draw(" in path.read_text()
]
ALL_STAGES = [
    *(kind.stage for kind in KINDS if kind != FIGURE),
    *(f"{FIGURE.stage}.{kind}" for kind in FIGURE_KINDS),
]


def imported_from_elsewhere(stage):
    """The packages that modules of a stage import anywhere, but for types."""
    found = set()
    for module in import_closure(modules(stage)):
        path = PACKAGE.joinpath(*module.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - {"spikesweep", *sys.stdlib_module_names}


def test_packages_are_those_that_the_code_of_a_stage_imports():
    """No version that can change a product is missing in its recipe; none there says nothing."""
    missing, idle = set(), defaultdict(set)
    for stage in ALL_STAGES:
        kind, _ = split_stage(stage)
        found = imported_from_elsewhere(stage)
        missing |= {(stage, package) for package in found - set(kind.packages)}
        idle[kind.stage] |= found
    assert missing == set(OF_NO_VERSION)
    idle[PANELS.stage] |= idle[FIGURE.stage]  # the kinds of its panels stand in its recipe
    declared = {(kind.stage, package) for kind in KINDS for package in kind.packages}
    assert {(stage, name) for stage, name in declared if name not in idle[stage]} == PROGRAMS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_row_has_a_job_of_its_name(kind):
    assert callable(import_module(f"spikesweep.jobs.{kind.name}").make)


def test_no_two_products_share_a_name():
    for names in (
        [kind.name for kind in KINDS],
        [kind.stage for kind in KINDS],
        # In folders of their own, figures of a set have the form of a sweep's.
        [file.name for kind in KINDS if kind != PANELS for file in kind.files],
        [name for kind in PLANNED for name in map(str, patterns(kind))],
    ):
        assert len(names) == len(set(names))
    assert {kind.stage for kind in PLANNED} <= RESERVED_SWEEPS
    assert {file.stem for kind in TABLES for file in kind.files} <= RESERVED_FIGURES


def test_each_table_reads_what_stands_above_it():
    known: set[str] = set()
    for kind in TABLES:
        assert set(kind.reads) - {REFINED} <= known, kind.name
        known |= {file.stem for file in kind.files}


@pytest.mark.parametrize("file", LINKED, ids=lambda file: file.name)
def test_columns_of_tables_are_described(file):
    assert all(isinstance(column, Column) for column in columns(file).values())
    # These have no columns of axes: an axis may bear any name that theirs have.
    without_axes = (
        *("structure", "fits", "sensitivity", "uncertainty", "acceptance", "correlations"),
        *("sensitivity_over_time", "uncertainty_over_time", "population_rates"),
    )
    assert bool(file.columns) == (file.suffix == ".csv" and file.stem not in without_axes)
    if file in SHOWN:
        assert (PACKAGE / f"report/{file.stem}.rst").is_file()


def test_names_of_files_follow_from_the_first():
    names = file_names("statistics", "statistics_0123456789ab.csv")
    assert names == ["statistics_0123456789ab.csv", "isi_0123456789ab.csv"]
    assert file_names("figure.raster", "my_spikes_0123456789ab.pdf") == [
        f"my_spikes_0123456789ab{suffix}" for suffix in (".pdf", ".png", ".svg")
    ]
    assert kind_of_file("isi").name == "statistics"
    assert split_stage("figure.raster") == (FIGURE, "raster")
