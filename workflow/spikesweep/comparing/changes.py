"""What differs between two plans of a sweep, in words.

Plans are given as their files say them (`Plan.contents`): plain JSON. Each function returns short
statements, none where nothing differs, such as "axis dose: +2 values" or "seaborn 0.13.2 -> 0.14".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spikesweep.errors import cut
from spikesweep.products.table import FIGURE, split_stage

Json = Mapping[str, Any]

ABSENT = object()
NOT_KNOWN = "not known yet"  # stands for what follows from results that are not there
# Where the document's words are not those of the sweep file.
_CONFIG_WORDS = {
    "cells": "model.cells",
    "environment": "model.environment",
    "segments": "spatial",
}
# Inputs of recipes that have words of their own below, or say nothing to a person.
_TOLD_OTHERWISE = frozenset(
    {
        *("stage", "code", "versions", "sweep", "axes", "design", "document", "built"),
        *("sources", "options", "reads", "keys", "items", "n"),
    }
)


def axis_changes(old: Sequence[Json], new: Sequence[Json]) -> list[str]:
    """Return how the axes differ: names, order, values, units."""
    before = {axis["name"]: axis for axis in old}
    after = {axis["name"]: axis for axis in new}
    renamed = renamed_axes(old, new)
    lines = [f"axis {name}: renamed to {other}" for name, other in renamed.items()]
    lines += [f"axis {name}: gone" for name in before if name not in {*after, *renamed}]
    lines += [f"axis {name}: new" for name in after if name not in {*before, *renamed.values()}]
    for name in before.keys() & after.keys():
        lines += [f"axis {name}: {what}" for what in _one_axis(before[name], after[name])]
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        lines.append("axes: order changed")
    return sorted(lines)


def renamed_axes(old: Sequence[Json], new: Sequence[Json]) -> dict[str, str]:
    """Return the new names of axes, by their old ones: those that differ in nothing else."""
    before = {axis["name"]: axis for axis in old}
    after = {axis["name"]: axis for axis in new}
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    renamed = {}
    for name in gone:
        for other in come:
            same = all(before[name][key] == after[other][key] for key in ("values", "unit"))
            if same and other not in renamed.values():
                renamed[name] = other
                break
    return renamed


def _one_axis(old: Json, new: Json) -> Iterator[str]:
    before, after = old["values"], new["values"]
    for sign, these, others in (("+", after, before), ("-", before, after)):
        if number := len(set(these) - set(others)):
            yield f"{sign}{number} value{'s' if number > 1 else ''}"
    both = set(before) & set(after)
    if [v for v in before if v in both] != [v for v in after if v in both]:
        yield "order of the values changed"
    for key, word in (("unit", "unit"), ("long_name", "label")):
        if old[key] != new[key]:
            yield f"{word} {old[key] or 'none'} -> {new[key] or 'none'}"


def design_changes(old: Json, new: Json) -> list[str]:
    """Return how the axes are combined otherwise; how many values they have is told of them."""
    return [f"design: {old['kind']} -> {new['kind']}"] if old["kind"] != new["kind"] else []


def document_changes(old: Json, new: Json, code: list[str]) -> list[str]:
    """Return how the documents differ: model, protocol, recordings, mechanisms, engine.

    Args:
        code: how the code of the simulation differs, in words.
    """
    lines: list[str] = []
    for path, before, after in differences(old, new):
        lines += code if path == ("engine", "code") else [difference(path, before, after)]
    return list(dict.fromkeys(lines))


def kind_of_change(path: tuple) -> str:
    """Return what kind of thing stands at a place of the document, in one word."""
    match path:
        case ("mechanisms" | "order", *_):
            return "mechanism"
        case ("cells", _, "morphology", *_):
            return "morphology"
        case ("cells", _, "sources" | "imported", *_):
            return "model"
        case ("engine", "code"):
            return "code"
        case ("engine", *_):
            return "version"
        case ("seed",):
            return "seed"
    return "parameter"


def difference(path: tuple, before: Any, after: Any) -> str:
    """Return in words how two documents differ at a place; `ABSENT` stands for nothing there."""
    match path:
        case ("mechanisms", name):
            return f"mechanism {name}: {_fate(before, after) or 'source changed'}"
        case ("order", *_):
            return "the order of the mechanisms' files, by which NEURON sums currents"
        case ("cells", cell, "morphology", "sha256"):
            return f"morphology of cell {cell}: {_fate(before, after) or 'content changed'}"
        case ("cells", cell, "sources", file):
            return f"model file {file} of cell {cell}: {_fate(before, after) or 'changed'}"
        case ("cells", cell, "imported", file):
            return f"module {file}, which cell {cell} imports: {_fate(before, after) or 'changed'}"
        case ("recording", "code"):
            return "the code that records changed"
        case ("recording", what):
            return f"{what} {_text(before)} -> {_text(after)}"
        case ("engine", "neuron"):
            return f"NEURON {before} -> {after}"
        case ("engine", what):
            return f"{what} {before} -> {after}"
    words = [_CONFIG_WORDS.get(part, part) for part in path]
    return f"{_dotted(words)}: {_fate(before, after) or f'{_text(before)} -> {_text(after)}'}"


def differences(old: Any, new: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any, Any]]:
    """Yield (path, old, new) of every leaf of plain JSON that differs; None of one is absent."""
    both = (old, new)
    if all(isinstance(one, Mapping) for one in both):
        for key in dict.fromkeys((*old, *new)):
            there = old.get(key, ABSENT), new.get(key, ABSENT)
            yield from differences(*there, (*path, key))
    elif all(isinstance(one, list) for one in both) and len(old) == len(new):
        for i, there in enumerate(zip(old, new, strict=True)):
            yield from differences(*there, (*path, i))
    elif old != new:
        yield path, old, new


def _fate(before: Any, after: Any) -> str:
    return "new" if before is ABSENT else "gone" if after is ABSENT else ""


def _dotted(path: Sequence[str | int]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)[1:]


def _text(value: Any) -> str:
    if value is ABSENT:
        return "none"
    return value if value == NOT_KNOWN else cut(json.dumps(value, ensure_ascii=False))


def slot_changes(old: Json, new: Json) -> list[str]:
    """Return which places of the document axes set only in one of two plans."""
    before, after = ({_dotted(path) for path in plan["slots"]} for plan in (old, new))
    lines = [f"the axes no longer set {name}" for name in sorted(before - after)]
    return lines + [f"the axes now set {name}" for name in sorted(after - before)]


def code_changes(old: Json, new: Json) -> list[str]:
    """Return which modules differ, by their names within the package."""
    return [
        f"code {module.removeprefix('spikesweep.')}: {_fate(before, after) or 'changed'}"
        for (module,), before, after in differences(old, new)
    ]


def version_changes(old: Json, new: Json) -> list[str]:
    """Return which packages have other versions."""
    return [
        f"{name} {_version(before)} -> {_version(after)}"
        for (name,), before, after in differences(old, new)
    ]


def _version(version: Any) -> str:
    return "none" if version is ABSENT else version


def recipe_changes(old: Json, new: Json) -> list[str]:
    """Return how two recipes of one stage differ, what they read and their code left out."""
    lines = version_changes(old["versions"], new["versions"])
    if old["stage"] != new["stage"]:
        kinds = (recipe["stage"].partition(".")[2] for recipe in (old, new))
        lines.append("kind {} -> {}".format(*kinds))
    for path, before, after in differences(old.get("options", {}), new.get("options", {})):
        lines.append(f"option {_dotted(path)} changed: {_text(before)} -> {_text(after)}")
    for (name,), before, after in differences(old.get("sources", {}), new.get("sources", {})):
        lines.append(_source_change(new["stage"], name, before, after))
    inputs = ({k: v for k, v in one.items() if k not in _TOLD_OTHERWISE} for one in (old, new))
    for path, before, after in differences(*inputs):
        lines.append(_input_change(path, before, after))
    for name, before, after in _read(old, new):
        if before != after:
            lines.append(f"the {name} changed")
    return lines


def _source_change(stage: str, name: str, before: Any, after: Any) -> str:
    """Return how a source differs that users write: a mechanism's, or a file of a figure's code."""
    if split_stage(stage)[0] == FIGURE:
        return own_code_change(name, before, after)
    return f"mechanism {name}: {_fate(before, after) or 'source changed'}"


def own_code_change(file: str, before: Any, after: Any) -> str:
    """Return how a file of a figure's own code differs."""
    return f"own figure code {file}: {_fate(before, after) or 'changed'}"


def _input_change(path: tuple, before: Any, after: Any) -> str:
    match path:
        case ("imported", file):
            return own_code_change(file, before, after)
        case ("own_code", statistic, "sources" | "imported", file):
            return f"{file} of statistic {statistic}: {_fate(before, after) or 'changed'}"
        case ("own_code", statistic) if _fate(before, after):
            return f"statistic {statistic}: {_fate(before, after)}"
    return f"{_dotted(path)}: {_text(before)} -> {_text(after)}"


def _read(old: Json, new: Json) -> Iterator[tuple[str, Any, Any]]:
    """Yield what two recipes read of other products: name and both fingerprints."""
    reads = [one.get("reads", {}) for one in (old, new)]
    for name in dict.fromkeys((*reads[0], *reads[1])):
        yield name, reads[0].get(name), reads[1].get(name)
