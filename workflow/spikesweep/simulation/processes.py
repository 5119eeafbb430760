"""Point processes: stimuli, clamps and synapses."""

from collections.abc import Mapping
from math import isfinite

from spikesweep.language import document as doc
from spikesweep.language.expressions import nearest
from spikesweep.language.names import split
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.measured_places import place_by_measure
from spikesweep.simulation.nrn import (
    PARAMETER,
    artificial_cells,
    kind_of,
    n,
    point_processes,
    variable_names,
)
from spikesweep.simulation.variables import reference


def find_cell(cells: Mapping[str, Cell], name: str) -> Cell:
    """Return a cell.

    Raises:
        SimulationError: there is no such cell.
    """
    if name not in cells:
        raise SimulationError(f'no cell is called "{name}"{nearest(name, cells)}')
    return cells[name]


def find_segment(cells: Mapping[str, Cell], location: doc.Location):
    """Return the segment at a location [cell, section, index, x], or [cell, region, 0, measure].

    Raises:
        SimulationError: no such cell or section, an x outside 0 to 1, or no such place in a region.
    """
    cell, name, index, x = location
    if isinstance(x, str):
        return place_by_measure(find_cell(cells, cell), name, x)
    section = find_cell(cells, cell).section(name, index)
    if not 0 <= x <= 1:
        raise SimulationError(f"{cell}.{name}[{index}]({x}); expected a place between 0 and 1")
    return section(x)


def find_process(cells: Mapping[str, Cell], processes: Mapping[str, object], name: str):
    """Return a point process: one of the protocol, or of a cell's own code, as `pyr.syn[2]`.

    Raises:
        SimulationError: there is no such process.
    """
    cell, dot, own = name.partition(".")
    if dot and cell in cells:
        return cells[cell].process(own)
    if name not in processes:
        raise SimulationError(f'no process is called "{name}"{nearest(name, processes)}')
    return processes[name]


def _process_or_segment(cells: Mapping[str, Cell], processes: Mapping[str, object], name: str):
    """Return a process, or the segment that an attribute of a cell's own code holds."""
    cell, dot, own = name.partition(".")
    held = cells[cell].held_segment(own) if dot and cell in cells else None
    return find_process(cells, processes, name) if held is None else held


def find_variable(cells: Mapping[str, Cell], processes: Mapping[str, object], source: doc.Variable):
    """Return NEURON's reference of a variable: "v", "ina", "hh.m", or one of a point process.

    Raises:
        SimulationError: no such place, process or variable.
    """
    if "process" in source:
        owner = _process_or_segment(cells, processes, source["process"])
    else:
        owner = find_segment(cells, source["at"])
    if (found := variable_at(owner, source["variable"])) is None:
        raise SimulationError(f'there is no variable "{source["variable"]}" at {owner}')
    return found


def variable_at(owner, variable: str):
    """Return NEURON's reference of a variable of a segment or a process; None without one."""
    mechanism, _, name = variable.rpartition(".")
    base, element = split(name)
    try:
        if mechanism:
            return reference(owner, mechanism, name)
        found = getattr(owner, f"_ref_{base}")
        return found if element is None else found[element]
    except (AttributeError, LookupError):
        return None


def create_process(cells: Mapping[str, Cell], name: str, process: doc.Process):
    """Return a new point process, or an artificial cell, with its parameters set.

    Raises:
        SimulationError: an unknown type, place or parameter, or a parameter that is not finite.
    """
    kind = process["type"]
    known, place = (
        (point_processes(), [find_segment(cells, process["at"])])
        if "at" in process
        else (artificial_cells(), [])
    )
    if kind not in known:
        what = "point process" if place else "artificial cell"
        raise SimulationError(f'process {name}: no {what} is called "{kind}"{nearest(kind, known)}')
    created = getattr(n, kind)(*place)
    for parameter, value in process.get("parameters", {}).items():
        _set(created, parameter, value, f"process {name}")
    return created


def _set(process, parameter: str, value: float | list[float], name: str) -> None:
    if not all(map(isfinite, value if isinstance(value, list) else [value])):
        raise SimulationError(f"{name}: {parameter} = {value}; expected finite")
    try:
        if isinstance(value, list):
            for i, element in enumerate(value):
                getattr(process, parameter)[i] = element
        else:
            setattr(process, parameter, value)
    except (AttributeError, LookupError):
        kind = kind_of(process)
        known = variable_names(kind, PARAMETER)
        raise SimulationError(
            f'{name}: {kind} has no parameter "{parameter}"'
            f"{nearest(parameter, known)} (it has: {', '.join(known)})"
        ) from None
