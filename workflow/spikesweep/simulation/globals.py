"""What NEURON has once for all cells, so that the simulations of a pack must be equal in it."""

from collections.abc import Hashable

from spikesweep.language import document as doc
from spikesweep.language.expressions import nearest
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n

PROTOCOL_GLOBALS = frozenset({"celsius", "dt", "t"})  # which the protocol itself sets


RUN_VARIABLES = ("v_init", "tstop")  # of NEURON's run system, which HOC code reads


def pack_group(document: doc.Document) -> Hashable:
    """Return what is global in NEURON; simulations of one pack are equal in it.

    That is the temperature, the initial potential and whether it is balanced, the time step or the
    tolerances of CVode, the duration, the time to settle, the mechanisms' GLOBALs, and the seed of
    generators that all share. What is recorded belongs to each simulation alone.
    """
    protocol = document["protocol"]
    names = ("celsius", "v_init", "dt", "tstop", "settle", "secondorder")
    return (
        *(float(protocol.get(name, 0)) for name in names),
        document.get("seed") if document.get("seeds_all") else None,
        "balance" in protocol,
        *(tuple(sorted(protocol.get(part, {}).items())) for part in ("globals", "cvode")),
    )


def set_globals(protocol: doc.Protocol) -> None:
    """Set all that is global in NEURON; nothing is trusted from before.

    Raises:
        SimulationError: a name that NEURON does not know as a number.
    """
    n.secondorder = protocol.get("secondorder", 0)
    cvode = n.CVode()
    cvode.active("cvode" in protocol)
    if "cvode" in protocol:
        cvode.atol(protocol["cvode"]["atol"])
        cvode.rtol(protocol["cvode"]["rtol"])
        cvode.condition_order(2)  # finds crossings of thresholds within a step
    else:
        n.dt = protocol["dt"]
    hold_protocol(protocol)
    for name, value in protocol.get("globals", {}).items():
        known = name not in PROTOCOL_GLOBALS and hasattr(n, name)  # setting makes any name known
        if not known or not isinstance(getattr(n, name), int | float):
            raise SimulationError(f'no mechanism has a GLOBAL "{name}"{nearest(name, dir(n))}')
        setattr(n, name, value)


def hold_protocol(protocol: doc.Protocol) -> None:
    """Set what HOC code knows of a protocol: celsius, v_init, tstop."""
    n.celsius = protocol["celsius"]
    for name in RUN_VARIABLES:
        n(f"{name} = {protocol[name]!r}")  # as HOC variables, which Python alone cannot make
        setattr(n, name, protocol[name])
