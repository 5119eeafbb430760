"""The JSON Schema of sweep files, for editors: config/sweep.schema.json."""

import json

from spikesweep.sweepfile.sweep import Sweep


def schema_text() -> str:
    """Return the schema, generated from the models that validate sweep files."""
    schema = Sweep.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spikesweep sweep file"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
