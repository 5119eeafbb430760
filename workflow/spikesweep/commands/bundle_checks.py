"""What is wrong with a bundle whose sums hold: a file of it is another than its lineages tell.

SHA256SUMS is an open list, which anyone may write anew. The records of runs, the figures and the
descriptions of tables have a seal each, and tell by their SHA-256 of what they were made and what
was made: files that were edited, or that another run made, are named by these.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.commands.figure_checks import CHANGED
from spikesweep.errors import UserError
from spikesweep.lineage.checked import UNREADABLE, checked
from spikesweep.lineage.git_label import PROVENANCE
from spikesweep.lineage.records import read_record
from spikesweep.lineage.stamp import CARRIERS, is_as_stamped, read_lineage
from spikesweep.products.plain import content
from spikesweep.products.plan_file import read_plan
from spikesweep.products.seal import is_intact

RESULTS = Path("results")
_ANOTHER = "is another than {} tells of"
Sums = Mapping[str, str]
Read = Callable[[Path], dict[str, Any] | None]


def other_than_told(root: Path, sums: Sums) -> Iterator[tuple[str, str]]:
    """Yield the files of an unzipped bundle that are not those that its lineages and descriptions
    tell of, and what is wrong with each.

    Args:
        sums: the SHA-256 of each of its files, by name, as SHA256SUMS has them.
    """
    for name in sorted(sums):
        path = Path(name)
        if path.parent == PROVENANCE and path.suffix == ".json":
            yield from _told_by(root, name, sums, _record)
        elif path.parts[:2] == ("results", "figure_sets") and path.suffix in CARRIERS:
            yield from _told_by(root, name, sums, _figure_of_set)
        elif path.match("results/made/*/plan_*.json"):
            yield from _planned_by(root, name, sums)
        elif path.suffix == ".json" and str(path.with_suffix(".csv")) in sums:
            yield from _described_by(root, name, sums)


def _record(path: Path) -> dict[str, Any] | None:
    """Return a record of a run, None where it is not as it was written."""
    return read_record(path) if is_intact(content(path)) else None


def _figure_of_set(path: Path) -> dict[str, Any] | None:
    """Return the lineage in a figure, None where this is not as it was stamped."""
    return checked(read_lineage(path), str(path)) if is_as_stamped(path) else None


def _told_by(root: Path, name: str, sums: Sums, read: Read) -> Iterator[tuple[str, str]]:
    """Yield what is other than a lineage tells: sources, products, figures that bear a label; or
    that it was changed itself."""
    try:
        lineage = read(root / name)
    except (UserError, *UNREADABLE):
        lineage = None
    if lineage is None:
        yield name, CHANGED
        return
    for told in (lineage, *lineage.get("sweeps", {}).values()):
        digests = told.get("sources", {}) | _figures(told) | _products(told)
        for file, digest in digests.items():
            if sums.get(file, digest) != digest:
                yield file, _ANOTHER.format(name)


def _figures(lineage: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each figure of a sweep that bears its label; those of a set have
    what their panels show in their place, and are told of by themselves."""
    figures = lineage.get("figures", {})
    return {file: digest for file, digest in figures.items() if isinstance(digest, str)}


def _products(lineage: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each product of a sweep, by where it lies in a bundle."""
    return {
        str(RESULTS / lineage["sweep"] / _stable(file)): digest
        for product in lineage.get("products", {}).values()
        for file, digest in product.get("files", {}).items()
    }


def _stable(file: str) -> str:
    """Return the name that a product bears for people: statistics_0123456789ab.csv ->
    statistics.csv."""
    return Path(file).stem.rpartition("_")[0] + Path(file).suffix


def _planned_by(root: Path, name: str, sums: Sums) -> Iterator[tuple[str, str]]:
    """Yield the tables of simulations that are other than a plan tells, or that it was changed."""
    try:
        plan = read_plan(root / name)
    except (UserError, *UNREADABLE):
        yield name, CHANGED
        return
    for table in (Path(name).with_suffix(".csv"), RESULTS / plan["sweep"] / "plan.csv"):
        if sums.get(str(table), plan["rows"]) != plan["rows"]:
            yield str(table), _ANOTHER.format(name)


def _described_by(root: Path, name: str, sums: Sums) -> Iterator[tuple[str, str]]:
    """Yield what is other than the description beside a table tells, or that it was changed."""
    table = str(Path(name).with_suffix(".csv"))
    description = content(root / name)
    if not is_intact(description):
        yield name, CHANGED
        return
    digests = json.loads(description).get("files", {})
    told = {_stable(file): digest for file, digest in digests.items()}
    if told.get(Path(table).name) != sums[table]:
        yield table, _ANOTHER.format(name)
