"""The JSON Schema of sweep files, for editors: config/sweep.schema.json."""

import json
from typing import Any

from spikesweep.sweepfile.sweep import Sweep


def schema() -> dict[str, Any]:
    """Return the schema, generated from the models that validate sweep files."""
    schema: dict[str, Any] = _with_bounds(Sweep.model_json_schema(by_alias=True))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spikesweep sweep file"
    return schema


# pydantic has names of its own for the bounds of what is checked beforehand: `Whole`, `Number`.
_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def _with_bounds(part: Any) -> Any:
    """Return a part of a schema in which bounds have the names that JSON Schema gives them."""
    if isinstance(part, list):
        return [_with_bounds(one) for one in part]
    if not isinstance(part, dict):
        return part
    names = _BOUNDS if part.get("type") in ("integer", "number") else {}
    renamed = {names.get(key, key): _with_bounds(value) for key, value in part.items()}
    return dict(sorted(renamed.items())) if renamed.keys() != part.keys() else renamed


def as_text(schema: dict[str, Any]) -> str:
    """Return a schema as it is written to files."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schema_text() -> str:
    """Return the text of config/sweep.schema.json."""
    return as_text(schema())
