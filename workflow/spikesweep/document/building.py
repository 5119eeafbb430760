"""From a sweep to the template of its document: part by part, then what the axes set in them."""

from dataclasses import replace

from spikesweep.document.axes.effects import check_names, effects_of, formula_names, known_axis
from spikesweep.document.axes.rules import forget_regions, inserted_in
from spikesweep.document.axes.slots import make_slots
from spikesweep.document.axes.target import Target, make_room
from spikesweep.document.axes.targets import resolve
from spikesweep.document.axes.template import Template, mechanisms_used
from spikesweep.document.axes.variants import (
    axes_of_variants,
    check_others,
    mechanism_effects,
    replaced_paths,
)
from spikesweep.document.cells import cell_document
from spikesweep.document.code_models import (
    check_init,
    code_cell_document,
    folder_of,
    refuse_phases,
    refuse_shared_names,
)
from spikesweep.document.connections import (
    connections_document,
    draws,
    gap_junctions_document,
    known_pairs,
)
from spikesweep.document.copies import place_copies
from spikesweep.document.distances import distances_document
from spikesweep.document.electrodes import electrodes_document
from spikesweep.document.files import Files
from spikesweep.document.impedances import check_frozen
from spikesweep.document.known import KnownCell, KnownModel
from spikesweep.document.mistakes import Mistakes, each
from spikesweep.document.movies import movies_document
from spikesweep.document.parameters import read_parameters
from spikesweep.document.pointers import add_density_pointers, add_pointers, has_pointers
from spikesweep.document.protocol import protocol_document
from spikesweep.document.quantity import Quantity
from spikesweep.document.recording import check_lasting, record_document
from spikesweep.document.remarks import remarks
from spikesweep.document.streams import names_of_streams
from spikesweep.document.waveforms import waveforms_document
from spikesweep.language import document as doc
from spikesweep.language.names import base
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.sweepfile.axes import Axis
from spikesweep.sweepfile.model import Cell, HocCell, PythonCell
from spikesweep.sweepfile.sweep import Sweep


def build_template(
    sweep: Sweep, catalogue: Catalogue, files: Files, engine: dict[str, str], place: str
) -> Template:
    """Return the document of a sweep.

    Args:
        engine: what integrates it: NEURON's version, the architecture, the hash of the code.

    Raises:
        UserError: whatever in the sweep names something that the model has not.
    """
    parameters = read_parameters(sweep.model.parameters, f"{place}: model.parameters")
    model = KnownModel(catalogue, files, parameters)
    document, model, quantities = _base_document(sweep, model, engine, place)
    files.notes += remarks(document, sweep, place)
    targets = make_room(document, _resolve(sweep.axes, document, model, f"{place}: axes"))
    check_names(targets, parameters, f"{place}: axes")
    axes = each(
        lambda name, axis: known_axis(name, axis, targets[name], f"{place}: axes.{name}"),
        sweep.axes,
    )
    for cell in document["cells"].values():
        forget_regions(cell)
    variant_axes = axes_of_variants(targets)
    if variant_axes:
        _make_room_for_variants(document, targets, catalogue, sweep.protocol.seed, place)
    names = formula_names(axes, parameters)
    of_axes = each(
        lambda name, axis: list(effects_of(axis, names, model, f"{place}: axes.{name}")), axes
    )
    effects = [effect for of_axis in of_axes.values() for effect in of_axis]
    effects += mechanism_effects(variant_axes, catalogue)
    slots = make_slots(document, effects, place)
    return Template(document, slots, axes, quantities, files, variant_axes)


