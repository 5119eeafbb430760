"""The variables of density mechanisms at a segment, by mechanism and name: "hh" and "gnabar",
"extracellular" and "xg[1]", "na_ion" and "ena".

NEURON keeps those of extracellular and of ions on the segment itself, under other names than those
of all other mechanisms.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from spikesweep.language.names import split
from spikesweep.simulation.nrn import ANY, n, variable_names


@cache
def full_names(mechanism: str) -> dict[str, tuple[str, int]]:
    """Return, for each RANGE variable, its name on a segment and its size: gnabar of hh is
    ("gnabar_hh", 1)."""
    standard, text = n.MechanismStandard(mechanism, ANY), n.ref("")
    found = []
    for i in range(int(standard.count())):
        size = int(standard.name(text, i))
        found.append((text[0], size))
    return dict(zip(variable_names(mechanism), found, strict=True))


def has_variable(segment: Any, mechanism: str, name: str) -> bool:
    """Return whether a mechanism is inserted at a segment and has the variable."""
    base, index = split(name)
    full, size = full_names(mechanism).get(base, ("", 0)) if _is_in(segment, mechanism) else ("", 0)
    return bool(full) and (size == 1 if index is None else index < size)


def get_variable(segment: Any, mechanism: str, name: str) -> float:
    """Return the value of a variable, or of an element of it."""
    owner, key = _place(segment, mechanism, name)
    return owner[key] if isinstance(key, int) else getattr(owner, key)


def set_variable(segment: Any, mechanism: str, name: str, value: float) -> None:
    """Set a variable, or an element of it."""
    owner, key = _place(segment, mechanism, name)
    if isinstance(key, int):
        owner[key] = value
    else:
        setattr(owner, key, value)


def reference(segment: Any, mechanism: str, name: str) -> Any:
    """Return NEURON's reference of a variable, or of an element of it, to record or play.

    Raises:
        LookupError: the segment has none of that name.
    """
    if not has_variable(segment, mechanism, name):
        raise LookupError(name)
    base, index = split(name)
    found = getattr(segment, f"_ref_{full_names(mechanism)[base][0]}")
    return found if index is None else found[index]


def elements(mechanism: str, names: Iterable[str]) -> list[str]:
    """Return the names of all numbers of some variables: of an array those of its elements."""
    sizes = {name: full_names(mechanism)[name][1] for name in names}
    return [
        one
        for name, size in sizes.items()
        for one in ([name] if size == 1 else [f"{name}[{i}]" for i in range(size)])
    ]


def _place(segment: Any, mechanism: str, name: str) -> tuple[Any, str | int]:
    """Return what holds a number, and the attribute or index that it has there.

    Raises:
        AttributeError: the segment has none of that name.
    """
    if not has_variable(segment, mechanism, name):
        raise AttributeError(f"{segment} has no {mechanism}.{name}")
    base, index = split(name)
    full = full_names(mechanism)[base][0]
    return (segment, full) if index is None else (getattr(segment, full), index)


def _is_in(segment: Any, mechanism: str) -> bool:
    return segment.sec.has_membrane(mechanism)
