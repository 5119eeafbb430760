"""Features that no simulation has: an empty column says nothing of why it is empty."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spikesweep.language.names import STATUSES
from spikesweep.tables.names import feature_names

if TYPE_CHECKING:
    import h5py


def told(dataset: "h5py.File", record: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each feature that is undefined in all simulations that ended well.

    Args:
        record: of the document of the sweep.
    """
    import numpy as np

    ended = dataset["status"][()] == STATUSES.index("ok")
    if not ended.any():
        return []
    return [
        f"{name} is undefined in all simulations that ended ({np.count_nonzero(ended)}): see its "
        "window and threshold, and what the feature needs (a spike within the window, say)"
        for name in feature_names(record)
        if np.isnan(dataset[name][()][ended]).all()
    ]
