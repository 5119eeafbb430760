"""The sections of a cell, as far as they are known before NEURON builds it."""

from collections.abc import Iterable
from dataclasses import dataclass

from spikesweep.errors import UserError, listing, suggest

REGIONS = ("soma", "axon", "basal", "apical")
Section = tuple[str, int]


@dataclass(frozen=True)
class Shape:
    """The sections of one cell and the region of each."""

    regions: dict[Section, str | None]

    @property
    def names(self) -> set[str]:
        """All that a rule or a target may name: regions, sections, `all`."""
        return {"all", *(r for r in self.regions.values() if r), *(n for n, _ in self.regions)}

    def has(self, section: Section) -> bool:
        """Return whether the cell has a section."""
        return section in self.regions

    def select(self, name: str, place: str) -> frozenset[Section]:
        """Return the sections of a region, a section name, `name[i]`, or `all`.

        Raises:
            UserError: the cell has no such region or section.
        """
        if name == "all":
            return frozenset(self.regions)
        base, _, index = name.partition("[")
        if index and index[:-1].isdigit() and index.endswith("]"):
            chosen = {(base, int(index[:-1]))} & self.regions.keys()
        else:
            chosen = {s for s, region in self.regions.items() if name in (region, s[0])}
        if not chosen:
            raise UserError(
                f'{place}: the cell has no region or section "{name}"{suggest(name, self.names)} '
                f"(it has: {self.describe()})"
            )
        return frozenset(chosen)

    def union(self, names: Iterable[str], place: str) -> frozenset[Section]:
        """Return the sections that any of the names selects."""
        return frozenset().union(*(self.select(name, place) for name in names))

    def describe(self) -> str:
        """Return the section names with their numbers: 'apical[0..12], soma'."""
        counts: dict[str, int] = {}
        for name, index in self.regions:
            counts[name] = max(counts.get(name, 0), index + 1)
        return listing(f"{name}[0..{n - 1}]" if n > 1 else name for name, n in counts.items())


def write_names(sections: Iterable[Section]) -> list[str]:
    """Return sections as a document names them: `soma`, `apical[3]`."""
    return [f"{name}[{index}]" for name, index in sorted(sections)]
