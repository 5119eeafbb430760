"""What the jobs that read a plan have in common: a checked beginning, and a described end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikesweep.products.column import Column
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.sidecar import check_dataset, check_origin, sidecars, write_origin
from spikesweep.products.table import columns, file_names, kind_of_file, split_stage


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
        axes = self.plan["axes"]
        return {axis["name"]: Column(axis["unit"], axis["long_name"], "axis") for axis in axes}


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
    for name, path in reads.items():
        _check(plan, name, path, recipe["reads"][name])
    return Task(plan, recipe, files, reads)


def _check(plan: PlanFile, name: str, path: Path, fingerprint: str) -> None:
    if path.suffix == ".nc":  # it can be large, and holds its fingerprint itself
        check_dataset(path, fingerprint)
    else:
        whole = map(plan.file, (file.stem for file in kind_of_file(name).files))
        [sidecar] = (sidecar for sidecar, files in sidecars(whole).items() if path in files)
        check_origin(path, fingerprint, sidecar)
