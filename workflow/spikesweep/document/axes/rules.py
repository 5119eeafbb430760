"""Biophysics rules of a document: where they set a quantity, and room for an axis to set it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spikesweep.document.shape import Case, Section, Shape, named_behind
from spikesweep.language import document as doc
from spikesweep.products.slots import SlotPath


@dataclass(frozen=True)
class Leaf:
    """A quantity in a biophysics rule: where it stands there, and its value when left out."""

    path: tuple[str, ...]
    unit: str
    default: float | None

    def stands_in(self, rule: doc.Rule) -> bool:
        """Return whether a rule gives it a value."""
        return _get(rule, self.path) is not None

    def comes_with(self, rule: doc.Rule) -> bool:
        """Return whether a rule inserts its mechanism, and so gives it the default."""
        is_parameter = self.default is not None and self.path[0] == "insert"
        return is_parameter and self.path[1] in rule.get("insert", {})


@dataclass(frozen=True)
class InRules:
    """Room for a leaf in the rules of a cell: where they set it in a region, and nowhere else.

    place: where it is asked for in the sweep file.
    """

    region: str
    shape: Shape
    leaf: Leaf
    place: str

    def stands_in(self, rules: list[doc.Rule]) -> bool:
        """Return whether the rules set it anywhere in the region.

        Raises:
            UserError: too many regions with conditions are involved.
        """
        return any(True for _ in self._positions(rules))

    def make(self, cell: doc.DeclaredCell) -> None:
        """Add rules where needed.

        A rule that reaches further is followed by a copy of it `within` the region. Where a
        mechanism is inserted without the parameter, after a rule that sets it, the copy comes
        first of all, so that the other still wins where both hold.
        """
        rules, leaf, first = cell["biophysics"], self.leaf, []
        for position, holds_in, is_inside, cases in reversed(list(self._positions(rules))):
            rule = rules[position]
            within: doc.Rule = {
                "in": rule["in"],
                "within": [*rule.get("within", []), self.region],
            }
            value = _get(rule, leaf.path) if leaf.stands_in(rule) else leaf.default
            if not leaf.stands_in(rule) and holds_in != _reach(rule, self.shape, cases):
                first.append(within)
            elif not is_inside:
                rules.insert(position + 1, within)
            else:
                within = rule
            _set(within, leaf.path, value)
        rules[:0] = first

    def paths(self, cell: doc.DeclaredCell) -> list[SlotPath]:
        return [
            ("biophysics", position, *self.leaf.path)
            for position, *_ in self._positions(cell["biophysics"])
        ]

    def _positions(
        self, rules: list[doc.Rule]
    ) -> Iterator[tuple[int, set[Case], bool, list[Case]]]:
        """Yield the rules that give the leaf its value in the region: position, where that is,
        whether it is in the region alone, and all cases."""
        involved = [
            rule for rule in rules if self.leaf.stands_in(rule) or self.leaf.comes_with(rule)
        ]
        cases, chosen = _cases(involved, self.region, self.shape, self.place)
        owners = _owners(rules, self.shape, cases, self.leaf)
        for position in sorted(set(owners.values())):
            holds_in = {case for case, owner in owners.items() if owner == position}
            if holds_in & chosen:
                yield position, holds_in, holds_in <= chosen, cases


@dataclass(frozen=True)
class Inserted:
    """Where the rules of a cell insert a mechanism in a region."""

    region: str
    shape: Shape
    mechanism: str
    place: str

    def rules(self, rules: list[doc.Rule]) -> tuple[list[int], list[int]]:
        """Return the rules that insert it there: within the region alone, and beyond it."""
        involved = [rule for rule in rules if self.mechanism in rule.get("insert", {})]
        cases, chosen = _cases(involved, self.region, self.shape, self.place)
        inside: list[int] = []
        beyond: list[int] = []
        for position, rule in enumerate(rules):
            reach = _reach(rule, self.shape, cases) if rule in involved else set()
            if reach & chosen:
                (inside if reach <= chosen else beyond).append(position)
        return inside, beyond

    def make(self, cell: doc.DeclaredCell) -> None:
        """There is room: it stands in a mapping by its name, in which it can be replaced."""

    def paths(self, cell: doc.DeclaredCell) -> list[SlotPath]:
        inside, _ = self.rules(cell["biophysics"])
        return [
            path
            for position in inside
            for path in self._named(position, cell["biophysics"][position])
        ]

    def _named(self, position: int, rule: doc.Rule) -> Iterator[SlotPath]:
        """Yield where a rule names the mechanism: as what it inserts, and sets POINTERs of."""
        yield "biophysics", position, "insert", self.mechanism
        for i, one in enumerate(rule.get("pointers", ())):
            if one["of"] == self.mechanism:
                yield "biophysics", position, "pointers", i, "of"


def _cases(
    rules: list[doc.Rule], region: str, shape: Shape, place: str
) -> tuple[list[Case], set[Case]]:
    """Return the cases in which rules may mean a section, and those in the region."""
    cases = shape.cases([region, *(name for rule in rules for name in _names(rule))], place)
    return cases, {case for case in cases if shape.means(region, case)}


def inserted_in(cell: doc.Cell) -> set[str]:
    """Return the density mechanisms that a cell's rules insert anywhere in it."""
    return {name for rule in cell["biophysics"] for name in rule.get("insert", {})}


