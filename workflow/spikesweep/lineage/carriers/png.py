"""PNG: a tEXt chunk with the keyword "spikesweep". Sections are those of the PNG specification."""

import struct
import zlib
from collections.abc import Iterator

from spikesweep.lineage.carriers.key import KEY

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = KEY.encode() + b"\0"


def embed(content: bytes, text: str) -> bytes:
    """Return a PNG file with a text in it."""
    chunks = [chunk for chunk in _chunks(content) if not _is_ours(*chunk)]
    # Before the pixels, where a reader finds it that does not decode them.
    pixels = next(i for i, (kind, _) in enumerate(chunks) if kind in (b"IDAT", b"IEND"))
    chunks.insert(pixels, (b"tEXt", _KEYWORD + text.encode("ascii")))
    return _SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks)


def extract(content: bytes) -> str | None:
    """Return the text in a PNG file, or None."""
    texts = [data.removeprefix(_KEYWORD) for kind, data in _chunks(content) if _is_ours(kind, data)]
    if texts and not texts[0].isascii():
        raise ValueError("its lineage is not ASCII")
    return texts[0].decode("ascii") if texts else None


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return a PNG file with a part of its text replaced by one of equal length.

    The checksum of its chunk is computed anew. Nothing is read but that chunk: a file that is
    damaged elsewhere is to be told as such by its seal.
    """
    place = content.index(_KEYWORD) - 8
    (length,) = struct.unpack(">I", content[place : place + 4])
    end = place + 12 + length
    data = content[place + 8 : end - 4].replace(old, new)
    return content[:place] + _chunk(b"tEXt", data) + content[end:]


def _is_ours(kind: bytes, data: bytes) -> bool:
    return kind == b"tEXt" and data.startswith(_KEYWORD)


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk: length, type, data and the checksum of both (section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of each chunk."""
    if not content.startswith(_SIGNATURE):
        raise ValueError("it does not begin like one")
    position, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        header = content[position : position + 8]
        if len(header) < 8:
            raise ValueError("it ends too early")
        length, kind = struct.unpack(">I4s", header)
        data = content[position + 8 : position + 8 + length]
        end = position + 12 + length
        if content[position:end] != _chunk(kind, data):
            raise ValueError(f"its part {kind.decode('latin-1')} is damaged")
        yield kind, data
        position = end
