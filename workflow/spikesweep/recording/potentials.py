"""Potentials that the membrane currents of all cells make in the medium outside.

The medium is infinite, homogeneous and purely resistive, and does not act back on the cells.
Currents are NEURON's i_membrane_ (nA): ionic, capacitive and synaptic, not those that an electrode
such as IClamp puts into a cell. That NEURON keeps them changes no bit of what it integrates.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from spikesweep.language import document as doc
from spikesweep.recording.traces import Probe
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import Placement
from spikesweep.simulation.electrodes import resistances
from spikesweep.simulation.nrn import n


class MembraneCurrents:
    """The membrane current of each segment at every step, for all electrodes."""

    def __init__(self, cells: Mapping[str, Cell]):
        n.CVode().use_fast_imem(True)
        sections = [section for cell in cells.values() for section in cell.sections.values()]
        self.vectors = {segment: n.Vector() for section in sections for segment in section}
        for segment, vector in self.vectors.items():
            vector.record(segment._ref_i_membrane_)


class Potential(Probe):
    """The potential (mV) at an electrode at every step."""

    def __init__(
        self,
        electrode: doc.Electrode,
        currents: MembraneCurrents,
        cells: Mapping[str, Cell],
        placements: Mapping[str, Placement],
    ):
        super().__init__()
        self._parts: Sequence[tuple] = [
            (currents.vectors[segment], resistance)
            for name, cell in cells.items()
            for segment, resistance in resistances(electrode, cell, placements[name], {})
        ]

    def _recorded(self) -> np.ndarray:
        """Add up, segment by segment: a product of matrices adds in an order of its own."""
        total = np.zeros(len(self._parts[0][0]))
        for vector, resistance in self._parts:
            total += resistance * vector.as_numpy()
        return total

    def release(self) -> None:
        super().release()
        for vector, _ in self._parts:
            vector.resize(0)
