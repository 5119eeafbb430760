"""What the store looks results up by: the file `<name>.keys` beside each segment.

    header     4 bytes, its length; then JSON: number of rows, format of the segment, what
               integrated, lists of items
    keys       32 bytes a row
    digests    8 bytes a row: the first of the trajectory's digest; 0 where there is none
    places     2 bytes a row: the list of items that it holds; EVERYTHING where it failed as a whole
    checksum   4 bytes, CRC-32 of all before

To read it takes the standard library alone.
"""

import json
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

FORMAT = 2
EVERYTHING = 0xFFFF  # in place of a list of items
KEY, DIGEST, PLACE, CHECKSUM, LENGTH = 32, 8, 2, 4, 4  # bytes

Holds = Callable[[frozenset[str]], bool]


@dataclass(frozen=True)
class Index:
    """Keys of a segment in the order of its rows, and which items each row holds."""

    engine: dict[str, Any]
    lists: list[frozenset[str]]
    keys: bytes
    trajectories: array
    places: array
    format: int = FORMAT

    def __len__(self) -> int:
        return len(self.keys) // KEY

    def rows(self) -> list[bytes]:
        """Return the key of each row."""
        return [self.keys[start : start + KEY] for start in range(0, len(self.keys), KEY)]

    def held_by(self, row: int) -> frozenset[str] | None:
        """Return the items that a row holds; None where it failed as a whole."""
        place = self.places[row]
        return None if place == EVERYTHING else self.lists[place]

    def answering(self, holds: Holds | None) -> Iterator[tuple[bytes, int]]:
        """Yield key and row of those that hold what is asked for; all, where nothing is."""
        rows = self.rows()
        if holds is None:
            return zip(rows, range(len(rows)), strict=True)
        good = {place for place, held in enumerate(self.lists) if holds(held)} | {EVERYTHING}
        if good.issuperset(self.places):
            return zip(rows, range(len(rows)), strict=True)
        return ((rows[row], row) for row, place in enumerate(self.places) if place in good)

    def written(self) -> bytes:
        """Return the content of the file."""
        head = {
            "rows": len(self),
            "format": self.format,
            "engine": self.engine,
            "held": [sorted(held) for held in self.lists],
        }
        header = json.dumps(head, sort_keys=True).encode()
        parts = (
            len(header).to_bytes(LENGTH, "little"),
            header,
            self.keys,
            self.trajectories.tobytes(),
            self.places.tobytes(),
        )
        content = b"".join(parts)
        return content + zlib.crc32(content).to_bytes(CHECKSUM, "little")


def read(content: bytes) -> Index | None:
    """Return what a file says; None if it is not whole."""
    body, checksum = content[:-CHECKSUM], content[-CHECKSUM:]
    if zlib.crc32(body).to_bytes(CHECKSUM, "little") != checksum:
        return None
    start = LENGTH + int.from_bytes(body[:LENGTH], "little")
    try:
        head = json.loads(body[LENGTH:start])
        ends = [start + head["rows"] * size for size in (KEY, KEY + DIGEST, KEY + DIGEST + PLACE)]
        if len(body) != ends[-1]:
            return None
        return Index(
            engine=head["engine"],
            lists=[frozenset(held) for held in head["held"]],
            keys=body[start : ends[0]],
            trajectories=array("Q", body[ends[0] : ends[1]]),
            places=array("H", body[ends[1] : ends[2]]),
            format=head["format"],
        )
    except (ValueError, LookupError, TypeError):
        return None
