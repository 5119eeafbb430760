"""The samples of traces as the page has them: each simulation's apart, so that one can be shown
without the others.

Lossless, they are the dataset's own chunks: bytes shuffled, then zlib, which browsers inflate. At
a precision, they are whole numbers of steps, coded in the same way: of n samples, NaN is -2^31.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import h5py
import numpy as np

from spikesweep.store.deflating import deflated

LOSSLESS = 1 << 31  # in the length of a chunk, where others of its trace are at a precision
NOT_A_NUMBER = -(1 << 31)
_PARTS = 10_000  # of its range, of a trace that is no membrane potential


@dataclass(frozen=True)
class Samples:
    """The samples of one trace of all simulations, coded.

    lengths: bytes of each simulation's chunk, 0 where it has no sample; with LOSSLESS where the
        chunk is the dataset's own.
    step: of the whole numbers, in the trace's unit; None where every chunk is lossless.
    """

    chunks: list[bytes]
    lengths: np.ndarray
    step: float | None

    @property
    def nbytes(self) -> int:
        """Bytes of all chunks, each begun at a multiple of 3, as base64 wants it."""
        return sum(len(chunk) + -len(chunk) % 3 for chunk in self.chunks)

    def packed(self) -> bytes:
        """Return all chunks one after the other, each begun at a multiple of 3."""
        return b"".join(chunk + bytes(-len(chunk) % 3) for chunk in self.chunks)


def lossless(variable: h5py.Dataset) -> Samples:
    """Return the samples of a trace as the dataset has them, which are not even inflated."""
    chunks = [chunk for _, chunk in _chunks(variable)]
    lengths = np.array([len(chunk) | (LOSSLESS if chunk else 0) for chunk in chunks], np.uint32)
    return Samples(chunks, lengths, None)


def stored_bytes(variable: h5py.Dataset) -> int:
    """Return the bytes of a trace's chunks in the dataset."""
    return int(variable.id.get_storage_size())


def at_precision(
    variable: h5py.Dataset, step: float, simulations: Sequence[int] | None = None
) -> Samples:
    """Return the samples of a trace as whole numbers of steps.

    What is shown then differs by half a step at most. A simulation whose samples do not fit into 32
    bits, such as an infinite one, stays as it is.

    Args:
        simulations: which, in the order of the design; default: all.
    """
    chunks, lengths = [], []
    for corner, own in _chunks(variable, simulations):
        whole = coded(variable[corner], step) if own else b""
        chunk = own if whole is None else whole
        chunks.append(chunk)
        lengths.append(len(chunk) | (LOSSLESS if whole is None else 0))
    return Samples(chunks, np.array(lengths, np.uint32), step)


def step_of(unit: str, extremes: np.ndarray, precision: float) -> float:
    """Return the step of a trace: of a potential (mV) the precision; of others a part of its range.

    Args:
        extremes: of all simulations, of which some may be NaN or infinite.
    """
    if unit == "mV":
        return precision
    finite = extremes[np.isfinite(extremes)]
    reach = float(finite.max() - finite.min()) if finite.size else 0.0
    return float(f"{reach / _PARTS:.0e}") or 1e-12


def shuffled(values: np.ndarray) -> bytes:
    """Return numbers byte plane by byte plane, deflated: as HDF5's filters do it."""
    values = np.ascontiguousarray(values)
    planes = values.view(np.uint8).reshape(-1, values.dtype.itemsize).T
    return deflated(planes.tobytes())


def coded(samples: np.ndarray, step: float) -> bytes | None:
    """Return samples as whole numbers of steps; None where they do not fit."""
    missing = np.isnan(samples)
    numbers = np.rint(np.where(missing, 0, samples).astype(np.float64) / step)
    if np.abs(numbers).max(initial=0) >= -NOT_A_NUMBER:
        return None
    whole = numbers.astype("<i4")
    whole[missing] = NOT_A_NUMBER
    # Differences are small; that they wrap around at 2^31 is undone by adding them up likewise.
    return shuffled(np.diff(whole, prepend=np.int32(0)).astype("<i4"))


def _chunks(
    variable: h5py.Dataset, simulations: Sequence[int] | None = None
) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Yield each simulation's place and its chunk as it lies in the dataset; b"" where none was
    written."""
    # Asked for one at a time (get_chunk_info_by_coord), HDF5 goes through all that lie before it:
    # of 100,000 simulations, minutes.
    there = {}
    variable.id.chunk_iter(lambda chunk: there.update({chunk.chunk_offset: chunk.size}))
    corners = list(np.ndindex(variable.shape[:-1]))
    for corner in corners if simulations is None else map(corners.__getitem__, simulations):
        place = (*corner, 0)
        if not there.get(place):
            yield corner, b""
            continue
        mask, chunk = variable.id.read_direct_chunk(place)
        if mask:
            raise ValueError(f"{variable.name}: a chunk without its filters")
        yield corner, bytes(chunk)


def extremes(file: h5py.File, name: str) -> Iterator[np.ndarray]:
    """Yield the least and the greatest of a trace in each simulation."""
    for end in ("min", "max"):
        yield file[f"{name}_{end}"][()].ravel()
