"""The sections of a cell, as far as they are known before NEURON builds it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import means

# What NEURON's own import of morphologies calls sections, and regions.
_IMPORTED = {"all", "soma", "axon", "dend", "apic", "basal", "apical"}
MOST_CONDITIONS = 10  # behind the rules of one quantity that an axis sets
Section = tuple[str, int]
# A section, and the regions with a condition that it lies in, of those that are looked at.
Case = tuple[Section, frozenset[str]]


@dataclass(frozen=True)
class Shape:
    """The sections of one cell, the region of each, and the regions that the sweep file names.

    named: name -> document of the region, {"in": [...], "where": condition}. Where a condition
        holds only NEURON can tell.
    unplaced: sections without points, of which nobody knows where they lie.
    """

    regions: Mapping[Section, str | None]
    named: Mapping[str, doc.Region] = field(default_factory=dict)
    unplaced: frozenset[Section] = frozenset()

    @property
    def names(self) -> set[str]:
        """All that a rule or a target may name: regions, sections, `all`."""
        own = {*(r for r in self.regions.values() if r), *(n for n, _ in self.regions)}
        return {"all", *own, *self.named}

    def has(self, section: Section) -> bool:
        """Return whether the cell has a section."""
        return section in self.regions

    def expect(self, name: str, place: str) -> None:
        """Note that a section or region is hardly there, where only NEURON can tell."""

    def select(self, name: str, place: str) -> frozenset[Section]:
        """Return the sections that a name means, or may mean: see `section_names`.

        Raises:
            UserError: the cell has no such region or section.
        """
        if name in self.named:
            return self.union(self.named[name]["in"], place)
        chosen = {s for s, region in self.regions.items() if means(name, *s, region)}
        if not chosen:
            raise UserError(
                f'{place}: the cell has no region or section "{name}"{suggest(name, self.names)} '
                f"(it has: {self.describe()})"
            )
        return frozenset(chosen)

    def union(self, names: Iterable[str], place: str) -> frozenset[Section]:
        """Return the sections that any of the names selects."""
        return frozenset().union(*(self.select(name, place) for name in names))

    def cases(self, names: Iterable[str], place: str) -> list[Case]:
        """Return each section once for every way in which the conditions behind names may hold.

        Raises:
            UserError: there are more conditions than ways can be gone through.
        """
        involved = named_behind(names, self.named)
        conditions = [name for name in self.named if name in involved and self._where(name)]
        if len(conditions) > MOST_CONDITIONS:
            raise UserError(
                f"{place}: the rules that set this speak of {len(conditions)} regions with "
                f"conditions; expected at most {MOST_CONDITIONS} where an axis sets it as well: "
                "write an expression instead"
            )
        return [(s, holding) for s in self.regions for holding in self._ways(s, conditions)]

    def _ways(self, section: Section, conditions: Iterable[str]) -> Iterator[frozenset[str]]:
        ways: list[frozenset[str]] = [frozenset()]
        for name in conditions:
            within = self.named[name]["in"]
            ways += [
                way | {name}
                for way in ways
                if any(self.means(inner, (section, way)) for inner in within)
            ]
        yield from ways

    def means(self, name: str, case: Case) -> bool:
        """Return whether a name means a section in one of its cases."""
        section, holding = case
        if name not in self.named:
            return means(name, *section, self.regions[section])
        if self._where(name):
            return name in holding
        return any(self.means(inner, case) for inner in self.named[name]["in"])

    def _where(self, name: str) -> str | None:
        return self.named[name].get("where")

    def describe(self) -> str:
        """Return the section names with their numbers: 'apical[0..12], soma'."""
        counts: dict[str, int] = {}
        for name, index in self.regions:
            counts[name] = max(counts.get(name, 0), index + 1)
        sections = [f"{name}[0..{n - 1}]" if n > 1 else name for name, n in counts.items()]
        return listing([*sections, *self.named])


@dataclass(frozen=True)
class OpenShape(Shape):
    """The sections of a cell that code builds: any may be there.

    words: all that its code names, None where not all of it can be read; notes: where is told of a
        section that it does not name, and so hardly has.
    """

    regions: Mapping[Section, str | None] = field(default_factory=dict)
    words: frozenset[str] | None = None
    notes: list[str] = field(default_factory=list)

    def has(self, section: Section) -> bool:
        return True

    def select(self, name: str, place: str) -> frozenset[Section]:
        self.expect(name, place)
        return frozenset()

    def expect(self, name: str, place: str) -> None:
        known = {*(self.words or ()), *self.named} | _IMPORTED
        if self.words is not None and name not in known:
            near = suggest(name, known) or "."
            note = (
                f'{place}: "{name}" stands nowhere in the code of this cell{near} '
                "The run refuses it unless the code makes that name as it runs"
            )
            if note not in self.notes:
                self.notes.append(note)


def named_behind(names: Iterable[str], named: Mapping[str, doc.Region]) -> set[str]:
    """Return the named regions among some names, and those that these are made of."""
    found: set[str] = set()
    for name in names:
        if name in named and name not in found:
            found |= {name} | named_behind(named[name]["in"], named)
    return found
