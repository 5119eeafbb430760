"""Cells: sections with names and regions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from spikesweep.language.expressions import nearest
from spikesweep.language.names import means
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.geometry import SectionGeometry

SectionKey = tuple[str, int]


@dataclass(frozen=True)
class Cell:
    """A cell: its sections by name and index, the region of each, and what is named in it.

    parameters: the numbers of which its expressions may speak.
    start: section and place (0 to 1) that its path distances are counted from; None for the
        middle of the first soma.
    named: the sections of each region that the sweep file names.
    """

    name: str
    sections: dict[SectionKey, object]
    regions: dict[SectionKey, str | None]
    parameters: Mapping[str, float] = field(default_factory=dict)
    start: tuple[str, int, float] | None = None
    named: Mapping[str, frozenset[SectionKey]] = field(default_factory=dict)

    def section(self, name: str, index: int = 0):
        """Return a section.

        Raises:
            SimulationError: the cell has no such section.
        """
        if (name, index) not in self.sections:
            known = {name for name, _ in self.sections}
            raise SimulationError(
                f'cell {self.name} has no section "{name}[{index}]"{nearest(name, known - {name})}'
            )
        return self.sections[name, index]

    def process(self, name: str):
        """Return what the cell's own code calls a point process, such as syn or syn[2].

        Raises:
            SimulationError: there is no such thing, as in every cell that no code has built.
        """
        raise SimulationError(f'cell {self.name} has no point process of its own, so no "{name}"')

    def held_segment(self, name: str):
        """Return the segment that an attribute of the cell's own code holds; None without one."""
        return None

    def select(self, names: Iterable[str], within: Iterable[str] = ()) -> list:
        """Return the sections that any of the names means, in the order of the cell.

        Args:
            names: named regions, or what `section_names` knows. Only a region with a condition
                may be empty.
            within: more of them, each of which must mean a section as well.

        Raises:
            SimulationError: a name that means no section.
        """
        chosen = self.keys(names)
        for name in within:
            chosen &= self._select(name)
        return [section for key, section in self.sections.items() if key in chosen]

    def keys(self, names: Iterable[str]) -> set[SectionKey]:
        """Return the keys of the sections that any of the names means."""
        return set().union(*(self._select(name) for name in names))

    def _select(self, name: str) -> set[SectionKey]:
        if name in self.named:
            return set(self.named[name])
        found = {key for key, region in self.regions.items() if means(name, *key, region)}
        if not found:
            own = {name for name, _ in self.sections} | {r for r in self.regions.values() if r}
            known = own | self.named.keys()
            raise SimulationError(
                f'cell {self.name} has no region or section "{name}"{nearest(name, known)}'
            )
        return found

    @property
    def origin(self):
        """The segment that path distances are counted from.

        Raises:
            SimulationError: the cell has no such section.
        """
        if self.start is not None:
            name, index, x = self.start
            return self.section(name, index)(x)
        somata = [key for key, region in self.regions.items() if "soma" in (key[0], region)]
        root = next(iter(self.sections))
        return self.sections[somata[0] if somata else root](0.5)


def create_cell(name: str, geometry: Sequence[SectionGeometry], **named) -> Cell:
    """Return a new cell of one segment a section.

    Args:
        named: what expressions and rules may name in it, see `Cell`.

    Raises:
        SimulationError: a parent that does not exist.
    """
    sections = {(part.name, part.index): part.create(name) for part in geometry}
    for part in geometry:
        if part.parent is not None:
            parent, index, x = part.parent
            if (parent, index) not in sections:
                raise SimulationError(
                    f'cell {name}: section {part.name} has no parent "{parent}[{index}]"'
                )
            sections[part.name, part.index].connect(sections[parent, index](x))
    regions = {(part.name, part.index): part.region for part in geometry}
    return Cell(name, sections, regions, **named)
