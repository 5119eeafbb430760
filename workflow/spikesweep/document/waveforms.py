"""Waveforms of a sweep file as the simulation document writes them."""

import re

from spikesweep.document.copies import each_copy
from spikesweep.document.electrodes import CURRENT, played_through, refuse_unplaced
from spikesweep.document.known import KnownModel
from spikesweep.document.sites import check_site, process_variable, range_variable
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.expressions import SEGMENT_VARIABLES
from spikesweep.language.names import base, parse_site, split_parts
from spikesweep.language.units import to_number
from spikesweep.sweepfile.model import Protocol
from spikesweep.sweepfile.waveforms import Noise, Waveform

MOST_VALUES = 10_000_000


def waveforms_document(
    protocol: Protocol, model: KnownModel, place: str
) -> dict[str, doc.Waveform]:
    """Return the document of all that is played; into each copy a waveform of its own.

    Raises:
        UserError: nothing of that name, or what cannot be set; a wrong file, expression or unit;
            two waveforms for one quantity.
    """
    documents: dict[str, doc.Waveform] = {}
    for name, waveform in protocol.play.items():
        where = f"{place}.{name}"
        for index, text in each_copy(waveform.into, model.counts):
            into = _played(waveform, text, model, f"{where}.into")
            _check_alone(into, text, documents, model, f"{where}.into")
            document: doc.Waveform = {
                "into": into,
                "between": waveform.between or ("steps" if waveform.noise else "linear"),
            }
            _spread(document, waveform, model, where)
            unit = waveform_unit(document, model, f"{where}.into")
            _add_source(document, waveform, unit, model, where)
            _check_number(document, protocol.tstop, where)
            documents[name + index] = document
    return documents


def _check_alone(
    into: doc.Played,
    text: str,
    documents: dict[str, doc.Waveform],
    model: KnownModel,
    place: str,
) -> None:
    reached = _reached(into, model, place)
    for other, document in documents.items():
        theirs = document["into"]
        regions = "region" in into or "region" in theirs
        both = regions and bool(reached & _reached(theirs, model, place))
        if theirs == into or (both and theirs["variable"] == into["variable"]):
            raise UserError(
                f"{place}: {other} is played into {text} as well; "
                "expected one waveform for each quantity"
            )


def _reached(into: doc.Played, model: KnownModel, place: str) -> set[tuple[str, str, int]]:
    """Return the sections, each with its cell, that something is played into."""
    if "region" in into:
        cell, region = into["region"]
        return {(cell, *section) for section in model.cell(cell).shape.select(region, place)}
    return {tuple(into["at"][:3])} if "at" in into else set()


def _spread(document: doc.Waveform, waveform: Waveform, model: KnownModel, place: str) -> None:
    """Put into a document by what its values are multiplied at each segment.

    Raises:
        UserError: it is played into one thing alone, or through an electrode into what is no
            potential outside; no such electrode, or no expression.
    """
    if waveform.through is None and waveform.scale is None:
        return
    into, said = document["into"], "through" if waveform.through is not None else "scale"
    if "region" not in into:
        raise UserError(
            f'{place}.into: "{waveform.into}" is one thing, in which `{said}` means nothing; '
            "expected a region of a cell, such as axon.all.e_extracellular"
        )
    cell, region = into["region"]
    shape = model.cell(cell).shape
    if waveform.scale is not None:
        variables, where = SEGMENT_VARIABLES, f"{place}.scale"
        document["scale"] = model.parameters.check(waveform.scale, variables, where)
        if not {"x3d", "y3d", "z3d"} & set(re.findall(r"\w+", waveform.scale)):
            return
    elif waveform.through is not None:
        if into["variable"] != "extracellular.e":
            raise UserError(
                f'{place}.into: "{waveform.into}"; electrodes make a potential outside: expected '
                "e_extracellular, where extracellular is inserted"
            )
        document["through"] = played_through(waveform.through, model, f"{place}.through")
    refuse_unplaced(cell, shape.unplaced & shape.select(region, place), f"{place}.into")


