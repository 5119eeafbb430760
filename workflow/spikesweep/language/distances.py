"""Distances in formulas of derived quantities: `distance(a, b)`, of two names that are recorded."""

import re

from spikesweep.language.names import NAME

DISTANCE = "distance"  # of the number that is recorded: a_b_distance
_CALL = re.compile(rf"\b{DISTANCE}\(\s*({NAME})\s*,\s*({NAME})\s*\)")


def distances_in(formula: str) -> list[tuple[str, str]]:
    """Return the pairs of names whose distance a formula asks for."""
    return _CALL.findall(formula)


def by_names(formula: str) -> str:
    """Return a formula that speaks of the recorded distances by the names of their numbers."""
    return _CALL.sub(lambda call: f"{call[1]}_{call[2]}_{DISTANCE}", formula)