def _base_document(
    sweep: Sweep, model: KnownModel, engine: dict[str, str], place: str
) -> tuple[doc.Document, KnownModel, dict[str, Quantity]]:
    """Return the document without what the axes do to it, all that is known of the model by then,
    and what the traces hold."""
    is_init = sweep.model.initialise == "init"
    made = each(
        lambda name, cell: _cell(cell, model, f"{place}: model.cells.{name}", is_init),
        sweep.model.cells,
    )
    cells = {name: document for name, (document, _) in made.items()}
    known = {name: cell for name, (_, cell) in made.items()}
    refuse_shared_names(cells, model.files.root, f"{place}: model.cells")
    if sweep.model.initialise:
        check_init(cells, f"{place}: model")
    if sweep.protocol.cvode:
        refuse_phases(sweep.model.cells, model.files.root, f"{place}: model.cells")
    model = replace(model, cells=known)
    protocol = protocol_document(sweep.protocol, model, f"{place}: protocol")
    model = replace(model, processes=protocol["processes"])
    protocol["connections"] = connections_document(
        sweep.protocol.connections, model, f"{place}: protocol.connections"
    )
    model = replace(
        model,
        connections=protocol["connections"],
        pairs=known_pairs(sweep.protocol.connections, model, f"{place}: protocol.connections"),
    )
    electrodes = electrodes_document(
        sweep.protocol.electrodes, model, f"{place}: protocol.electrodes"
    )
    model = replace(model, electrodes=electrodes)
    add_pointers(
        protocol["processes"], sweep.protocol.processes, model, f"{place}: protocol.processes"
    )
    add_density_pointers(cells, sweep.model.cells, model, f"{place}: model.cells")
    if sweep.protocol.gap_junctions:
        protocol["gap_junctions"] = gap_junctions_document(
            sweep.protocol.gap_junctions, model, f"{place}: protocol.gap_junctions"
        )
    if has_pointers(cells, protocol["processes"]):
        check_frozen(sweep.record.impedances, "whose POINTERs the sweep sets", place)
    if sweep.protocol.gap_junctions:
        check_frozen(sweep.record.impedances, "with gap junctions", place)
    mistakes = Mistakes()
    with mistakes:
        if sweep.protocol.play:
            protocol["play"] = waveforms_document(sweep.protocol, model, f"{place}: protocol.play")
    with mistakes:
        record, quantities = record_document(sweep.record, model, f"{place}: record")
    with mistakes:
        movies, of_movies = movies_document(sweep.record.movies, model, f"{place}: record.movies")
    mistakes.refuse()
    if movies:
        record["movies"] = movies
        quantities |= of_movies
    formulas = [(f"{place}: derived.{n}.formula", one.formula) for n, one in sweep.derived.items()]
    distances, of_distances = distances_document(formulas, sweep.record, model)
    if distances:
        record["features"] = {**record.get("features", {}), **distances}
        quantities |= of_distances
    if isinstance(during := sweep.statistics.window, str):
        check_lasting(during, model, f"{place}: statistics.window")
    document: doc.Document = {
        "cells": cells,
        "protocol": protocol,
        "record": record,
        "mechanisms": {},
        "engine": engine,
    }
    document["streams"] = names_of_streams(document, model.catalogue)
    _put_used(document, sweep, model)
    return document, model, quantities


def _cell(
    cell: Cell | HocCell | PythonCell, model: KnownModel, place: str, init: bool
) -> tuple[doc.Cell, KnownCell]:
    document: doc.Cell
    if isinstance(cell, Cell):
        document, shape = cell_document(cell, model, place)
        inserted, home = inserted_in(document), None
    else:
        document, shape = code_cell_document(cell, model, place, init)
        inserted, home = model.catalogue.density_names, folder_of(cell)
    place_copies(document, cell, model.parameters, place)
    return document, KnownCell(shape, cell.count, inserted, home)


def _put_used(document: doc.Document, sweep: Sweep, model: KnownModel) -> None:
    """Put what all parts of a document use into it: sources of mechanisms, a seed, parameters."""
    # What code inserts, and whether that draws, is not known: it can be anything of the set.
    of_code = any(cell.by_code for cell in model.cells.values())
    mechanisms = mechanisms_used(document)
    used = None if of_code else mechanisms
    document["mechanisms"] = model.catalogue.source_hashes(used)
    if order := model.catalogue.order(used):
        document["order"] = order
    waveforms = document["protocol"].get("play", {}).values()
    drawn = any("noise" in waveform for waveform in waveforms) or draws(sweep.protocol.connections)
    if of_code or drawn or model.catalogue.draws(mechanisms):
        document["seed"] = sweep.protocol.seed
    if model.catalogue.draws_itself(model.catalogue.known if of_code else mechanisms):
        document["seeds_all"] = True
    if model.parameters.used:
        document["parameters"] = model.parameters.document
    if sweep.model.environment:
        document["environment"] = sweep.model.environment


def _resolve(
    axes: dict[str, Axis], document: doc.Document, model: KnownModel, place: str
) -> dict[str, list[Target]]:
    """Return what each axis sets, in the order of its targets."""

    def targets(name: str, axis: Axis) -> list[Target]:
        where = f"{place}.{name}.{'sets' if axis.sets else 'drug.scales'}"
        return [resolve(text, document, model, bool(axis.drug), where) for text in axis.targets]

    return each(targets, axes)


def _make_room_for_variants(
    document: doc.Document,
    targets: dict[str, list[Target]],
    catalogue: Catalogue,
    seed: int,
    place: str,
) -> None:
    """Leave to the axes what they put in the place of mechanisms.

    Raises:
        UserError: something is recorded of a mechanism, or played into it, that variants replace.
    """
    check_others(document, targets, place)
    if all("sources" not in cell for cell in document["cells"].values()):
        used = mechanisms_used(document, without=replaced_paths(targets))
        document["mechanisms"] = catalogue.source_hashes(used)
    if order := catalogue.order(None):  # any of them can be a variant
        document["order"] = order
    if balance := document["protocol"].get("balance"):
        balance["currents"] = catalogue.nonspecific_currents(catalogue.density_names)
    if catalogue.draws(catalogue.density_names):  # any of them can be a variant
        document.setdefault("seed", seed)
        document["streams"]["cells"] = sorted(set(map(base, document["cells"])))
    if catalogue.draws_itself(catalogue.density_names):
        document["seeds_all"] = True
