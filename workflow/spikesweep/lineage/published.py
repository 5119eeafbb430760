"""What the hashes in an unzipped bundle say: its git label, since there is no git; and whether a
product in it is the one that was made."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.lineage.checked import checked
from spikesweep.products.fingerprint import file_hash

SUMS = "SHA256SUMS"


def published_lineage(root: Path, files: Iterable[str | Path]) -> dict[str, Any] | None:
    """Return the lineage that a bundle came with, if its files are still those of the bundle.

    The bundle of a figure set has one of each sweep and one of the set: that is returned of which
    the most sources, and no others, are among these files.

    Args:
        files: what results depend on, relative to `root`; a folder stands for all files in it.
    """
    try:
        lines = (root / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path for file in files for path in _files(root / file)}
    known = {root / name for name in sums}
    folders = [root / file for file in files]
    expected = {p for p in known if any(p.is_relative_to(folder) for folder in folders)}
    if there != expected or any(file_hash(p) != sums[str(p.relative_to(root))] for p in there):
        return None
    asked = {str(file) for file in files}
    fitting = [record for record in _records(root, sums) if {*record["sources"]} <= asked]
    return max(fitting, key=lambda record: len(record["sources"]), default=None)


def check_published(file: Path, product: str, record: Mapping[str, Any]) -> None:
    """Refuse a file of a bundle that is not, byte by byte, the product that a record tells of.

    Raises:
        UserError: it is another.
    """
    made = [entry.get("files", {}) for entry in record["products"].values()]
    expected = next((files[product] for files in made if product in files), None)
    if file_hash(file) != expected:
        raise UserError(
            f"{file}: was changed after it was made. Nothing was read of it; `spikesweep verify` "
            "of the bundle names all that was changed"
        )


def _records(root: Path, sums: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the lineages that lie in a bundle as it was published."""
    for name in sorted(sums):
        path = root / name
        is_record = name.startswith("results/provenance/") and path.suffix == ".json"
        if is_record and path.is_file() and file_hash(path) == sums[name]:
            yield checked(json.loads(path.read_text(encoding="utf-8")), str(path))


def _files(path: Path) -> Iterable[Path]:
    """Return a file, or the files of a folder without what Python and pip leave there."""
    if path.is_file():
        return [path]
    return [
        file
        for file in path.rglob("*")
        if file.is_file()
        and not any(part == "__pycache__" or part.endswith(".egg-info") for part in file.parts)
    ]
