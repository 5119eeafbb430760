"""Text with units becomes numbers in NEURON's units, once, when a sweep file is read."""

import math
import re
from functools import cache
from typing import Any

from spikesweep.errors import UserError, cut

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")
# One of a kind, as NEURON counts lengths, areas, times and so on.
NEURON_UNITS = (
    *("um", "um2", "ms", "/ms", "degC", "mV", "nA", "mA/cm2", "uS", "S/cm2"),
    *("Mohm", "ohm*cm", "nF", "uF/cm2", "mM"),
)
_DIMENSIONLESS = {"", "1", "dimensionless"}
_NO_TEMPERATURES = {"C": "coulomb", "F": "farad"}
# Names with small powers. pint works out all that it is given, 9**9**9 as well.
_POWER = r"(?:\*\*-?\d)?"
_NAMED = rf"\(*[A-Za-z_%]+{_POWER}(?:\){_POWER})*"
_UNIT = re.compile(rf"1?/?{_NAMED}(?:[*/]{_NAMED})*")
# What the field writes and pint reads otherwise or not at all.
_FIELD_SPELLINGS = (
    (re.compile(r"[µμ]"), "u"),
    (re.compile(r"²"), "2"),
    (re.compile(r"Ω"), "ohm"),
    (re.compile(r"\bmegohms?\b"), "Mohm"),
    (re.compile(r"\bmho\b"), "S"),
    (re.compile(r"\bmsec\b"), "ms"),
    (re.compile(r"\bmicrons?\b"), "um"),
    (re.compile(r"°C|\bcelsius\b"), "degC"),
    (re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])"), "*"),
    (re.compile(r"(?<=[A-Za-z])(-?[1-9])\b"), r"**\1"),
    (re.compile(r"\^"), "**"),
)


def is_quantity(text: str) -> bool:
    """Return whether text is a number with or without a unit, and not an expression."""
    match = _QUANTITY.fullmatch(text)
    return (
        match is not None
        and re.fullmatch(r"[\w°µμΩ*/^. ()-]*", match[2]) is not None
        and not (re.match(r"[*/^+-]", match[2]))
    )


def normal_unit(unit: str) -> str:
    """Return a unit in the one spelling that pint reads: 'S/cm2' -> 'S/cm**2'."""
    if whole := re.fullmatch(r"\s*\(([^()]*)\)\s*", unit):
        unit = whole[1]
    unit = unit.strip()
    for pattern, replacement in _FIELD_SPELLINGS:
        unit = pattern.sub(replacement, unit)
    unit = "" if unit in _DIMENSIONLESS else re.sub(r"(?<=\w) +(?=\w)", "*", unit).replace(" ", "")
    return f"1{unit}" if unit.startswith("/") else unit  # NMODL's (/ms)


def to_number(value: object, unit: str, place: str) -> float:
    """Return a quantity as a number in `unit`.

    Args:
        value: a number, which is taken to be in `unit`, or text such as "0.3 nA".
        unit: what NEURON expects, in any spelling that pint or the field uses; '' for none.
        place: file and key, for the message.

    Raises:
        UserError: not a number, not finite, or a unit of another dimension.
    """
    expected = f"a number, or one with a unit that converts to {unit}" if unit else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UserError(f"{place}: {value!r} is not a quantity; expected {expected}")
    if isinstance(value, str):
        match = _QUANTITY.fullmatch(value)
        if match is None:
            raise UserError(f'{place}: "{value}" is not a quantity; expected {expected}')
        number = _converted(float(match[1]), match[2], unit, place, value)
    else:
        number = _as_float(value)
    if not math.isfinite(number):
        raise UserError(f"{place}: {cut(str(value))} is not finite; expected {expected}")
    return number + 0.0  # -0.0 and 0.0 are one value


def to_neuron_unit(value: object, place: str) -> tuple[float, str]:
    """Return a quantity in NEURON's unit of its kind, and that unit: "0.3 mm" -> 300.0, "um".

    A number without a unit stays as it is; its unit is ''.

    Raises:
        UserError: not a finite number, or a unit of a kind that NEURON has none of.
    """
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or not normal_unit(match[2]):
        return to_number(value, "", place), ""
    to_number(match[1], "", place)  # refuses what is not finite, in those words
    for unit in NEURON_UNITS:
        try:
            return to_number(value, unit, place), unit
        except UserError:
            continue
    raise UserError(
        f'{place}: "{cut(match[2])}" in "{cut(str(value))}" is no unit that converts to one of '
        f"NEURON's; expected no unit, or one that converts to one of: {', '.join(NEURON_UNITS)}"
    )


def _as_float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf


def rounded(number: float) -> float:
    """Round to 15 significant digits: pint gives 300 pA as 0.29999999999999993 nA."""
    return float(f"{number:.15g}")


def convert(number: float, unit: str, target: str, place: str) -> float:
    """Return a number given in one unit in another."""
    return _converted(number, unit, target, place, f"{number} {unit}")


def _converted(number: float, unit: str, target: str, place: str, written: str) -> float:
    source, wanted = normal_unit(unit), normal_unit(target)
    if source in ("", wanted):
        return number
    import pint

    if not all(_UNIT.fullmatch(u) for u in (source, wanted) if u):
        raise _unknown_unit(unit, target, place, written)
    try:
        return rounded(_registry().Quantity(number, source).to(wanted).magnitude)
    except pint.DimensionalityError:
        expected = f"expected one that converts to {target}" if wanted else "expected no unit"
        if wanted == "degC" and source in _NO_TEMPERATURES:
            expected = f"{source} is the {_NO_TEMPERATURES[source]}; expected deg{source}"
        raise UserError(f'{place}: "{written}" has the wrong kind of unit; {expected}') from None
    except Exception:  # pint raises many kinds for text that is no unit
        raise _unknown_unit(unit, target, place, written) from None


def _unknown_unit(unit: str, target: str, place: str, written: str) -> UserError:
    expected = f"one that converts to {target}" if normal_unit(target) else "no unit"
    if unit.startswith(",") and unit[1:2].isdigit():
        return UserError(f'{place}: "{cut(written)}"; expected a decimal point, not a comma')
    return UserError(
        f'{place}: "{cut(unit)}" in "{cut(written)}" is not a known unit; expected {expected}'
    )


@cache
def _registry() -> Any:
    import pint  # costs 0.3 s: only sweeps that use other units than NEURON's pay it

    return pint.UnitRegistry()
