"""The plan of a figure set as jobs read it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products import plain
from spikesweep.products.fingerprint import DIGITS, fingerprint
from spikesweep.products.seal import SEAL, is_intact


@dataclass(frozen=True)
class SetPlanFile:
    """The plan of a figure set as a job reads it."""

    path: Path
    contents: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.contents[name]

    def recipe(self, product: Path) -> dict[str, Any]:
        """Return the recipe of a figure.

        Raises:
            UserError: the plan has no such figure.
        """
        if product.name not in self["products"]:
            raise UserError(f"{product}: {self.path} does not name it; run snakemake again")
        return dict(self["products"][product.name])

    def figure_of(self, product: Path) -> str:
        """Return the name of the figure that a product is."""
        return next(name for name, file in self["figures"].items() if file == product.name)

    def plan_of(self, sweep: str) -> Path:
        """Return the plan of a sweep that panels show."""
        return Path(self["plans"][sweep])


def read_set_plan(path: Path) -> SetPlanFile:
    """Return the plan of a figure set.

    Raises:
        UserError: no such file, or it is not the plan that its name promises.
    """
    try:
        content = plain.content(path)
        contents = json.loads(content)
    except (OSError, ValueError, RecursionError):
        content, contents = b"", None
    whole = isinstance(contents, dict) and is_intact(content)
    inner = {name: value for name, value in contents.items() if name != SEAL} if whole else {}
    if not path.stem.endswith(f"_{fingerprint(inner)[:DIGITS]}"):
        raise UserError(
            f"{path}: missing, or changed after it was written. Nothing was made of it. Write it "
            f"anew: rm -f {path} && snakemake --cores 8 {path.parent.name}"
        )
    return SetPlanFile(path, inner)
