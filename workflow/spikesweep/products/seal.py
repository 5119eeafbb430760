"""Seals: a file that holds the hash of itself, so that one flipped byte of it shows.

A seal is `"seal": "<64 hex digits>"` in a JSON text: the SHA-256 of all bytes of the file that
holds it, with zeros in place of the digits. It needs no second file and no library of the
format, and holds for as long as there is SHA-256. It tells damage and careless edits; whoever
wants to deceive can seal again.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from spikesweep.products.fingerprint import sha256

SEAL = "seal"
BLANK = "0" * 64
_SEALED = re.compile(rb'"seal": "([0-9a-f]{64})"')

# Puts other digits in place of a seal's, and mends what the format computes from them; raises
# ValueError where the file is too damaged for that.
Replace = Callable[[bytes, bytes, bytes], bytes]


def seal(content: bytes, replace: Replace = bytes.replace) -> bytes:
    """Return a file's content with a blank seal in it filled in."""
    return _with_digits(content, sha256(content), replace)


def is_intact(content: bytes, replace: Replace = bytes.replace) -> bool:
    """Return whether a file is as it was sealed; one without a seal is not."""
    found = _SEALED.findall(content)
    if len(found) != 1:
        return False
    try:
        blank = _with_digits(content, BLANK, replace)
    except ValueError:
        return False
    sealed = sha256(blank).encode()
    # Filled in again, so that a wrong checksum shows, which blanking the seal has mended.
    return sealed == found[0] and _with_digits(blank, found[0].decode(), replace) == content


def _with_digits(content: bytes, digits: str, replace: Replace) -> bytes:
    before = _SEALED.search(content)
    assert before, "the seal, which was read by the same pattern"
    return replace(content, before[0], f'"{SEAL}": "{digits}"'.encode())


def sealed_json(contents: Mapping[str, Any]) -> bytes:
    """Return a mapping as JSON text that holds its own seal."""
    text = json.dumps({**contents, SEAL: BLANK}, indent=1, ensure_ascii=False, allow_nan=False)
    return seal(f"{text}\n".encode())
