"""A biophysical model of the Allen Cell Types Database: its fit_parameters.json and its SWC."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.importing.axon import SEGMENTS, stub, stub_diameters
from spikesweep.importing.draft import Draft, Rules, first_section
from spikesweep.importing.stimuli import steps
from spikesweep.importing.text import mappings, number, read_json

REGIONS = {"soma": "soma", "axon": "axon", "dend": "basal", "apic": "apical", "all": "all"}


def from_allen(name: str, fit_path: Path, path: Path) -> Draft:
    """Return a sweep of a perisomatic or all-active model, with a step of current.

    Raises:
        UserError: a file that cannot be read, or is of another form.
    """
    fit = read_json(fit_path)
    if not isinstance(fit, dict) or not {"passive", "genome", "conditions"} <= fit.keys():
        raise UserError(
            f"{fit_path}: has no passive, genome and conditions; expected the fit parameters of a "
            "biophysical model, as the Allen Cell Types Database gives them"
        )
    draft = Draft(name, f"{fit_path.name} and {path.name}")
    place, morphology = draft.take_morphology(path, axon=False)
    genome = mappings(fit["genome"], f"{fit_path}: genome", "section", "mechanism", "name")
    passive, conditions = (_first(fit, key, fit_path) for key in ("passive", "conditions"))
    active = _is_all_active(genome)
    if active:
        _, whole = draft.take_morphology(path)
        axon = stub("soma(1)", stub_diameters(whole))
    else:
        axon = stub("soma(0.5)")
    known = {"all", "axon", *morphology.sections}
    rules = _rules(passive, genome, conditions, known, draft, fit_path)
    cell = {"morphology": place, "axon": axon, "spatial": SEGMENTS, "biophysics": rules.written()}
    model: dict[str, Any] = {"cells": {"cell": cell}}
    folders = [folder for folder in (fit_path.parent / "modfiles",) if folder.is_dir()]
    if mechanisms := draft.take_mechanisms(rules.mechanisms, (*folders, fit_path.parent)[0]):
        model = {"mechanisms": mechanisms, **model}
    kind = "all-active" if active else "perisomatic"
    at = f"cell.{first_section(morphology)}(0.5)"
    start = {
        "celsius": number(conditions, "celsius", fit_path),
        "v_init": number(conditions, "v_init", fit_path),
    }
    draft.sweep = {
        "title": f"{kind} model of {path.stem}",
        "model": model,
        **steps(at, start, amps=[0.05, 0.1, 0.2], delay=200, dur=1000, tstop=1400),
    }
    draft.notes += [
        f"taken as {kind} by its genome: the axon is the stub that the Allen SDK puts there",
        "the stimuli of the fit are not in it: the step of current is a guess",
    ]
    for one in mappings(fit.get("fitting", ()), f"{fit_path}: fitting"):
        draft.notes += [f"fitting: {name} {of} is not carried over" for name, of in one.items()]
    return draft


def _first(fit: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    """Return the one entry of a list, as these files have them."""
    found = mappings(fit[key], f"{path}: {key}")
    if not found:
        raise UserError(f"{path}: {key}: is empty; expected one entry")
    return found[0]


def _is_all_active(genome: list[Mapping[str, Any]]) -> bool:
    """Return whether channels stand outside the soma: a perisomatic model has its leak there."""
    return any(
        one["section"] not in ("soma", "all", "glob") and one["mechanism"] not in ("", "pas")
        for one in genome
    )


def _rules(
    passive: Mapping[str, Any], genome: list[dict[str, Any]], conditions: Mapping[str, Any],
    known: set[str], draft: Draft, path: Path,
) -> Rules:  # fmt: skip
    rules = Rules()
    rules.set("all", "Ra", number(passive, "ra", path))
    if "e_pas" in passive:
        rules.insert("all", "pas")["e"] = number(passive, "e_pas", path)
    asked = [
        (one["section"], "", "cm", number(one, "cm", path))
        for one in mappings(passive.get("cm", ()), f"{path}: cm", "section")
    ]
    asked += [
        (one["section"], one["mechanism"], one["name"], number(one, "value", path))
        for one in genome
    ]
    asked += [
        (one["section"], "", potential, number(one, potential, path))
        for one in mappings(conditions.get("erev", ()), f"{path}: erev", "section")
        for potential in one
        if potential != "section"
    ]
    for section, mechanism, name, value in asked:
        region = REGIONS.get(section)
        if region is None or region not in known:
            draft.notes.append(f"{name} = {value:g} of {section}: the cell has no such sections")
            continue
        if mechanism:
            rules.insert(region, mechanism)
        if not rules.set(region, name, value):
            draft.notes.append(f"{name} = {value:g} of {section}: there is no place for it")
    return rules
