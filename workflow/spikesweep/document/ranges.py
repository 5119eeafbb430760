"""The ranges of quantities that NEURON takes, or clips, beyond them without a word."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products.slots import SlotPath

CABLE = "cable"  # what has Ra and cm
_RANGES: dict[tuple[str, str], tuple[Callable[[float], bool], str]] = {
    (CABLE, "Ra"): (lambda resistivity: resistivity > 0, "above 0"),
    (CABLE, "cm"): (lambda capacitance: capacitance > 0, "above 0"),
    ("NetStim", "noise"): (lambda part: 0 <= part <= 1, "of 0 to 1"),
}
_OF_CODE = re.compile(r"[^.(]+(?:\([^)]*\))?\.(Ra|cm)")  # dend(0.5).cm


def check_range(owner: str, name: str, value: Any, place: str) -> None:
    """Refuse a number beyond the range of what it is. An expression has a value at each place,
    which the simulation checks.

    Args:
        owner: `CABLE`, or the type of a process.
    """
    lies_within, words = _RANGES.get((owner, name), (lambda number: True, ""))
    if not isinstance(value, str) and not lies_within(value):
        raise UserError(f"{place}: {value:g}; expected a number {words}")


def owner_of(path: SlotPath, document: Mapping[str, Any]) -> tuple[str, str]:
    """Return whose quantity stands at a place of the document, as `check_range` asks, and which;
    ("", "") where no quantity has a range."""
    match path:
        case ("cells", _, "biophysics", _, str(name)):
            return CABLE, name
        case ("cells", _, "sets", str(target)) if of_code := _OF_CODE.fullmatch(target):
            return CABLE, of_code[1]
        case ("protocol", "processes", str(process), "parameters", str(name)):
            return document["protocol"]["processes"][process]["type"], name
    return "", ""
