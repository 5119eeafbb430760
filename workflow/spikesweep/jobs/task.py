"""What the jobs that read a plan have in common: a checked beginning, and a described end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spikesweep.errors import UserError
from spikesweep.products.column import Column
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.sidecar import check_origin, sidecars, write_origin
from spikesweep.products.table import columns, file_names, split_stage

if TYPE_CHECKING:
    from spikesweep.tables.spiketrain import Window


@dataclass(frozen=True)
class Task:
    """A product that is to be made.

    recipe: of the product, checked against the code and the packages that run.
    files: that it is made of, as the table lists them.
    reads: what it reads, by name; each is what its own name promises.
    """

    plan: PlanFile
    recipe: dict[str, Any]
    files: list[Path]
    reads: dict[str, Path]

    @property
    def output(self) -> Path:
        """The file that stands for the product."""
        return self.files[0]

    @property
    def window(self) -> "Window | None":
        """The window of the statistics, from and to (ms): numbers, or (simulations,) each where
        it follows a process; None for the whole run."""
        windows = self.plan["windows"]
        if windows and isinstance(windows[0], list):
            import numpy as np  # here: jobs that link and copy do without

            start, end = np.array(windows, float).T
            return start, end
        return tuple(windows) if windows else None

    def describe(self, **more: Mapping[str, Column]) -> None:
        """Write beside the files what they were made from, and what the columns of tables hold.

        Args:
            more: by table, columns that depend on the sweep, and so do not stand in the table of
                products.
        """
        origin = self.plan.origin(self.output)
        kind, _ = split_stage(self.recipe["stage"])
        name_of = dict(zip(self.files, kind.files, strict=True))
        for files in sidecars(self.files).values():
            table = name_of[files[0]]
            known = {**columns(table), **self._axes} if table.columns else {}
            known |= more.get(table.stem, {})
            about = {"columns": known, "specification": self.plan.specification} if known else {}
            write_origin(files[0], origin, files, **about)

    @property
    def _axes(self) -> dict[str, Column]:
        axes, labels = self.plan["axes"], self.plan.labels
        return {
            **{axis["name"]: Column(axis["unit"], axis["long_name"], "axis") for axis in axes},
            **{label["name"]: Column("", "", "label of the table") for label in labels},
        }


def begin(plan_path: Path, output: Path) -> Task:
    """Return what a job is to make.

    Raises:
        UserError: the plan does not name it, or is damaged; code or packages changed since it was
            written; or something that is read is not what its name promises.
    """
    plan = read_plan(plan_path)
    recipe = plan.recipe(output)
    files = [output.with_name(name) for name in file_names(recipe["stage"], output.name)]
    reads = {name: plan.file(name) for name in recipe.get("reads", ())}
    for path in reads.values():
        check_file(plan, path)
    return Task(plan, recipe, files, reads)


def check_file(plan: PlanFile, path: Path) -> None:
    """Refuse a file of a product that is not, byte by byte, the one that was made for this plan.

    Raises:
        UserError: what differs, and the command that mends it; or the plan names no such file.
    """
    if path == plan.path.with_suffix(".csv"):
        plan.check_rows()
        return
    for first in plan["products"]:
        files = [plan.folder / name for name in file_names(plan.stage(plan.folder / first), first)]
        if path in files:
            [sidecar] = (beside for beside, of in sidecars(files).items() if path in of)
            check_origin(path, plan.fingerprint(plan.folder / first), sidecar)
            return
    raise UserError(f"{path}: {plan.path} does not name it; run snakemake again")
