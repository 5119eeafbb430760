"""The project as a job on a cluster has it: what it makes was planned when it was submitted.

Snakemake reads the Snakefile again in every job. To plan a sweep again there would take longer than
many jobs (16 s for a million simulations), would hang on what the node sees, git among it, and
would find another plan where a source was edited meanwhile. So nothing is planned: the plan's file
says all that the job needs, and the product's name says which plan.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.plan.figure_sets import MADE_SETS
from spikesweep.plan.product import MADE
from spikesweep.products import engine
from spikesweep.products.plan_file import read_plan
from spikesweep.products.table import FIGURE, REFINED, Kind
from spikesweep.snakefile.figure_sets import FigureSets
from spikesweep.snakefile.project import Project
from spikesweep.snakefile.run import Run
from spikesweep.sweepfile.sweep import Limits


class SubmittedProject(Project):
    """A project of which nothing is planned; `asked` is empty, so that no leaf has rules."""

    def __init__(self, run: Run):
        super().__init__(Path(), run=run)
        engine.check(self.root)
        self.figure_sets = SubmittedSets(self, [])

    def inputs(self, kind: Kind) -> Callable[[Any], list[Path]]:
        """Return the input function of a rule: the tables that a product reads, which give jobs of
        one group their order. All else was there when the job was submitted."""

        def inputs(wildcards: Any) -> list[Path]:
            if not kind.reads and kind.name != FIGURE.name:
                return []
            plan = read_plan(self.root / self.plan_file(wildcards))
            [made] = (
                recipe
                for name, recipe in plan["products"].items()
                if Path(name).stem.endswith(f"_{wildcards.fingerprint}")
            )
            return [MADE / wildcards.sweep / plan["files"][read] for read in made["reads"]]

        return inputs

    def plan_file(self, wildcards: Any) -> Path:
        """Return the plan that a job reads."""
        return _naming(self.root, MADE / wildcards.sweep, "plan_*.json", wildcards.fingerprint)

    def limits(self, sweep: str) -> Limits:
        """Return none: the job has what was asked for."""
        return Limits()

    def measured_of_job(self, wildcards: Any) -> None:
        """Return nothing, for the same reason."""

    def measured(self, wildcards: Any) -> None:
        """Return nothing, for the same reason."""

    def count(self, sweep: str) -> int:
        """Return 0, for the same reason."""
        return 0


class SubmittedSets(FigureSets):
    """The figure sets of such a project."""

    def inputs(self, wildcards: Any) -> list[Path]:
        """Return nothing, as of products of sweeps."""
        return []

    def plan_file(self, wildcards: Any) -> Path:
        """Return the plan that a job reads."""
        folder = MADE_SETS / wildcards.set
        return _naming(self.project.root, folder, "set_*.json", wildcards.fingerprint)


def _naming(root: Path, folder: Path, pattern: str, fingerprint: str) -> Path:
    """Return the plan in a folder that makes a product, the newest where there are more: what
    a fingerprint stands for is the same in each.

    Raises:
        UserError: none does.
    """
    plans = [(path.stat().st_mtime, path) for path in (root / folder).glob(pattern)]
    digits = f"_{fingerprint}."
    for _, path in sorted(plans, reverse=True):
        content = path.read_bytes()
        if digits.encode() in content and any(digits in name for name in _makes(content)):
            return path.relative_to(root)
    raise UserError(
        f"{folder}: no plan there names a product {fingerprint}; expected the one with which this "
        "job was submitted. Run snakemake again, which writes it"
    )


def _makes(plan: bytes) -> list[str]:
    """Return the names of what a plan makes: not those of the refined simulations, which it names
    as well, but whose rows stand in a plan of their own."""
    try:
        contents = json.loads(plan)
        files = {name: file for name, file in contents.get("files", {}).items() if name != REFINED}
        own = [*contents.get("batches", ()), *files.values()]
        # Of a figure set's plan all products are figures.
        return [*own, *contents.get("figures", contents.get("products", {})).values()]
    except (ValueError, AttributeError, TypeError):
        return []
