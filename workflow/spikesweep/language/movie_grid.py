"""When the frames of a movie are."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any

_TOLERANCE = 1e-6  # of an interval; decimal fractions and units leave far less


def frame_range(movie: Mapping[str, Any], tstop: float) -> range:
    """Return which multiples of `every` are frames: those within the window and the run."""
    every, (start, end) = movie["every"], movie.get("window", (0.0, tstop))
    first = ceil(start / every - _TOLERANCE)
    return range(first, floor(min(end, tstop) / every + _TOLERANCE) + 1)
