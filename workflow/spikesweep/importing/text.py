"""JSON of other tools, read with messages that say where a mistake lies."""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten
from typing import Any

from spikesweep.errors import UserError, listing


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        UserError: no such file, or no JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read as JSON: {error}") from None


def mapping(value: Any, where: object) -> dict[str, Any]:
    """Return what holds values by name.

    Raises:
        UserError: it is anything else.
    """
    if not isinstance(value, dict):
        raise UserError(f"{where}: {_shown(value)}; expected values by name")
    return value


def mappings(value: Any, where: object, *keys: str) -> list[dict[str, Any]]:
    """Return a list of what holds values by name.

    Args:
        keys: each holds a text under these.

    Raises:
        UserError: it is anything else, or one has not these keys.
    """
    if not isinstance(value, list | tuple):
        raise UserError(f"{where}: {_shown(value)}; expected a list")
    found = [mapping(one, f"{where}[{i}]") for i, one in enumerate(value)]
    for i, one in enumerate(found):
        for key in keys:
            if not isinstance(one.get(key), str):
                raise UserError(f"{where}[{i}]: has no {key}; expected {listing(keys)}")
    return found


def names_in(value: Any, where: object) -> list[str]:
    """Return a list of names.

    Raises:
        UserError: it is anything else.
    """
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise UserError(f"{where}: {_shown(value)}; expected a list of names")
    return value


def _shown(value: Any) -> str:
    return shorten(repr(value), width=60, placeholder=" ...")


def number(values: Mapping[str, Any], key: str, path: Path) -> float:
    """Return a number, which may be written as text.

    Raises:
        UserError: it is missing, or no number.
    """
    try:
        return float(values[key])
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{path}: {key}: {values.get(key)!r}; expected a number") from None
