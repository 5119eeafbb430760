"""Names that follow from content: hashes of values, of files, of versions.

A fingerprint is the SHA-256 of the canonical JSON of everything that can change what a stage
makes. The first twelve digits stand in the file's name, the whole of it in the file.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
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
    return importlib.metadata.version(package)
