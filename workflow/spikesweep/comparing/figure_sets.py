"""What made a figure of a figure set another than it was, in words: panel by panel."""

from typing import Any

from spikesweep.comparing.changes import (
    Json,
    difference,
    differences,
    own_code_change,
    version_changes,
)


def figure_changes(old: Json, new: Json) -> list[str]:
    """Return how two recipes of a figure differ, as plans of figure sets have them."""
    lines = version_changes(old["versions"], new["versions"])
    if old["code"] != new["code"]:
        lines.append("the code that puts panels together changed")
    for what in ("size", "mosaic", "share"):
        lines += [difference((what, *p), *ends) for p, *ends in differences(old[what], new[what])]
    before, after = old["panels"], new["panels"]
    for letter in dict.fromkeys((*before, *after)):
        if letter not in before or letter not in after:
            lines.append(f"panel {letter}: {'new' if letter in after else 'gone'}")
        else:
            changes = _panel_changes(before[letter], after[letter])
            lines += [f"panel {letter}: {change}" for change in changes]
    return list(dict.fromkeys(lines))


def _panel_changes(old: Json, new: Json) -> list[str]:
    return list(dict.fromkeys(_change(*change, new) for change in differences(old, new)))


def _change(path: tuple, before: Any, after: Any, new: Json) -> str:
    match path:
        case ("sha256",):
            return f"{new['image']} changed"
        case ("code",):
            return f"the code of the kind {new['kind']} changed"
        case ("sources" | "imported", file):
            return own_code_change(file, before, after)
        case ("reads", table):
            return f"the {table} of {new['sweep']} changed"
        case ("reads_minus", table):
            return f"the {table} of {new.get('minus', 'the other sweep')} changed"
    return difference(path, before, after)
