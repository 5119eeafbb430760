"""Numbers set, or scaled, in a cell that is built, under the names that are known by then.

apical.hh.gkbar          where the mechanism is inserted in the sections of that name
apical[3](0.2).hh.gkbar  at one segment
soma.Ra, soma.nseg       of sections; soma.ena, soma(0.5).cm: of their segments
syn[2].tau               of a point process that the cell's own code has made
"""

from collections.abc import Iterator
from typing import Any

from spikesweep.language import document as doc
from spikesweep.language.expressions import nearest
from spikesweep.language.names import Place, parse_place, position, split_parts
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import PARAMETER, kind_of, variable_names
from spikesweep.simulation.variables import get_variable, set_variable

SIZES = frozenset({"L", "diam", "nseg"})  # what all else is set after
_OF_SECTIONS = frozenset({"L", "nseg", "Ra"})


def adjust(cell: Cell, document: doc.Cell, sizes: bool) -> None:
    """Set what stands in the `sets` of a cell's document, then multiply by what in its `scales`.

    Args:
        sizes: whether sizes of sections and segments are meant, or all else.

    Raises:
        SimulationError: a name that nothing has, a place that two targets mean, or no whole nseg.
    """
    for kind in ("sets", "scales") if document.keys() & {"sets", "scales"} else ():
        done: dict[str, str] = {}
        for target, number in sorted(document.get(kind, {}).items()):
            place, mechanism, name = _parts(target)
            if (mechanism is None and name in SIZES) != sizes:
                continue
            what = f"{mechanism}.{name}" if mechanism else name
            for thing in _owners(cell, place, what):
                said = f"{what} of {thing}"
                if said in done:
                    raise SimulationError(
                        f"{cell.name}: {target} and {done[said]} both mean {said}; "
                        "expected one axis for it"
                    )
                done[said] = target
                value = number if kind == "sets" else number * _get(thing, mechanism, name)
                if name == "nseg" and value % 1:
                    raise SimulationError(f"{said} = {value:g}; expected a whole number")
                _set(thing, mechanism, name, int(value) if name == "nseg" else value)


def adjusted(cell: Cell, document: doc.Cell) -> Iterator[tuple[str, float]]:
    """Yield all that was set or scaled in a cell, in words, and the value that it has now."""
    for target in sorted({**document.get("sets", {}), **document.get("scales", {})}):
        place, mechanism, name = _parts(target)
        what = f"{mechanism}.{name}" if mechanism else name
        for thing in _owners(cell, place, what):
            yield f"{what} of {thing}", _get(thing, mechanism, name)


def _get(thing: Any, mechanism: str | None, name: str) -> float:
    return get_variable(thing, mechanism, name) if mechanism else getattr(thing, name)


def _set(thing: Any, mechanism: str | None, name: str, value: float) -> None:
    if mechanism:
        set_variable(thing, mechanism, name, value)
    else:
        setattr(thing, name, value)


def _parts(target: str) -> tuple[Place, str | None, str]:
    """Return where a target lies, the mechanism, if any, and the name of the quantity."""
    first, *mechanism, name = split_parts(target)
    place = parse_place(first)
    if place is None or len(mechanism) > 1:
        raise SimulationError(f'"{target}" is no quantity of a cell')
    return place, mechanism[0] if mechanism else None, name


def _owners(cell: Cell, place: Place, what: str) -> list:
    """Return the sections, segments, or the one point process that have a quantity.

    Raises:
        SimulationError: there are none.
    """
    if place.x is not None:
        found = [cell.section(place.section, place.index or 0)(position(place.x))]
    elif (process := _process(cell, place.named)) is not None:
        return [_with_parameter(process, what, f"{cell.name}.{place}")]
    else:
        found = cell.select([place.named])
        if what not in _OF_SECTIONS:
            found = [segment for section in found for segment in section]
    having = [thing for thing in found if hasattr(thing, what.partition(".")[0])]
    if not having:
        raise SimulationError(f"cell {cell.name}: no part of {place} has {what}")
    return having


def _process(cell: Cell, name: str) -> Any:
    try:
        return cell.process(name)
    except SimulationError:
        return None


def _with_parameter(process: Any, name: str, place: str) -> Any:
    known = variable_names(kind_of(process), PARAMETER)
    if name not in known:
        raise SimulationError(
            f'{place}: {kind_of(process)} has no parameter "{name}"{nearest(name, known)} '
            f"(it has: {', '.join(known)})"
        )
    return process
