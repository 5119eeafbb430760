"""Names, numbers and units as the Methods write them."""

from collections.abc import Mapping
from typing import Any

SWEPT = "swept"  # in place of a number that an axis sets


def or_swept(value: Any, unit: str, what: str) -> str:
    """Return a number with its unit, or that an axis sets it: "a swept temperature"."""
    return f"a swept {what}" if value == SWEPT else f"{text(value)} {unit}"


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has a value."""
    return {name: value for name, value in values.items() if value is not None}


def listed(values: Mapping[str, Any]) -> str:
    """Return names with their values."""
    return ", ".join(f"{name} {text(value)}" for name, value in values.items())


def each_with_unit(values: Mapping[str, Any], units: Mapping[str, str]) -> str:
    """Return names with their numbers, each in its unit, as far as that is known."""
    return ", ".join(
        f"{name} {with_unit(one, units.get(name, ''))}" for name, one in values.items()
    )


def with_unit(value: Any, unit: str) -> str:
    """Return a number, or an expression in parentheses, with its unit; "1" is that of a number."""
    is_expression = isinstance(value, str) and value != SWEPT
    number = f"({value})" if is_expression else text(value)
    return number if unit in ("", "1") else f"{number} {unit}"


def text(value: Any) -> str:
    """Return a value in six digits; of what holds several, each."""
    if isinstance(value, Mapping):
        return f"({listed(value)})"
    if isinstance(value, list):
        return f"[{', '.join(map(text, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
