"""Simulations run side by side, with all that is recorded of them."""

from collections.abc import Sequence
from contextlib import nullcontext

from spikesweep.execution.child import in_child
from spikesweep.execution.garbage import nothing_is_garbage
from spikesweep.execution.sharing import Member
from spikesweep.language import document as doc
from spikesweep.recording.recordings import Recording
from spikesweep.recording.results import Result
from spikesweep.simulation.errors import SimulationError, describe
from spikesweep.simulation.printed import is_memory_error, printed
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.together import simulate


def run_together(members: Sequence[Member], simulator: Simulator) -> list[Result]:
    """Return the results of members that are integrated in one go, bit by bit what each would
    give alone. To be called in a child, once.

    Raises:
        ValueError, SimulationError: as `simulate` does; and whatever NEURON raises.
    """
    with nullcontext() if _runs_code(members) else nothing_is_garbage():
        recordings = simulate([document for _, document in members], simulator, record)
        return [one.result(key) for one, (key, _) in zip(recordings, members, strict=True)]


def _runs_code(members: Sequence[Member]) -> bool:
    """Return whether code builds a cell, which may leave behind what Python alone clears away."""
    return any("sources" in c for _, document in members for c in document["cells"].values())


def record(simulation: Simulation, document: doc.Document) -> Recording:
    """Return what records all that a document asks for."""
    return Recording(document["record"], document["protocol"], simulation, in_child)


def run_alone(member: Member, simulator: Simulator) -> Result:
    """Return one simulation's result, of status "error" where `run_together` raises.

    Raises:
        MemoryError: memory ran out, which says nothing of the simulation.
    """
    try:
        return run_together([member], simulator)[0]
    except Exception as error:
        if is_memory_error(error):
            raise MemoryError from error
        words = "" if isinstance(error, SimulationError) else printed()
        message = simulator.relative(f"{describe(error)}\n{words}".strip())
        return Result(member[0], "error", message)
