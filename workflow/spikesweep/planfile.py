"""The plan as jobs read it: `plan_<fingerprint>.json` and, a row a simulation, `.csv`.

The JSON holds what all simulations share and the recipe of every product; the CSV each
simulation's index, batch, key, the values of its axes and, as JSON, what they put in the slots
of the document. Jobs need neither the sweep file nor the libraries that read it.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.fingerprint import fingerprint
from spikesweep.stages import check_recipe

COLUMNS_BEFORE_AXES = ("index", "batch", "key")
SlotPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Row:
    """One simulation of a plan."""

    index: int
    batch: str
    key: str
    axes: tuple[str, ...]
    slots: tuple[str, ...]


@dataclass(frozen=True)
class PlanFile:
    """A plan as a job reads it."""

    path: Path
    contents: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.contents[name]

    @property
    def folder(self) -> Path:
        """The folder of the sweep's products."""
        return self.path.parent

    def fingerprint(self, product: Path) -> str:
        """Return the whole fingerprint of a product."""
        return fingerprint(self["products"][product.name])

    def recipe(self, product: Path) -> dict[str, Any]:
        """Return the recipe of a product, checked against the code and packages that run.

        Raises:
            UserError: the plan has no such product, or the sources changed since.
        """
        recipe = self["products"].get(product.name)
        if recipe is None:
            raise UserError(
                f"{product}: {self.path} does not name it; expected one of the sweep's current "
                "products. Run snakemake, which asks for them by name"
            )
        check_recipe(recipe, product)
        return recipe

    def rows(self) -> Iterator[Row]:
        """Yield the simulations in the order of the design."""
        first = len(COLUMNS_BEFORE_AXES)
        slots = first + len(self["axes"])
        with self.path.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            next(reader)
            for cells in reader:
                yield Row(
                    int(cells[0]), cells[1], cells[2],
                    tuple(cells[first:slots]), tuple(cells[slots:]),
                )  # fmt: skip

    def document(self, row: Row) -> dict[str, Any]:
        """Return the document of one simulation."""
        return fill(self["document"], self._slots, [json.loads(text) for text in row.slots])

    @cached_property
    def _slots(self) -> list[tuple]:
        return [tuple(path) for path in self["slots"]]


def read_plan(path: Path) -> PlanFile:
    """Return the plan that a JSON file holds.

    Raises:
        UserError: no such file, or it is damaged.
    """
    try:
        return PlanFile(path, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(f"{path}: no such plan; run snakemake, which writes it") from None
    except ValueError as error:
        raise UserError(f"{path}: damaged ({error}); delete it and run snakemake again") from None


def fill(document: dict, paths: Sequence[SlotPath], values: Sequence[Any]) -> dict[str, Any]:
    """Return a document with values put at paths; what is not on a path is shared, not copied."""
    for path, value in zip(paths, values, strict=True):
        document = _replaced(document, path, value)
    return document


def _replaced(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copy = tree.copy()
    copy[path[0]] = _replaced(tree[path[0]], path[1:], value)
    return copy
