"""Connections: the NetCons that carry events from the cells to the point processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from spikesweep.language import document as doc
from spikesweep.language.expressions import (
    CONNECTION_VARIABLES,
    ExpressionError,
    compile_expression,
)
from spikesweep.language.names import base, split
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import Placement
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import event_receivers, kind_of, n
from spikesweep.simulation.processes import find_process, find_segment
from spikesweep.simulation.streams import uniform
from spikesweep.simulation.wiring import Pair, pairs

_compiled = lru_cache(maxsize=256)(compile_expression)  # one for thousands of pairs


@dataclass(frozen=True)
class Network:
    """What connections are made between.

    cells, processes: by name, those of copies with their index. cell_of: the cell that each
    process stands in, or its own name. placements: where the cells stand. parameters: those of
    which expressions may speak. seed: what random connections follow from.
    """

    cells: Mapping[str, Cell]
    processes: Mapping[str, object]
    cell_of: Mapping[str, str]
    placements: Mapping[str, Placement]
    parameters: Mapping[str, float]
    seed: int

    def cell_copies(self, name: str) -> list[str]:
        """Return the names of the cells that a name means: itself, or all copies in their order."""
        return _copies(name, self.cells)

    def process_copies(self, name: str) -> list[str]:
        """Return the names of the processes that a name means: syn, or pyr.syn of a cell's code."""
        cell, dot, own = name.partition(".")
        if dot:
            return [f"{copy}.{own}" for copy in self.cell_copies(cell)]
        return _copies(name, self.processes)

    def process(self, name: str, connection: str):
        """Return a process; an error names the connection that asks for it."""
        try:
            return find_process(self.cells, self.processes, name)
        except SimulationError as error:
            raise SimulationError(f"connection {connection}: {error}") from None

    def cell_with(self, process: str) -> str:
        """Return the cell that a process stands in, or its own name."""
        cell, dot, _ = process.partition(".")
        return cell if dot else self.cell_of[process]

    def distance(self, first: str, second: str) -> float:
        """Return the distance (um) between the positions of two cells."""
        return self.placements[first].distance(self.placements[second])


def _copies(text: str, named: Mapping[str, object]) -> list[str]:
    copies = [name for name in named if base(name) == text]
    return [text] if text in named or not copies else copies


@dataclass(frozen=True)
class _End:
    """One end of a NetCon: its name, the cell that it is in, and what it is to NEURON."""

    name: str
    cell: str
    owner: object


def connect(network: Network, connections: Mapping[str, doc.Connection]) -> dict[str, list]:
    """Return the NetCons of each connection: where v rises through the threshold (mV) at `from`,
    or where the process `from` makes an event, `to` gets one of the weight, or the weights, after
    the delay (ms).

    Raises:
        SimulationError: an unknown place or process, more weights than it takes, or two thresholds
            at one place: NEURON keeps one detector a place, so that the last would hold for all.
    """
    created = {
        name: _connection(network, name, connection) for name, connection in connections.items()
    }
    for name, netcons in created.items():
        for netcon in netcons:
            asked = connections[name].get("threshold", netcon.threshold)
            if netcon.threshold != asked:
                raise SimulationError(
                    f"connection {name}: threshold {asked} mV, but another connection from "
                    f"the same place has {netcon.threshold} mV; expected one threshold"
                )
    return created


def weight_reference(connections: Mapping[str, list], trace: doc.WeightTrace):
    """Return NEURON's reference of a weight of a connection.

    Raises:
        SimulationError: no such connection, NetCon or weight.
    """
    name, (_, element) = trace["connection"], split(trace["variable"])
    netcons = connections.get(name, [])
    if trace["index"] >= len(netcons) or (element or 0) >= netcons[trace["index"]].wcnt():
        raise SimulationError(f"connection {name}[{trace['index']}] has no {trace['variable']}")
    return netcons[trace["index"]]._ref_weight[element or 0]


def _connection(network: Network, name: str, connection: doc.Connection) -> list:
    sources = _sources(network, name, connection["from"])
    targets = _targets(network, name, connection["to"])
    netcons = []
    for i, j in _pairs(network, name, connection, sources, targets):
        source, target = sources[i], targets[j]
        if isinstance(connection["from"], str):
            netcon = n.NetCon(source.owner, target.owner)
        else:
            netcon = n.NetCon(source.owner._ref_v, target.owner, sec=source.owner.sec)
            netcon.threshold = connection["threshold"]
        _set_numbers(netcon, network, name, connection, (source.cell, target.cell))
        netcons.append(netcon)
    return netcons


def _sources(network: Network, name: str, written: str | doc.Location) -> list[_End]:
    if isinstance(written, str):
        return [
            _End(process, network.cell_with(process), network.process(process, name))
            for process in network.process_copies(written)
        ]
    cell, *place = written
    return [
        _End(copy, copy, find_segment(network.cells, [copy, *place]))
        for copy in network.cell_copies(cell)
    ]


def _targets(network: Network, name: str, written: str) -> list[_End]:
    targets = []
    for process in network.process_copies(written):
        receiver = network.process(process, name)
        kind = kind_of(receiver)
        if kind not in event_receivers():  # NEURON would raise, and crash when it cleans up
            raise SimulationError(
                f"connection {name}: {process} is an {kind}, which receives no events"
            )
        targets.append(_End(process, network.cell_with(process), receiver))
    return targets


def _pairs(
    network: Network,
    name: str,
    connection: doc.Connection,
    sources: Sequence[_End],
    targets: Sequence[_End],
) -> list[Pair]:
    if "pattern" not in connection:
        return [(0, 0)]
    return pairs(
        connection["pattern"],
        [source.cell for source in sources],
        [target.cell for target in targets],
        lambda i, j: uniform(network.seed, name, sources[i].name, targets[j].name),
        self_connections=connection.get("self_connections", False),
    )


def _set_numbers(
    netcon, network: Network, name: str, connection: doc.Connection, cells: tuple[str, str]
) -> None:
    """Set delay and weights of a NetCon between two cells."""
    weight = connection["weight"]
    weights = weight if isinstance(weight, list) else [weight]
    if len(weights) > netcon.wcnt():
        raise SimulationError(
            f"connection {name}: {len(weights)} weights; expected at most {int(netcon.wcnt())}"
        )
    netcon.delay = _number(connection["delay"], network, cells, f"connection {name}: delay")
    for place, value in enumerate(weights):
        netcon.weight[place] = _number(value, network, cells, f"connection {name}: weight")


def _number(value: doc.Number, network: Network, cells: tuple[str, str], what: str) -> float:
    if isinstance(value, str):
        expression = _compiled(value, (*network.parameters, *CONNECTION_VARIABLES))
        here = {"distance": network.distance(*cells)} if "distance" in expression.names else {}
        try:
            value = expression.evaluate(**network.parameters, **here)
        except ExpressionError as error:
            raise SimulationError(f"{what}: {error}") from None
    if not isfinite(value) or (what.endswith("delay") and value < 0):
        raise SimulationError(f"{what} = {value}; expected a finite number, and no delay below 0")
    return value
