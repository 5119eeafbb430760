"""A segment of the store: one immutable HDF5 file with the results of some simulations.

Layout, for n simulations, one a row, in the order of their keys:

    format, engine                attributes      FORMAT, and as JSON what integrated
    keys                          (n, 32) uint8   the keys' bytes
    status                        (n,) int8       place in KEY_STATUSES: of the simulation itself
    message                       uint8           JSON list of what went wrong; '' where nothing did
    trajectory                    (n, 32) uint8   digest of final states and times, or 0
    held                          uint8           JSON list of lists of items; a row holds one list
    held_by                       (n,) uint16     place in that list; EVERYTHING where it failed
    failures                      uint8           JSON list of {"traces/<trace>": [status, message]}
    digest                        (n, 32) uint8   SHA-256 of the result, see `digest`
    extremes/<trace>              (n, 2) float64  smallest and largest value; NaN where unknown
    features/<feature>            (n,) float64    NaN where unknown or undefined
    traces/<trace>/<type>_<samples>   (n, samples), one row a chunk, shuffled and deflated
    spikes/<site>/counts          (n,) int64      spikes of each row; -1 where none were looked for
    spikes/<site>/times           (sum of counts,) float64 ms, train after train, not compressed

Traces, sites and features go by their addresses, see `products.items`.

A row without a trace, or with one of another length or type, has no chunk there, which costs
nothing. A chunk is one simulation's trace and nothing else, so that the collect stage copies it
as it is, without inflating it; and since HDF5 tells where each chunk lies in the file, it is read
with one plain read. Equal results give equal bytes, in whatever order they come.
"""

import hashlib
import json
import os
import re
import zlib
from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Protocol

import h5py
import numpy as np
from h5py import h5d, h5g

from spikesweep.language.names import KEY_STATUSES
from spikesweep.store import hdf5
from spikesweep.store.deflating import QUICK, deflated
from spikesweep.store.index import EVERYTHING, FORMAT, Index

# Where in a segment's file a trace or train lies: `nbytes` stored bytes at `offset` hold `length`
# numbers of `itemsize` bytes each. All zero where there is none.
EXTENT = np.dtype([(name, "<i8") for name in ("offset", "nbytes", "length", "itemsize")])

_KEY = re.compile("[0-9a-f]{64}")
DEFLATE_LEVEL = 4  # where HDF5 deflates by itself; without shuffling, traces take 20% more
_FILE = {"libver": ("v110", "v110"), "locking": False}  # readable since HDF5 1.10; no locks


class Result(Protocol):
    """What one simulation came to.

    key: 64 hex digits. status: one of KEY_STATUSES. message: '' if nothing went wrong.
    traces: name -> (samples,) float32 or float64. spikes: site -> (spikes,) float64 ms.
    extremes: trace -> (smallest, largest) value over every step of integration.
    features: name -> value. failures: "traces/<name>" -> status and message of what is not there.
    held: names of all items. trajectory: 64 hex digits, or ''.
    """

    key: str
    status: str
    message: str
    traces: Mapping[str, np.ndarray]
    spikes: Mapping[str, np.ndarray]
    extremes: Mapping[str, tuple[float, float]]
    features: Mapping[str, float]
    failures: Mapping[str, tuple[str, str]]
    held: Collection[str]
    trajectory: str


@dataclass(frozen=True)
class StoredResult:
    """A result as the store gives it back: bit by bit what went in."""

    key: str
    status: str
    message: str
    traces: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]
    extremes: dict[str, tuple[float, float]]
    features: dict[str, float]
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    trajectory: str = ""


class Packed(NamedTuple):
    """A trace as it is stored: `stored` holds `samples` numbers of `itemsize` bytes each."""

    stored: bytes
    itemsize: int
    samples: int


@dataclass(frozen=True)
class Row:
    """A result that knows its digest; traces are packed by now, or when they are written."""

    key: str
    status: str
    message: str
    traces: Mapping[str, Packed | np.ndarray]
    spikes: Mapping[str, np.ndarray]
    extremes: Mapping[str, tuple[float, float]]
    features: Mapping[str, float]
    failures: Mapping[str, tuple[str, str]]
    held: Collection[str]
    trajectory: str
    digest: bytes

    @property
    def nbytes(self) -> int:
        """Bytes of its traces and trains, as they are now."""
        traces = (t.stored if isinstance(t, Packed) else t for t in self.traces.values())
        return sum(memoryview(array).nbytes for array in (*traces, *self.spikes.values()))


