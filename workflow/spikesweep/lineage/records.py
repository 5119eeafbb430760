"""Finds the lineage of any output: inside it, or in the records under `results/provenance/`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.lineage.checked import checked
from spikesweep.lineage.lineage import PROVENANCE
from spikesweep.lineage.stamp import CARRIERS, read_lineage
from spikesweep.products.atomic import is_unfinished
from spikesweep.products.fingerprint import file_hash
from spikesweep.products.plain import content
from spikesweep.products.sidecar import beside


def find_lineage(file: Path, of_sets: bool = False) -> dict[str, Any]:
    """Return the lineage of a figure, a dataset, a table, a plan or a mechanism library.

    A stamped figure needs nothing but itself. The others name no commit: of several at which they
    were the same, the latest stands in their lineage.

    Args:
        of_sets: whether it may be that of a figure of a figure set, see `jobs.stamp_set`.

    Raises:
        UserError: no such file, or nothing says what made it.
    """
    if not file.exists():
        raise UserError(f"{file}: there is no such file")
    if file.suffix in CARRIERS and not beside(file).is_file():  # a rendered one carries none yet
        lineage = checked(read_lineage(file), str(file))
        if "figure_set" in lineage and not of_sets:
            raise UserError(
                f"{file}: a figure of the figure set {lineage['figure_set']}, of several sweeps; "
                f"expected a file of one sweep. `spikesweep explain {file}` names the sweeps"
            )
        return lineage
    product = file.resolve()
    found = [record for record in records() if _names(record, product)]
    if not found and product.is_file():
        digest = file_hash(product)
        found = [record for record in records() if _product_by_hash(record, digest)]
    if not found:
        raise UserError(
            f"{file}: nothing says at which commit it was made; expected a figure of "
            f"results/<sweep>/figures/, or a product that a file in {PROVENANCE}/ names"
        )
    return max(found, key=lambda record: (record["date"] or "", record["label"]))


def records() -> Iterator[dict[str, Any]]:
    """Yield what is known of every sweep at every label; that of figure sets is beside it."""
    for path in sorted(PROVENANCE.glob("*.json")):
        if not is_unfinished(path) and "figure_set" not in (record := read_record(path)):
            yield record


def read_record(path: Path) -> dict[str, Any]:
    """Return a record of `results/provenance/`.

    Raises:
        UserError: it is damaged.
    """
    try:
        record = json.loads(content(path))
    except (ValueError, RecursionError, OSError):
        raise UserError(
            f"{path}: damaged; remove it and run snakemake, which writes that of now anew"
        ) from None
    return checked(record, str(path))


def product_of(lineage: dict[str, Any], file: Path) -> str | None:
    """Return the name by which a lineage's products know a file; None for a plan."""
    resolved = file.resolve()
    if "figure" in lineage:
        of_figure = (n for n, p in lineage["products"].items() if p["stage"].startswith("figure."))
        return next(of_figure)
    for name, product in lineage["products"].items():
        if resolved.name in {name, *product.get("files", {})} or resolved.parent.name == name:
            return name
    return _product_by_hash(lineage, file_hash(resolved)) if resolved.is_file() else None


def _product_by_hash(lineage: dict[str, Any], digest: str) -> str | None:
    """Return the name of the product of which a copy has this SHA-256."""
    for name, product in lineage["products"].items():
        if digest in product.get("files", {}).values():
            return name
    return None


def _names(record: dict[str, Any], product: Path) -> bool:
    plan = Path(record["plan"]["file"])
    if product.name in (plan.name, plan.with_suffix(".csv").name):
        return True
    described = {
        beside(Path(file)).name for p in record["products"].values() for file in p.get("files", {})
    }
    return product.name in described or any(
        product.name in {name, *entry.get("files", {})} or product.parent.name == name
        for name, entry in record["products"].items()
    )
