"""What is printed on a figure: quantities with their units, and numbers a reader can take in."""

import re
from collections.abc import Collection, Iterable, Sized
from dataclasses import dataclass

import numpy as np

MINUS, TIMES = "\u2212", "\u00d7"  # as printed; the hyphen is too short
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BASE_UNIT = r"(?:mol|[oO]hm|Hz|M|m|S|F|A|V|s|W|J|C|L|l|g)"
_TYPOGRAPHY = (
    (re.compile(r"\s*(\*\*|\*|/|\^)\s*"), r"\1"),
    (re.compile(rf"(?<![A-Za-z])u(?={_BASE_UNIT}(?![A-Za-z]))"), "µ"),
    (re.compile(r"(?<![A-Za-z])([kMGmµ]?)[oO]hm(?![A-Za-z])"), r"\1Ω"),
    (re.compile(r"(?<![A-Za-z])(degC|degree_Celsius)(?![A-Za-z])"), "°C"),
)
_EXPONENT = re.compile(r"(?<=[A-Za-zµΩ])(?:\*\*|\^)?(-?\d+)")
_DIMENSIONLESS = {"", "1", "dimensionless"}


@dataclass(frozen=True)
class Quantity:
    """Something that a figure shows: its name in the data, its unit, and what to call it."""

    name: str
    unit: str = ""
    long_name: str = ""

    @property
    def title(self) -> str:
        """What it is called, without its unit."""
        return plain(self.long_name or self.name.replace("_", " "))

    @property
    def label(self) -> str:
        """The label of an axis or a colour bar: "dose (µM)"; a plain number shows no unit."""
        unit = unit_text(self.unit)
        return f"{self.title} ({unit})" if unit else self.title

    def value_text(self, text: str) -> str:
        """A value of it (as printed) with its unit: "30 µM"."""
        return f"{text} {unit_text(self.unit)}".strip()


@dataclass(frozen=True)
class Axis(Quantity):
    """A swept quantity and all its values in the sweep, numbers or names.

    coloured: the values among which colours are shared out, where several panels share them.
    """

    values: tuple = ()
    coloured: tuple = ()

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers (True and False are names)."""
        return all(is_number(value) for value in self.values)

    def text(self, value) -> str:
        """A value as printed, in as many digits as tell the axis's values apart."""
        return dict(zip(self.values, value_texts(self.values), strict=True))[value]

    def text_with_unit(self, value) -> str:
        """A value and its unit: "30 µM"."""
        return self.value_text(self.text(value))


def averaged(
    names: str,
    sites: Sized,
    spread: str = "",
    number: str = "",
    with_value: Collection[int] = (),
) -> str:
    """Say over what a number is a mean: over axes, by their names, and over the copies of a site.

    Args:
        spread: what is shown of the axes beside the mean, "± SD".
        number: of how many values, "n = 5 simulations".
        with_value: how many of the copies have a value, where these differ from all of them.
    """
    counted = f" ({number})" if number else ""
    parts = [f"mean {spread}".strip() + f" over {names}{counted}"] if names else []
    each = "each the " if names else ""
    parts += [f"{each}mean over {_cells(len(sites), with_value)}"] if len(sites) > 1 else []
    return ", ".join(parts)


def without(number: int, simulations: int, why: str) -> str:
    """Say how many of the simulations a figure leaves out, and why: they "failed", "are undefined";
    '' of none."""
    return f"without {number} of {simulations} simulations, which {why}" if number else ""


def span_text(numbers: Collection[int]) -> str:
    """Return numbers of what is counted as they are told: "3", "3 to 4"; "0" without any."""
    ends = sorted({min(numbers), max(numbers)}) if numbers else [0]
    return " to ".join(map(str, ends))


def _cells(number: int, with_value: Collection[int]) -> str:
    if {*with_value} <= {number}:
        return f"{number} cells"
    return f"the {span_text(with_value)} of {number} cells that have a value"


def is_number(value) -> bool:
    """Whether a value is a number; True and False are names."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def plain(text: str) -> str:
    """Return the text such that matplotlib prints a dollar sign and does not read mathematics."""
    return str(text).replace("$", r"\$")


def unit_text(unit: str) -> str:
    """Return a unit as it is printed: uF/cm**2 -> µF/cm², degC -> °C, 1 -> nothing.

    Read are the spellings of sweep files, of NEURON (S/cm2) and of UDUNITS (S cm-2).
    """
    unit = (unit or "").strip()
    if unit in _DIMENSIONLESS:
        return ""
    for pattern, printed in _TYPOGRAPHY:
        unit = pattern.sub(printed, unit)
    unit = _EXPONENT.sub(lambda power: power[1].translate(_SUPERSCRIPT), unit)
    return plain(unit.replace("*", "·"))


def number_text(number: float, digits: int = 3) -> str:
    """Return a number in `digits` significant digits; whole numbers up to a million in full."""
    return number_texts([number], digits)[0]


def number_texts(numbers: Iterable[float], digits: int = 3) -> list[str]:
    """Return numbers that stand side by side in one notation, as `number_text` does each alone.

    Where only some are so large or small that they would be powers of ten, all of them are, or
    none is, whichever is shorter: 0, 10⁻⁵, 10⁻⁴, but 65, 123456, 2000000.
    """
    numbers = [float(number) + 0.0 for number in numbers]  # no -0
    decimals = [_decimal_text(number, digits) for number in numbers]
    if not any(_is_extreme(number, digits) for number in numbers):
        return decimals
    powers = [_power_text(number, digits) for number in numbers]
    mixed = not all(_is_extreme(number, digits) for number in numbers if number)
    return decimals if mixed and _length(decimals) <= _length(powers) else powers


def _is_extreme(number: float, digits: int) -> bool:
    """Whether a number alone would be printed as a power of ten."""
    in_full = number.is_integer() and abs(number) < 1e6
    return not in_full and "e" in f"{number:.{digits}g}"


def _decimal_text(number: float, digits: int) -> str:
    """Return a number without a power of ten; of what lies before the point no digit is lost."""
    before = int(f"{number:e}".partition("e")[2] or 0) + 1
    rounded = float(f"{number:.{max(digits, before)}g}")
    return np.format_float_positional(rounded, trim="-").replace("-", MINUS)


def _power_text(number: float, digits: int) -> str:
    """Return a number as a power of ten, times what is not 1."""
    if number == 0 or not np.isfinite(number):
        return _decimal_text(number, digits)
    mantissa, exponent = f"{number:.{digits - 1}e}".split("e")
    mantissa = np.format_float_positional(float(mantissa), trim="-")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPT)
    text = power if mantissa == "1" else f"{mantissa}{TIMES}{power}"
    return text.replace("-", MINUS)


def _length(texts: Iterable[str]) -> int:
    return sum(map(len, texts))


def value_texts(values: Iterable) -> list[str]:
    """Return the values as printed; numbers in the fewest digits (3 to 15) that tell them apart."""
    values = list(values)
    if not all(is_number(value) for value in values):
        return [plain(value) for value in values]
    for digits in range(3, 16):
        texts = number_texts(values, digits)
        if len(set(texts)) == len(set(values)):
            break
    return texts
