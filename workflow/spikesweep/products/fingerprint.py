"""Names that follow from content: hashes of values, of files, of versions.

A fingerprint is the SHA-256 of the canonical JSON of everything that can change what a stage
makes. The first twelve digits stand in the file's name, the whole of it in the file.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from spikesweep.products.plain import opened

DIGITS = 12


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted, no layout, shortest exact numbers."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256(text: str | bytes) -> str:
    """Return the SHA-256 of a text or of bytes, as 64 hex digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a plain file's bytes, as 64 hex digits."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(inputs: Any) -> str:
    """Return the fingerprint of everything that a stage depends on, as 64 hex digits."""
    return sha256(canonical_json(inputs))


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the installed versions of packages, without importing them."""
    return {package: _version(package) for package in sorted(packages)}


@cache
def _version(package: str) -> str:
    """Return what importlib.metadata would, whose import takes a tenth of a job's start."""
    folder = _installed().get(_normalised(package))
    with suppress(OSError):
        for line in folder.joinpath("METADATA").open(encoding="utf-8") if folder else ():
            name, _, value = line.rstrip().partition(": ")
            if name == "Version":
                return value
    from importlib import metadata

    return metadata.version(package)


@cache
def _installed() -> dict[str, Path | None]:
    """Return the folder that describes each installed package; None where it is of an older kind,
    which pip does not make any more."""
    found: dict[str, Path | None] = {}
    for place in sys.path:
        with suppress(OSError):
            for entry in os.listdir(place or "."):
                if entry.endswith((".dist-info", ".egg-info")):
                    name = _normalised(entry.rpartition(".")[0].partition("-")[0])
                    folder = Path(place, entry) if entry.endswith(".dist-info") else None
                    found.setdefault(name, folder)
    return found


def _normalised(package: str) -> str:
    return re.sub(r"[-_.]+", "_", package).lower()
