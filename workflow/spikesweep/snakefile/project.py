"""A project as the Snakefile sees it: which sweeps, which targets, what is made from what."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import LARGE, MOST_SIMULATIONS
from spikesweep.errors import UserError, listing
from spikesweep.jobs.mark import repairing
from spikesweep.lineage.git_label import GitState, sweep_state
from spikesweep.plan.making import make_plan, may_be_named, sweep_names
from spikesweep.plan.measured import Measured
from spikesweep.plan.product import MADE, Product
from spikesweep.plan.products import Plan
from spikesweep.products import engine
from spikesweep.products.fingerprint import DIGITS, fingerprint
from spikesweep.products.sidecar import sidecars
from spikesweep.products.stable_names import astray
from spikesweep.products.stages import recipe, short
from spikesweep.products.table import (
    BATCH,
    CONTACT_SHEET,
    CURRENT,
    CURRENT_FIGURES,
    FIGURE_FORMATS,
    FIGURES,
    PLAN,
    PLANNED,
    STAMP,
    Kind,
)
from spikesweep.publishing.refusal import refusal
from spikesweep.snakefile.captions import about, columns, figures, shown_figure, shown_table
from spikesweep.snakefile.config import allows_large, named_sets, named_sweeps, publishable
from spikesweep.snakefile.figure_sets import FigureSets, sets_asked_for
from spikesweep.snakefile.log import attach, explain_unknown
from spikesweep.snakefile.naming import asks_for_all, check_names, named_by
from spikesweep.snakefile.run import Run
from spikesweep.sweepfile.sweep import Limits

RESULTS = Path("results")


def project_folder(snakefile: str | Path) -> Path:
    """Return the folder of the project whose Snakefile lies in it, or in its folder workflow."""
    folder = Path(snakefile).resolve().parent
    return folder.parent if folder.name == "workflow" else folder


def open_project(config: dict[str, Any], run: Run) -> "Project":
    """Return the project in the current folder; plans the sweeps that snakemake was asked for.

    It is the current one so that all messages and commands name files as the user does.

    Args:
        config: contents of `config/config.yaml`.
        run: its words tell the targets: Snakemake tells a Snakefile these only after reading it,
            and in a job on a cluster they are the job's.

    Raises:
        UserError: an unknown key or sweep, or a sweep that cannot be run as it is written.
    """
    engine.check(Path())
    most = MOST_SIMULATIONS if allows_large(config) else LARGE
    project = Project(Path(), named_sweeps(Path(), config), run, most)
    project.publishable = publishable(config)
    sets = sets_asked_for(Path(), run.words)
    words = [word for word in run.words if word not in sets]
    project.published = project.asked_for(words, sets)
    if project.is_plain(words, sets):
        sets = list(dict.fromkeys([*sets, *named_sets(Path(), config)]))
    project.figure_sets = FigureSets(project, sets)
    project.asked = list(dict.fromkeys([*project.published, *project.figure_sets.sweeps]))
    check_names(words, [*project.asked, *sets], sweep_names(Path()), project.figure_sets.names)
    explain_unknown(project.names, project.figure_sets.names)
    _check_folders(project.asked)
    for name in project.asked:
        project.plan(name)
        project.git(name)  # here, where what git refuses is one message
        project.tell_unmeasured(name)
    run.on_report = lambda: config.update(captions=project.captions())
    run.check_report = project.check_report
    run.on_start = project.start
    return project


def _check_folders(sweeps: Iterable[str]) -> None:
    """Refuse what stands in the place of a folder under `results/`, which Snakemake only stumbles
    over."""
    folders = [RESULTS / name for name in ("", "logs", "made", "provenance", "published", "store")]
    for name in sweeps:
        figures = RESULTS / name / FIGURES
        folders += [MADE / name, RESULTS / name, figures, figures / CURRENT_FIGURES]
    for folder in folders:
        if os.path.lexists(folder) and not folder.is_dir():
            raise UserError(f"{folder}: something else stands where a folder should; remove it")


def patterns(kind: Kind) -> list[Path]:
    """Return the files of a kind of product, and their sidecars, as rules name them."""
    folder = MADE / "{sweep}"
    files = [
        folder / f"{file.stem.format('{figure}')}_{{fingerprint}}{file.suffix}"
        for file in kind.files
    ]
    return list(dict.fromkeys([*files, *sidecars(files)]))


def _files_of(*products: Product) -> list[Path]:
    return [path for product in products for path in product.files]


class Project:
    """The sweeps of one run; each is planned once, when it is first asked for."""

    def __init__(
        self,
        root: Path,
        configured: Sequence[str] = (),
        run: Run | None = None,
        most: int = MOST_SIMULATIONS,
    ):
        self.root = root
        self.configured = list(configured)
        self.run = run
        self.most = most
        self.publishable: list[str] = []
        self.figure_sets = FigureSets(self, [])
        self.asked: list[str] = []  # the sweeps that this run speaks of
        self.published: list[str] = []  # of these, those that it does not only for a figure set
        self._plans: dict[str, Plan] = {}
        self._git_states: dict[str, GitState] = {}
        self._marks: dict[Path, Path] = {}  # of leaves, by their own names

    @property
    def names(self) -> list[str]:
        """The names of all sweeps that can be run by name."""
        known = sweep_names(self.root)
        return [name for name in known if may_be_named(name, known)]

    def asked_for(self, arguments: Sequence[str], sets: Sequence[str] = ()) -> list[str]:
        """Return the sweeps that a run is for: those that its arguments name, and of a plain run
        those of the config.

        Args:
            sets: the figure sets that are named, of which no argument speaks.
        """
        more = self.configured if self.is_plain(arguments, sets) else []
        return list(dict.fromkeys([*self.named_by(arguments), *more]))

    def is_plain(self, arguments: Sequence[str], sets: Sequence[str] = ()) -> bool:
        """Return whether a run is for what the config names: `all`, or nothing, is asked for."""
        return asks_for_all(arguments) or not (sets or self.named_by(arguments))

    def named_by(self, arguments: Sequence[str]) -> list[str]:
        """Return the sweeps that arguments name."""
        return named_by(arguments, sweep_names(self.root))

    def plan(self, name: str) -> Plan:
        """Return the plan of a sweep."""
        if name not in self._plans:
            self._plans[name] = make_plan(self.root, name, self.most)
        return self._plans[name]

    def limits(self, sweep: str) -> Limits:
        """Return what one simulation may take."""
        limits: Limits = self.plan(sweep).sweep.limits
        return limits

    def measured_of_job(self, wildcards: Any) -> Measured | None:
        """Return what the simulations of a job take, None where that was not measured."""
        plan = self.plan(wildcards.sweep).plan_with(wildcards.fingerprint)
        return plan.measured_of_job(f"{BATCH.name}_{wildcards.fingerprint}.csv")

    def measured(self, wildcards: Any) -> Measured | None:
        """Return what all simulations of a sweep take, None where that was not measured."""
        one = self.plan(wildcards.sweep).measured
        return one and one.of(self.count(wildcards.sweep))

    def count(self, sweep: str) -> int:
        """Return how many simulations a sweep may come to."""
        return self.plan(sweep).most

    def tell_unmeasured(self, name: str) -> None:
        """Say where jobs are not as long as a sweep asks, since nothing was measured."""
        plan = self.plan(name)
        if (seconds := plan.sweep.seconds_per_job) and plan.measured is None:
            print(
                f"spikesweep: {name}: seconds_per_job: {seconds:g}: how long one simulation takes "
                "was not measured here, so jobs are those of simulations_per_job: auto. To "
                f"measure it: spikesweep plan {name} --estimate",
                file=sys.stderr,
            )

    def _chosen(self, name: str | None) -> list[str]:
        chosen = self.configured if name is None else [name]
        if left := [sweep for sweep in chosen if sweep not in self.asked]:
            raise UserError(
                f"{listing(left)}: not asked for by this name when the Snakefile was read, so its "
                "last steps have no rules; expected it under sweeps in config/config.yaml, or: "
                f"snakemake {left[0]}"
            )
        return chosen

    def targets(self, name: str | None = None) -> list[Path]:
        """Return all that is to exist for a sweep, or for the sweeps of the config."""
        targets: list[Path] = []
        for sweep in self._chosen(name):
            plan = self.plan(sweep)
            targets += _files_of(*plan.tables, *plan.figures.values())
            if plan.unknown:  # all else may be there, and yet nobody knows which simulations it has
                targets.append(plan.plan.path)
            targets += [self.stamp_mark(sweep), *self.stamped(sweep), *self.leading(sweep)]
            targets += [self.current_mark(sweep), *self.current(sweep)]
        return targets

    def all_targets(self) -> list[Path]:
        """Return all that is to exist for the sweeps and figure sets of the config."""
        sets = [path for name in self.figure_sets.asked for path in self.figure_sets.targets(name)]
        return list(dict.fromkeys([*self.targets(), *sets]))

    def inputs(self, kind: Kind) -> Callable[[Any], list[Path]]:
        """Return the input function of the rule that makes a kind of product.

        A product that exists has no inputs: its name says all that it was made from, so file
        times have no say and nothing that is made anew drags it along.
        """

        pattern = str(patterns(kind)[0])

        def inputs(wildcards: Any) -> list[Path]:
            path = Path(pattern.format(**dict(wildcards.items())))
            if (self.root / path).exists() and not self.names_all_inputs:
                return []
            inputs = self.plan(wildcards.sweep).inputs
            if path.name not in inputs:
                raise UserError(f"{path}: the current sweep {wildcards.sweep} makes no such file")
            return inputs[path.name]

        return inputs

    @property
    def plan_files(self) -> list[Path]:
        """The plans of the sweeps that this run speaks of."""
        return [plan.plan.path for plan in self._plans.values()]

    def check_report(self) -> None:
        """Refuse to show what is not there, or bears another git label.

        Raises:
            UserError: what to run first.
        """
        sets = self.figure_sets
        shown = {
            **{name: (self.targets, self.git(name)) for name in self.asked},
            **{name: (sets.targets, sets.state(name)) for name in sets.asked},
        }
        for name, (targets, state) in shown.items():
            missing = [path for path in targets(name) if not (self.root / path).exists()]
            if missing:
                label = state.label
                raise UserError(
                    f"{name}: the report shows results of the present state, {label}, and "
                    f"{len(missing)} of them are not there, such as {missing[-1]}; run first: "
                    f"snakemake --cores 8 {name}"
                )

    def start(self) -> None:
        """Have the run told in a line a sweep, and what its jobs are forked from begin."""
        if self.run and not self.run.workflow.touch:
            self.run.on_end = attach(self.run.workflow, self._plans.values()).end
            self.run.expect(self._to_come(), self._declared())

    def _to_come(self) -> list[Kind]:
        """Return the kinds of what is missing, in the order in which they are made."""
        missing = {kind for name in self.asked for kind in self._missing(self.plan(name))}
        leaves = [STAMP, CURRENT] if missing else []
        return [*(kind for kind in (PLAN, *PLANNED) if kind in missing), *leaves]

    def _missing(self, plan: Plan) -> Iterator[Kind]:
        """Yield the kind of each product that is missing; the simulations are looked for where
        their dataset is."""
        missing = self._not_there([plan.plan, *plan.tables, *plan.figures.values()])
        if plan.files["dataset"] in [product.path for product in missing]:
            missing += self._not_there(plan.simulations)
        return (product.kind for product in missing)

    def _not_there(self, products: Iterable[Product]) -> list[Product]:
        return [product for product in products if not (self.root / product.path).exists()]

    def _declared(self) -> set[str]:
        """Return the sweeps of whose models no code is the user's."""
        return {name for name in self.asked if not self.plan(name).template.files.models}

    def plan_file(self, wildcards: Any) -> Path:
        """Return the plan that a job reads; of a bundle it may be a figure set's."""
        if wildcards.sweep in self.figure_sets.names:
            return self.figure_sets.plan(wildcards.sweep).path
        return self.plan(wildcards.sweep).plan_with(wildcards.get("fingerprint", "")).plan.path

    def git(self, name: str) -> GitState:
        """Return the state of all that a sweep's results depend on; asked of git once a run."""
        if name not in self._git_states:
            plan = self.plan(name)
            imported = plan.template.files.imported
            self._git_states[name] = sweep_state(self.root, plan.sources, imported)
        return self._git_states[name]

    def stamped(self, name: str) -> list[Path]:
        """Return the figures of a sweep under the names that carry the git label."""
        folder = RESULTS / name / "figures"
        label = self.git(name).label
        return [
            folder / f"{figure}_{label}{suffix}"
            for figure in self.plan(name).figures
            for suffix in FIGURE_FORMATS
        ]

    def leading(self, name: str) -> list[Path]:
        """Return the names that stay of a sweep's figures, in the order of `stamped`, and its
        contact sheet."""
        folder = RESULTS / name / FIGURES / CURRENT_FIGURES
        figures = self.plan(name).figures
        links = [folder / f"{figure}{suffix}" for figure in figures for suffix in FIGURE_FORMATS]
        return [*links, RESULTS / name / CONTACT_SHEET]

    def stamped_in_report(self, name: str) -> Iterator[tuple[Path, dict[str, Any] | None]]:
        """Yield the stamped figures, each with what the report is to show of it, if anything."""
        plan = self.plan(name)
        figures = [figure for figure in plan.figures for _ in FIGURE_FORMATS]
        for figure, path in zip(figures, self.stamped(name), strict=True):
            yield path, shown_figure(plan, figure, path)
        for path in self.leading(name):
            yield path, None

    def stamp_inputs(self, name: str) -> list[Path]:
        """Return all that the lineage in the figures tells of, unless they are stamped.

        That is more than the figures are drawn from: every product has its SHA-256 there.
        """
        plan = self.plan(name)
        files = _files_of(*plan.every_table, *plan.figures.values())
        return self._unless_made(
            [plan.plan.path, *files],
            [*self.stamped(name), *self.leading(name)],
            self.stamp_mark(name),
        )

    def stamp_mark(self, name: str) -> Path:
        """Return the file that says which products the lineage in the figures tells of."""
        plan = self.plan(name)
        products = [product.path.name for product in (*plan.tables, *plan.figures.values())]
        label = self.git(name).label
        made = recipe(STAMP.stage, products=products, label=label)
        mark = MADE / name / f"{STAMP.files[0].name}_{label}_{short(made)}"
        return self._mended(mark, dict(zip(self.leading(name), self.stamped(name), strict=False)))

    def bundle(self, name: str) -> Path:
        """Return the bundle of a sweep or a figure set, which carries the git label."""
        if name in self.figure_sets.names:
            return RESULTS / "published" / f"{name}_{self.figure_sets.state(name).label}.zip"
        self._chosen(name)
        return RESULTS / "published" / f"{name}_{self.git(name).label}.zip"

    def bundle_inputs(self, wildcards: Any) -> list[Path]:
        """Return what goes into a bundle.

        Raises:
            UserError: it is named after another state of the sources than that of now; or it
                would not be published. A dry run only says so.
        """
        name, bundle = wildcards.sweep, self.bundle(wildcards.sweep)
        if bundle.name != f"{name}_{wildcards.label}.zip":
            label = bundle.stem.rpartition("_")[2]
            raise UserError(
                f"results/published/{name}_{wildcards.label}.zip: the git label is {label}; "
                f"expected {bundle}, or: snakemake publish_{name}"
            )
        self._check_bundle(name, bundle)
        sets = self.figure_sets
        return sets.targets(name) if name in sets.names else self.targets(name)

    def _check_bundle(self, name: str, bundle: Path) -> None:
        """Refuse a bundle that would not be published, before all that it needs is made."""
        if (self.root / bundle).exists() or self.run is None:
            return
        is_set = name in self.figure_sets.names
        state = self.figure_sets.state(name) if is_set else self.git(name)
        sweeps = self.figure_sets.plan(name).plans if is_set else [name]
        failures = {sweep: self.root / self.plan(sweep).files["failures"] for sweep in sweeps}
        why = refusal(bundle, state, failures, self.publishable)
        if why and self.run.executes:
            raise UserError(why)
        if why:
            print(f"spikesweep: would be refused: {why}", file=sys.stderr)

    def bundles(self) -> list[Path]:
        """Return the bundles of the sweeps and figure sets that this run speaks of.

        A sweep that only a figure set shows is in the set's.
        """
        return [self.bundle(name) for name in (*self.published, *self.figure_sets.asked)]

    def current(self, name: str) -> list[Path]:
        """Return the stable names of a sweep's tables and dataset."""
        return [RESULTS / name / link for link in self.plan(name).links]

    def current_in_report(self, name: str) -> Iterator[tuple[Path, dict[str, Any] | None]]:
        """Yield the stable names, each with what the report is to show of it, if anything."""
        return ((path, shown_table(self.plan(name), path)) for path in self.current(name))

    def captions(self) -> dict[str, dict]:
        """Return what the captions of the report say: of each sweep, of its figures by kind, and of
        the tables' columns."""
        return {
            "sweeps": {name: about(self.plan(name), self.git(name)) for name in self.asked},
            "figures": {name: figures(self.plan(name)) for name in self.asked},
            "sets": self.figure_sets.captions(),
            "columns": columns(),
            "titles": {
                **{name: self.figure_sets.plan(name).spec.title for name in self.figure_sets.asked},
                **{name: self.plan(name).sweep.title for name in self.asked},
            },
        }

    def current_inputs(self, name: str) -> list[Path]:
        """Return what the stable names lead to, unless they do so already."""
        plan = self.plan(name)
        return self._unless_made(
            [plan.plan.path, *_files_of(*plan.tables)],
            self.current(name),
            self.current_mark(name),
        )

    def current_mark(self, name: str) -> Path:
        """Return the file that says what the stable names lead to."""
        plan = self.plan(name)
        made = [plan.plan.fingerprint, *(product.fingerprint for product in plan.tables)]
        mark = MADE / name / f"{CURRENT.files[0].name}_{fingerprint(made)[:DIGITS]}"
        links = self.plan(name).links
        return self._mended(mark, {RESULTS / name / file: links[file] for file in links})

    def _mended(self, mark: Path, links: Mapping[Path, Path]) -> Path:
        """Return a leaf's mark; where something else stands under its stable names, one that is not
        there yet. Asked once a run.

        It is named by when that came there, too: the same may happen again. What is missing,
        Snakemake sees; and without its mark a leaf is made in any case.
        """
        if mark not in self._marks:
            found = self._astray(links) if (self.root / mark).exists() else ""
            self._marks[mark] = repairing(mark, found) if found else mark
        return self._marks[mark]

    def _astray(self, links: Mapping[Path, Path]) -> str:
        return "".join(
            f"{link} {what} {(self.root / link).lstat().st_mtime_ns}\n"
            for link, target in links.items()
            if os.path.lexists(self.root / link)
            if (what := astray(self.root / link, self.root / target))
        )

    def stale_leaves(self, name: str) -> list[str]:
        """Return what is to be said of the leaves that would run though what they show exists."""
        label = self.git(name).label
        leaves = {
            f"stamp (the figures get the label {label})": self.stamp_inputs(name),
            "current (the stable names lead to other products)": self.current_inputs(name),
        }
        return [leaf for leaf, inputs in leaves.items() if inputs]

    @property
    def names_all_inputs(self) -> bool:
        """Whether products that exist name what they are made from as well."""
        return self.run is not None and self.run.names_all_inputs

    def _unless_made(self, inputs: list[Path], outputs: list[Path], mark: Path) -> list[Path]:
        """Return the inputs of a leaf, unless it stands; see to it that it is made again where it
        does not."""
        made = all((self.root / path).exists() for path in [*outputs, mark])
        if not made and self.run is not None:
            self.run.make_again(mark)
        return [] if made and not self.names_all_inputs else inputs
