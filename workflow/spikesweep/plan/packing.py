"""Why the simulations of a sweep must not share a NEURON."""

from collections.abc import Collection

from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.sweepfile.model import CodeCell
from spikesweep.sweepfile.sweep import Sweep


def reasons(sweep: Sweep, catalogue: Catalogue, mechanisms: Collection[str]) -> list[str]:
    """Return the reasons, none where they may.

    Args:
        mechanisms: those that any simulation uses, as far as the sweep file tells.
    """
    code = {name: c for name, c in sweep.model.cells.items() if isinstance(c, CodeCell)}
    alone = [f"{name}: its code does not say packable" for name in code if not code[name].packable]
    if sweep.protocol.cvode:
        alone.append("cvode: other cells would change its time steps")
    if sweep.model.initialise:
        alone.append("initialise: the model's own init() is one for all cells")
    if sweep.protocol.gap_junctions:
        alone.append("gap_junctions: potentials are transferred for all cells at once")
    if sweep.record.impedances:
        alone.append("impedances: of all cells that a NEURON holds")
    used = {*mechanisms, *(catalogue.own_names if code else ())}
    return [*alone, *catalogue.unsafe_to_pack(used)]
