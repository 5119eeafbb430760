"""Simulations integrated side by side, as independent cells of one NEURON instance."""

from collections.abc import Callable, Sequence
from functools import partial

from spikesweep.language import document as doc
from spikesweep.simulation.balance import initialise_balanced
from spikesweep.simulation.globals import pack_group, set_globals
from spikesweep.simulation.integration import Observer, integrate
from spikesweep.simulation.own_init import has_init, run_init
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import seed_generators


def simulate(
    documents: Sequence[doc.Document],
    simulator: Simulator,
    observe: Callable[[Simulation, doc.Document], Observer],
) -> list[Observer]:
    """Build all simulations, integrate them in one go before the observer of each; return these.

    Nothing is cleaned up, and NEURON's globals stay set: to be called in a child, once.

    Raises:
        ValueError: documents that differ in what is global in NEURON.
        SimulationError: one of them cannot be built; and whatever NEURON raises.
    """
    if len({pack_group(document) for document in documents}) != 1:
        raise ValueError("members of one pack must share its globals, see pack_group")
    protocol = documents[0]["protocol"]
    set_globals(protocol)
    for document in documents:
        if document.get("seeds_all"):
            seed_generators(document["seed"])
    simulations = [Simulation(document, simulator) for document in documents]
    set_globals(protocol)  # which a cell's own code may have set as well
    phases = [phases for simulation in simulations for phases in simulation.phases]
    observers: list[Observer] = []

    def watch() -> None:
        observers.extend(map(observe, simulations, documents))

    if not any(has_init(document) for document in documents):
        watch()
        balanced = partial(initialise_balanced, simulations, documents)
        integrate(
            protocol, observers, phases, initialise=balanced if "balance" in protocol else None
        )
    elif len(documents) > 1:
        raise ValueError("a model's own init() is one for all cells, which share no pack")
    else:
        own_init = partial(run_init, simulations[0], documents[0], watch)
        integrate(protocol, observers, phases, initialise=own_init)
    return observers
