"""The simulator of a job: NEURON with one mechanism library and the morphologies at hand."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spikesweep.language import document as doc
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.geometry import (
    SectionGeometry,
    literal_sections,
    read_morphology,
    with_axon,
)
from spikesweep.simulation.nrn import load_library, n

Geometry = tuple[SectionGeometry, ...]


class Simulator:
    """NEURON with a library loaded, to be forked for every simulation; a process has one.

    Args:
        library: what nrnivmodl compiled, or None for NEURON's own mechanisms alone.
        morphologies: SHA-256 as documents name it -> file.
        models: folder with the files of models that are code, each where its document says.
        waveforms: SHA-256 as documents name it -> {"times" (ms), "values"}, of equal length.

    Raises:
        SimulationError: the library cannot be loaded.
    """

    def __init__(
        self,
        library: Path | None = None,
        morphologies: Mapping[str, Path] | None = None,
        models: Path | None = None,
        waveforms: Mapping[str, dict] | None = None,
    ):
        n.load_file("stdlib.hoc")
        if library is not None:
            load_library(library)
        if morphologies or models:  # templates expect it: NEURON's own start has it
            n.load_file("import3d.hoc")
        self._morphologies = dict(morphologies or {})
        self.geometries: dict[str, Geometry] = {}
        self.models = models
        self._waveforms = dict(waveforms or {})
        self.loaded: dict[Path, Any] = {}  # of these, what this process has run by now

    def relative(self, text: str) -> str:
        """Return a text in which the models' files have the names that they have in the project.

        The folder of their copies has another name in each job; messages are stored.
        """
        return text.replace(f"{self.models}{os.sep}", "") if self.models else text

    def waveform(self, sha256: str) -> tuple[Sequence[float], Sequence[float]]:
        """Return the times (ms) and values of a waveform from a file.

        Raises:
            SimulationError: it is not at hand.
        """
        if sha256 not in self._waveforms:
            raise SimulationError(f"no waveform of the hash {sha256} is at hand")
        return self._waveforms[sha256]["times"], self._waveforms[sha256]["values"]

    def geometry(self, cell: doc.DeclaredCell) -> Geometry:
        """Return the geometry of a cell's document.

        Raises:
            SimulationError: the morphology is not at hand, or cannot be read.
        """
        if "sections" in cell:
            return literal_sections(cell["sections"])
        return with_axon(self.traced(cell), cell.get("axon", "keep"))

    def traced(self, cell: doc.TracedCell) -> Geometry:
        """Return the geometry of a cell's morphology, whole; it is kept in `geometries`."""
        name, form = cell["morphology"]["sha256"], cell["morphology"]["format"]
        if name not in self.geometries:
            if name not in self._morphologies:
                raise SimulationError(f"no morphology of the hash {name} is at hand")
            try:
                self.geometries[name] = read_morphology(self._morphologies[name], form)
            except SimulationError as error:
                raise SimulationError(f"morphology {name[:12]}: {error}") from None
        return self.geometries[name]
