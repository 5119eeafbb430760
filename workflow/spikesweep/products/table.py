"""Every product of the workflow, a row each, from which all that is said of it elsewhere follows.

The verb `make` and the rules; the names that no sweep, figure or axis may bear; the stable names in
`results/<sweep>/`; what the plan, the lineage and a bundle list; what the report shows and
`explain` says. To add a product, write its row, its job in `jobs/`, and the module that decides
its content.

A row names modules and columns by text, so that to read the table imports nothing.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import Any, NamedTuple


class File(NamedTuple):
    """A file that a product is made of: `isi.csv` is made as `isi_<fingerprint>.csv`.

    columns: of a table that has a column an axis too: where its other columns are described,
        "module:NAME" of a dict of Column; no axis may bear the name of one. The module is imported
        by everyone, so it should import little. The job of another table tells its columns.
    linked: whether `results/<sweep>/` has it, under the name that it has here.
    shown: whether the report shows it, with the caption `workflow/report/<stem>.rst`.
    """

    name: str
    columns: str = ""
    linked: bool = True
    shown: bool = False

    @property
    def stem(self) -> str:
        """The name that recipes and figures read it by: "isi"."""
        return PurePath(self.name).stem

    @property
    def suffix(self) -> str:
        """What its name ends in: ".csv"."""
        return PurePath(self.name).suffix


@dataclass(frozen=True)
class Kind:
    """A row of the table: one kind of product.

    name: what `spikesweep make` calls it. Its job is the function `make` of `jobs/<name>.py`.
    stage: what makes it, as rules, recipes and `spikesweep plan` call it.
    words: what it is, as `explain` says it.
    files: the first stands for the product. A figure's name stands in place of {}.
    needs: kinds that must be there; what they hold is told by the keys of the simulations.
    reads: files, by stem, whose fingerprints stand in the recipe, of such as the sweep has. A
        figure's kind says its own.
    takes: what else stands in the recipe: see `Plan.options`.
    maker: modules that decide its content; with all that they import, their code is in the recipe.
        The job around them is not, so that how jobs are run makes no table anew.
        Of figures, the kind stands in place of {}.
    packages: whose versions are in the recipe.
    data: a folder of this package whose files are in the recipe as well, byte by byte.
    source: what the job is told, besides the output: the path of the sweep's plan, or a name.
    simulates: whether the job runs code of models, in an environment of its own.
    threads: whether the job uses the threads of its rule, and is told how many.
    """

    name: str
    stage: str
    words: str = ""
    files: tuple[File, ...] = ()
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    maker: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    data: str = ""
    source: str = "plan"
    simulates: bool = False
    threads: bool = False

    def code(self, of: str = "") -> tuple[str, ...]:
        """Return the modules that decide the content; of figures, those of one kind."""
        return tuple(module.format(of) for module in self.maker)


LIMITS = ("timeout", "memory")
# What a recipe calls the statistics of the refined simulations, see `plan.trust`.
REFINED = "refined"

PLAN = Kind(
    "plan",
    stage="plan",
    words="the plan of a sweep",
    files=(
        File("plan.json", linked=False),
        File("plan.csv", columns="spikesweep.products.plan_file:COLUMNS"),
    ),
    source="sweep",
)
MECHANISMS = Kind(
    "mechanisms",
    stage="mechanisms",
    words="compiled mechanisms",
    maker=("spikesweep.mechanisms.compile",),
    packages=("neuron",),
    source="set",
)
BATCH = Kind(
    "batch",
    stage="simulate",
    words="what the simulations of one job came to",
    files=(File("batch.csv", linked=False),),
    needs=("mechanisms",),
    takes=(*LIMITS, "on_failure"),
    maker=(
        "spikesweep.execution.packs",
        "spikesweep.modelcode.closure",
        "spikesweep.morphology.morphology",
        "spikesweep.store.batch_file",
        "spikesweep.store.store",
    ),
    packages=("deflate", "h5py", "neuron", "numpy"),
    simulates=True,
    threads=True,
)
# Of these each sweep has one, where it asks for it; each reads such as stand above it.
TABLES = (
    Kind(
        "structure",
        stage="structure",
        words="the cells as they were built",
        files=(File("structure.csv", shown=True), File("psection.json")),
        needs=("mechanisms",),
        takes=("built", *LIMITS),
        maker=(
            "spikesweep.morphology.morphology",
            "spikesweep.simulation.structure",
            "spikesweep.tables.structure",
        ),
        packages=("neuron", "numpy"),
        simulates=True,
    ),
    Kind(
        "dataset",
        stage="collect",
        words="all simulations as one labelled dataset",
        files=(File("dataset.nc"),),
        needs=("batch",),
        takes=(
            *("sweep", "title", "axes", "design", "labels", "document", "quantities", "keys"),
            *(*LIMITS, "on_failure"),
        ),
        maker=("spikesweep.tables.collect",),
        packages=("deflate", "h5netcdf", "h5py", "numpy"),
    ),
    Kind(
        "simulations",
        stage="simulations",
        words="what each simulation came to, those that failed, and flags",
        files=(
            File("simulations.csv", columns="spikesweep.tables.columns:SIMULATIONS"),
            File("failures.csv", columns="spikesweep.tables.columns:FAILURES", shown=True),
            File("flags.csv", columns="spikesweep.tables.columns:FLAGS", shown=True),
        ),
        reads=("dataset",),
        takes=("sweep", "bounds", "flags"),
        maker=(
            "spikesweep.tables.failures",
            "spikesweep.tables.flags",
            "spikesweep.tables.simulations",
        ),
        packages=("deflate", "h5py", "numpy"),
    ),
    Kind(
        "own_statistics",
        stage="own_statistics",
        words="what the user's own functions say of each simulation",
        files=(File("own_statistics.csv", linked=False),),
        reads=("dataset", "simulations"),
        takes=("window", "own_code"),
        maker=("spikesweep.tables.own_statistics",),
        packages=("h5py", "numpy"),
    ),
    Kind(
        "statistics",
        stage="statistics",
        words="statistics of spikes and intervals",
        files=(
            File("statistics.csv", columns="spikesweep.tables.columns:STATISTICS", shown=True),
            File("isi.csv", columns="spikesweep.tables.columns:INTERVALS"),
        ),
        reads=("dataset", "simulations", "own_statistics"),
        takes=("window", "refractory", "own", "derived"),
        maker=("spikesweep.tables.statistics",),
        packages=("h5py", "numpy"),
    ),
    Kind(
        "over_replicates",
        stage="over_replicates",
        words="mean, SD and n over replicates",
        files=(File("replicates.csv", columns="spikesweep.tables.columns:REPLICATES"),),
        reads=("statistics",),
        takes=("replicates",),
        maker=("spikesweep.tables.replicates",),
        packages=("numpy",),
    ),
    Kind(
        "hill_fits",
        stage="hill_fits",
        words="Hill fits of the dose-response figures",
        files=(File("fits.csv"),),
        reads=("statistics", "dataset", "simulations"),
        takes=("fits",),
        maker=("spikesweep.figures.fits",),
        packages=("h5netcdf", "numpy", "pandas", "scipy", "xarray"),
    ),
    Kind(
        "classify_firing",
        stage="classify_firing",
        words="how the cells of firing maps fire",
        files=(File("firing_classes.csv", columns="spikesweep.tables.firing_columns:COLUMNS"),),
        reads=("statistics", "dataset", "simulations"),
        takes=("firing_sites",),
        maker=("spikesweep.figures.firing_table",),
        packages=("h5netcdf", "numpy", "pandas", "xarray"),
    ),
    Kind(
        "rates_of_populations",
        stage="rates_of_populations",
        words="the rates that figures of populations draw",
        files=(File("population_rates.csv"),),
        reads=("dataset", "simulations"),
        takes=("population_rates",),
        maker=("spikesweep.figures.population_rates_table",),
        packages=("h5netcdf", "numpy", "pandas", "xarray"),
    ),
    Kind(
        "sensitivity_indices",
        stage="sensitivity_indices",
        words="sensitivity to the axes of a sample, and how quantities are spread over it",
        files=(File("sensitivity.csv"), File("uncertainty.csv")),
        reads=("statistics", "dataset", "simulations"),
        takes=("sensitivity",),
        maker=("spikesweep.figures.sensitivity_table",),
        packages=("SALib", "h5netcdf", "numpy", "pandas", "scipy", "xarray"),
    ),
    Kind(
        "sensitivity_over_time",
        stage="sensitivity_over_time",
        words="sensitivity of traces to the axes of a sample, and their spread, over time",
        files=(File("sensitivity_over_time.csv"), File("uncertainty_over_time.csv")),
        reads=("dataset", "simulations"),
        takes=("over_time",),
        maker=("spikesweep.figures.over_time_table",),
        packages=("SALib", "h5netcdf", "numpy", "pandas", "scipy", "xarray"),
    ),
    Kind(
        "judge_candidates",
        stage="judge_candidates",
        words="the population: which candidates meet the criteria, and why others do not",
        files=(
            File("population.csv", columns="spikesweep.tables.verdicts:COLUMNS", shown=True),
            File("acceptance.csv"),
            File("correlations.csv"),
        ),
        reads=("statistics", "dataset", "simulations"),
        takes=("accept",),
        maker=("spikesweep.figures.population_table",),
        packages=("h5netcdf", "numpy", "pandas", "scipy", "xarray"),
    ),
    Kind(
        "run_alone",
        stage="run_alone",
        words="some simulations alone, each in a process of its own",
        files=(File("run_alone.csv", linked=False),),
        needs=("mechanisms", "batch"),
        takes=("alone", *LIMITS),
        maker=("spikesweep.tables.alone",),
        packages=("numpy",),
        simulates=True,
    ),
    Kind(
        "numerical_trust",
        stage="numerical_trust",
        words="how far statistics hang on time step and segments",
        files=(File("trust.csv", columns="spikesweep.tables.trust:COLUMNS", shown=True),),
        reads=("statistics", REFINED, "run_alone"),
        takes=("trust",),
        maker=("spikesweep.tables.trust",),
    ),
    Kind(
        "threshold_search",
        stage="threshold_search",
        words="thresholds that were searched for, each with its bracket",
        files=(File("thresholds.csv", columns="spikesweep.tables.thresholds:COLUMNS", shown=True),),
        reads=("dataset", "simulations", "statistics"),
        takes=("threshold", "window"),
        maker=("spikesweep.tables.by_simulation", "spikesweep.tables.thresholds"),
        packages=("h5py", "numpy"),
    ),
    Kind(
        "explorer",
        stage="explorer",
        words="one page to look around in all simulations",
        files=(File("explore.html", shown=True),),
        reads=("dataset", "simulations", "statistics", "structure"),
        takes=("explorer", "window"),
        maker=("spikesweep.explorer.content", "spikesweep.explorer.page"),
        packages=("deflate", "h5py", "numpy"),
        data="explorer/web",
    ),
)
FIGURE = Kind(
    "figure",
    stage="figure",
    words="a figure",
    files=tuple(File(f"{{}}{suffix}", linked=False) for suffix in (".pdf", ".png", ".svg")),
    maker=("spikesweep.figures.render", "spikesweep.figures.{}"),
    packages=("h5netcdf", "matplotlib", "numpy", "pandas", "scipy", "seaborn", "xarray"),
)
# Those of a figure set; the kinds of the panels stand in the recipe, each with its code.
FIGURE_SET = Kind(
    "figure_set",
    stage="figure_set",
    words="the plan of a figure set",
    files=(File("set.json", linked=False),),
    source="set",
)
PANELS = Kind(
    "panels",
    stage="panels",
    words="a figure of several panels",
    files=FIGURE.files,
    maker=("spikesweep.figures.composing",),
    packages=FIGURE.packages,
)
STAMP_SET = Kind("stamp_set", stage="stamp_set", files=(File("stamped_set", linked=False),))
# Their names carry the git label, or lead to what is current. The files are marks.
STAMP = Kind(
    "stamp",
    stage="stamp",
    files=(File("stamped", linked=False),),
    maker=("spikesweep.lineage.lineage", "spikesweep.lineage.stamp"),
    packages=("pikepdf",),
)
CURRENT = Kind("current", stage="current", files=(File("current", linked=False),))
BUNDLE = Kind("bundle", stage="publish")

KINDS = (
    *(PLAN, MECHANISMS, BATCH, *TABLES, FIGURE, STAMP, CURRENT, BUNDLE),
    *(FIGURE_SET, PANELS, STAMP_SET),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_STAGE = {kind.stage: kind for kind in KINDS}
# Made by jobs that read the plan: each has a rule of this form.
PLANNED = (BATCH, *TABLES, FIGURE)

FIGURE_FORMATS = tuple(file.suffix for file in FIGURE.files)
# In the order of the stages: what `results/<sweep>/` has.
LINKED = tuple(file for kind in KINDS for file in kind.files if file.linked)
SHOWN = tuple(file for file in LINKED if file.shown)

# Names of products in results/made/<sweep>/; no figure may bear one.
RESERVED_FIGURES = frozenset(
    file.stem for kind in KINDS if kind.files != FIGURE.files for file in kind.files
)
# Rules that each sweep has for itself: stamp_hh_gkbar.
LEAVES = tuple(sorted(kind.stage for kind in (STAMP, CURRENT, BUNDLE)))
# What the stamp makes in `results/<sweep>/`: the folder of figures, in it those of the names that
# stay and of other labels, and the page that shows them.
FIGURES, CURRENT_FIGURES, EARLIER = "figures", "current", "earlier"
CONTACT_SHEET = "index.html"
# Names of rules and targets, and of folders in results/; no sweep may bear one.
RESERVED_SWEEPS = frozenset(BY_STAGE) | {
    *("all", "bundle", "default", "figure_sets", "made"),
    *("provenance", "logs", "published", "store"),
}


def split_stage(stage: str) -> tuple[Kind, str]:
    """Return the kind of product that a stage makes, and of figures their own kind: "heatmap"."""
    name, _, of = stage.partition(".")
    return BY_STAGE[name], of


def stage_words(stage: str) -> str:
    """Return what a stage makes, in words."""
    kind, of = split_stage(stage)
    return f"{kind.words} ({of})" if of else kind.words


def product_words(stage: str, file: str) -> str:
    """Return what a product is called: "statistics", "figure heatmap_rate"."""
    kind, _ = split_stage(stage)
    return f"{kind.stage} {product_name(file)}" if kind in (MECHANISMS, FIGURE) else kind.stage


def product_name(file: str) -> str:
    """Return a product's name without fingerprint and suffix: "heatmap_rate"."""
    return PurePath(file).stem.rpartition("_")[0]


def file_names(stage: str, first: str) -> list[str]:
    """Return the names of all files of a product, by that of its first: with its fingerprint."""
    kind, _ = split_stage(stage)
    name, _, digits = PurePath(first).stem.rpartition("_")
    return [f"{file.stem.format(name)}_{digits}{file.suffix}" for file in kind.files]


def kind_of_file(name: str) -> Kind:
    """Return the kind of product that has a file of this name: isi is one of the statistics."""
    return next(kind for kind in TABLES if name in (file.stem for file in kind.files))


def columns(file: File) -> dict[str, Any]:
    """Return what the columns of a table hold, but for those of the axes."""
    if not file.columns:
        return {}
    module, _, name = file.columns.partition(":")
    found: dict[str, Any] = getattr(import_module(module), name)
    return found
