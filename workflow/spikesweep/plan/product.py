"""A product: its files, named by the fingerprint of the recipe from which it is made."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.table import Kind, product_words, split_stage

MADE = Path("results/made")


@dataclass(frozen=True)
class Product:
    """What a stage makes, and all that made it.

    path: the file, the first where there are more. A mechanism set is a folder.
    """

    path: Path
    recipe: dict[str, Any]
    more: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that others read."""
        return (self.path, *self.more)

    @property
    def kind(self) -> Kind:
        """The row of the table of products."""
        return split_stage(self.recipe["stage"])[0]

    @property
    def words(self) -> str:
        """What it is called: "statistics", "figure heatmap_rate"."""
        return product_words(self.recipe["stage"], self.path.name)

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of the recipe, as 64 hex digits."""
        return fingerprint(self.recipe)
