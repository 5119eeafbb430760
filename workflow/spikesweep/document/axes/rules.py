"""Biophysics rules of a document: where they set a quantity, and room for an axis to set it."""

from dataclasses import dataclass
from typing import Any

from spikesweep.document.shape import Case, Shape, named_behind
from spikesweep.products.slots import SlotPath


@dataclass(frozen=True)
class Leaf:
    """A quantity in a biophysics rule: where it stands there, and its value when left out."""

    path: tuple[str, ...]
    unit: str
    default: float | None

    def stands_in(self, rule: dict) -> bool:
        """Return whether a rule gives it a value."""
        return _get(rule, self.path) is not None

    def comes_with(self, rule: dict) -> bool:
        """Return whether a rule inserts its mechanism, and so gives it the default."""
        is_parameter = self.default is not None and self.path[0] == "insert"
        return is_parameter and self.path[1] in rule.get("insert", {})


def rule_paths(
    rules: list[dict], region: str, shape: Shape, leaf: Leaf, place: str
) -> list[SlotPath]:
    """Return where the rules set a leaf in a region, and nowhere else; adds rules where needed.

    A rule that reaches further is followed by a copy of it `within` the region. Where a mechanism
    is inserted without the parameter, after a rule that sets it, the copy comes first of all, so
    that the other still wins where both hold.

    Raises:
        UserError: too many regions with conditions are involved.
    """
    involved = [rule for rule in rules if leaf.stands_in(rule) or leaf.comes_with(rule)]
    cases = shape.cases([region, *(name for rule in involved for name in _names(rule))], place)
    chosen = {case for case in cases if shape.means(region, case)}
    owners = _owners(rules, shape, cases, leaf)
    paths: list[SlotPath] = []
    first: list[dict] = []
    for position in sorted(set(owners.values()), reverse=True):
        holds_in = {case for case, owner in owners.items() if owner == position}
        if not holds_in & chosen:
            continue
        rule = rules[position]
        value = _get(rule, leaf.path) if leaf.stands_in(rule) else leaf.default
        within = {"in": rule["in"], "within": [*rule.get("within", []), region]}
        if not leaf.stands_in(rule) and holds_in != _reach(rule, shape, cases):
            _set(within, leaf.path, value)
            first.append(within)
            continue
        if not holds_in <= chosen:
            position += 1
            rules.insert(position, within)
            paths = [(p + 1, *rest) for p, *rest in paths]
        _set(rules[position], leaf.path, value)
        paths.append((position, *leaf.path))
    rules[:0] = first
    shifted = [(position + len(first), *rest) for position, *rest in paths[::-1]]
    return [*((position, *leaf.path) for position in range(len(first))), *shifted]


def rules_inserting(
    rules: list[dict], region: str, shape: Shape, mechanism: str, place: str
) -> tuple[list[int], list[int]]:
    """Return the rules that insert a mechanism in a region: within it alone, and beyond it."""
    involved = [rule for rule in rules if mechanism in rule.get("insert", {})]
    cases = shape.cases([region, *(name for rule in involved for name in _names(rule))], place)
    chosen = {case for case in cases if shape.means(region, case)}
    inside, beyond = [], []
    for position, rule in enumerate(rules):
        reach = _reach(rule, shape, cases) if rule in involved else set()
        if reach & chosen:
            (inside if reach <= chosen else beyond).append(position)
    return inside, beyond


def inserted_in(cell: dict[str, Any]) -> set[str]:
    """Return the density mechanisms that a cell's rules insert anywhere in it."""
    return {name for rule in cell["biophysics"] for name in rule.get("insert", {})}


def forget_regions(cell: dict) -> None:
    """Take out of a cell's document the named regions that nothing in it speaks of."""
    if "regions" not in cell:
        return
    named = cell.pop("regions")
    spatial = cell.get("segments") if isinstance(cell.get("segments"), list) else []
    names = [name for rule in (*cell["biophysics"], *spatial) for name in _names(rule)]
    by_name = [target for kind in ("sets", "scales") for target in cell.get(kind, {})]
    used = named_behind((*names, *(target.partition(".")[0] for target in by_name)), named)
    if used:
        cell["regions"] = {name: named[name] for name in named if name in used}


def _names(rule: dict) -> list[str]:
    return [*rule["in"], *rule.get("within", [])]


def _reach(rule: dict, shape: Shape, cases: list[Case]) -> set[Case]:
    """Return the cases that a rule means: any of `in`, and each of `within`."""
    return {
        case
        for case in cases
        if any(shape.means(name, case) for name in rule["in"])
        and all(shape.means(name, case) for name in rule.get("within", []))
    }


def _owners(rules: list[dict], shape: Shape, cases: list[Case], leaf: Leaf) -> dict[Case, int]:
    """Return, for each case in which the leaf has a value, the rule that it comes from."""
    owners: dict[Case, int] = {}
    for position, rule in enumerate(rules):
        if leaf.stands_in(rule):
            owners |= dict.fromkeys(_reach(rule, shape, cases), position)
        elif leaf.comes_with(rule):
            owners = dict.fromkeys(_reach(rule, shape, cases), position) | owners
    return owners


def _get(tree: dict, path: tuple[str, ...]) -> Any:
    for part in path:
        tree = tree.get(part, {})
    return None if tree == {} else tree


def _set(tree: dict, path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value
