"""Electrodes of a sweep file as the simulation document writes them.

A document has no electrodes of its own: each waveform and each trace holds those that it goes
through. So one that only records is in no key.
"""

from collections.abc import Iterable, Mapping

from spikesweep.document.known import KnownModel
from spikesweep.document.shape import Section
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import join, split_parts
from spikesweep.language.units import to_number
from spikesweep.products.fingerprint import canonical_json
from spikesweep.sweepfile.electrodes import Electrode
from spikesweep.sweepfile.quantities import is_expression

CURRENT = "nA"  # what is played through electrodes


def electrodes_document(
    electrodes: Mapping[str, Electrode], model: KnownModel, place: str
) -> dict[str, doc.Electrode]:
    """Return the document of each electrode.

    Raises:
        UserError: a wrong unit or expression, no conductivity, or a name that something else has.
    """
    for name in electrodes:
        if name in model.counts:
            raise UserError(
                f"{place}.{name}: a cell, process or connection bears this name as well; "
                "expected another one"
            )
    return {name: _electrode(one, model, f"{place}.{name}") for name, one in electrodes.items()}


def _electrode(electrode: Electrode, model: KnownModel, place: str) -> doc.Electrode:
    def number(name: str, unit: str) -> doc.Number:
        value = getattr(electrode, name)
        if is_expression(value):
            return model.parameters.check(str(value), (), f"{place}.{name}")
        return to_number(value, unit, f"{place}.{name}")

    conductivity = number("conductivity", "S/m")
    if not isinstance(conductivity, str) and conductivity <= 0:
        raise UserError(f"{place}.conductivity: {conductivity:g} S/m; expected a value above 0")
    return {
        "x": number("x", "um"),
        "y": number("y", "um"),
        "z": number("z", "um"),
        "conductivity": conductivity,
        "segments": electrode.segments,
    }


def played_through(
    asked: str | Mapping[str, float], model: KnownModel, place: str
) -> list[doc.Share]:
    """Return the electrodes that a waveform goes through, with the share of each, in an order
    that follows from these alone.

    Raises:
        UserError: no such electrode, or nothing flows.
    """
    shares = {asked: 1.0} if isinstance(asked, str) else asked
    found: list[doc.Share] = [
        {"electrode": _known(name, model, place), "share": float(share)}
        for name, share in shares.items()
    ]
    if not any(shares.values()):
        raise UserError(f"{place}: no share is other than 0; expected a current that flows")
    return sorted(found, key=canonical_json)


def recorded_through(text: str, model: KnownModel, place: str) -> doc.Electrode | None:
    """Return the electrode whose potential a text, `tip.v`, names; None where it names none.

    Raises:
        UserError: another variable, coordinates that follow parameters, or a cell that lies
            nowhere.
    """
    head, *variable = split_parts(text.strip())
    if head not in model.electrodes:
        return None
    if variable != ["v"]:
        raise UserError(f'{place}: "{text}"; expected {head}.v, the potential at the electrode')
    electrode = model.electrodes[head]
    for name, value in electrode.items():
        if name != "segments" and isinstance(value, str):
            raise UserError(
                f"{place}: {head}.{name} is an expression, by which what is recorded would change "
                "the key; expected a number, or an electrode of its own to record from"
            )
    for name, cell in model.cells.items():
        refuse_unplaced(name, cell.shape.unplaced, place)
    return electrode


def refuse_unplaced(cell: str, sections: Iterable[Section], place: str) -> None:
    """Refuse sections that have no coordinates, so that nobody knows how far off they are."""
    for name, index in sorted(sections):
        called = join(name, index) if index else name
        raise UserError(
            f"{place}: {cell}.{called} has a length and a diameter, but lies nowhere; expected "
            "`points` in place of these"
        )


def _known(name: str, model: KnownModel, place: str) -> doc.Electrode:
    if name not in model.electrodes:
        raise UserError(
            f'{place}: no electrode is named "{name}"{suggest(name, model.electrodes)} '
            f"(protocol.electrodes: {listing(model.electrodes)})"
        )
    return model.electrodes[name]
