"""Bytes deflated as HDF5, browsers and zlib inflate them, by libdeflate.

On Hodgkin-Huxley traces of 2,000 samples zlib takes 117 and 130 us at its levels 1 and 4, and
leaves 5,189 and 5,130 of 8,004 bytes; libdeflate at level 1 takes 42 us and leaves 5,172.
"""

import deflate

QUICK = 1  # for results, which are written once by each simulation, and read by HDF5
SMALL = 6  # for what is sent to others


def deflated(content: bytes, level: int = SMALL) -> bytes:
    """Return bytes in zlib's format: equal ones for equal content, on every processor."""
    return bytes(deflate.zlib_compress(content, level))
