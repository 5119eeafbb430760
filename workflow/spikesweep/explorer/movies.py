"""Movies as the page has them: each simulation's apart, coded as traces are.

The samples of a simulation stand segment after segment, of each all frames, so that differences are
small. `shown_movie_<n>` has the segments, as JSON: a table for each way in which cells are made of
them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np

from spikesweep.explorer.traces import LOSSLESS, Samples, coded, shuffled, step_of
from spikesweep.store.deflating import deflated
from spikesweep.tables.names import MOVIE_PARTS, movie_names


def movies_of(
    file: h5py.File, precision: float
) -> Iterator[tuple[dict[str, Any], dict[str, bytes]]]:
    """Yield what is said of each movie of a dataset, and its blobs.

    Args:
        precision: of potentials (mV); others are coded by parts of their range.
    """
    for n, name in enumerate(json.loads(file.attrs.get("spikesweep_movies", "[]"))):
        variable, names = file[name], movie_names(name)
        ends = _ends(variable)
        unit = str(variable.attrs["units"])
        samples, ways, shown = _taken(file, name, step_of(unit, ends, precision))
        blob = f"movie_{n}"
        yield (
            {
                "name": name,
                "unit": "" if unit == "1" else unit,
                "long_name": str(variable.attrs["long_name"]),
                "at": str(variable.attrs["at"]),
                "frames": int(variable.shape[-2]),
                "samples": 0,
                "itemsize": int(variable.dtype.itemsize),
                "step": samples.step,
                "ends": ends.tolist() if np.isfinite(ends).all() else None,
                "shown": ways,
                "blob": blob,
            },
            {
                f"trace_{blob}": samples.packed(),
                f"lengths_{blob}": shuffled(samples.lengths.astype("<u4")),
                f"time_{blob}": shuffled(file[names["time"]][()].astype("<f8")),
                f"shown_{blob}": deflated(json.dumps(shown).encode()),
            },
        )


def _ends(variable: h5py.Dataset) -> np.ndarray:
    """Return the least and the greatest finite value of all simulations; NaN without any."""
    low, high = np.inf, -np.inf
    for corner in np.ndindex(variable.shape[:-2]):
        finite = (samples := variable[corner])[np.isfinite(samples)]
        low, high = min(low, finite.min(initial=low)), max(high, finite.max(initial=high))
    return np.array([low, high] if low <= high else [np.nan, np.nan], np.float64)


def _taken(
    file: h5py.File, name: str, step: float
) -> tuple[Samples, list[int], list[dict[str, Any]]]:
    """Return the samples, of each simulation which table its segments are (-1 of one without a
    movie), and these tables."""
    variable, tables = file[name], _tables(file, name)
    shown: dict[str, int] = {}
    chunks, lengths, ways = [], [], []
    for corner, table in zip(np.ndindex(variable.shape[:-2]), tables, strict=True):
        samples = variable[corner][:, : len(table["rows"])]
        if np.isnan(samples).all():
            chunks.append(b"")
            lengths.append(0)
            ways.append(-1)
            continue
        flat = np.ascontiguousarray(samples.T).ravel()
        chunk = coded(flat, step)
        lengths.append(len(chunk) if chunk is not None else len(shuffled(flat)) | LOSSLESS)
        chunks.append(shuffled(flat) if chunk is None else chunk)
        ways.append(shown.setdefault(json.dumps(table), len(shown)))
    known = [json.loads(text) for text in shown]
    return Samples(chunks, np.array(lengths, np.uint32), step), ways, known


def _tables(file: h5py.File, name: str) -> Iterator[dict[str, Any]]:
    """Yield the table of the segments of each simulation."""
    names, shape = movie_names(name), file[name].shape
    columns: Mapping[str, np.ndarray] = {
        part: np.broadcast_to(_read(file[names[part]]), (*shape[:-2], shape[-1]))
        for part in MOVIE_PARTS
    }
    for corner in np.ndindex(shape[:-2]):
        own = [column[corner].tolist() for column in columns.values()]
        rows = [list(row) for row in zip(*own, strict=True) if row[0]]
        yield {"names": list(columns), "rows": rows}


def _read(variable: h5py.Dataset) -> np.ndarray:
    is_text = h5py.check_string_dtype(variable.dtype) is not None
    values: np.ndarray = variable.asstr()[()] if is_text else variable[()]
    return values
