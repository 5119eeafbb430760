"""The table of products: what follows from a row; which modules decide what each stage makes.

To widen a list of modules is a decision: an edit of any of them makes all these products anew.
"""

from importlib import import_module

import pytest

from project import PACKAGE
from spikesweep.products.column import Column
from spikesweep.products.stages import code, modules
from spikesweep.products.table import (
    FIGURE,
    KINDS,
    LINKED,
    PANELS,
    PLANNED,
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
MODULES = {
    "mechanisms": f"""{WRITING} mechanisms.builtin mechanisms.code mechanisms.compile
        mechanisms.declarations mechanisms.diagnosis mechanisms.flow mechanisms.mechanism
        mechanisms.nmodl mechanisms.sets mechanisms.tokens products.environment products.fingerprint
        products.seal""",
    "structure": f"""{TABLE} language.document language.expressions language.names
        morphology.morphology products.fingerprint tables.structure""",
    "collect": f"""{WRITING} language.names language.units products.fingerprint products.items
        products.physics products.slots recording.results store.index store.segment store.store
        tables.collect tables.doubtful tables.names tables.netcdf tables.unchanged""",
    "simulations": f"""{WRITING} store.batch_file tables.bounds tables.failures
        tables.simulations""",
    "statistics": f"""{TABLE} tables.bounds tables.columns tables.simulations tables.spiketrain
        tables.statistics
        language.expressions tables.derived""",
    "over_replicates": f"""{TABLE} tables.columns tables.replicates""",
    "hill_fits": f"""{TABLE} figures.data figures.dose_response figures.fits figures.labels
        figures.scale figures.series figures.style recording.results tables.columns tables.doubtful
        tables.hill tables.replicates tables.unchanged""",
    "explorer": f"""{TABLE} explorer.content explorer.page explorer.traces tables.bounds
        tables.columns tables.names tables.simulations""",
    "figure.raster": f"""{WRITING} figures.data figures.labels figures.raster figures.render
        figures.style recording.results tables.doubtful tables.unchanged""",
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
        assert set(kind.reads) <= known, kind.name
        known |= {file.stem for file in kind.files}


@pytest.mark.parametrize("file", LINKED, ids=lambda file: file.name)
def test_columns_of_tables_are_described(file):
    assert all(isinstance(column, Column) for column in columns(file).values())
    assert bool(file.columns) == (file.suffix == ".csv" and file.stem not in ("structure", "fits"))
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
