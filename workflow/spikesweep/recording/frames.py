"""What a movie consists of, as it is stored: frames, and the segments that they show.

It is stored as two rows of numbers: its samples, all segments of one frame after the other; and
what says which segments they are, a text in JSON, as its bytes.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Segment(NamedTuple):
    """A segment of a movie.

    section: as sweep files write it, `apical[3]`. x: of its middle, 0 to 1. distance: of that from
    where the cell's distances start, along the path (um; NaN where no path leads there).
    diam (um). x0 ... z1: its two ends in space (um).
    """

    section: str
    region: str
    x: float
    distance: float
    diam: float
    x0: float
    y0: float
    z0: float
    x1: float
    y1: float
    z1: float


def encoded(segments: Iterable[Sequence[Any]]) -> np.ndarray:
    """Return which segments a movie shows as numbers."""
    text = json.dumps([list(segment) for segment in segments])
    return np.frombuffer(text.encode(), np.uint8).astype(np.float32)


def decoded(numbers: np.ndarray) -> list[Segment]:
    """Return which segments a movie shows."""
    return [Segment(*segment) for segment in json.loads(numbers.astype(np.uint8).tobytes())]
