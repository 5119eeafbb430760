"""What is wrong with a bundle whose sums hold: a file of it is another than its lineages tell.

SHA256SUMS is an open list, which anyone may write anew. The records of runs, the figures and the
descriptions of tables have a seal each, and tell by their SHA-256 of what they were made and what
was made: files that were edited, or that another run made, are named by these.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.commands.figure_checks import CHANGED, figure
from spikesweep.errors import UserError
from spikesweep.lineage.checked import UNREADABLE
from spikesweep.lineage.git_label import PROVENANCE
from spikesweep.lineage.stamp import CARRIERS, read_lineage
from spikesweep.products.plain import content
from spikesweep.products.seal import is_intact

RESULTS = Path("results")
Sums = Mapping[str, str]
Told = Iterator[tuple[str, str]]  # files, each with its SHA-256 as something sealed has it


def other_than_told(root: Path, sums: Sums) -> Iterator[tuple[str, str]]:
    """Yield the files of an unzipped bundle that are not those that its lineages and descriptions
    tell of, and what is wrong with each.

    Args:
        sums: the SHA-256 of each of its files, by name, as SHA256SUMS has them.
    """
    for name in sorted(sums):
        try:
            told = dict(_told(root, Path(name), sums))
        except (UserError, *UNREADABLE):
            yield name, CHANGED
            continue
        for file, digest in told.items():
            if sums.get(file, digest) != digest:
                yield file, f"is another than {name} tells of"


def _told(root: Path, path: Path, sums: Sums) -> Told:
    """Yield what a file of the bundle tells of others, if it is one that does.

    Raises:
        UserError: it was changed itself.
    """
    if path.parent == PROVENANCE and path.suffix == ".json":
        yield from _by_lineage(_sealed(root / path))
    elif path.parts[:2] == ("results", "figure_sets") and path.suffix in CARRIERS:
        if wrong := figure(root / path):
            raise UserError(wrong)
        yield from _by_lineage(read_lineage(root / path))
    elif path.parent.parent == RESULTS / "made" and path.match("plan_*.json"):
        plan = _sealed(root / path)
        for table in (path.with_suffix(".csv"), RESULTS / plan["sweep"] / "plan.csv"):
            yield str(table), plan["rows"]
    elif path.parent.parent == RESULTS and path.match("*.json") and _is_beside_table(path, sums):
        for file, digest in _sealed(root / path)["files"].items():
            yield str(path.with_name(_stable(file))), digest


def _is_beside_table(path: Path, sums: Sums) -> bool:
    return str(path.with_suffix(".csv")) in sums


def _sealed(path: Path) -> dict[str, Any]:
    """Return what a file with a seal says; raises UserError where it was changed."""
    if not is_intact(content(path)):
        raise UserError(CHANGED)
    sealed: dict[str, Any] = json.loads(content(path))
    return sealed


def _by_lineage(lineage: Mapping[str, Any]) -> Told:
    """Yield what a lineage tells of sources, of products by where they lie in a bundle, and of the
    figures of a sweep that bear its label; those of a set tell of themselves."""
    for one in (lineage, *lineage.get("sweeps", {}).values()):
        yield from one.get("sources", {}).items()
        figures = one.get("figures", {}).items()
        yield from ((file, digest) for file, digest in figures if isinstance(digest, str))
        for product in filter(_is_published, one.get("products", {}).values()):
            for file, digest in product.get("files", {}).items():
                yield str(RESULTS / one["sweep"] / _stable(file)), digest


def _is_published(product: Mapping[str, Any]) -> bool:
    """Whether a product lies in the bundle: none of an earlier round, nor of what ran again."""
    return not {"round", "refined"} & {*product}


def _stable(file: str) -> str:
    """Return the name that a product bears for people: statistics_0123456789ab.csv ->
    statistics.csv."""
    return Path(file).stem.rpartition("_")[0] + Path(file).suffix
