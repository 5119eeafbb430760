"""POINTERs of processes and of inserted mechanisms, once all that they may point to is there."""

from collections.abc import Iterator, Mapping

from spikesweep.language import document as doc
from spikesweep.language.names import split
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import expand_cells, of_copy
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.processes import find_variable, variable_at


def set_pointers(
    cells: Mapping[str, Cell],
    processes: Mapping[str, object],
    documents: Mapping[str, doc.Process],
) -> None:
    """Have the POINTERs of all processes point to what their documents say.

    Raises:
        SimulationError: no such variable, or no such POINTER.
    """
    for name, document in documents.items():
        for pointer, pointed in document.get("pointers", {}).items():
            variable = find_variable(cells, processes, pointed)
            _point(processes[name], pointer, variable, f"process {name}")


def set_density_pointers(
    cells: Mapping[str, Cell], processes: Mapping[str, object], document: doc.Document
) -> None:
    """Have the POINTERs of inserted mechanisms point to what the rules of their cells say.

    A later rule overrides. A rule sets them in those segments of its sections that have the
    mechanism.

    Raises:
        SimulationError: no such variable or POINTER, or no section of the rule has the mechanism.
    """
    entries, those = document["cells"], document["protocol"].get("processes", {})
    for name, copies, i in _copies(entries):
        for rule in copies.get("biophysics", []):
            for one in rule.get("pointers", ()):
                own = {p: of_copy(to, i, those, entries) for p, to in one["set"].items()}
                _set_in(cells[name], rule, one["of"], own, cells, processes)


def _copies(entries: Mapping[str, doc.Cell]) -> Iterator[tuple[str, doc.Cell, int]]:
    """Yield every cell: its name, its document and which copy it is."""
    for name, document in expand_cells(entries).items():
        yield name, document, split(name)[1] or 0


def _set_in(
    cell: Cell,
    rule: doc.Rule,
    mechanism: str,
    pointers: Mapping[str, doc.Pointed],
    cells: Mapping[str, Cell],
    processes: Mapping[str, object],
) -> None:
    sections = cell.select(rule["in"], rule.get("within", ()))
    having = [section for section in sections if section.has_membrane(mechanism)]
    if sections and not having:
        raise SimulationError(
            f"pointers of {mechanism}: it is not inserted in {sections[0].name()} or any other "
            "section of its rule"
        )
    for pointer, pointed in pointers.items():
        # What has no place is a variable of the segment itself.
        elsewhere = "at" in pointed or "process" in pointed
        there = find_variable(cells, processes, pointed) if elsewhere else None
        for segment in (segment for section in having for segment in section):
            here = there if elsewhere else variable_at(segment, pointed["variable"])
            if here is None:
                raise SimulationError(f'there is no variable "{pointed["variable"]}" at {segment}')
            _point(getattr(segment, mechanism), pointer, here, f"{mechanism} at {segment}")


def _point(owner, pointer: str, variable, what: str) -> None:
    try:
        n.setpointer(variable, pointer, owner)
    except (RuntimeError, LookupError, AttributeError, TypeError) as error:
        raise SimulationError(f"{what}: POINTER {pointer}: {error}") from None
