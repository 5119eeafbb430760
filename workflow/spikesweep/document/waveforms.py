"""Waveforms of a sweep file as the simulation document writes them."""

from spikesweep.document.copies import each_copy
from spikesweep.document.known import KnownModel
from spikesweep.document.sites import check_site, process_variable, range_variable
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import parse_site
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
            into = _played(text, model, f"{where}.into")
            _check_alone(into, text, documents, f"{where}.into")
            unit = played_unit(into, model, f"{where}.into")
            document: doc.Waveform = {
                "into": into,
                "between": waveform.between or ("steps" if waveform.noise else "linear"),
            }
            _add_source(document, waveform, unit, model, where)
            _check_number(document, protocol.tstop, where)
            documents[name + index] = document
    return documents


def _check_alone(
    into: doc.Variable, text: str, documents: dict[str, doc.Waveform], place: str
) -> None:
    for other, document in documents.items():
        if document["into"] == into:
            raise UserError(
                f"{place}: {other} is played into {text} as well; "
                "expected one waveform for each quantity"
            )


def _played(text: str, model: KnownModel, place: str) -> doc.Variable:
    """Return what is played into, as a trace's document names its source."""
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
    known = model.cell(site.cell).inserted
    variable = range_variable(site.variable, known)
    mechanism = variable.rpartition(".")[0]
    if mechanism and mechanism not in known:
        raise UserError(
            f'{place}: "{mechanism}" is not inserted in this cell{suggest(mechanism, known)} '
            f"(inserted: {listing(known)})"
        )
    return {"at": site.location, "variable": variable}


def played_unit(into: doc.Variable, model: KnownModel, place: str) -> str:
    """Return the unit of what is played into; refuses what is no parameter."""
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