def row_of(result: Result) -> Row:
    """Return a result as a row of a segment.

    Raises:
        ValueError: one that may not enter the store, see `check`.
    """
    check(result)
    return Row(
        key=result.key,
        status=result.status,
        message=result.message,
        traces=result.traces,
        spikes={site: np.asarray(times, "<f8") for site, times in result.spikes.items()},
        extremes=result.extremes,
        features=result.features,
        failures=result.failures,
        held=result.held,
        trajectory=result.trajectory,
        digest=digest(result),
    )


def packed(row: Row) -> Row:
    """Return a row with its traces packed."""
    traces = {
        name: Packed(pack(trace), trace.itemsize, trace.size)
        for name, trace in row.traces.items()
        if not isinstance(trace, Packed)
    }
    return replace(row, traces={**row.traces, **traces})


def check(result: Result) -> None:
    """Raise ValueError unless the result may enter the store."""
    if not _KEY.fullmatch(result.key):
        raise ValueError(f"key {result.key!r}: expected 64 hex digits")
    if result.status not in KEY_STATUSES:
        raise ValueError(
            f"{result.key}: status {result.status!r} depends on more than the key; "
            f"expected one of {', '.join(KEY_STATUSES)}"
        )
    if any(status not in KEY_STATUSES for status, _ in result.failures.values()):
        raise ValueError(f"{result.key}: {result.failures} depend on more than the key")
    for name, trace in result.traces.items():
        is_float = trace.dtype.str[1:] in ("f4", "f8")
        if trace.ndim != 1 or not trace.size or not is_float:
            raise ValueError(
                f"{result.key}: trace {name} is {trace.dtype} {trace.shape}; "
                "expected float32 or float64, one dimension, at least one sample"
            )
    for name in {*result.traces, *result.spikes, *result.extremes, *result.features}:
        if "/" in name or name in ("", "."):
            raise ValueError(f"{result.key}: {name!r} cannot name a trace, a site or a feature")


def digest(result: Result) -> bytes:
    """Return the SHA-256 of a result's content, its key left out.

    Two results have one digest exactly if status, message and every bit of traces, spike times,
    extremes and features are equal, whatever was compressed where. An extreme of two NaN is none,
    and so is a feature that is NaN. Segments that were written before there were features stay
    right: without any, the digest knows nothing of them.
    """
    traces, spikes = sorted(result.traces.items()), sorted(result.spikes.items())
    head = {
        "status": result.status,
        "message": result.message,
        "traces": [(name, trace.dtype.str[-2:], trace.size) for name, trace in traces],
        "spikes": [(site, len(times)) for site, times in spikes],
        "extremes": [
            (name, float(low).hex(), float(high).hex())
            for name, (low, high) in sorted(result.extremes.items())
            if low == low or high == high
        ],
    }
    features = sorted(result.features.items())
    if known := [(name, float(value).hex()) for name, value in features if value == value]:
        head["features"] = known
    if result.failures:
        head["failures"] = [(name, *end) for name, end in sorted(result.failures.items())]
    if result.held and result.status == "ok":
        head["held"] = sorted(result.held)
    if result.trajectory:
        head["trajectory"] = result.trajectory
    content = hashlib.sha256(json.dumps(head).encode())
    for _, trace in traces:
        content.update(_little_endian(trace))
    for _, times in spikes:
        content.update(np.ascontiguousarray(times, "<f8"))
    return content.digest()


def pack(trace: np.ndarray) -> bytes:
    """Return a trace as HDF5's shuffle and deflate filters store it: all first bytes first."""
    trace = _little_endian(trace)
    columns = trace.view(np.uint8).reshape(-1, trace.itemsize)
    return deflated(columns.T.tobytes(), QUICK)


def unpack(stored: bytes, itemsize: int) -> np.ndarray:
    """Return the trace that `pack` stored, of float32 or float64 by its itemsize."""
    columns = np.frombuffer(zlib.decompress(stored), np.uint8).reshape(itemsize, -1)
    return np.ascontiguousarray(columns.T).view(f"<f{itemsize}").ravel()


