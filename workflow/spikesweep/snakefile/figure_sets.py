"""The figure sets as the Snakefile sees them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.lineage.git_label import GitState, sweep_state
from spikesweep.plan.figure_sets import MADE_SETS, SetPlan, plan_set, set_names
from spikesweep.products.stages import recipe, short
from spikesweep.products.table import CURRENT_FIGURES, FIGURE_FORMATS, RESERVED_SWEEPS, STAMP_SET
from spikesweep.snakefile.captions import about_set, shown_set_figure

RESULTS = Path("results/figure_sets")
_NAMES_A_SET = re.compile(
    r"results/published/(\w+)_[^_]*$|results/(?:made/)?figure_sets/(\w+)/|\bset=(\w+)"
    r"|^(?:stamp_set|publish)_(\w+)$"
)


def sets_asked_for(root: Path, arguments: Iterable[str]) -> list[str]:
    """Return the figure sets that arguments name: by themselves, in a path, a rule or a job."""
    known = set_names(root)
    found = []
    for argument in arguments:
        match = _NAMES_A_SET.search(argument)
        name = match[match.lastindex] if match and match.lastindex else argument
        found += [name] if name in known else []
    return list(dict.fromkeys(found))


class FigureSets:
    """The figure sets of a run.

    Args:
        project: whose sweeps they show.
        asked: the sets that this run speaks of.
    """

    def __init__(self, project: Any, asked: list[str]) -> None:
        self.project, self.asked = project, asked
        self._plans: dict[str, SetPlan] = {}
        self._states: dict[str, GitState] = {}
        taken = {*RESERVED_SWEEPS, *project.names}
        for name in self.names:
            if name in taken or not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
                raise UserError(
                    f"config/figure_sets/{name}.yaml: no figure set may have this name; expected a "
                    "letter, then letters, digits and _, and no name of a sweep or a stage"
                )

    @property
    def names(self) -> list[str]:
        """The names of all figure sets."""
        return set_names(self.project.root)

    @property
    def sweeps(self) -> list[str]:
        """The sweeps that the sets that are asked for show."""
        every = (sweep for name in self.asked for sweep in self.plan(name).plans)
        return list(dict.fromkeys(every))

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the sets that are asked for, by name."""
        return {name: self.plan(name).spec.title for name in self.asked}

    def plan(self, name: str) -> SetPlan:
        """Return the plan of a figure set."""
        if name not in self._plans:
            self._plans[name] = plan_set(self.project.root, name, self.project.plan)
        return self._plans[name]

    def plan_file(self, wildcards: Any) -> Path:
        """Return the plan that a job reads."""
        return self.plan(wildcards.set).path

    def inputs(self, wildcards: Any) -> list[Path]:
        """Return what a figure is drawn from; nothing where it exists."""
        plan = self.plan(wildcards.set)
        product = plan.figures.get(wildcards.figure)
        name = f"{wildcards.figure}_{wildcards.fingerprint}.pdf"
        if product is None or product.path.name != name:
            raise UserError(f"{name}: the figure set {wildcards.set} makes no such figure")
        return self._unless(product.files, plan.inputs(wildcards.figure))

    def state(self, name: str) -> GitState:
        """Return the state of all that the figures of a set depend on; asked of git once a run."""
        if name not in self._states:
            plan = self.plan(name)
            self._states[name] = sweep_state(self.project.root, plan.sources, plan.imported)
        return self._states[name]

    def label(self, name: str) -> str:
        """Return the git label of all that the figures of a set depend on."""
        return self.state(name).label

    def stamped(self, name: str) -> list[Path]:
        """Return the figures under the names that carry the git label."""
        return [
            RESULTS / name / f"{figure}_{self.label(name)}{suffix}"
            for figure in self.plan(name).figures
            for suffix in FIGURE_FORMATS
        ]

    def leading(self, name: str) -> list[Path]:
        """Return the names of a set's figures that stay."""
        folder = RESULTS / name / CURRENT_FIGURES
        figures = self.plan(name).figures
        return [folder / f"{figure}{suffix}" for figure in figures for suffix in FIGURE_FORMATS]

    def stamped_in_report(self, name: str) -> Iterator[tuple[Path, dict[str, Any] | None]]:
        """Yield the stamped figures, each with what the report is to show of it, if anything."""
        figures = [figure for figure in self.plan(name).figures for _ in FIGURE_FORMATS]
        for figure, path in zip(figures, self.stamped(name), strict=True):
            yield path, shown_set_figure(name, figure, path)
        for path in self.leading(name):
            yield path, None

    def captions(self) -> dict[str, str]:
        """Return what the captions of the report say of each set."""
        return {name: about_set(self.plan(name), self.state(name)) for name in self.asked}

    def mark(self, name: str) -> Path:
        """Return the file that says which figures the stamped ones are."""
        label = self.label(name)
        products = [product.path.name for product in self.plan(name).figures.values()]
        made = recipe(STAMP_SET.stage, products=products, label=label)
        return MADE_SETS / name / f"{STAMP_SET.files[0].name}_{label}_{short(made)}"

    def stamp_inputs(self, name: str) -> list[Path]:
        """Return all that the lineage in the figures tells of, unless they are stamped."""
        plan = self.plan(name)
        needed = [plan.path]
        needed += [path for product in plan.figures.values() for path in product.files]
        for sweep in plan.plans.values():
            needed.append(sweep.plan.path)
            needed += [path for product in sweep.every_table for path in product.files]
        return self._unless([self.mark(name), *self.stamped(name), *self.leading(name)], needed)

    def targets(self, name: str) -> list[Path]:
        """Return all that is to exist for a set: its figures, and its sweeps with theirs."""
        of_sweeps = [p for sweep in self.plan(name).plans for p in self.project.targets(sweep)]
        return [self.mark(name), *self.stamped(name), *self.leading(name), *of_sweeps]

    def _unless(self, made: Iterable[Path], inputs: list[Path]) -> list[Path]:
        whole = all((self.project.root / path).exists() for path in made)
        return [] if whole and not self.project.names_all_inputs else inputs
