"""Where in a sweep file a key belongs, for messages about keys that stand elsewhere."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from spikesweep.errors import listing
from spikesweep.sweepfile.schema import schema

MOST = 3  # places; a key that has more, such as `of`, is a hint where one of them is the outermost
_NAME = "NAME"  # in a place: a name of the user's


def belongs(key: str, here: str) -> str:
    """Return ', which belongs at protocol.tstop' for a key that stands at few places, else ''.

    Args:
        here: where it was found, such as figures[0]; '' for the beginning of a line.
    """
    found = f"{here}.{key}" if here else key
    places, kinds = [], []
    for place in _places().get(key, []):
        path, _, kind = place.partition(" of kind ")
        if kind:
            kinds.append(kind.rpartition(".")[0])
        elif re.fullmatch(re.escape(path).replace(_NAME, "[^.]+"), re.sub(r"\[\d+\]", "[]", found)):
            return ""  # it belongs here, in another form of this part
        else:
            places.append(path)
    if len(places) > MOST:
        least = min(place.count(".") for place in places)
        places = [place for place in places if place.count(".") == least]
    if key in places:
        return ", which is a key of its own at the beginning of a line"
    if places:
        return f", which belongs at {' or '.join(places)}" if len(places) <= MOST else ""
    return f", which belongs to figures of kind {listing(kinds)}" if kinds else ""


@cache
def _places() -> dict[str, list[str]]:
    """Return the places of all keys, by their last one; NAME stands for names of the user's."""
    whole = schema()
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path in _keys(whole, whole["$defs"], "", ()):
        found[path.rpartition(".")[2]][path] = None
    return {key: list(paths) for key, paths in found.items()}


def _keys(
    node: Mapping[str, Any], known: Mapping[str, Any], path: str, within: tuple[str, ...]
) -> Iterator[str]:
    if reference := node.get("$ref"):
        name = reference.rpartition("/")[2]
        if name not in within:
            yield from _keys(known[name], known, path, (*within, name))
        return
    for choice in ("anyOf", "oneOf", "allOf"):
        for one in node.get(choice, ()):
            yield from _keys(one, known, path, within)
    kind = node.get("properties", {}).get("kind", {}).get("const")
    path = f"{path} of kind {kind}" if kind else path
    for name, part in node.get("properties", {}).items():
        inside = f"{path}.{name}" if path else name
        yield inside
        yield from _keys(part, known, inside, within)
    for part in (node.get("additionalProperties"), *node.get("patternProperties", {}).values()):
        if isinstance(part, dict):
            yield from _keys(part, known, f"{path}.{_NAME}", within)
    if isinstance(node.get("items"), dict):
        yield from _keys(node["items"], known, f"{path}[]", within)
