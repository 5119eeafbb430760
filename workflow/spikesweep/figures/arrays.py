"""The dataset as figures read it: arrays whose dimensions have names, and attributes.

The library that reads and writes the file is all that it takes. xarray, which notebooks and a
user's own functions get, takes longer to import than a small figure takes to draw.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np


@dataclass(frozen=True)
class Array:
    """A variable of the dataset; it is read where it is asked for.

    dims: names of its dimensions, in the order of its shape.
    """

    dims: tuple[str, ...]
    attrs: Mapping[str, Any]
    _variable: Any

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Its lengths."""
        return tuple(self._variable.shape)

    @property
    def dtype(self) -> np.dtype:
        """The type of its values."""
        return np.dtype(self._variable.dtype)

    @property
    def values(self) -> np.ndarray:
        """All of its values."""
        return np.asarray(self._variable[...])

    def at(self, **places: int) -> np.ndarray:
        """Return its values at places of some dimensions; those that it does not have are all the
        same to it."""
        chosen = tuple(places.get(name, slice(None)) for name in self.dims)
        return np.asarray(self._variable[chosen])

    def over(self, other: "Array") -> np.ndarray:
        """Return its values, in the shape of another array that has all of its dimensions."""
        named = [name for name in other.dims if name in self.dims]
        values = self.values.transpose([self.dims.index(name) for name in named])
        lengths = [
            length if name in self.dims else 1
            for name, length in zip(other.dims, other.shape, strict=True)
        ]
        return np.broadcast_to(values.reshape(lengths), other.shape)


class Arrays(Mapping[str, Array]):
    """The variables of a dataset, by name in their order; attrs: its attributes.

    Args:
        path: of the NetCDF file, which stays open.
    """

    def __init__(self, path: Path) -> None:
        # Many shared file systems refuse locks.
        file = h5netcdf.File(path, "r", decode_vlen_strings=True, locking=False)
        self.attrs: dict[str, Any] = dict(file.attrs)
        self._arrays = {
            name: Array(tuple(variable.dimensions), variable.attrs, variable)
            for name, variable in file.variables.items()
        }

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @cached_property
    def coordinates(self) -> dict[str, Array]:
        """Those that say where others stand: named after a dimension, or by the others."""
        named = {
            name
            for array in self._arrays.values()
            for name in (*array.dims, *str(array.attrs.get("coordinates", "")).split())
        }
        return {name: array for name, array in self._arrays.items() if name in named}
