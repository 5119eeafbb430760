"""Connections of a sweep file as the simulation document writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from spikesweep.document.known import KnownModel
from spikesweep.document.mistakes import each
from spikesweep.document.parameters import Parameters
from spikesweep.document.quantity import Quantity
from spikesweep.document.sites import check_site, event_source, refuse_threshold
from spikesweep.errors import UserError
from spikesweep.language import document as doc
from spikesweep.language.expressions import CONNECTION_VARIABLES, compile_expression
from spikesweep.language.names import base, join, parse_site, split, split_parts
from spikesweep.language.units import to_number
from spikesweep.mechanisms.mechanism import Variable
from spikesweep.simulation.wiring import Pair, pairs
from spikesweep.sweepfile.networks import Connection, GapJunction, Selection
from spikesweep.sweepfile.quantities import is_expression

# Of a process that a cell's own code has made: its kind is not known, nor are their units.
WEIGHTS_OF_CODE = tuple(Variable(join("weight", i)) for i in range(8))


def connections_document(
    connections: Mapping[str, Connection], model: KnownModel, place: str
) -> dict[str, doc.Connection]:
    """Return the document of all connections.

    Raises:
        UserError: an unknown place or process, one that receives no events, a wrong weight, or a
            pattern that does not fit the numbers of copies.
    """
    return each(
        lambda name, connection: _connection(connection, model, f"{place}.{name}"), connections
    )


def _connection(connection: Connection, model: KnownModel, place: str) -> doc.Connection:
    source = event_source(connection.from_, model, f"{place}.from")
    if isinstance(source, str):
        refuse_threshold(connection, source, place)
    ends = _Ends(
        _standing(connection.from_, model, f"{place}.from"),
        _standing(connection.to, model, f"{place}.to"),
    )
    weights = weights_of(connection.to, model, f"{place}.to")
    document: doc.Connection = {
        "from": source,
        "to": connection.to,
        "delay": _delay(connection.delay, model.parameters, f"{place}.delay"),
        "weight": _weight(connection.weight, weights, model.parameters, f"{place}.weight"),
    }
    if not isinstance(source, str):
        document["threshold"] = connection.threshold
    _check_distance(document, ends, model, place)
    if pattern := _pattern(connection, ends, place):
        document["pattern"] = pattern
        if connection.self_connections:
            document["self_connections"] = True
    return document


def known_pairs(
    connections: Mapping[str, Connection], model: KnownModel, place: str
) -> dict[str, list[Pair] | None]:
    """Return which copies the NetCons of each connection join: None of one without a pattern; those
    that chance makes are left out."""
    joined: dict[str, list[Pair] | None] = {}
    for name, connection in connections.items():
        pattern, where = connection.pattern, f"{place}.{name}"
        if isinstance(pattern, Selection) and pattern.is_drawn:
            continue
        if pattern is None:
            joined[name] = None
            continue
        sources, targets = (
            _standing(end, model, where) for end in (connection.from_, connection.to)
        )
        asked = _selection(pattern) if isinstance(pattern, Selection) else pattern
        itself = connection.self_connections
        joined[name] = pairs(asked, sources, targets, lambda i, j: 0.0, self_connections=itself)
    return joined


def recorded_weight(
    text: str, every: doc.Interval, model: KnownModel, place: str
) -> tuple[doc.WeightTrace, Quantity] | None:
    """Return the document of a weight that a text, `input[3].weight[1]`, names, and what it is;
    None where it names no connection.

    Raises:
        UserError: no such weight or connection of that number, or one that chance makes.
    """
    head, *rest = split_parts(text.strip())
    name, index = split(head)
    if name not in model.connections or name in model.cells or name in model.processes:
        return None
    weights = weights_of(model.connections[name]["to"], model, place)
    known = {join("weight", i): i for i in range(len(weights))} | {"weight": 0}
    variable = ".".join(rest)
    if variable not in known:
        raise UserError(
            f'{place}: "{text}"; expected {name}.weight, or of several {name}.weight[1]'
        )
    if name not in model.netcons:
        raise UserError(
            f"{place}: chance makes the connections of {name}, so that nobody knows before which "
            "there are; expected another pattern"
        )
    count = model.netcons[name]
    if (index is not None and count is None) or (index or 0) >= (count or 1):
        raise UserError(f'{place}: "{text}": {name} makes {count or 1} of them, from [0] on')
    weight = weights[known[variable]]
    quantity = Quantity(weight.unit or "", f"{weight.name} of {head}{_ends_of(name, index, model)}")
    trace: doc.WeightTrace = {
        "connection": name,
        "index": index or 0,
        "variable": join("weight", known[variable]),
        "every": every,
    }
    return trace, quantity


def _ends_of(name: str, index: int | None, model: KnownModel) -> str:
    """Return what a connection's NetCon of this number joins: ", from exc[2] to synapse[0]"; '' of
    a connection without a pattern, which makes one."""
    joined = model.pairs[name]
    if not joined:
        return ""
    connection = model.connections[name]
    source = connection["from"] if isinstance(connection["from"], str) else connection["from"][0]
    ends = zip((source, connection["to"]), joined[index or 0], strict=True)
    words = (end if model.counts.get(end) is None else join(end, copy) for end, copy in ends)
    return ", from {} to {}".format(*words)


def gap_junctions_document(
    gap_junctions: Mapping[str, GapJunction], model: KnownModel, place: str
) -> dict[str, doc.GapJunction]:
    """Return the document of all gap junctions.

    Raises:
        UserError: an unknown place, one with extracellular, a wrong conductance or pattern.
    """
    return {
        name: _gap_junction(junction, model, f"{place}.{name}")
        for name, junction in gap_junctions.items()
    }


def _gap_junction(junction: GapJunction, model: KnownModel, place: str) -> doc.GapJunction:
    sites = [
        check_site(parse_site(text), model, f"{place}.between[{i}]")
        for i, text in enumerate(junction.between)
    ]
    for site in sites:
        cell = model.cell(site.cell)
        if "extracellular" in cell.inserted and not cell.by_code:
            raise UserError(
                f"{place}: extracellular is inserted in {site.cell}, over which a gap junction "
                "cannot reach; expected a cell without it"
            )
    g = to_number(junction.g, "uS", f"{place}.g")
    if g < 0:
        raise UserError(f"{place}.g: {g:g} uS; expected 0 or more")
    if isinstance(junction.pattern, Selection) and junction.pattern.is_drawn:
        raise UserError(
            f"{place}.pattern: gap junctions are not drawn; expected {{pairs: [[0, 1]]}}, which "
            "says which"
        )
    ends = _Ends(*(model.cells_meant(site.cell, place) for site in sites))
    document: doc.GapJunction = {"from": sites[0].location, "to": sites[1].location, "g": g}
    if pattern := _pattern(junction, ends, place):
        document["pattern"] = pattern
    elif document["from"] == document["to"]:
        raise UserError(f"{place}.between: a place and itself; expected two places")
    return document


@dataclass(frozen=True)
class _Ends:
    """The cells where the copies of a connection may begin, and those where they may end."""

    sources: list[str]
    targets: list[str]

    @property
    def numbers(self) -> str:
        return f"from {len(self.sources)} to {len(self.targets)}"


def _standing(text: str, model: KnownModel, place: str) -> list[str]:
    """Return the cells that an end of a connection stands in, copy by copy; of an artificial cell,
    which stands in none, its own name."""
    head = split_parts(text.strip())[0]
    name, index = split(head)
    if name in model.cells:
        return model.cells_meant(head, place)
    copies = model.processes_meant(text, place)
    if "at" not in model.processes[name]:
        return copies
    cell = model.processes[name]["at"][0]
    return model.cells_meant(join(cell, index), place)


def _check_distance(document: doc.Connection, ends: _Ends, model: KnownModel, place: str) -> None:
    """Refuse an expression of distance where an artificial cell is, which stands nowhere."""
    every = [*ends.sources, *ends.targets]
    nowhere = [end for end in every if base(end) not in model.cells]
    weight = document["weight"]
    weights = weight if isinstance(weight, list) else [weight]
    for name, values in {"delay": [document["delay"]], "weight": weights}.items():
        if nowhere and any(_speaks_of_distance(value, model.parameters) for value in values):
            raise UserError(
                f"{place}.{name}: an expression of distance, but {nowhere[0]} is an artificial "
                "cell, which stands nowhere; expected none"
            )


def _speaks_of_distance(value: float | str, parameters: Parameters) -> bool:
    known = [*CONNECTION_VARIABLES, *parameters.values]
    return isinstance(value, str) and "distance" in compile_expression(value, known).names


def weights_of(process: str, model: KnownModel, place: str) -> tuple[Variable, ...]:
    """Return what the weights of a connection to a process are.

    Raises:
        UserError: a process that receives no events.
    """
    mechanism = model.mechanism(process)
    if mechanism is None:
        return WEIGHTS_OF_CODE
    if not mechanism.receives:
        raise UserError(
            f"{place}: {process} is an {mechanism.name}, which receives no events; "
            "expected a synapse, such as an ExpSyn"
        )
    return mechanism.weights


def draws(connections: Mapping[str, Connection]) -> bool:
    """Return whether chance decides which copies are connected."""
    patterns = (connection.pattern for connection in connections.values())
    return any(isinstance(pattern, Selection) and pattern.is_drawn for pattern in patterns)


def _delay(delay: float | str, parameters: Parameters, place: str) -> float | str:
    number = _number(delay, "ms", parameters, place)
    if not isinstance(number, str) and number < 0:
        raise UserError(f"{place}: {number:g} ms; expected 0 or more")
    return number


def _weight(weight: Any, weights: tuple[Variable, ...], parameters: Parameters, place: str) -> Any:
    """Return one weight, or a list of several, each in its unit."""
    several = weight if isinstance(weight, list) else [weight]
    if len(several) > len(weights):
        raise UserError(
            f"{place}: {len(several)} weights; expected at most {len(weights)}: "
            f"{', '.join(variable.name for variable in weights)}"
        )
    numbers = [
        _number(value, variable.unit, parameters, place)
        for value, variable in zip(several, weights, strict=False)
    ]
    return numbers if isinstance(weight, list) else numbers[0]


def _number(value: float | str, unit: str, parameters: Parameters, place: str) -> float | str:
    if is_expression(value):
        return parameters.check(str(value), CONNECTION_VARIABLES, place)
    return to_number(value, unit, place)


def _pattern(
    connection: Connection | GapJunction, ends: _Ends, place: str
) -> Literal["one_to_one", "ring", "all"] | doc.Selection | None:
    """Return a pattern as documents write it; None for one connection.

    Raises:
        UserError: none where it is needed, or one that does not fit the numbers of copies.
    """
    pattern, place = connection.pattern, f"{place}.pattern"
    if pattern is None:
        if len(ends.sources) > 1 or len(ends.targets) > 1:
            raise UserError(
                f"{place}: this key is required {ends.numbers}; expected one_to_one, ring, all, "
                "{probability: 0.1}, {indegree: 5} or {pairs: [[0, 1]]}"
            )
        return None
    may_meet_itself = set(ends.sources) & set(ends.targets) and not connection.self_connections
    if isinstance(pattern, Selection):
        _check_selection(pattern, ends, bool(may_meet_itself), place)
    elif pattern != "all" and len(ends.sources) != len(ends.targets):
        raise UserError(f"{place}: {pattern} {ends.numbers}; expected as many")
    if pattern == "one_to_one" and may_meet_itself:
        raise UserError(
            f"{place}: one_to_one connects each cell to itself; expected ring, or "
            "self_connections: true"
        )
    return _selection(pattern) if isinstance(pattern, Selection) else pattern


def _selection(selection: Selection) -> doc.Selection:
    if selection.probability is not None:
        return {"probability": selection.probability}
    if selection.indegree is not None:
        return {"indegree": selection.indegree}
    return {"pairs": [list(pair) for pair in selection.pairs or ()]}


def _check_selection(selection: Selection, ends: _Ends, may_meet_itself: bool, place: str) -> None:
    others = len(ends.sources) - may_meet_itself
    if selection.indegree is not None and selection.indegree > others:
        raise UserError(
            f"{place}.indegree: {selection.indegree} sources of each target, of which there are "
            f"{others}; expected at most so many"
        )
    pairs = [tuple(pair) for pair in selection.pairs or ()]
    for pair in pairs:
        if pair[0] >= len(ends.sources) or pair[1] >= len(ends.targets):
            raise UserError(
                f"{place}.pairs: {list(pair)} {ends.numbers}; expected indices from 0 on"
            )
    if len(set(pairs)) < len(pairs):
        raise UserError(f"{place}.pairs: a pair stands twice; expected each pair once")
