"""HDF5 by its own calls: small datasets take a third of the time that h5py's objects take, and a
sweep has a dozen of them for each pack."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5g, h5o, h5p, h5s, h5t

Tree = Mapping[str, Any]  # name -> a dataset, h5d.DatasetID, or what a group holds


def create_group(parent: h5g.GroupID, name: str) -> h5g.GroupID:
    """Return a new group in a group."""
    return h5g.create(parent, name.encode(), _link(), _timeless(h5p.GROUP_CREATE))


def write(parent: h5g.GroupID, name: str, data: np.ndarray) -> None:
    """Write an array as a new dataset in a group."""
    data = np.ascontiguousarray(data)
    space = h5s.create_simple(data.shape)
    kind, made = h5t.py_create(data.dtype, logical=True), _timeless(h5p.DATASET_CREATE)
    h5d.create(parent, name.encode(), kind, space, made, _link()).write(h5s.ALL, h5s.ALL, data)


def read(dataset: h5d.DatasetID) -> np.ndarray:
    """Return all that a dataset holds."""
    data = np.empty(dataset.shape, dataset.dtype)
    dataset.read(h5s.ALL, h5s.ALL, data)
    return data


def tree(group: h5g.GroupID) -> Tree:
    """Return all datasets in a group and the groups in it, however deep.

    Raises:
        ValueError: something leads out of the file: a link, or data kept elsewhere.
    """
    return dict(_items(group))


def _items(group: h5g.GroupID) -> Iterator[tuple[str, Any]]:
    for encoded in group:
        name = encoded.decode(errors="surrogateescape")
        if group.links.get_info(encoded).type != h5py.h5l.TYPE_HARD:
            raise ValueError(f"{_shown(encoded)} is a link; expected none")
        item = h5o.open(group, encoded)
        if isinstance(item, h5g.GroupID):
            yield name, tree(item)
        elif isinstance(item, h5d.DatasetID):
            made = item.get_create_plist()
            if made.get_external_count() or made.get_layout() == h5d.VIRTUAL:
                raise ValueError(f"{_shown(encoded)} is kept in another file; expected none")
            yield name, item


def _shown(name: bytes) -> str:
    return name.decode(errors="replace")


@cache
def _link() -> h5p.PropLCID:
    links = h5p.create(h5p.LINK_CREATE)
    links.set_char_encoding(h5t.CSET_UTF8)
    return links


@cache
def _timeless(kind: h5p.PropClassID) -> h5p.PropOCID:
    """Return properties of groups or datasets that do not hold the time of day."""
    properties = h5p.create(kind)
    properties.set_obj_track_times(False)
    return properties
