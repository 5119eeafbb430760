"""Variants of a mechanism: an axis puts one after the other in its place."""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from spikesweep.document.axes.slots import CHANGES, Effect
from spikesweep.document.axes.target import Target
from spikesweep.errors import UserError, listing
from spikesweep.language import document as doc
from spikesweep.language.names import base, split
from spikesweep.language.units import convert
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.mechanisms.mechanism import Mechanism
from spikesweep.products.slots import SlotPath

Inserted = dict[str, dict[str, doc.Number]]  # mechanism -> its parameters


def replacing(
    name: str, points: Set[str], catalogue: Catalogue, notes: list[str], place: str
) -> Callable[[Inserted, str], Inserted]:
    """Return what puts a variant in the place of a mechanism in the `insert` of a rule.

    Parameters that both have are carried over; the others are left out, which is noted.

    Args:
        points: the POINTERs that the rule sets, also of the variants.
    """
    replaced = catalogue.density(name, place)

    def replace(insert: Inserted, value: str) -> Inserted:
        variant = catalogue.density(value, place)
        catalogue.check_pointers(variant, place, points)
        if lacking := points - set(variant.pointers):
            raise UserError(
                f"{place}: {value} has no POINTER {listing(sorted(lacking))}, which the rules set "
                f"of {name}; expected a variant that has"
            )
        if value != name and value in insert:
            raise UserError(
                f"{place}: {value} stands beside {name} already; expected a variant that does not"
            )
        lost = {key for key in insert[name] if split(key)[0] not in variant.parameters}
        note = f"{place}: {value} has no {listing(lost)} as {name} has; left out"
        if lost and note not in notes:
            notes.append(note)
        carried = {
            parameter: number
            for parameter, number in insert[name].items()
            if _is_shared(parameter, replaced, variant, place)
        }
        return {value if other == name else other: carried if other == name else parameters
                for other, parameters in insert.items()}  # fmt: skip

    return replace


def _is_shared(parameter: str, replaced: Mechanism, variant: Mechanism, place: str) -> bool:
    name, _ = split(parameter)
    if name not in variant.parameters:
        return False
    unit, other = (mechanism.parameters[name].unit for mechanism in (replaced, variant))
    if convert(1.0, unit, other, place) != 1.0:
        raise UserError(
            f"{place}: {parameter} is in {other} in {variant.name}, but in {unit} in "
            f"{replaced.name}; expected one unit"
        )
    return True


def axes_of_variants(targets: Mapping[str, Iterable[Target]]) -> tuple[str, ...]:
    """Return the axes whose values are variants."""
    return tuple(axis for axis, found in targets.items() if any(t.replaces for t in found))


def mechanism_effects(axes: Iterable[str], catalogue: Catalogue) -> list[tuple[SlotPath, Effect]]:
    """Return what makes a variant's source part of the key of the simulations that insert it.

    NEURON's own mechanisms have no source in it.
    """
    if catalogue.own is None:
        return []

    def add(hashes: dict[str, str], variant: str) -> dict[str, str]:
        return hashes | catalogue.source_hashes([variant])

    return [(("mechanisms",), Effect((axis,), add, CHANGES)) for axis in axes]


def replaced_paths(targets: Mapping[str, Iterable[Target]]) -> set[SlotPath]:
    """Return where in the document mechanisms stand that variants replace."""
    every = (target for found in targets.values() for target in found)
    return {path for target in every if target.replaces for path in target.paths}


def check_others(
    document: doc.Document, targets: Mapping[str, Iterable[Target]], place: str
) -> None:
    """Refuse what is recorded of, or played into, a mechanism that variants replace in that cell:
    the others may not have it."""
    replaced = {(base(str(path[1])), path[-1]) for path in replaced_paths(targets)}
    traces, played = document["record"]["traces"], document["protocol"].get("play", {})
    asking = [
        (f"record.traces.{name}.of", trace["at"], trace["variable"])
        for name, trace in traces.items()
        if "at" in trace
    ]
    asking += [
        (f"record.movies.{name}.of", movie["region"], movie["variable"])
        for name, movie in document["record"].get("movies", {}).items()
    ]
    asking += [
        (f"protocol.play.{name}.into", _place(into), into["variable"])
        for name, into in ((name, waveform["into"]) for name, waveform in played.items())
        if "process" not in into
    ]
    for key, at, variable in asking:
        mechanism = variable.partition(".")[0]
        if (base(at[0]), mechanism) in replaced:
            raise UserError(
                f"{place}: {key}: an axis replaces {mechanism} there by variants, which may not "
                "have this variable; expected a current or a potential"
            )


def _place(into: doc.PlaceVariable | doc.RegionVariable) -> list[Any]:
    return into["at"] if "at" in into else into["region"]
