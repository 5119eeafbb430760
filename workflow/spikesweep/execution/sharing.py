"""Packs: which simulations are integrated side by side."""

import hashlib
import json
import marshal
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from spikesweep.language import document as doc
from spikesweep.simulation.globals import pack_group

Member = tuple[str, doc.Document]  # key and document of a simulation

ROUNDING = 1e-9  # of a sum of shares
_BY_VALUE = 2  # of marshal: equal parts have equal bytes, in a seventh of the time of JSON


def models_of(members: Sequence[Member]) -> dict[str, str]:
    """Return the model of each simulation, by key: a hash of what its document says when its
    numbers are taken out.

    Simulations of one model have the same cells, sections, mechanisms (and sources), processes,
    connections and recordings, so that one of them can prove for all that they may be packed.
    """
    known: dict[int, str] = {}  # parts that documents share: they live as long as the members

    def model(document: doc.Document) -> str:
        own = [document.get(part) for part in ("cells", "protocol", "record", "mechanisms")]
        for part in own:
            if id(part) not in known:
                known[id(part)] = _part_of_model(marshal.dumps(part, _BY_VALUE))
        return _hash("\n".join([known[id(part)] for part in own]))

    return {key: model(document) for key, document in members}


_sorted_json = json.JSONEncoder(sort_keys=True).encode


@lru_cache(maxsize=1024)  # most models are those of many simulations
def _hash(model: str) -> str:
    return hashlib.sha256(model.encode()).hexdigest()


@lru_cache(maxsize=1024)  # most parts are those of many simulations
def _part_of_model(part: bytes) -> str:
    return _sorted_json(_without_numbers(marshal.loads(part)))


def share_out(
    members: Iterable[Member], share: Callable[[Member], float]
) -> Iterator[list[Member]]:
    """Yield packs of members that are equal in what is global, those of most time steps first.

    Args:
        share: part of a pack that a member takes, 1 or more for one that goes alone. Members that
            follow each other share a pack, so that they had best come model by model.
    """
    groups: dict[Hashable, list[Member]] = {}
    for member in members:
        groups.setdefault(pack_group(member[1]), []).append(member)
    for group in sorted(groups.values(), key=lambda group: _steps(group[0]), reverse=True):
        pack, taken = [], 0.0
        for member in group:
            part = share(member)
            if pack and taken + part > 1 + ROUNDING:
                yield pack
                pack, taken = [], 0.0
            pack.append(member)
            taken += part
        yield pack


def _steps(member: Member) -> float:
    protocol = member[1]["protocol"]
    return (protocol["tstop"] + protocol.get("settle", 0)) / protocol.get("dt", 1)


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_numbers(inner) for inner in value]
    return value if isinstance(value, str) else None
