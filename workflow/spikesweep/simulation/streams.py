"""Random streams: what the RANDOM variables of mechanisms, and random connections, draw from.

NEURON numbers them by instance, so that they would change with the place in a pack, and not with
the seed. Here a stream follows from the simulation's seed and the name of what draws from it, and
from nothing else: equal seeds mean equal noise, whatever else an axis changes.
"""

import hashlib
import struct
from collections.abc import Iterable

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.nrn import n, random_variables, set_seed


def seed_generators(seed: int) -> None:
    """Seed what NEURON has once for all: the generator of exprand, scop_random and their like, and
    the global index by which the streams of Random123 differ that VERBATIM code opens."""
    shared, index, low = (number % 2**31 for number in stream_ids(seed, "generators"))
    set_seed(shared)
    n.mcell_ran4_init(low)
    n.Random().Random123_globalindex(index)


def seed_process(process, kind: str, seed: int, name: str) -> None:
    """Set the streams of a point process, which the document calls `name`."""
    for variable in random_variables(kind):
        _set(process, variable, seed, name, variable)


def seed_cell(cell: Cell, mechanisms: Iterable[str], seed: int) -> None:
    """Set the streams of density mechanisms, each segment's its own."""
    for mechanism in sorted(mechanisms):
        for variable in random_variables(mechanism):
            for key, section in cell.sections.items():
                for number, segment in enumerate(
                    section if section.has_membrane(mechanism) else ()
                ):
                    owner = getattr(segment, mechanism)
                    _set(owner, variable, seed, cell.name, *key, number, mechanism, variable)


def _set(owner, variable: str, seed: int, *name: str | int) -> None:
    try:
        stream = getattr(owner, variable)
    except (ValueError, AttributeError):  # a POINTER that leads nowhere
        return
    if hasattr(stream, "set_ids"):  # and no POINTER, which NEURON lists like a RANDOM
        stream.set_ids(*stream_ids(seed, *name))
        stream.set_seq(0)  # or the first number is one that was drawn ahead from the stream before


def uniform(seed: int, *name: str) -> float:
    """Return the one number, evenly distributed from 0 to 1, that belongs to a seed and a name.

    It is drawn without a state: whatever else is drawn, in whichever order, it is the same.
    """
    high, low, _ = stream_ids(seed, *name)
    return ((high << 32 | low) >> 11) / (1 << 53)  # as many bits as a float holds


def stream_ids(seed: int, *name: str | int) -> tuple[int, int, int]:
    """Return the three 32-bit numbers by which Random123 tells streams apart."""
    content = hashlib.sha256(repr((int(seed), *name)).encode()).digest()
    return struct.unpack("<3I", content[:12])
