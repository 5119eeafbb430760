"""How far two files are from each other: bytes, pixels, data."""

import csv
import math
from functools import partial
from pathlib import Path

from spikesweep.lineage.stamp import CARRIERS
from spikesweep.products.fingerprint import file_hash

BYTES, DRAWING, PIXELS, DATA = "bytes equal", "drawing equal", "pixels equal", "data equal"


def compare(old: Path, new: Path) -> str:
    """Return in words how a file differs from an earlier one of the same format."""
    if file_hash(old) == file_hash(new):
        return BYTES
    if new.suffix in CARRIERS:
        return _figures(old, new)
    if new.suffix == ".nc":
        return _datasets(old, new)
    return _tables(old, new)


def _figures(old: Path, new: Path) -> str:
    """Compare without the lineages; then as pixels, by the PNG files beside them."""
    embed = CARRIERS[new.suffix].embed
    if embed(old.read_bytes(), "{}") == embed(new.read_bytes(), "{}"):
        return f"{DRAWING}, another lineage"
    before, after = old.with_suffix(".png"), new.with_suffix(".png")
    return _pixels(before, after) if before.is_file() and after.is_file() else "drawing differs"


def _pixels(old: Path, new: Path) -> str:
    import numpy as np
    from PIL import Image

    with Image.open(old) as before, Image.open(new) as after:
        if before.size != after.size:
            return f"pixels differ: {before.size} -> {after.size}"
        one, other = (np.asarray(image.convert("RGBA")) for image in (before, after))
    differing = (one != other).any(axis=-1)
    if not differing.any():
        return PIXELS
    return f"pixels differ: {differing.mean():.2%} of them"


def _datasets(old: Path, new: Path) -> str:
    """Compare every variable; attributes may differ."""
    import h5py
    import numpy as np

    off = []
    with h5py.File(old) as before, h5py.File(new) as after:
        names = sorted({*before, *after})
        for name in names:
            if name not in before or name not in after:
                off.append(f"{name} in one only")
                continue
            one, other = before[name][...], after[name][...]
            if one.shape != other.shape:
                off.append(f"{name} {one.shape} -> {other.shape}")
            elif one.dtype.kind == "f" and not np.array_equal(one, other, equal_nan=True):
                in_one_only = np.isnan(one) != np.isnan(other)
                distance = np.where(in_one_only, np.inf, np.abs(one - other))
                off.append(f"{name} off by at most {np.nanmax(distance):.3g}")
            elif one.dtype.kind in "iuSO" and not np.array_equal(one, other):
                off.append(f"{name} differs")
    return f"data differ: {', '.join(off)}" if off else DATA


def _tables(old: Path, new: Path) -> str:
    """Compare cell by cell; numbers are told with how far they are off."""
    before, after = _read(old), _read(new)
    if before[:1] != after[:1] or len(before) != len(after):
        return f"data differ: {len(before) - 1} rows -> {len(after) - 1}, or other columns"
    off: dict[str, float] = {}
    for row, other in zip(before[1:], after[1:], strict=True):
        for column, a, b in zip(before[0], row, other, strict=True):
            if a != b:
                off[column] = max(off.get(column, 0.0), _distance(a, b))
    told = [f"{column} off by at most {distance:.3g}" for column, distance in off.items()]
    return f"data differ: {', '.join(told)}" if told else DATA


def are_close(old: Path, new: Path, tolerance: float) -> bool:
    """Return whether two tables have the same rows and columns, texts that are equal, and numbers
    that are so to a part of themselves."""
    before, after = _read(old), _read(new)
    return len(before) == len(after) and all(
        len(row) == len(other) and all(map(partial(_is_close, tolerance), row, other))
        for row, other in zip(before, after, strict=True)
    )


def _is_close(tolerance: float, a: str, b: str) -> bool:
    try:
        return a == b or math.isclose(float(a), float(b), rel_tol=tolerance)
    except ValueError:
        return False


def _read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _distance(a: str, b: str) -> float:
    try:
        return abs(float(a) - float(b))
    except ValueError:
        return math.inf
