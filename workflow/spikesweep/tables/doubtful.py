"""Counts of spikes that hang on the threshold: another number would be found 10 mV lower."""

import json
from collections.abc import Mapping
from typing import Any

from spikesweep.recording.results import MARGIN

DOUBTFUL = "spikesweep_doubtful"  # attribute of the dataset, as JSON: site -> simulations


def told(attributes: Mapping[str, Any], simulations: int) -> list[str]:
    """Return what is to be said of such counts, a sentence a site.

    Args:
        attributes: of the dataset. simulations: how many it has.
    """
    counts = json.loads(attributes.get(DOUBTFUL, "{}"))
    return [
        f"{site}: in {count} of {simulations} simulations a threshold {MARGIN:g} mV lower finds "
        "another number of spikes (n_spikes_lower)"
        for site, count in counts.items()
    ]
