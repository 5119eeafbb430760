"""Connections of a sweep file as the simulation document writes them."""

from typing import Any

from spikesweep.document.catalogue import Catalogue
from spikesweep.document.code_models import is_process
from spikesweep.document.protocol import event_source, refuse_threshold
from spikesweep.document.shape import Shape
from spikesweep.errors import UserError, listing, suggest
from spikesweep.mechanisms.mechanism import Variable
from spikesweep.spec.model import Connection
from spikesweep.units import to_number

# Of a process that a cell's own code has made: its kind is not known, nor are their units.
WEIGHTS_OF_CODE = tuple(Variable(f"weight[{i}]") for i in range(8))


def connections_document(
    connections: dict[str, Connection],
    processes: dict[str, dict],
    shapes: dict[str, Shape],
    catalogue: Catalogue,
    place: str,
) -> dict[str, Any]:
    """Return the document of all connections.

    Args:
        processes: the documents of the point processes.

    Raises:
        UserError: an unknown place or process, one that receives no events, or a wrong weight.
    """
    return {
        name: _connection(connection, processes, shapes, catalogue, f"{place}.{name}")
        for name, connection in connections.items()
    }


def _connection(
    connection: Connection,
    processes: dict[str, dict],
    shapes: dict[str, Shape],
    catalogue: Catalogue,
    place: str,
) -> dict[str, Any]:
    source = event_source(connection.from_, processes, shapes, catalogue, f"{place}.from")
    if isinstance(source, str):
        refuse_threshold(connection, source, place)
    if not is_process(connection.to, shapes):
        _known_process(connection.to, processes, f"{place}.to")
    weights = weights_of(connection.to, processes, catalogue, f"{place}.to")
    return {
        "from": source,
        "to": connection.to,
        **({} if isinstance(source, str) else {"threshold": connection.threshold}),
        "delay": connection.delay,
        "weight": _weight(connection.weight, weights, f"{place}.weight"),
    }


def weights_of(
    process: str, processes: dict[str, dict], catalogue: Catalogue, place: str
) -> tuple[Variable, ...]:
    """Return what the weights of a connection to a process are.

    Raises:
        UserError: a process that receives no events.
    """
    if process not in processes:
        return WEIGHTS_OF_CODE
    mechanism = catalogue.point(processes[process]["type"], place)
    if not mechanism.receives:
        raise UserError(
            f"{place}: {process} is an {mechanism.name}, which receives no events; "
            "expected a synapse, such as an ExpSyn"
        )
    return mechanism.weights


def _known_process(name: str, processes: dict[str, dict], place: str) -> None:
    if name not in processes:
        raise UserError(
            f'{place}: no process is named "{name}"{suggest(name, processes)} '
            f"(processes: {listing(processes)})"
        )


def _weight(weight: Any, weights: tuple[Variable, ...], place: str) -> float | list[float]:
    """Return one weight as a number, several as a list, each in its unit."""
    several = weight if isinstance(weight, list) else [weight]
    if len(several) > len(weights):
        raise UserError(
            f"{place}: {len(several)} weights; expected at most {len(weights)}: "
            f"{', '.join(variable.name for variable in weights)}"
        )
    numbers = [
        to_number(value, variable.unit, place)
        for value, variable in zip(several, weights, strict=False)
    ]
    return numbers if isinstance(weight, list) else numbers[0]
