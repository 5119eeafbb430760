"""The JSON Schema of sweep files, for editors: config/sweep.schema.json."""

import json
from typing import Any

from spikesweep.sweepfile.sweep import Sweep


def schema() -> dict[str, Any]:
    """Return the schema, generated from the models that validate sweep files."""
    schema = Sweep.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spikesweep sweep file"
    return schema


def as_text(schema: dict[str, Any]) -> str:
    """Return a schema as it is written to files."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schema_text() -> str:
    """Return the text of config/sweep.schema.json."""
    return as_text(schema())
