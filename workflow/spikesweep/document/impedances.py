"""Impedances of a sweep file as the simulation document writes them."""

from collections.abc import Mapping

from spikesweep.document.copies import each_copy
from spikesweep.document.known import KnownModel
from spikesweep.document.quantity import Quantity
from spikesweep.document.sites import check_site
from spikesweep.errors import UserError
from spikesweep.language import document as doc
from spikesweep.language.names import base, impedance_name, parse_site, split_parts
from spikesweep.sweepfile.recording import Impedances

_UNITS = {"input_phase": "rad", "transfer_phase": "rad", "ratio": "1"}  # others are Mohm
_WORDS = {
    "resistance": "input resistance",
    "input": "input impedance",
    "input_phase": "phase of the input impedance",
    "transfer": "transfer impedance",
    "transfer_phase": "phase of the transfer impedance",
    "ratio": "ratio of potentials",
}


def impedances_document(
    impedances: Mapping[str, Impedances], model: KnownModel, place: str
) -> tuple[dict[str, doc.Impedances], dict[str, Quantity]]:
    """Return the document of impedances, copy by copy, and what each number is.

    Raises:
        UserError: an unknown place, two cells, or a model of which NEURON computes none.
    """
    documents: dict[str, doc.Impedances] = {}
    quantities = {}
    for name, wanted in impedances.items():
        where = f"{place}.{name}"
        _check_model(model, where)
        numbers = {
            impedance_name(measure, frequency): (measure, frequency)
            for measure in wanted.names
            for frequency in wanted.frequencies
        }
        for index, at in each_copy(wanted.at, model.counts):
            document: doc.Impedances = {
                "at": check_site(parse_site(at), model, f"{where}.at").location,
                "names": list(numbers),
                "when": wanted.when,
                "gating": wanted.gating,
            }
            if wanted.to is not None:
                document["to"] = _other_end(at, wanted.to, model, f"{where}.to")
            documents[name + index] = document
            for one, (measure, frequency) in numbers.items():
                at_frequency = "" if measure == "resistance" else f" at {frequency:g} Hz"
                quantities[f"{name}{index}_{one}"] = Quantity(
                    _UNITS.get(measure, "Mohm"), _WORDS[measure] + at_frequency
                )
    return documents, quantities


def check_frozen(impedances: Mapping[str, Impedances], model: str, place: str) -> None:
    """Refuse impedances with frozen gates of a model in which currents pass by other ways than
    cables, which NEURON's Impedance class leaves out.

    Raises:
        UserError: there is one.
    """
    for name, wanted in impedances.items():
        if not wanted.gating:
            raise UserError(
                f"{place}: record.impedances.{name}.gating: false is not known of a model {model}: "
                "NEURON's Impedance class leaves out their currents; expected true"
            )


def _other_end(at: str, to: str, model: KnownModel, place: str) -> doc.Location:
    """Return where the other end lies: without an index, in the same copy."""
    (cell, *_), (other, *rest) = split_parts(at.strip()), split_parts(to.strip())
    if other not in (cell, base(cell)):
        raise UserError(
            f'{place}: "{to}" lies in another cell than "{at}"; expected a place in one cell'
        )
    return check_site(parse_site(".".join([cell, *rest])), model, place).location


def _check_model(model: KnownModel, place: str) -> None:
    for name, cell in model.cells.items():
        if "extracellular" in cell.inserted and not cell.by_code:
            raise UserError(
                f"{place}: no impedance is known where extracellular is inserted, as in {name}; "
                "expected a sweep without it"
            )
