"""Where a sweep file stimulates, listens and records: places in cells, and point processes."""

from collections.abc import Set

from spikesweep.document.known import KnownModel
from spikesweep.errors import UserError, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import Site, base, join, parse_site, split, split_parts, whereabouts
from spikesweep.mechanisms.builtin import BUILTIN
from spikesweep.sweepfile.networks import Connection
from spikesweep.sweepfile.recording import SpikeDetector


def check_site(site: Site, model: KnownModel, place: str) -> Site:
    """Return the site; refuses one whose cell or section the model has not."""
    model.cells_meant(site.cell, place)
    shape = model.cell(site.cell).shape
    if isinstance(whereabouts(site.at.x or ""), str):
        shape.select(site.at.named, place)
        return site
    section, index = site.at.section, site.at.index or 0
    shape.expect(section, place)
    if not shape.has((section, index)):
        names = {name for name, _ in shape.regions}
        asked = join(section, index) if section in names else section
        raise UserError(
            f'{place}: {site.cell} has no section "{asked}"'
            f"{suggest(section, names - {section})} (it has: {shape.describe()})"
        )
    return site


def process_variable(text: str, model: KnownModel, place: str) -> doc.ProcessVariable | None:
    """Return the process and the variable that a text names, `syn[2].g` or `pyr.syn.g` of a cell's
    code, as documents write them; None where it names no process.

    Raises:
        UserError: the process has not so many copies.
    """
    head, *parts = split_parts(text.strip())
    name = base(head)
    if name in model.processes and name not in model.cells:
        model.processes_meant(head, place)
        return {"process": head, "variable": ".".join(parts)}
    for count in (1, 2):  # parts of the variable: g of a process; hh.m where a segment is held
        process, variable = ".".join([head, *parts[:-count]]), ".".join(parts[-count:])
        if model.is_process_of_code(process):
            return {"process": process, "variable": variable}
    return None


def range_variable(text: str, inserted: Set[str]) -> str:
    """Return the name of a cell's variable as documents write it: that of extracellular, which
    NEURON keeps on the segment, may be written as there: `vext[0]`, `i_membrane`."""
    name, _ = split(text)
    own = BUILTIN["extracellular"]
    if "extracellular" not in inserted:
        return text
    if text == "e_extracellular":
        return "extracellular.e"
    is_its = name != "e" and name in {**own.parameters, **own.recordable}
    return f"extracellular.{text}" if is_its else text


def event_source(text: str, model: KnownModel, place: str) -> str | doc.Location:
    """Return what events come from: the name of a process that makes them, or the location at
    which the potential crosses a threshold.

    Raises:
        UserError: neither is there, or a process that makes no events.
    """
    if model.is_process_of_code(text):  # which may make events or not
        return text
    name = base(text)
    if name not in model.processes:
        try:
            site = parse_site(text.strip())
        except ValueError as error:
            named = suggest(text, model.processes)
            raise UserError(f"{place}: {error}, or a process that makes events{named}") from None
        if site.variable:
            raise UserError(f'{place}: "{text}" names a variable; expected a place alone')
        return check_site(site, model, place).location
    model.processes_meant(text, place)
    mechanism = model.mechanism_of(name)
    if mechanism.kind != "artificial" and "net_event" not in mechanism.source:
        raise UserError(
            f"{place}: {text}, of type {mechanism.name}, makes no events; expected an "
            "artificial cell, such as NetStim, or a place whose potential crosses a threshold"
        )
    return text


def refuse_threshold(asking: Connection | SpikeDetector, source: str, place: str) -> None:
    """Refuse what only a crossing of a threshold has."""
    for name in ("threshold", "times"):
        if name in asking.model_fields_set:
            raise UserError(f"{place}.{name}: {source} makes events by itself; leave it out")
