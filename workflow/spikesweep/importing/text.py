"""JSON of other tools, read with messages that say where a mistake lies."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError


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


def number(values: Mapping[str, Any], key: str, path: Path) -> float:
    """Return a number, which may be written as text.

    Raises:
        UserError: it is missing, or no number.
    """
    try:
        return float(values[key])
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{path}: {key}: {values.get(key)!r}; expected a number") from None
