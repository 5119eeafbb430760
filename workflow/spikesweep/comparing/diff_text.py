"""A difference between two sides, as `spikesweep diff` prints it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from spikesweep.comparing.diff import Difference, diff, is_planned, place
from spikesweep.comparing.sides import Side, TwoSides
from spikesweep.comparing.simulations import Reason
from spikesweep.comparing.statistics import Moved, Movement
from spikesweep.errors import listing
from spikesweep.products.plan_file import PlanFile, Row

_MOST = 10  # lines of one kind


def tell_all(sides: Mapping[str, TwoSides]) -> str:
    """Return what differs between two sides of all sweeps as text; of several, those in which
    nothing differs are one line."""
    told, equal = [], []
    for sweep, (old, new) in sides.items():
        difference = diff(old, new) if is_planned(old) and is_planned(new) else None
        if len(sides) > 1 and difference is not None and difference.is_none:
            equal.append(sweep)
        else:
            told.append(_tell(sweep, old, new, difference))
    if equal:
        told.append(f"nothing differs in {listing(equal)}")
    return "\n".join(told)


def _tell(sweep: str, old: Side | None, new: Side | None, difference: Difference | None) -> str:
    if difference is None:
        return "\n".join([sweep, f"  a  {_lacking(old)}", f"  b  {_lacking(new)}"])
    old, new = difference.old, difference.new
    lines = [sweep, f"  a  {_side(old)}", f"  b  {_side(new)}"]
    if difference.is_none:
        count = _count(new.plan["simulations"])
        return "\n".join([*lines, f"  equal: the same specification, {count}, the same products"])
    for title, found in (
        ("specification", difference.specification),
        ("products", list(_products(difference.products))),
        ("versions", difference.versions),
        ("requirements.lock", difference.locked),
        ("simulations", list(_simulations(difference))),
        ("statistics", list(_statistics(difference))),
    ):
        if found:
            lines += [f"  {title}", *(f"    {line}" for line in found)]
    return "\n".join(lines)


def _lacking(side: Side | None) -> str:
    if side is None:
        return "has no such sweep"
    if side.problem:
        return f"{_side(side)}: cannot be planned: {side.problem}"
    return f"{_side(side)}: {_count(side.plan['simulations'])}"


def _side(side: Side) -> str:
    when = f" ({side.commit}, {side.date})" if side.commit else ""
    how = "" if side.ran else ", planned with the packages here"
    return f"{side.label}{when}{how}{f'; {side.unknown}' if side.unknown else ''}"


def _count(number: int, what: str = "simulation") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= _MOST:
        return lines
    return [*lines[: _MOST - 1], f"... and {len(lines) - _MOST + 1} more, see --json"]


def _products(products: dict[str, list[str]]) -> Iterator[str]:
    """Yield a line for each product; what changed of its code is told in one word."""
    for name, reasons in products.items():
        told = [reason for reason in reasons if not reason.startswith("code ")]
        modules = [reason[5:].partition(":")[0] for reason in reasons if reason.startswith("code ")]
        code = [f"code of {listing(modules, _MOST)}"] if modules else []
        yield f"{name}: {'; '.join(_cut([*told, *code]))}"


def _simulations(difference: Difference) -> Iterator[str]:
    """Yield how many simulations are the same, changed, new, gone; and each reason once."""
    found = difference.simulations
    old, new = difference.old.plan, difference.new.plan
    # Of a design that follows from results some simulations may only not be known yet.
    is_new = "in b alone so far" if difference.old.unknown else "new"
    is_gone = "in a alone so far" if difference.new.unknown else "gone"
    yield (
        f"{old['simulations']} -> {new['simulations']}: {len(found.same)} the same, "
        f"{len(found.changed)} changed, {len(found.new)} {is_new}, {len(found.gone)} {is_gone}"
    )
    changed = [(pair.new, pair.reasons) for pair in found.changed]
    yield from _with_reasons("changed", new, changed)
    if not difference.old.unknown:
        yield from _with_reasons("new", new, found.new)
    if not difference.new.unknown:
        yield from _with_reasons("gone", old, found.gone)


def _with_reasons(
    fate: str, plan: PlanFile, simulations: Iterable[tuple[Row, tuple[Reason, ...]]]
) -> Iterator[str]:
    """Yield a line for each kind of reasons, with one simulation that has them as example."""
    alike: dict[tuple, list[tuple[Row, tuple[Reason, ...]]]] = defaultdict(list)
    for row, reasons in simulations:
        places = ((kind, what.partition(": ")[0]) for kind, what in reasons)
        alike[tuple(places)].append((row, reasons))
    lines = []
    for those in alike.values():
        row, reasons = those[0]
        example = "at" if len(those) == 1 else "such as at"
        told = "; ".join(map(_reason, reasons))
        lines.append(f"{fate} {len(those)}, {example} {_at(plan, row)}: {told}")
    yield from _cut(lines)


def _reason(reason: Reason) -> str:
    is_told = reason.what.startswith(reason.kind) or reason.kind in ("axis", "design")
    return reason.what if is_told else f"{reason.kind} {reason.what}"


def _at(plan: PlanFile, row: Row) -> str:
    values = [f"{axis}={value}" for axis, value in place(plan, row).items()]
    return " ".join(values) or "the only place"


def _statistics(difference: Difference) -> Iterator[str]:
    sides = {"a": difference.old, "b": difference.new}
    if lacking := [letter for letter, side in sides.items() if side.statistics is None]:
        yield f"not known: none are here of {' and '.join(lacking)}; snakemake makes them"
    if difference.statistics is not None:
        yield from _movement(difference.statistics, difference.new.plan)


def _movement(moved: Movement, plan: PlanFile) -> Iterator[str]:
    if not moved.columns and not moved.statuses:
        yield f"equal in all {_count(moved.compared)} that both have"
        return
    yield f"of {_count(moved.compared)} that both have (b - a)"
    statuses = Counter(moved.statuses)
    yield from (f"status {change}: {_count(number)}" for change, number in statuses.items())
    for one in moved.columns:
        yield f"{one.column} at {one.site}: {'; '.join(_numbers(one, plan))}"


def _numbers(moved: Moved, plan: PlanFile) -> Iterator[str]:
    unit = f" {moved.unit}" if moved.unit else ""
    if moved.differ:
        yield f"other in {moved.differ} of {moved.compared}, by {moved.mean:.4g}{unit} on average"
        yield (
            f"most at {_at(plan, moved.pair.new)}: {moved.old:.6g} -> {moved.new:.6g}{unit} "
            f"({moved.largest:+.4g})"
        )
    if moved.appeared:
        yield f"only b has a value in {moved.appeared}"
    if moved.vanished:
        yield f"only a has a value in {moved.vanished}"
