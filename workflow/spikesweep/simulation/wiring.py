"""Wiring: which copies a connection connects."""

from collections.abc import Callable, Sequence

from spikesweep.language import document as doc
from spikesweep.simulation.errors import SimulationError

Pair = tuple[int, int]  # index of the source, index of the target


def pairs(
    pattern: str | doc.Selection,
    sources: Sequence[str],
    targets: Sequence[str],
    draw: Callable[[int, int], float],
    *,
    self_connections: bool = False,
) -> list[Pair]:
    """Return which sources are connected to which targets, target by target.

    Args:
        pattern: "one_to_one", "ring", each to the next and the last to the first, "all",
            {"probability": of each pair}, {"indegree": sources of each target} or
            {"pairs": [[source, target], ...]}, which are taken as they are.
        sources: the cell of each source. targets: the cell of each target.
        draw: the random number of a pair, from 0 to 1, of that pair alone: so neither order nor
            how many others there are changes it.
        self_connections: whether a cell may be connected to itself.

    Raises:
        SimulationError: more sources of each target than there are.
    """
    if isinstance(pattern, dict) and "pairs" in pattern:
        return [(source, target) for source, target in pattern["pairs"]]
    found: list[Pair] = []
    for target, own in enumerate(targets):
        candidates = [s for s, cell in enumerate(sources) if self_connections or cell != own]
        chosen = _choose(pattern, candidates, target, len(sources), draw)
        found += [(source, target) for source in chosen]
    return found


def _choose(
    pattern: str | doc.Selection,
    candidates: list[int],
    target: int,
    count: int,
    draw: Callable[[int, int], float],
) -> list[int]:
    """Return the sources of one target, of the candidates among `count`."""
    if pattern == "all":
        return candidates
    if pattern == "one_to_one":
        return [source for source in candidates if source == target]
    if pattern == "ring":
        return [source for source in candidates if (source + 1) % count == target]
    if "probability" in pattern:
        return [source for source in candidates if draw(source, target) < pattern["probability"]]
    if pattern["indegree"] > len(candidates):
        raise SimulationError(
            f"{pattern['indegree']} sources of each target, of which there are {len(candidates)}"
        )
    drawn = sorted(candidates, key=lambda source: draw(source, target))
    return sorted(drawn[: pattern["indegree"]])
