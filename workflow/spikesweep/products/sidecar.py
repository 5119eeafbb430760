"""What a product was made from, beside it as JSON; and the proof that it is that product.

    statistics_0123456789ab.csv
    statistics_0123456789ab.json    {"fingerprint", "recipe", "code", "files", ...}

`recipe` is what the fingerprint is the hash of, `code` the hash of each module behind the one
hash in the recipe, `files` the SHA-256 of the files that were made, `made_on` what is not in the
fingerprint, because it should change nothing: Python and the platform. A stage looks at the content
of every file that it reads, whatever that says of itself: one that was edited, cut off, or put
there in another's place is refused by name. A gigabyte takes a second; to hash a dataset by chunks,
so that a reader of a few need not look at the others, would leave out what HDF5 says of them.
"""

import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products import plain
from spikesweep.products.atomic import written
from spikesweep.products.column import Column
from spikesweep.products.fingerprint import DIGITS, file_hash, fingerprint
from spikesweep.products.seal import is_intact, sealed_json


def origin(recipe: Mapping[str, Any], code: Mapping[str, str]) -> dict[str, Any]:
    """Return what is written beside a product that is made by a recipe, by that code."""
    return {
        "fingerprint": fingerprint(recipe),
        "recipe": recipe,
        "code": code,
        "made_on": {
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
            "libc": "-".join(platform.libc_ver()),
        },
    }


def beside(product: Path) -> Path:
    """Return the file that says what a product was made from."""
    return product.with_suffix(".json")


def sidecars(files: Iterable[Path]) -> dict[Path, list[Path]]:
    """Return the sidecars of a product, each with the files that it speaks of.

    Files that differ only in what they end in share one. What is JSON itself stands in the
    sidecar of the first file.
    """
    files = list(files)
    found: dict[Path, list[Path]] = {}
    for path in files:
        found.setdefault(beside(files[0] if path.suffix == ".json" else path), []).append(path)
    return found


def write_origin(
    product: Path,
    origin: Mapping[str, Any],
    files: Iterable[Path] = (),
    columns: Mapping[str, Column] | None = None,
    specification: Mapping[str, Any] | None = None,
) -> None:
    """Write what a product was made from beside it.

    Args:
        files: whose SHA-256 is to be known; without any, the product's own.
        columns: what the columns of a table hold.
        specification: what was simulated, for a table that people read.
    """
    described: dict[str, Any] = {} if columns is None else {"columns": _as_json(columns)}
    if specification is not None:
        described["specification"] = specification
    hashes = {path.name: file_hash(path) for path in files or [product]}
    with written(beside(product)) as temporary:
        temporary.write_bytes(sealed_json({**origin, "files": hashes, **described}))


def _as_json(columns: Mapping[str, Column]) -> dict[str, dict[str, str]]:
    return {name: column._asdict() for name, column in columns.items()}


def check_origin(product: Path, fingerprint: str, sidecar: Path | None = None) -> None:
    """Refuse a file that is not the product that its name promises.

    Args:
        sidecar: that speaks of it; by default the one of its own name.

    Raises:
        UserError: what differs, and the command that mends it.
    """
    _check(product, product, sidecar or beside(product), fingerprint)


def check_library(folder: Path, fingerprint: str) -> None:
    """Refuse a compiled mechanism set that is not the one that its folder's name promises.

    Raises:
        UserError: as `check_origin` does.
    """
    _check(folder, folder / "libnrnmech.so", folder / "mechanisms.json", fingerprint)


def _check(product: Path, file: Path, described: Path, fingerprint: str) -> None:
    origin = read_origin(described, product)
    inner, expected = origin["fingerprint"], origin["files"].get(file.name)
    if inner != fingerprint:
        raise refusal(product, f"it holds the product {inner[:DIGITS]}", fingerprint)
    if not file.is_file() or file_hash(file) != expected:
        raise refusal(product, f"{file.name} was changed after it was made")


def read_origin(described: Path, product: Path) -> dict[str, Any]:
    """Return what stands beside a product.

    Raises:
        UserError: it is missing, or not as it was written.
    """
    try:
        content = plain.content(described)
        origin: dict[str, Any] = json.loads(content)
        inner, files = origin["fingerprint"], {**origin["files"]}
        whole = isinstance(inner, str) and all(isinstance(digest, str) for digest in files.values())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise refusal(product, f"{described.name} does not say what it was made from")
    if not is_intact(content):
        raise refusal(product, f"{described.name} was changed after it was made")
    return origin


def refusal(product: Path, what: str, fingerprint: str = "") -> UserError:
    """Return the refusal of a product, with the command that makes it anew."""
    promised = f"; expected {fingerprint[:DIGITS]}, as its name says" if fingerprint else ""
    remove = "rm -r" if product.is_dir() else "rm"
    return UserError(
        f"{product}: {what}{promised}. Nothing was made of it. Make it anew: "
        f"{remove} {product} && {command_again(product)}"
    )


def command_again(product: Path) -> str:
    """Return what makes a product that is not there: its folder bears the name of its sweep, which
    a plain run need not include."""
    folder = product.parent
    named = folder.parent.name == "made" and folder.name != "mechanisms"
    return f"snakemake --cores 8 {folder.name}" if named else "snakemake --cores 8"
