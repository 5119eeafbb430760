"""Gap junctions between places: currents that follow the difference of two potentials.

Each is two halves. A half is NEURON's SEClamp, g times what its command is above the potential
where it stands; its command is the potential of the other side, which ParallelContext transfers at
every step. So nothing need be compiled, and the current is intracellular: no membrane current.
"""

from collections.abc import Mapping

from spikesweep.language import document as doc
from spikesweep.language.names import base
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.processes import find_segment
from spikesweep.simulation.wiring import pairs

FOR_EVER = 1e9  # ms


def join_cells(gap_junctions: Mapping[str, doc.GapJunction], cells: Mapping[str, Cell]) -> list:
    """Return the halves of all gap junctions, and what must live as long as they do.

    Raises:
        SimulationError: an unknown place, a negative conductance, or a place that has
            extracellular: there the potential inside is not the one that a junction would see.
    """
    if not gap_junctions:
        return []
    context = n.ParallelContext()
    sources: dict[object, int] = {}
    halves = []
    for name, junction in gap_junctions.items():
        if junction["g"] < 0:
            raise SimulationError(f"gap junction {name}: g = {junction['g']:g}; expected 0 or more")
        for sides in _sides(name, junction, cells) if junction["g"] else ():
            for segment in sides:
                if segment not in sources:
                    sources[segment] = len(sources)
                    context.source_var(segment._ref_v, sources[segment], sec=segment.sec)
            for here, there in (sides, sides[::-1]):
                half = n.SEClamp(here)
                half.rs, half.dur1 = 1 / junction["g"], FOR_EVER
                context.target_var(half, half._ref_amp1, sources[there])
                halves.append(half)
    if halves:
        context.setup_transfer()
    return [context, *halves]


def _sides(name: str, junction: doc.GapJunction, cells: Mapping[str, Cell]) -> list[tuple]:
    """Return the two segments of each junction that a pattern makes, each junction once."""
    ends = []
    for location in (junction["from"], junction["to"]):
        cell, *place = location
        copies = [cell] if cell in cells else [one for one in cells if base(one) == cell]
        ends.append([(copy, find_segment(cells, [copy, *place])) for copy in copies or [cell]])
    first, second = ends
    chosen = [(0, 0)]
    if "pattern" in junction:
        cells_of = [[cell for cell, _ in end] for end in ends]
        chosen = pairs(junction["pattern"], *cells_of, lambda i, j: 0.0)
    found: dict[frozenset, tuple] = {}
    for i, j in chosen:
        sides = first[i][1], second[j][1]
        if sides[0] == sides[1]:
            raise SimulationError(f"gap junction {name}: from {sides[0]} to itself")
        for segment in sides:
            if segment.sec.has_membrane("extracellular"):
                raise SimulationError(
                    f"gap junction {name}: {segment} has extracellular, over which it cannot reach"
                )
        found.setdefault(frozenset(sides), sides)
    return list(found.values())
