"""The units of numbers in a document that does not hold them: of NEURON, or of its mechanisms."""

from typing import Any

from spikesweep.document.parameters import read_parameters
from spikesweep.language.names import base
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.sweepfile.sweep import Sweep


def units_of(document: Any, sweep: Sweep, catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Return the units of numbers by their names; '' where none is known, as of a process that a
    cell's own code has made.

    weights: a list a connection, as its process declares them in its NET_RECEIVE block. globals:
    of mechanisms. parameters: those that expressions name.
    """
    protocol = document["protocol"]
    processes = protocol["processes"]
    return {
        "weights": {
            name: [weight.unit for weight in catalogue.known[processes[to]["type"]].weights]
            for name, of in protocol["connections"].items()
            if (to := base(of["to"])) in processes
        },
        "globals": {
            name: catalogue.global_parameter(name, "").unit for name in protocol["globals"]
        },
        "parameters": read_parameters(sweep.model.parameters, "").units,
    }
