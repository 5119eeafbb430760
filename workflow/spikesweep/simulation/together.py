"""Simulations integrated side by side, as independent cells of one NEURON instance."""

from collections.abc import Iterator, Mapping, Sequence

from spikesweep.expressions import nearest
from spikesweep.simulation.adjustments import adjust
from spikesweep.simulation.biophysics import insert_mechanisms, set_cable, set_parameters
from spikesweep.simulation.cells import Cell, create_cell
from spikesweep.simulation.code_models import build_code_cell
from spikesweep.simulation.connections import Network, connect
from spikesweep.simulation.copies import cells_of, expand_cells, expand_processes, placements
from spikesweep.simulation.engine import Engine
from spikesweep.simulation.errors import SimulationError, describe
from spikesweep.simulation.isolation import is_memory_error, printed
from spikesweep.simulation.nrn import density_mechanisms, n
from spikesweep.simulation.packs import Member, pack_group
from spikesweep.simulation.phases import Phases, phases_of
from spikesweep.simulation.processes import create_process
from spikesweep.simulation.recordings import Recording, count_steps
from spikesweep.simulation.regions import name_regions
from spikesweep.simulation.results import Result
from spikesweep.simulation.segments import divide, follows_cable
from spikesweep.simulation.streams import seed_cell, seed_process
from spikesweep.simulation.waveforms import play

MAXIMUM_STEP = 10.0  # ms between which psolve looks at the event queue of other processes
CHUNK_VALUES = 4_000_000  # recorded numbers that NEURON holds at a time, 32 MB
PROTOCOL_GLOBALS = frozenset({"celsius", "dt", "t"})  # which the protocol itself sets


def run_together(members: Sequence[Member], engine: Engine) -> list[Result]:
    """Build all members, integrate them in one go, and return their results, bit by bit what
    each would give alone.

    Nothing is cleaned up, and NEURON's globals stay set: to be called in a child, once.

    Raises:
        ValueError: members that differ in what is global in NEURON.
        SimulationError: one of them cannot be built; and whatever NEURON raises.
    """
    if len({pack_group(document) for _, document in members}) != 1:
        raise ValueError("members of one pack must share its globals, see pack_group")
    protocol = members[0][1]["protocol"]
    set_globals(protocol)
    simulations = [Simulation(document, engine) for _, document in members]
    set_globals(protocol)  # which a cell's own code may have set as well
    integrate(
        protocol,
        [simulation.recording for simulation in simulations],
        [phases for simulation in simulations for phases in simulation.phases],
    )
    return [
        simulation.recording.result(key)
        for simulation, (key, _) in zip(simulations, members, strict=True)
    ]


def run_alone(member: Member, engine: Engine) -> Result:
    """Return one simulation's result, of status "error" where `run_together` raises.

    Raises:
        MemoryError: memory ran out, which says nothing of the simulation.
    """
    try:
        return run_together([member], engine)[0]
    except Exception as error:
        if is_memory_error(error):
            raise MemoryError from error
        words = "" if isinstance(error, SimulationError) else printed()
        return Result(member[0], "error", f"{describe(error)}\n{words}".strip())


class Simulation:
    """One simulation as NEURON objects, which live as long as this does."""

    def __init__(self, document: dict, engine: Engine):
        protocol, seed = document["protocol"], document.get("seed", 0)
        parameters = document.get("parameters", {})
        cells = expand_cells(document["cells"])
        processes = expand_processes(protocol.get("processes", {}), document["cells"])
        self.placements = placements(document["cells"], parameters)
        self.cells = build_cells(document, engine)
        protocol = document["protocol"]
        self.cells = build_cells(document, engine)
