"""A cell model of BluePyOpt: parameters.json with morphology, mechanisms and protocols.

The files are those of its l5pc example (Van Geit et al. 2016, Front Neuroinform 10:17), in a
folder or in its subfolders config, morphology and mechanisms.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError, listing
from spikesweep.importing.axon import SEGMENTS, stub, stub_diameters
from spikesweep.importing.draft import Draft, Rules, first_section
from spikesweep.importing.protocols import protocol_of
from spikesweep.importing.text import mapping, mappings, names_in, number, read_json
from spikesweep.language.expressions import (
    SEGMENT_VARIABLES,
    ExpressionError,
    compile_expression,
)

REGIONS = {
    "all": "all", "somatic": "soma", "axonal": "axon", "basal": "basal", "apical": "apical"
}  # fmt: skip
GLOBALS = {"celsius": 34.0, "v_init": -65.0}


def from_bluepyopt(name: str, folder: Path, values_path: Path | None) -> Draft:
    """Return a sweep of a cell model.

    Args:
        values_path: JSON of the free parameters' values, by BluePyOpt's names for them, such as
            gkbar_hh.somatic; else each is the middle of its bounds.

    Raises:
        UserError: a file is missing, or of another form.
    """
    draft = Draft(name, f"the BluePyOpt model in {folder.name}")
    path = _one(folder, "parameters.json", "params.json")
    parameters = mappings(read_json(path), path, "param_name")
    values = {} if values_path is None else mapping(read_json(values_path), values_path)
    place, morphology = draft.take_morphology(_one(folder, "*.asc", "*.swc"), axon=False)
    _, whole = draft.take_morphology(_one(folder, "*.asc", "*.swc"))
    rules, start = Rules(), dict(GLOBALS)
    known = {"all", "axon", *morphology.sections}
    _insert(rules, folder, known, draft)
    for one in parameters:
        _take(one, values, rules, start, known, draft, path)
    cell = {
        "morphology": place,
        "axon": stub("soma(1)", stub_diameters(whole)),
        "spatial": SEGMENTS,
        "biophysics": rules.written(),
    }
    model: dict[str, Any] = {"cells": {"cell": cell}}
    beside = folder / "mechanisms"
    mechanisms = draft.take_mechanisms(rules.mechanisms, beside if beside.is_dir() else folder)
    if mechanisms:
        model = {"mechanisms": mechanisms, **model}
    at = f"cell.{first_section(morphology)}(0.5)"
    there = {theirs: ours for theirs, ours in REGIONS.items() if ours in known - {"all"}}
    draft.sweep = {
        "title": f"BluePyOpt model {folder.name}",
        "model": model,
        **protocol_of(folder, at, start, there, _candidate(parameters, rules), draft),
    }
    draft.notes.append("the axon is the stub that BluePyOpt's replace_axon puts there")
    return draft


def _one(folder: Path, *patterns: str) -> Path:
    """Return the one file of a folder, or of those below it, that a pattern means."""
    for pattern in patterns:
        found = sorted(folder.rglob(pattern))
        if len(found) > 1:
            names = listing(str(path.relative_to(folder)) for path in found)
            raise UserError(f"{folder}: several {pattern}: {names}; expected one")
        if found:
            return found[0]
    raise UserError(f"{folder}: there is no {' or '.join(patterns)} in it; expected one")


def _insert(rules: Rules, folder: Path, known: set[str], draft: Draft) -> None:
    """Insert what mechanisms.json says."""
    for path in sorted(folder.rglob("mechanisms.json")):
        for sections, written in mapping(read_json(path), path).items():
            mechanisms = names_in(written, f"{path}: {sections}")
            region = REGIONS.get(sections)
            if region in known and region is not None:
                for mechanism in mechanisms:
                    rules.insert(region, mechanism)
            else:
                draft.notes.append(f"{listing(mechanisms)} of {sections}: no such sections")


def _take(
    one: Mapping[str, Any], values: Mapping[str, Any], rules: Rules, start: dict[str, float],
    known: set[str], draft: Draft, path: Path,
) -> None:  # fmt: skip
    """Carry one parameter over, or note why not."""
    name, sections = one["param_name"], str(one.get("sectionlist", ""))
    value = _value(one, f"{name}.{sections}", values, draft, path)
    if one.get("type") == "global":
        if name in start:
            start[name] = value
        else:
            draft.notes.append(f"global {name} = {value:g} is not carried over")
        return
    region = REGIONS.get(sections)
    if region is None or region not in known:
        draft.notes.append(f"{name} = {value:g} of {sections}: the cell has no such sections")
        return
    placed: float | str = value
    if one.get("dist_type", "uniform") != "uniform":
        placed = str(one.get("dist", "")).replace("math.", "").replace("{distance}", "distance")
        placed = placed.replace("{value}", f"{value!r}")
        try:
            compile_expression(placed, SEGMENT_VARIABLES)
        except ExpressionError as error:
            draft.notes.append(f"{name} of {sections}: {one.get('dist')!r}: {error}; uniform now")
            placed = value
    if one.get("mech"):
        rules.insert(region, str(one["mech"]))
    if not rules.set(region, name, placed):
        draft.notes.append(f"{name} = {value:g} of {sections}: there is no place for it")


def _candidate(parameters: list[Mapping[str, Any]], rules: Rules) -> tuple[str, float] | None:
    """Return what the axis of candidates may set, and its value: a free parameter, if it can."""
    single = rules.single()
    free = {
        (one["param_name"], REGIONS.get(str(one.get("sectionlist"))))
        for one in parameters
        if "value" not in one
    }
    for target, value in single.items():
        _, region, mechanism, parameter = target.split(".")
        if (f"{parameter}_{mechanism}", region) in free:
            return target, value
    return next(iter(single.items()), None)


def _value(
    one: Mapping[str, Any], full: str, values: Mapping[str, Any], draft: Draft, path: Path
) -> float:
    if "value" in one:
        return number(one, "value", path)
    if full in values:
        return number(values, full, path)
    try:
        low, high = map(float, one["bounds"])
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{path}: {full}: has neither value nor bounds") from None
    draft.notes.append(f"{full} is free, {low:g} to {high:g}: the middle is taken")
    return (low + high) / 2
