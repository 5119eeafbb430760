"""Waveforms of a sweep file as the simulation document writes them."""

from collections.abc import Mapping
from typing import Any

from spikesweep.document.catalogue import Catalogue
from spikesweep.document.cells import Files
from spikesweep.document.code_models import is_process
from spikesweep.document.copies import cell_counts, copies_meant, each_copy, process_counts
from spikesweep.document.parameters import Parameters
from spikesweep.document.protocol import check_site
from spikesweep.document.shape import Shape
from spikesweep.errors import UserError, listing, suggest
from spikesweep.spec.quantities import parse_site, split_copy
from spikesweep.spec.sweep import Sweep
from spikesweep.spec.waveforms import Noise, Waveform
from spikesweep.units import to_number

MOST_VALUES = 10_000_000


def waveforms_document(
    sweep: Sweep,
    processes: dict[str, dict],
    shapes: dict[str, Shape],
    inserted: Mapping[str, set[str]],
    catalogue: Catalogue,
    files: Files,
    parameters: Parameters,
    place: str,
) -> dict[str, Any]:
    """Return the document of all that is played; into each copy a waveform of its own.

    Args:
        processes: the documents of the point processes.
        inserted: cell -> the mechanisms inserted anywhere in it.

    Raises:
        UserError: nothing of that name, or what cannot be set; a wrong file, expression or unit;
            two waveforms for one quantity.
    """
    counts = {**process_counts(processes, shapes), **cell_counts(shapes)}
    documents: dict[str, dict] = {}
    for name, waveform in sweep.protocol.play.items():
        where = f"{place}.{name}"
        for index, text in each_copy(waveform.into, counts):
            into = _played(text, processes, shapes, inserted, f"{where}.into")
            _check_alone(into, text, documents, f"{where}.into")
            unit = played_unit(into, processes, catalogue, f"{where}.into")
            document = {"into": into, **_source(waveform, unit, files, parameters, where)}
            document["between"] = waveform.between or ("steps" if waveform.noise else "linear")
            _check_number(document, sweep.protocol.tstop, where)
            documents[name + index] = document
    return documents


def _check_alone(into: dict, text: str, documents: dict[str, dict], place: str) -> None:
    for other, document in documents.items():
        if document["into"] == into:
            raise UserError(
                f"{place}: {other} is played into {text} as well; "
                "expected one waveform for each quantity"
            )


def _played(
    text: str,
    processes: dict[str, dict],
    shapes: dict[str, Shape],
    inserted: Mapping[str, set[str]],
    place: str,
) -> dict[str, Any]:
    """Return what is played into, as a trace's document names its source."""
    head, _, variable = text.strip().partition(".")
    name, _ = split_copy(head)
    if name in processes and name not in shapes:
        copies_meant(head, process_counts(processes, shapes), "process", place)
        return {"process": head, "variable": variable}
    process, _, name = text.strip().rpartition(".")
    if is_process(process, shapes):
        return {"process": process, "variable": name}
    try:
        site = parse_site(text)
    except ValueError as error:
        raise UserError(
            f"{place}: {error}, or a parameter of a process: {listing(processes)}"
        ) from None
    check_site(site, shapes, place)
    if site.variable is None:
        raise UserError(
            f'{place}: "{text}" names no parameter; expected one, such as "{text}.hh.gnabar"'
        )
    mechanism = site.variable.rpartition(".")[0]
    known = inserted[split_copy(site.cell)[0]]
    if mechanism and mechanism not in known:
        raise UserError(
            f'{place}: "{mechanism}" is not inserted in this cell{suggest(mechanism, known)} '
            f"(inserted: {listing(known)})"
        )
    return {"at": site.location, "variable": site.variable}


def played_unit(
    into: dict[str, Any], processes: dict[str, dict], catalogue: Catalogue, place: str
) -> str:
    """Return the unit of what is played into; refuses what is no parameter."""
    mechanism, _, name = into["variable"].rpartition(".")
    if "at" in into and not mechanism:
        return catalogue.ion_unit(name, place)
    if "at" in into:
        return catalogue.parameter(catalogue.density(mechanism, place), name, place).unit
    process, _ = split_copy(into["process"])
    if process not in processes:
        return catalogue.unit_by_name(into["variable"], place) or ""
    mechanism = catalogue.point(processes[process]["type"], place)
    return catalogue.parameter(mechanism, into["variable"], place).unit


def _source(
    waveform: Waveform, unit: str, files: Files, parameters: Parameters, place: str
) -> dict[str, Any]:
    if waveform.csv is not None:
        return {"csv": files.waveform(waveform.csv, unit, f"{place}.csv")}
    if waveform.noise is not None:
        return {"noise": _noise(waveform.noise, unit, f"{place}.noise")}
    expression = parameters.check(waveform.expression, ("t",), f"{place}.expression")
    return {"expression": expression, "every": waveform.every}


def _noise(noise: Noise, unit: str, place: str) -> dict[str, float]:
    document = {
        "mean": to_number(noise.mean, unit, f"{place}.mean"),
        "sd": to_number(noise.sd, unit, f"{place}.sd"),
        "every": noise.every,
    }
    if document["sd"] < 0:
        raise UserError(f"{place}.sd: {document['sd']:g}; expected 0 or more")
    return document if noise.tau is None else document | {"tau": noise.tau}


def _check_number(document: dict[str, Any], tstop: float, place: str) -> None:
    every = document.get("every") or document.get("noise", {}).get("every")
    if every and tstop / every > MOST_VALUES:
        raise UserError(
            f"{place}: {every:g} ms makes {tstop / every:.3g} values; "
            f"expected at most {MOST_VALUES:,}"
        )
