"""Samples of a trace of many simulations, put in order only where they are looked at.

In the dataset the trace of a simulation is one chunk: its bytes shuffled, all first ones first, and
deflated. HDF5 inflates it and puts all of it in order, which takes three times as long as to
inflate it by libdeflate and to order the few samples that are looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import deflate
import h5py
import numpy as np

BLOCK = 8_000_000  # bytes of samples in memory at a time


@dataclass(frozen=True)
class Samples:
    """Samples of a trace of some simulations.

    planes: (simulations, bytes of a number, samples) uint8.
    """

    planes: np.ndarray

    def of(self, simulations: np.ndarray) -> "Samples":
        """Return the samples of those of these simulations that a mask says."""
        return self if simulations.all() else Samples(self.planes[simulations])

    def between(self, first: int, end: int) -> np.ndarray:
        """Return the samples from one to before another: (simulations, end - first)."""
        planes = self.planes[:, :, first:end]
        ordered = np.ascontiguousarray(planes.transpose(0, 2, 1))
        return ordered.view(f"<f{planes.shape[1]}")[..., 0]

    def counts(self) -> np.ndarray:
        """Return how many samples each simulation has; those of a shorter run end in NaN."""
        size = self.planes.shape[-1]
        counts = np.full(len(self.planes), size)
        is_shorter = ~np.isfinite(self.between(size - 1, size)[:, 0])
        counts[is_shorter] = np.isfinite(self.of(is_shorter).between(0, size)).sum(axis=1)
        return counts


def in_blocks(trace: h5py.Dataset, positions: np.ndarray) -> Iterator[np.ndarray]:
    """Yield positions of simulations, so many at a time as memory holds samples of."""
    step = max(BLOCK // (trace.dtype.itemsize * trace.shape[-1]), 1)
    yield from (positions[first : first + step] for first in range(0, len(positions), step))


def read_samples(trace: h5py.Dataset, positions: np.ndarray) -> Samples:
    """Return the samples of a trace (..., samples) of simulations, each of which has some."""
    *grid, count = trace.shape
    size = trace.dtype.itemsize * count
    corners = np.transpose(np.unravel_index(positions, grid)).tolist() if grid else [()]
    chunk_at = trace.id.read_direct_chunk
    chunks = (chunk_at((*corner, 0))[1] for corner in corners)
    content = b"".join([deflate.zlib_decompress(chunk, size) for chunk in chunks])
    shape = len(positions), trace.dtype.itemsize, count
    return Samples(np.frombuffer(content, np.uint8).reshape(shape))