def _little_endian(trace: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(trace, trace.dtype.newbyteorder("<"))


def write_segment(
    path: Path, results: Iterable[Result], engine: Mapping[str, str] | None = None
) -> Index:
    """Write results to a new file, and return what the store looks them up by.

    Raises:
        ValueError: a result that may not enter, two results of one key, or none at all.
    """
    return write_rows(path, map(row_of, results), engine)


def write_rows(path: Path, rows: Iterable[Row], engine: Mapping[str, str] | None = None) -> Index:
    """Write rows to a new file; as `write_segment`."""
    results = sorted(rows, key=lambda row: row.key)
    if not results or len({result.key for result in results}) < len(results):
        raise ValueError(f"{len(results)} results: expected one or more, each with its own key")
    keys = _digests(result.key for result in results)
    trajectories = _digests(result.trajectory or "0" * 64 for result in results)
    held = [tuple(sorted(result.held)) if result.status == "ok" else None for result in results]
    lists = sorted({names for names in held if names is not None})
    place_of = {names: place for place, names in enumerate(lists)} | {None: EVERYTHING}
    held_by = np.array([place_of[names] for names in held], np.uint16)
    with h5py.File(path, "w", **_FILE) as file:
        file.attrs["format"] = FORMAT
        file.attrs["engine"] = json.dumps(dict(engine or {}), sort_keys=True)
        root = h5g.open(file.id, b"/")
        for name, column in {
            "keys": keys,
            "trajectory": trajectories,
            "held": _json(lists),
            "held_by": held_by,
            "failures": _json([_listed(result.failures) for result in results]),
            "status": np.array([KEY_STATUSES.index(result.status) for result in results], np.int8),
            "message": _json([result.message for result in results]),
            "digest": _bytes(result.digest for result in results),
        }.items():
            hdf5.write(root, name, column)
        nothing = (np.nan, np.nan)
        extremes = hdf5.create_group(root, "extremes")
        for name in _names(result.extremes for result in results):
            pairs = [result.extremes.get(name, nothing) for result in results]
            hdf5.write(extremes, name, np.array(pairs, np.float64))
        features = hdf5.create_group(root, "features")
        for name in _names(result.features for result in results):
            values = [result.features.get(name, np.nan) for result in results]
            hdf5.write(features, name, np.array(values, np.float64))
        traces = hdf5.create_group(root, "traces")
        for name in _names(result.traces for result in results):
            _write_traces(hdf5.create_group(traces, name), name, results)
        spikes = hdf5.create_group(root, "spikes")
        for site in _names(result.spikes for result in results):
            _write_trains(hdf5.create_group(spikes, site), site, results)
    return Index(
        engine=dict(engine or {}),
        lists=list(map(frozenset, lists)),
        keys=keys.tobytes(),
        trajectories=array("Q", trajectories[:, :8].tobytes()),
        places=array("H", held_by.tobytes()),
    )


def _digests(texts: Iterable[str]) -> np.ndarray:
    """Return digests of 64 hex digits each as bytes, (n, 32) uint8."""
    return _bytes(map(bytes.fromhex, texts))


def _bytes(digests: Iterable[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)


def _json(value: object) -> np.ndarray:
    """Return JSON as bytes: HDF5's own strings end at a NUL and refuse half a surrogate pair."""
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def _listed(failures: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    return {name: list(failure) for name, failure in sorted(failures.items())}


def _names(mappings: Iterable[Mapping[str, object]]) -> list[str]:
    return sorted(set().union(*mappings))


def _write_traces(group: h5g.GroupID, name: str, results: list[Row]) -> None:
    chunks: dict[tuple[int, int], h5d.DatasetID] = {}
    for row, result in enumerate(results):
        if name in result.traces:
            trace = result.traces[name]
            is_packed = isinstance(trace, Packed)
            kind = (trace.itemsize, trace.samples if is_packed else trace.size)
            if kind not in chunks:
                chunks[kind] = _create_traces(h5py.Group(group), len(results), *kind).id
            chunks[kind].write_direct_chunk((row, 0), trace.stored if is_packed else pack(trace))


def _create_traces(group: h5py.Group, count: int, itemsize: int, samples: int) -> h5py.Dataset:
    return group.create_dataset(
        f"float{8 * itemsize}_{samples}",
        shape=(count, samples),
        dtype=f"<f{itemsize}",
        chunks=(1, samples),
        shuffle=True,
        compression="gzip",
        compression_opts=DEFLATE_LEVEL,
        fillvalue=np.nan,
    )


def _write_trains(group: h5g.GroupID, site: str, results: list[Row]) -> None:
    trains = [result.spikes.get(site, np.empty(0, "<f8")) for result in results]
    counts = [
        len(train) if site in result.spikes else -1
        for train, result in zip(trains, results, strict=True)
    ]
    hdf5.write(group, "counts", np.array(counts, np.int64))
    hdf5.write(group, "times", np.concatenate(trains))


@dataclass(frozen=True)
class Segment:
    """What a segment holds; of traces and trains, where in the file they lie.

    Arrays have a row a simulation: keys (n, 32) uint8, status (n,), digest (n, 32),
    extremes trace -> (n, 2), features name -> (n,), traces and spikes name -> (n,) of EXTENT.
    index: what the store looks its rows up by.
    """

    path: Path
    keys: np.ndarray
    status: np.ndarray
    message: list[str]
    digest: np.ndarray
    extremes: dict[str, np.ndarray]
    features: dict[str, np.ndarray]
    traces: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]
    failures: list[dict[str, list[str]]]
    trajectory: list[str]
    index: Index

    def result(self, row: int) -> StoredResult:
        """Return one simulation's result, read from the file."""
        with open(self.path, "rb", buffering=0) as file:
            traces = {
                name: unpack(read_extent(file.fileno(), extent), extent[-1])
                for name, extent in _present(self.traces, row)
            }
            spikes = {
                site: np.frombuffer(read_extent(file.fileno(), extent), "<f8")
                for site, extent in _present(self.spikes, row)
            }
        extremes = {
            name: (float(pairs[row, 0]), float(pairs[row, 1]))
            for name, pairs in self.extremes.items()
            if not np.isnan(pairs[row]).all()
        }
        features = {
            name: float(column[row])
            for name, column in self.features.items()
            if not np.isnan(column[row])
        }
        status = KEY_STATUSES[self.status[row]]
        key = self.keys[row].tobytes().hex()
        message = self.message[row]
        failures = {name: tuple(failure) for name, failure in self.failures[row].items()}
        held = self.index.held_by(row) or frozenset()
        trajectory = self.trajectory[row]
        return StoredResult(
            key, status, message, traces, spikes, extremes, features, failures, held, trajectory
        )


def read_segment(path: Path) -> Segment:
    """Return what a segment holds, without its samples and spike times.

    Raises:
        OSError, KeyError, ValueError: not a segment.
    """
    with h5py.File(path, "r", **_FILE) as file:
        if file.attrs.get("format") != FORMAT:
            raise ValueError(f"has the format {file.attrs.get('format', 1)}; expected {FORMAT}")
        held = hdf5.tree(h5g.open(file.id, b"/"))
        keys, trajectory = hdf5.read(held["keys"]), hdf5.read(held["trajectory"])
        traces, spikes = held["traces"], held["spikes"]
        return Segment(
            path=path,
            keys=keys,
            status=hdf5.read(held["status"]),
            message=_loaded(held["message"]),
            digest=hdf5.read(held["digest"]),
            extremes={name: hdf5.read(pairs) for name, pairs in held["extremes"].items()},
            features={name: hdf5.read(column) for name, column in held["features"].items()},
            traces={name: _trace_extents(kinds, len(keys)) for name, kinds in traces.items()},
            spikes={site: _train_extents(trains) for site, trains in spikes.items()},
            failures=_loaded(held["failures"]),
            trajectory=[row.tobytes().hex() if row.any() else "" for row in trajectory],
            index=Index(
                engine=json.loads(file.attrs["engine"]),
                lists=[frozenset(names) for names in _loaded(held["held"])],
                keys=keys.tobytes(),
                trajectories=array("Q", trajectory[:, :8].tobytes()),
                places=array("H", hdf5.read(held["held_by"]).tobytes()),
            ),
        )


def _loaded(dataset: h5d.DatasetID) -> list:
    return json.loads(hdf5.read(dataset).tobytes())


def read_extent(descriptor: int, extent: tuple[int, int, int, int]) -> bytes:
    """Return the stored bytes of one extent of an open segment.

    Raises:
        OSError: the file ends before.
    """
    offset, nbytes, _, _ = extent
    stored = os.pread(descriptor, nbytes, offset)
    if len(stored) != nbytes:
        raise OSError(f"{len(stored)} bytes at {offset} where {nbytes} should be")
    return stored


def _present(extents: dict[str, np.ndarray], row: int) -> list[tuple[str, tuple]]:
    rows = ((name, column[row].item()) for name, column in extents.items())
    return [(name, extent) for name, extent in rows if extent[-1]]


def _trace_extents(kinds: hdf5.Tree, count: int) -> np.ndarray:
    extents = np.zeros(count, EXTENT)
    for dataset in kinds.values():
        length, itemsize = dataset.shape[1], dataset.dtype.itemsize

        def note(chunk, length=length, itemsize=itemsize) -> None:
            extents[chunk.chunk_offset[0]] = (chunk.byte_offset, chunk.size, length, itemsize)

        dataset.chunk_iter(note)
    return extents


def _train_extents(trains: hdf5.Tree) -> np.ndarray:
    counts = hdf5.read(trains["counts"])
    nbytes = 8 * counts.clip(0)
    extents = np.zeros(len(counts), EXTENT)
    # Without a single spike HDF5 gives the times no place in the file.
    extents["offset"] = (trains["times"].get_offset() or 0) + np.cumsum(nbytes) - nbytes
    extents["nbytes"], extents["length"], extents["itemsize"] = nbytes, counts, 8
    extents[counts < 0] = 0
    return extents
