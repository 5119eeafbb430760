"""What is known of a model while its document is written: what the names in a sweep file mean."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from spikesweep.document.copies import Counts, copies_meant
from spikesweep.document.files import Files
from spikesweep.document.parameters import Parameters
from spikesweep.document.shape import OpenShape, Shape
from spikesweep.language import document as doc
from spikesweep.language.names import INDEX, OWN_NAME, base, split, split_parts
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.mechanisms.mechanism import Mechanism
from spikesweep.simulation.wiring import Pair

_PROCESS_OF_CODE = re.compile(f"{OWN_NAME}(?:{INDEX})?")


@dataclass(frozen=True)
class KnownCell:
    """A cell, as far as it is known before NEURON builds it.

    count: number of copies; None for one cell that has no index.
    inserted: density mechanisms in any part of it; where code builds it, all that there are.
    home: the folder of that code, in the project.
    """

    shape: Shape
    count: int | None
    inserted: Set[str]
    home: Path | None = None

    @property
    def by_code(self) -> bool:
        """Whether code builds it, so that only NEURON can tell what it has."""
        return isinstance(self.shape, OpenShape)


@dataclass(frozen=True)
class KnownModel:
    """A sweep's model, as far as it is known: more of it with each part of the document written.

    cells: by name; none while they are written themselves.
    processes: documents of the point processes by name; none before the protocol's are written.
    connections: of the protocol. pairs: of copies that each joins, None of one without a pattern;
        those that chance makes are left out.
    electrodes: of the protocol; documents hold those alone that something goes through.
    """

    catalogue: Catalogue
    files: Files
    parameters: Parameters
    cells: Mapping[str, KnownCell] = field(default_factory=dict)
    processes: Mapping[str, doc.Process] = field(default_factory=dict)
    electrodes: Mapping[str, doc.Electrode] = field(default_factory=dict)
    connections: Mapping[str, doc.Connection] = field(default_factory=dict)
    pairs: Mapping[str, list[Pair] | None] = field(default_factory=dict)

    @property
    def netcons(self) -> Counts:
        """How many NetCons each connection makes, None of one without a pattern."""
        return {n: None if joined is None else len(joined) for n, joined in self.pairs.items()}

    @property
    def cell_counts(self) -> Counts:
        """The number of copies of each cell."""
        return {name: cell.count for name, cell in self.cells.items()}

    @property
    def process_counts(self) -> Counts:
        """The number of copies of each process: one in each copy of its cell, or as many as an
        artificial cell has."""
        return {name: self._process_count(process) for name, process in self.processes.items()}

    @property
    def counts(self) -> Counts:
        """The number of copies of all that has a name; cells go before processes, and these before
        connections."""
        return {**self.netcons, **self.process_counts, **self.cell_counts}

    def _process_count(self, process: doc.Process) -> int | None:
        if "at" not in process:
            return process.get("count")
        cell, index = split(process["at"][0])
        return self.cells[cell].count if index is None else None

    def cell(self, text: str) -> KnownCell:
        """Return the cell that a text, `pyr` or `pyr[3]`, is or is a copy of."""
        return self.cells[base(text)]

    def mechanism(self, process: str) -> Mechanism | None:
        """Return the mechanism of a process, or of a copy of one; None of one that a cell's code
        has made: its kind is not known."""
        return self.mechanism_of(process) if base(process) in self.processes else None

    def mechanism_of(self, process: str) -> Mechanism:
        """Return the mechanism of a process of the protocol, or of a copy of one."""
        return self.catalogue.known[self.processes[base(process)]["type"]]

    def cells_meant(self, text: str, place: str) -> list[str]:
        """Return the cells, copy by copy, that a text means; see `copies_meant`."""
        return copies_meant(text, self.cell_counts, "cell", place)

    def processes_meant(self, text: str, place: str) -> list[str]:
        """Return the processes, copy by copy, that a text means; see `copies_meant`."""
        return copies_meant(text, self.process_counts, "process", place)

    def is_process_of_code(self, text: str) -> bool:
        """Return whether a text, `pyr.syn[2]`, names what a cell's code calls a point process."""
        cell, *name = split_parts(text.strip())
        known = self.cells.get(base(cell))
        is_name = len(name) == 1 and bool(_PROCESS_OF_CODE.fullmatch(name[0]))
        return known is not None and known.by_code and is_name
