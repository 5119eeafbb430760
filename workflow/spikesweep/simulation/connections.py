"""Connections: the NetCons that carry events from the cells to the point processes."""

from collections.abc import Mapping

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import event_receivers, kind_of, n
from spikesweep.simulation.processes import find_process, find_segment


def connect(
    cells: Mapping[str, Cell], processes: Mapping[str, object], connections: Mapping[str, dict]
) -> list:
    """Return NetCons: where v rises through the threshold (mV) at `from`, or where the process
    `from` makes an event, `to` gets one of the weight, or the weights, after the delay (ms).

    Raises:
        SimulationError: an unknown place or process, more weights than it takes, or two thresholds
            at one place: NEURON keeps one detector a place, so that the last would hold for all.
    """
    created = {
        name: _connection(cells, processes, name, connection)
        for name, connection in connections.items()
    }
    for name, netcon in created.items():
        asked = connections[name].get("threshold", netcon.threshold)
        if netcon.threshold != asked:
            raise SimulationError(
                f"connection {name}: threshold {asked} mV, but another "
                f"connection from the same place has {netcon.threshold} mV; expected one threshold"
            )
    return list(created.values())


def _connection(
    cells: Mapping[str, Cell], processes: Mapping[str, object], name: str, connection: dict
):
    try:
        target = find_process(cells, processes, connection["to"])
    except SimulationError as error:
        raise SimulationError(f"connection {name}: {error}") from None
    kind = kind_of(target)
    if kind not in event_receivers():  # NEURON would raise, and crash when it cleans up
        raise SimulationError(
            f"connection {name}: {connection['to']} is an {kind}, which receives no events"
        )
    if isinstance(connection["from"], str):
        netcon = n.NetCon(find_process(cells, processes, connection["from"]), target)
    else:
        source = find_segment(cells, connection["from"])
        netcon = n.NetCon(source._ref_v, target, sec=source.sec)
        netcon.threshold = connection["threshold"]
    netcon.delay = connection["delay"]
    _set_weights(netcon, name, connection["weight"])
    return netcon


def _set_weights(netcon, name: str, weight: float | list[float]) -> None:
    weights = weight if isinstance(weight, list) else [weight]
    if len(weights) > netcon.wcnt():
        raise SimulationError(
            f"connection {name}: {len(weights)} weights; expected at most {int(netcon.wcnt())}"
        )
    for place, number in enumerate(weights):
        netcon.weight[place] = number
