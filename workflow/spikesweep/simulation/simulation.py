"""One simulation as NEURON objects: cells, processes, waveforms, connections."""

from collections.abc import Mapping
from dataclasses import replace

from spikesweep.language import document as doc
from spikesweep.simulation.adjustments import adjust
from spikesweep.simulation.biophysics import (
    insert_mechanisms,
    set_cable,
    set_ion_styles,
    set_parameters,
)
from spikesweep.simulation.cells import Cell, create_cell
from spikesweep.simulation.code_models import build_code_cell
from spikesweep.simulation.connections import Network, connect
from spikesweep.simulation.copies import cells_of, expand_cells, expand_processes, placements
from spikesweep.simulation.event_times import event_times
from spikesweep.simulation.gap_junctions import join_cells
from spikesweep.simulation.nrn import density_mechanisms
from spikesweep.simulation.phases import phases_of
from spikesweep.simulation.pointers import set_density_pointers, set_pointers
from spikesweep.simulation.processes import create_process
from spikesweep.simulation.regions import name_regions
from spikesweep.simulation.segments import divide, follows_cable
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import seed_cell, seed_process
from spikesweep.simulation.waveforms import play


class Simulation:
    """One simulation as NEURON objects, which live as long as this does."""

    def __init__(self, document: doc.Document, simulator: Simulator):
        protocol, seed = document["protocol"], document.get("seed", 0)
        parameters = document.get("parameters", {})
        cells = expand_cells(document["cells"])
        processes = expand_processes(protocol.get("processes", {}), document["cells"])
        self.placements = placements(document["cells"], parameters)
        self.cells = build_cells(document, simulator)
        self.processes = {
            name: create_process(self.cells, name, process) for name, process in processes.items()
        }
        set_pointers(self.cells, self.processes, processes)
        set_density_pointers(self.cells, self.processes, document)
        self.gap_junctions = join_cells(protocol.get("gap_junctions", {}), self.cells)
        self.event_times = [
            event_times(self.processes[name], name, process)
            for name, process in processes.items()
            if "times" in process
        ]
        self._seed_streams(cells, processes, seed)
        self.waveforms = play(document, self.cells, self.processes, self.placements, simulator)
        network = Network(
            self.cells, self.processes, cells_of(processes), self.placements, parameters, seed
        )
        self.connections = connect(network, protocol.get("connections", {}))
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


def build_cells(document: doc.Document, simulator: Simulator) -> dict[str, Cell]:
    """Return new cells, by name.

    Raises:
        SimulationError: the document asks for what there is not.
    """
    parameters, seed = document.get("parameters", {}), document.get("seed", 0)
    return {
        name: build_cell(name, cell, simulator, parameters, seed)
        for name, cell in expand_cells(document["cells"]).items()
    }


def build_cell(
    name: str,
    document: doc.Cell,
    simulator: Simulator,
    parameters: Mapping[str, float],
    seed: int = 0,
) -> Cell:
    """Return a new cell: shape, then segments, then biophysics.

    Args:
        parameters: the numbers of which its expressions may speak.

    Raises:
        SimulationError: the document asks for what there is not.
    """
    rules = document.get("biophysics", [])
    if "sources" in document:
        built = build_code_cell(name, document, simulator, parameters, seed)
        cell = name_regions(replace(built, start=_start(document)), document.get("regions", {}))
    else:
        cell = _shaped_cell(name, document, simulator, parameters)
    adjust(cell, document, sizes=True)
    insert_mechanisms(cell, rules)
    set_ion_styles(cell, rules)
    set_cable(cell, rules)
    set_parameters(cell, rules)
    adjust(cell, document, sizes=False)
    return cell


def _shaped_cell(
    name: str, document: doc.DeclaredCell, simulator: Simulator, parameters: Mapping[str, float]
) -> Cell:
    geometry = simulator.geometry(document)
    cell = create_cell(name, geometry, parameters=parameters, start=_start(document))
    cell = name_regions(cell, document.get("regions", {}))
    if follows_cable(document["segments"]):
        set_cable(cell, document.get("biophysics", []))  # the length constant depends on it
    divide(cell, geometry, document["segments"], document.get("fold", 1))
    return cell


def _start(document: doc.Cell) -> tuple[str, int, float] | None:
    return tuple(document["distance_from"]) if "distance_from" in document else None
