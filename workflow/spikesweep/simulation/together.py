"""Simulations integrated side by side, as independent cells of one NEURON instance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from spikesweep.execution.child import is_memory_error, printed
from spikesweep.execution.sharing import Member, pack_group
from spikesweep.language import document as doc
from spikesweep.language.expressions import nearest
from spikesweep.recording.recordings import Recording
from spikesweep.simulation.adjustments import adjust
from spikesweep.simulation.biophysics import insert_mechanisms, set_cable, set_parameters
from spikesweep.simulation.cells import Cell, create_cell
from spikesweep.simulation.code_models import build_code_cell
from spikesweep.simulation.connections import Network, connect
from spikesweep.simulation.copies import cells_of, expand_cells, expand_processes, placements
from spikesweep.simulation.engine import Engine
from spikesweep.simulation.errors import SimulationError, describe
from spikesweep.simulation.integration import integrate
from spikesweep.simulation.nrn import density_mechanisms, n
from spikesweep.simulation.phases import phases_of
from spikesweep.simulation.processes import create_process
from spikesweep.simulation.regions import name_regions
from spikesweep.simulation.results import Result
from spikesweep.simulation.segments import divide, follows_cable
from spikesweep.simulation.streams import seed_cell, seed_process
from spikesweep.simulation.waveforms import play

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
        message = engine.relative(f"{describe(error)}\n{words}".strip())
        return Result(member[0], "error", message)


class Simulation:
    """One simulation as NEURON objects, which live as long as this does."""

    def __init__(self, document: doc.Document, engine: Engine):
        protocol, seed = document["protocol"], document.get("seed", 0)
        parameters = document.get("parameters", {})
        cells = expand_cells(document["cells"])
        processes = expand_processes(protocol.get("processes", {}), document["cells"])
        self.placements = placements(document["cells"], parameters)
        self.cells = build_cells(document, engine)
        self.processes = {
            name: create_process(self.cells, name, process) for name, process in processes.items()
        }
        self._seed_streams(cells, processes, seed)
        self.waveforms = play(document, self.cells, self.processes, engine)
        network = Network(
            self.cells, self.processes, cells_of(processes), self.placements, parameters, seed
        )
        self.connections = connect(network, protocol.get("connections", {}))
        self.recording = Recording(document["record"], protocol, self.cells, self.processes)
        self.phases = phases_of(self.cells.values(), protocol.get("dt"))

    @property
    def segment_count(self) -> int:
        return sum(
            section.nseg for cell in self.cells.values() for section in cell.sections.values()
        )

    def _seed_streams(
        self, cells: Mapping[str, doc.Cell], processes: Mapping[str, doc.Process], seed: int
    ) -> None:
        for name, cell in self.cells.items():
            rules = cells[name].get("biophysics", [])
            inserted = {m for rule in rules for m in rule.get("insert", ())}
            seed_cell(cell, density_mechanisms() if "sources" in cells[name] else inserted, seed)
        for name, process in self.processes.items():
            seed_process(process, processes[name]["type"], seed, name)


def build_cells(document: doc.Document, engine: Engine) -> dict[str, Cell]:
    """Return new cells, by name.

    Raises:
        SimulationError: the document asks for what there is not.
    """
    parameters, seed = document.get("parameters", {}), document.get("seed", 0)
    return {
        name: build_cell(name, cell, engine, parameters, seed)
        for name, cell in expand_cells(document["cells"]).items()
    }


def build_cell(
    name: str, document: doc.Cell, engine: Engine, parameters: Mapping[str, float], seed: int = 0
) -> Cell:
    """Return a new cell: shape, then segments, then biophysics.

    Args:
        parameters: the numbers of which its expressions may speak.

    Raises:
        SimulationError: the document asks for what there is not.
    """
    rules = document.get("biophysics", [])
    if "sources" in document:
        built = build_code_cell(name, document, engine, parameters, seed)
        cell = name_regions(replace(built, start=_start(document)), document.get("regions", {}))
    else:
        cell = _shaped_cell(name, document, engine, parameters)
    adjust(cell, document, sizes=True)
    insert_mechanisms(cell, rules)
    set_cable(cell, rules)
    set_parameters(cell, rules)
    adjust(cell, document, sizes=False)
    return cell


def _shaped_cell(
    name: str, document: doc.DeclaredCell, engine: Engine, parameters: Mapping[str, float]
) -> Cell:
    geometry = engine.geometry(document)
    cell = create_cell(name, geometry, parameters=parameters, start=_start(document))
    cell = name_regions(cell, document.get("regions", {}))
    if follows_cable(document["segments"]):
        set_cable(cell, document.get("biophysics", []))  # the length constant depends on it
    divide(cell, geometry, document["segments"])
    return cell


def _start(document: doc.Cell) -> tuple[str, int, float] | None:
    return tuple(document["distance_from"]) if "distance_from" in document else None


def set_globals(protocol: doc.Protocol) -> None:
    """Set all that is global in NEURON; nothing is trusted from before.

    Raises:
        SimulationError: a name that NEURON does not know as a number.
    """
    cvode = n.CVode()
    cvode.active("cvode" in protocol)
    if "cvode" in protocol:
        cvode.atol(protocol["cvode"]["atol"])
        cvode.rtol(protocol["cvode"]["rtol"])
        cvode.condition_order(2)  # finds crossings of thresholds within a step
    else:
        n.dt = protocol["dt"]
    n.celsius = protocol["celsius"]
    for name, value in protocol.get("globals", {}).items():
        known = name not in PROTOCOL_GLOBALS and hasattr(n, name)  # setting makes any name known
        if not known or not isinstance(getattr(n, name), int | float):
            raise SimulationError(f'no mechanism has a GLOBAL "{name}"{nearest(name, dir(n))}')
        setattr(n, name, value)