def _played(waveform: Waveform, text: str, model: KnownModel, place: str) -> doc.Played:
    """Return what is played into, as a trace's document names its source."""
    cell, *parts = split_parts(text.strip())
    if base(cell) in model.cells and parts[1:] and not parts[0].endswith(")"):
        # Of a cell that code builds, pyr.syn.g is a process, until more says otherwise.
        spread = waveform.through is not None or waveform.scale is not None
        if spread or parts[0] == "all" or not model.cell(cell).by_code:
            model.cells_meant(cell, place)
            model.cell(cell).shape.select(parts[0], place)
            variable = _inserted_variable(cell, ".".join(parts[1:]), model, place)
            return {"region": [cell, parts[0]], "variable": variable}
    if source := process_variable(text, model, place):
        return source
    try:
        site = parse_site(text.strip())
    except ValueError as error:
        raise UserError(
            f"{place}: {error}, or a parameter of a process: {listing(model.processes)}"
        ) from None
    check_site(site, model, place)
    if site.variable is None:
        raise UserError(
            f'{place}: "{text}" names no parameter; expected one, such as "{text}.hh.gnabar"'
        )
    variable = _inserted_variable(site.cell, site.variable, model, place)
    return {"at": site.location, "variable": variable}


def _inserted_variable(cell: str, text: str, model: KnownModel, place: str) -> str:
    """Return the name of a cell's variable as documents write it; refuses one of a mechanism that
    is not inserted."""
    known = model.cell(cell).inserted
    variable = range_variable(text, known)
    mechanism = variable.rpartition(".")[0]
    if mechanism and mechanism not in known:
        raise UserError(
            f'{place}: "{mechanism}" is not inserted in this cell{suggest(mechanism, known)} '
            f"(inserted: {listing(known)})"
        )
    return variable


def waveform_unit(waveform: doc.Waveform, model: KnownModel, place: str) -> str:
    """Return the unit of a waveform: that of what it is played into, or of a current that flows
    through electrodes; refuses what is no parameter."""
    unit = _played_unit(waveform["into"], model, place)
    return CURRENT if "through" in waveform else unit


def _played_unit(into: doc.Played, model: KnownModel, place: str) -> str:
    catalogue = model.catalogue
    if "process" in into:
        of, name = model.mechanism(into["process"]), into["variable"]
        if of is None:
            return catalogue.unit_by_name(name, place) or ""
        return catalogue.parameter(of, name, place).unit
    mechanism, _, name = into["variable"].rpartition(".")
    if not mechanism:
        return catalogue.ion_unit(name, place)
    return catalogue.parameter(catalogue.density(mechanism, place), name, place).unit


def _add_source(
    document: doc.Waveform, waveform: Waveform, unit: str, model: KnownModel, place: str
) -> None:
    if waveform.csv is not None:
        document["csv"] = model.files.waveform(waveform.csv, unit, f"{place}.csv")
    if waveform.noise is not None:
        document["noise"] = _noise(waveform.noise, unit, f"{place}.noise")
    if waveform.expression is not None and waveform.every is not None:
        document["expression"] = model.parameters.check(
            waveform.expression, ("t",), f"{place}.expression"
        )
        document["every"] = waveform.every


def _noise(noise: Noise, unit: str, place: str) -> doc.Noise:
    document: doc.Noise = {
        "mean": to_number(noise.mean, unit, f"{place}.mean"),
        "sd": to_number(noise.sd, unit, f"{place}.sd"),
        "every": noise.every,
    }
    if document["sd"] < 0:
        raise UserError(f"{place}.sd: {document['sd']:g}; expected 0 or more")
    if noise.tau is not None:
        document["tau"] = noise.tau
    return document


def _check_number(document: doc.Waveform, tstop: float, place: str) -> None:
    every = document["noise"]["every"] if "noise" in document else document.get("every")
    if every and tstop / every > MOST_VALUES:
        raise UserError(
            f"{place}: {every:g} ms makes {tstop / every:.3g} values; "
            f"expected at most {MOST_VALUES:,}"
        )
