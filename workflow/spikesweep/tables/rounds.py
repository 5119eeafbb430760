"""What a design that grew by its own results asked for, in words."""

from collections.abc import Mapping
from typing import Any

from spikesweep.errors import listing

CLASS = "class"


def sentence(plan: Mapping[str, Any]) -> str:
    """Return how the points of a design were found, as a clause.

    Args:
        plan: what a plan says of rounds: asked, the part of the sweep file, and count, the most
            that there are; of its axes: name, unit and values; and `ran`, how many rounds
            simulated anything, as far as that is known.
    """
    rounds, asked = plan["rounds"], plan["rounds"]["asked"]
    how = _search if "axis" in asked else _map
    found = how(asked, {axis["name"]: axis for axis in plan["axes"]})
    return f"{found}, in {_number(plan.get('ran'), rounds['count'])}"


def _number(ran: int | None, most: int) -> str:
    """Return in how many rounds anything was simulated, of those that there may be."""
    if ran is None:
        return f"{most} rounds at most"
    told = f"{ran} round{'s' * (ran > 1)}"
    return told if ran == most else f"{told}, after which there was nothing left to find"


def _map(asked: Mapping[str, Any], axes: Mapping[str, Any]) -> str:
    points = " x ".join(str(len(axes[name]["values"])) for name in asked["axes"])
    tolerance = f" by more than {asked['tolerance']:g}" if asked["tolerance"] else ""
    first = min(asked["first"], asked["to"])
    return (
        f"of the {points} points over {' and '.join(asked['axes'])} those that lie between others "
        f"that differ in {_quantity(asked['by'], asked)}{tolerance}, from {first} steps an axis on"
    )


def _search(asked: Mapping[str, Any], axes: Mapping[str, Any]) -> str:
    at = asked["at"]
    reached = f"is {listing(at)}" if isinstance(at, list) else f"is {at:g} or more"
    unit = axes[asked["axis"]]["unit"]
    width = asked["to"] if isinstance(asked["to"], str) else f"{asked['to']:g} {unit}".strip()
    return (
        f"by bisection along {asked['axis']} the value from which on "
        f"{_quantity(asked['of'], asked)} {reached}, to brackets of {width} where values that were "
        "tried enclose it"
    )


def _quantity(name: str, asked: Mapping[str, Any]) -> str:
    of = "the class of firing" if name == CLASS else name
    return f"{of} of {asked['site']}" if asked["site"] else of
