"""Write docs/reference.md from the types and tables of the code: `python docs/reference.py`.

A test holds the page equal to what this makes.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from spikesweep.cli import VERBS  # noqa: E402
from spikesweep.products.table import LINKED, columns  # noqa: E402
from spikesweep.sweepfile.schema import schema_text  # noqa: E402
from spikesweep.tables.columns import COLUMNS  # noqa: E402
from spikesweep.tables.firing import DEFINITIONS  # noqa: E402

PAGE = ROOT / "docs/reference.md"
# The same statistic elsewhere; tests compare ours with those of Elephant that are named.
ELEPHANT = {
    **{"rate": "`mean_firing_rate`", "cv": "`cv` of `isi`", "cv2": "`cv2`", "lv": "`lv`"},
    **{"lvr": "`lvr`", "isi_mean": "mean of `isi`"},
}
EFEL = {
    "n_spikes": "`Spikecount`: peaks, not crossings",
    "rate": "`mean_frequency`: until the last spike",
    "latency": "`time_to_first_spike`: of the peak, from stimulus start",
    "cv": "`ISI_CV`: without the first interval, ddof 1",
    "adaptation_index": "`adaptation_index`: without the first intervals",
}


def page() -> str:
    """Return the text of the page."""
    schema = json.loads(schema_text())
    parts = ["# Reference", "", "Made from the code by `python docs/reference.py`.", ""]
    parts += ["[Configuration](../config/README.md) says the same keys in sentences.", ""]
    parts += ["## Verbs", "", *_table(("verb", "what it does"), _verbs()), ""]
    parts += ["## Statistics of spike trains", "", "A row a simulation and spike site. I are "]
    parts[-1] += "the interspike intervals in the window; what is undefined is empty."
    header = ("column", "unit", "name", "definition, reference", "Elephant", "eFEL")
    parts += ["", *_table(header, _statistics()), ""]
    parts += ["## Classes of firing", "", "What `firing_map` shows, and designs find by `class`; "]
    parts[-1] += "of the spikes and the potential in the window of the statistics."
    rows = ((f"*{name}*", definition) for name, definition in DEFINITIONS.items())
    parts += ["", *_table(("class", "definition"), rows), ""]
    parts += ["## Columns of the tables", "", "Besides the axes."]
    for kind in LINKED:
        if held := columns(kind):
            parts += ["", f"### {kind.name}", ""]
            rows = ((f"`{n}`", c.unit, c.long_name, c.definition) for n, c in held.items())
            parts += _table(("column", "unit", "name", "definition"), rows)
    parts += ["", "## Keys of a sweep file", ""]
    parts += _table(("key", "value", "default", "meaning"), _keys(schema))
    for name, part in schema["$defs"].items():
        if "properties" in part:
            kind = part["properties"].get("kind", {}).get("const")
            parts += ["", f"### {f'Figure of kind {kind}' if kind else name.strip('_')}", ""]
            if "description" in part:
                parts += [part["description"].partition("\n\n")[0].replace("\n", " "), ""]
            parts += _table(("key", "value", "default", "meaning"), _keys(part))
    return "\n".join(parts) + "\n"


def _verbs() -> Iterator[tuple[str, str]]:
    for verb, words in VERBS.items():
        yield f"`spikesweep {verb}`", words


def _statistics() -> Iterator[tuple[str, ...]]:
    for name, one in COLUMNS.items():
        others = ELEPHANT.get(name, ""), EFEL.get(name, "")
        yield (f"`{name}`", one.unit, one.long_name, one.definition, *others)


def _keys(part: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    required = part.get("required", ())
    for key, one in part["properties"].items():
        default = json.dumps(one["default"], ensure_ascii=False) if "default" in one else ""
        default = "" if default in ("null", '""') else f"`{default}`" if default else ""
        asked = "required" if key in required else default
        yield f"`{key}`", _value(one), asked, one.get("description", "")


def _value(one: Mapping[str, Any]) -> str:
    """Return what a key takes, in words."""
    if "$ref" in one:
        return one["$ref"].rpartition("/")[2].strip("_")
    if "const" in one:
        return f"`{one['const']}`"
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    for key in ("anyOf", "oneOf"):
        if key in one:
            kinds = dict.fromkeys(_value(o) for o in one[key] if o.get("type") != "null")
            return " or ".join(kinds)
    if one.get("type") == "array":
        return f"list of {_value(one['items'])}" if "items" in one else "list"
    if one.get("type") == "object":
        more = one.get("additionalProperties")
        return f"by name: {_value(more)}" if isinstance(more, dict) and more else "keys"
    names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kinds = one.get("type", "any")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(names.get(kind, kind) for kind in kinds)


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _row(header)
    yield _row("---" for _ in header)
    yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    plain = (cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
    return f"| {' | '.join(plain)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
