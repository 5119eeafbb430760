"""Point processes: stimuli, clamps and synapses."""

from collections.abc import Mapping
from math import isfinite

from spikesweep.expressions import nearest
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import PARAMETER, n, point_processes, variable_names


def find_segment(cells: Mapping[str, Cell], location: list):
    """Return the segment at a location [cell, section name, index, x].

    Raises:
        SimulationError: no such cell or section, or an x outside 0 to 1.
    """
    cell, name, index, x = location
    if cell not in cells:
        raise SimulationError(f'no cell is called "{cell}"{nearest(cell, cells)}')
    section = cells[cell].section(name, index)
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


def create_process(cells: Mapping[str, Cell], name: str, process: dict):
    """Return a new point process with its parameters set.

    Raises:
        SimulationError: an unknown type, place or parameter, or a parameter that is not finite.
    """
    kind = process["type"]
    if kind not in point_processes():
        raise SimulationError(
            f'process {name}: no point process is called "{kind}"{nearest(kind, point_processes())}'
        )
    created = getattr(n, kind)(find_segment(cells, process["at"]))
    for parameter, value in process.get("parameters", {}).items():
        if not isfinite(value):
            raise SimulationError(f"process {name}: {parameter} = {value}; expected finite")
        try:
            setattr(created, parameter, value)
        except LookupError:
            known = variable_names(kind, PARAMETER)
            raise SimulationError(
                f'process {name}: {kind} has no parameter "{parameter}"'
                f"{nearest(parameter, known)} (it has: {', '.join(known)})"
            ) from None
    return created