def pointed_by(rule: doc.Rule, mechanism: str) -> set[str]:
    """Return the POINTERs of a mechanism that a rule sets."""
    return {
        name for one in rule.get("pointers", ()) if one["of"] == mechanism for name in one["set"]
    }


def not_pointed(rules: list[doc.Rule], shape: Shape, mechanism: str, pointer: str, place: str
                ) -> list[Section]:  # fmt: skip
    """Return the sections in which rules insert a mechanism, or may, and none sets its POINTER.

    Raises:
        UserError: too many regions with conditions are involved.
    """
    inserting = [rule for rule in rules if mechanism in rule.get("insert", {})]
    pointing = [rule for rule in rules if pointer in pointed_by(rule, mechanism)]
    cases = shape.cases((name for rule in inserting + pointing for name in _names(rule)), place)
    inserted, pointed = (
        {case for rule in some for case in _reach(rule, shape, cases)}
        for some in (inserting, pointing)
    )
    return sorted({section for section, _ in inserted - pointed})


def forget_regions(cell: doc.Cell) -> None:
    """Take out of a cell's document the named regions that nothing in it speaks of."""
    if "regions" not in cell:
        return
    named = cell.pop("regions")
    names = [name for rule in cell["biophysics"] for name in _names(rule)]
    if "segments" in cell and isinstance(cell["segments"], list):
        names += [name for rule in cell["segments"] for name in rule["in"]]
    by_name = [*cell.get("sets", {}), *cell.get("scales", {})]
    used = named_behind((*names, *(target.partition(".")[0] for target in by_name)), named)
    if used:
        cell["regions"] = {name: named[name] for name in named if name in used}


def _names(rule: doc.Rule) -> list[str]:
    return [*rule["in"], *rule.get("within", [])]


def _reach(rule: doc.Rule, shape: Shape, cases: list[Case]) -> set[Case]:
    """Return the cases that a rule means: any of `in`, and each of `within`."""
    return {
        case
        for case in cases
        if any(shape.means(name, case) for name in rule["in"])
        and all(shape.means(name, case) for name in rule.get("within", []))
    }


def _owners(rules: list[doc.Rule], shape: Shape, cases: list[Case], leaf: Leaf) -> dict[Case, int]:
    """Return, for each case in which the leaf has a value, the rule that it comes from."""
    owners: dict[Case, int] = {}
    for position, rule in enumerate(rules):
        if leaf.stands_in(rule):
            owners |= dict.fromkeys(_reach(rule, shape, cases), position)
        elif leaf.comes_with(rule):
            owners = dict.fromkeys(_reach(rule, shape, cases), position) | owners
    return owners


def _get(tree: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        tree = tree.get(part, {})
    return None if tree == {} else tree


def _set(tree: Any, path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value
