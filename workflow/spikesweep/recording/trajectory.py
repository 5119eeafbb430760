"""The digest of a trajectory: equal keys must have equal ones, whatever was recorded."""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.nrn import STATE, is_ion, kind_of, variable_names
from spikesweep.simulation.variables import full_names


def digest(cells: Mapping[str, Cell], processes: Mapping[str, object], times: bytes) -> str:
    """Return the SHA-256 of the states at the end, potentials and those of mechanisms and
    processes, and of what is said of the times of the steps."""
    numbers = [*_of_cells(cells.values()), *_of_processes(processes.values())]
    content = hashlib.sha256(times)
    content.update(struct.pack(f"<{len(numbers)}d", *numbers))
    return content.hexdigest()


def _of_cells(cells: Iterable[Cell]) -> Iterator[float]:
    for cell in cells:
        for section in cell.sections.values():
            states = _states(tuple([mechanism.name() for mechanism in section(0.5)]))
            for segment in section:
                yield segment.v
                for name, size in states:
                    value = getattr(segment, name)
                    if size == 1:
                        yield value
                    else:
                        yield from _numbers(value, size)


@cache
def _states(mechanisms: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return name on a segment and size of each state of some mechanisms, without those of ions."""
    return [
        full_names(mechanism)[state]
        for mechanism in mechanisms
        if not is_ion(mechanism)
        for state in variable_names(mechanism, STATE)
    ]


def _of_processes(processes: Iterable) -> Iterator[float]:
    for process in processes:
        kind = kind_of(process)
        for state in variable_names(kind, STATE):
            yield from _numbers(getattr(process, state), full_names(kind)[state][1])


def _numbers(value, size: int) -> Iterator[float]:
    """Yield one number, or those of an array."""
    yield from ([value] if size == 1 else (value[i] for i in range(size)))
