"""Counts of spikes that hang on the threshold: another number would be found 10 mV lower."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from spikesweep.recording.results import MARGIN

DOUBTFUL = "spikesweep_doubtful"  # attribute of the dataset, as JSON: site -> simulations


def told(attributes: Mapping[str, Any], simulations: int) -> list[str]:
    """Return what is to be said of such counts and to be done, a sentence a site: one for all its
    copies.

    Args:
        attributes: of the dataset.
        simulations: how many it has.
    """
    copies: dict[str, list[int]] = {}
    for site, count in _counts(attributes).items():
        copies.setdefault(site.partition("[")[0], []).append(count)
    return [
        f"{site}{_at_copies(found)} {max(found)} of {simulations} simulations a threshold "
        f"{MARGIN:g} mV lower finds another number of spikes (n_spikes_lower): {remedy(site)}"
        for site, found in copies.items()
    ]


def noted(attributes: Mapping[str, Any], simulations: int, sites: Collection[str]) -> str:
    """Return what a figure of counts at some sites says of them, in a line; '' of none that are
    doubtful."""
    found = [count for site, count in _counts(attributes).items() if site in sites]
    if not found:
        return ""
    least = "" if len(found) == 1 else "at least "  # they need not be the same simulations
    of = f"{least}{max(found)} of {simulations}"
    return f"{of} counts hang on the threshold (n_spikes_lower)"


def marked(found: int, simulations: int, sites: Sequence[str], what: str, mark: str) -> str:
    """Return what a figure says that marks what hangs on the threshold, and what to do; '' of none.

    Args:
        found: how many hang, of so many simulations. sites: one, or all its copies.
        what, mark: "counts", "ringed".
    """
    if not found:
        return ""
    advice = remedy(sites[0].partition("[")[0])
    return f"{found} of {simulations} {what} hang on the threshold ({mark}): {advice}"


def remedy(site: str) -> str:
    """Return what to do about such counts at a site, or all its copies."""
    return f"set record.spikes.{site}.threshold above all that is no spike, below all peaks"


def _counts(attributes: Mapping[str, Any]) -> dict[str, int]:
    """Return in how many simulations counts are doubtful, by site."""
    counts: dict[str, int] = json.loads(attributes.get(DOUBTFUL, "{}"))
    return counts


def _at_copies(found: list[int]) -> str:
    """Say at how many copies of a site, of a network's cells, counts are doubtful."""
    return ": in" if len(found) == 1 else f", {len(found)} copies: each in up to"
